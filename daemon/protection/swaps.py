"""Swaps: two files change places in one step, so that there is no moment without either.

What a crash leaves in `.takes/work` is found there.
"""

from contextlib import suppress
from pathlib import Path

from daemon.disk import crash_points
from daemon.disk.moving import exchange, move, rename_new
from daemon.shots.files import TakeMedia
from events import Identity
from projections.artifacts.store import Store
from projections.files.fingerprint import identity
from projections.files.sharing import is_equal, link
from projections.files.writing import sync

SWAP = "swap-"
"""How a name in `.takes/work` begins that holds one of two files that change places."""


class Swaps:
    """The files of one project's takes, and what is to be in their places."""

    def __init__(self, root: Path, store: Store) -> None:
        self._root = root
        self._store = store

    def left_by(self, media: TakeMedia) -> Path:
        """Where one of the two lies while the files of that take change places."""
        return self._store.work / f"{SWAP}{media.key.stream}-{media.key.number}{Path(media.path).suffix}"

    def link_instead(self, media: TakeMedia, base: Path, before: Identity) -> str | None:
        """Have a take's file be another name of `base`; why not, where it is as it was."""
        path, left = self._root / media.path, self.left_by(media)
        left.parent.mkdir(exist_ok=True)
        if not link(base, left):
            return "this disk has neither reflinks nor hard links"
        crash_points.point("given")
        if not exchange(left, path):
            left.unlink()
            return "this disk cannot exchange two files in one step"
        sync(path.parent)
        crash_points.point("swapped")
        why = None
        if identity(left.lstat()) != before:
            exchange(left, path)
            why = "it was changed meanwhile"
        left.unlink()
        sync(left.parent)
        crash_points.point("returned")
        return why

    def change_places(self, media: TakeMedia, spare: Path, left: Path) -> Identity:
        """Put the old bytes in their place, and what was there into `left`; which file they are now."""
        path = self._root / media.path
        self._store.work.mkdir(exist_ok=True)
        with self._store.passing() as old:  # where there is no room for it, nothing is left behind
            self._store.give(spare, old)
            rename_new(old, left)
        given = identity(left.lstat())
        crash_points.point("given")
        if not exchange(left, path):
            with self._store.passing() as old:
                left.rename(old)
                rename_new(path, left)
                given = rename_new(old, path)
        sync(path.parent)
        sync(left.parent)
        crash_points.point("swapped")
        return given

    def put_in_place(self, media: TakeMedia, left: Path, spare: Path | None, *, is_old: bool) -> None:
        """Have the file that was overwritten at its place, and what came instead of it be a drop."""
        path = self._root / media.path
        if spare and not path.exists():
            with self._store.passing() as old:
                self._store.give(spare, old)
                rename_new(old, path)
        if is_old and not path.exists():
            rename_new(left, path)
        elif is_old or not left.stat().st_size:  # in an empty file nothing is lost
            left.unlink()
        else:
            takes = path.parent.parent
            move(left, takes, path.name)
            sync(takes)
        sync(left.parent)
        crash_points.point("returned")


def has_not_left(path: Path, left: Path) -> bool:
    """Whether what came in the place of a file is there still, and in `left` is another name or a copy of it."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return is_equal(left, path)
    return False


def swaps(work: Path) -> dict[str, list[Path]]:
    """What a crash has left, by the stream of its shot."""
    left: dict[str, list[Path]] = {}
    with suppress(FileNotFoundError):
        for path in work.iterdir():
            if path.name.startswith(SWAP):
                left.setdefault(path.stem.removeprefix(SWAP).rpartition("-")[0], []).append(path)
    return left


def number(left: Path) -> int:
    """The number of the take whose files were changing places."""
    return int(left.stem.rpartition("-")[2])
