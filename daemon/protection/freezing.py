"""Freezing: a file that is whole becomes read-only, and its bytes get their second name, on the disk for good."""

import errno
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import structlog
from msgspec import Struct
from msgspec.structs import replace

from daemon.disk import crash_points
from daemon.disk.leases import is_written
from daemon.disk.moving import renew, separate
from events import Identity, Kept
from projections.artifacts.store import Store
from projections.board import Board
from projections.files.fingerprint import has_same_inode, identity
from projections.files.hashing import sha256_on_disk
from projections.files.modes import close_up
from projections.files.threads import in_thread
from projections.files.together import Together, each
from projections.files.writing import Names, NotOnDisk, sync

log = structlog.get_logger()

LARGE = 1 << 20
"""Bytes of a file that keeps others waiting while the disk takes it."""


class Known(Struct, frozen=True):
    """What a file holds that was looked into: whether it `was_there` before, and `may_share` its bytes with other names.

    Of what was there nobody knows whether the disk has refused it since: it may look whole and not be on the disk.
    """

    sha256: str
    bytes: int
    was_there: bool = False
    may_share: bool = False


class Frozen(Struct, frozen=True):
    """A file that is a take's for good: which one it is, and how its bytes are kept twice."""

    file: Identity
    kept: Kept | None


class Freezer:
    """Freezes the files of one project's takes."""

    def __init__(self, root: Path, store: Store, board: Board) -> None:
        self._root = root
        self._store = store
        self._board = board
        self._refused: set[Path] = set()
        self._together = Together(self._freeze_all)

    async def freeze(self, path: Path, file: Identity, known: Known) -> Frozen | None:
        """Have that file be a take's for good; None where it is another one by now, or somebody writes it."""
        try:
            return await self._freeze_or_renew(path, file, known)
        finally:
            self._board.report_failed_folders(self._root)

    async def freeze_each(self, files: Sequence["Whole"]) -> list[Frozen | None]:
        """The same of small files, in one go; None for each that is to be kept alone: nothing is written anew here."""
        fresh = [one for one in files if one.path not in self._refused]
        kept = dict[Path, Frozen]()
        for one, came in zip(fresh, await in_thread(self._freeze_all, fresh), strict=True):
            if isinstance(came, NotOnDisk):
                self._note_refused(one.path, came)
            elif isinstance(came, Frozen):
                kept[one.path] = came
        self._board.report_failed_folders(self._root)
        return [kept.get(one.path) for one in files]

    async def _freeze_or_renew(self, path: Path, file: Identity, known: Known) -> Frozen | None:
        own: Identity | None = file
        while own:
            try:
                if path not in self._refused:
                    return await self._freeze_once(Whole(path, own, known))
            except NotOnDisk as error:
                self._note_refused(path, error)
            own = await in_thread(renew, path, own, self._store, known.sha256)
            if own:
                self._refused.discard(path)
                known = replace(known, was_there=False, may_share=True)  # it has bytes of its own now
        return None

    async def _freeze_once(self, whole: "Whole") -> Frozen | None:
        """Small files go together: their folders are synced once for all of them. A large one keeps nobody waiting."""
        if whole.known.bytes < LARGE:
            return await self._together.do(whole)
        (frozen,) = await in_thread(self._freeze_all, [whole])
        if isinstance(frozen, Exception):
            raise frozen
        return frozen

    def _freeze_all(self, files: Sequence["Whole"]) -> Sequence[Frozen | None | Exception]:
        """Have each of them be a take's. Each step is done for all of them, so that the disk may have that in one go."""
        store, names = self._store, Names()
        closed = each(partial(_close_up, store), files)
        kept = each(partial(_keep, store), each(_sync_own, closed))
        return each(partial(_freeze_names, names), kept)

    def _note_refused(self, path: Path, error: NotOnDisk) -> None:
        """What the disk has refused once is written anew, however often it takes."""
        self._refused.add(path)
        log.warning("refused by the disk, and written anew", file=str(path), why=str(error))
        if error.errno == errno.EIO:  # where there was only no room, all is well once there is
            self._board.report_failing(self._root, path, error.strerror or str(error))


class Whole(Struct, frozen=True):
    """A file that was looked into: where it is, which one it is, what is known of it, and how its bytes are kept twice.

    `folders` are those in which the second name may be new.
    """

    path: Path
    file: Identity
    known: Known
    kept: Kept | None = None
    folders: Sequence[Path] = ()


def _close_up(store: Store, one: Whole) -> Whole | None:
    """Have the file be read-only, with bytes of its own unless it may share them; None where somebody writes it, or it
    is another one by now.
    """
    path, known = one.path, one.known
    own = one.file if known.may_share else separate(path, one.file, store, known.sha256)
    if own is None:
        return None
    close_up(path, below=store.root)
    return None if is_written(path) or identity(path.lstat()) != own else replace(one, file=own)


def _sync_own(one: Whole | None) -> Whole | None:
    """Have its bytes on disk; NotOnDisk where the disk refuses them."""
    if one:
        sync(one.path)
    return one


def _keep(store: Store, one: Whole | None) -> Whole | None:
    """Give its bytes their second name."""
    if one is None:
        return None
    path, known, folders = one.path, one.known, list[Path]()
    try:
        kept = store.keep(path, known.sha256, known.bytes, is_on_disk=True, sync_folder=folders.append)
    except NotOnDisk:
        raise
    except OSError as error:
        _note_not_kept(path, error)
        kept = None
    crash_points.point("kept")
    if not has_same_inode(identity(path.lstat()), one.file):
        sync(path)  # it is one more name of the bytes that were kept before
    return replace(one, kept=kept, folders=folders)


def _freeze_names(names: Names, one: Whole | None) -> Frozen | None:
    """Have its names on disk; None where it is another file by now."""
    if one is None:
        return None
    path, kept = one.path, one.kept
    try:
        for folder in one.folders:
            names.sync(folder)
    except OSError as error:
        _note_not_kept(path, error)
        kept = None
    folder = path.parent
    names.sync(folder)
    names.sync(folder.parent)
    if one.known.was_there and sha256_on_disk(path) != one.known.sha256:
        raise NotOnDisk(errno.EIO, "the disk does not hold what was written", str(path))
    found = identity(path.lstat())
    is_changed = has_same_inode(found, one.file) and found != one.file
    return None if is_changed else Frozen(found, kept)


def _note_not_kept(path: Path, error: OSError) -> None:
    """The projection of that name tries again, and tells."""
    log.warning("its bytes have no second name yet", file=str(path), why=str(error))
