"""Purging: what the log says is gone goes from the disk, and nothing else.

The log says first which file is given up, then it is removed. Killed in between, the daemon finds the rest at
its next start; and what is in a folder that is away goes when that is back.
"""

import os
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from daemon.disk import crash_points
from events import Identity
from projections.artifacts.frame_lists import Frame, FrameList, frames_of, holders, is_frame, listed_at
from projections.files.fingerprint import identity, is_unchanged
from projections.files.opening import folder_in
from projections.files.threads import in_thread
from projections.files.writing import sync_folder
from projections.film import Film
from projections.index.rows import ShotTakes
from projections.layout import FRAMES, media_path, object_path, path_aside, take_path
from projections.projection import ABSENT, Away, Reactor, Trouble


class _Going(Struct, frozen=True):
    """A file of a take whose bytes are to go: which one that is, the hash of the media, and a sequence's frames."""

    path: str
    file: Identity | None
    sha256: str | None
    away: Away
    frames: FrameList | None

    @property
    def of_frames(self) -> set[str]:
        """The hashes of its frames."""
        return {frame.sha256 for frame in self.frames.frames if frame.sha256} if self.frames else set()


class Purged(Reactor):
    """Removes the file of each purged take, and the object that no other take needs.

    The list of a sequence's frames goes last: it says which they are.
    """

    name = "purged"

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
        going = await in_thread(list, _going(film.root, touched))
        if not going:
            return []
        troubles = await in_thread(_remove_frames, film.root, going)
        await self._remove_objects(film, {sha256 for one in going for sha256 in one.of_frames}, troubles)
        if troubles:
            going = [one for one in going if one.frames is None]
        troubles += await in_thread(_remove_files, film.root, going)
        await self._remove_objects(film, {one.sha256 for one in going if one.sha256}, troubles)
        crash_points.point("cleaned")
        if await in_thread(film.own_folder.is_dir):
            return troubles
        return [*troubles, *(one.away for one in going)]

    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        going = await in_thread(list, _going(film.root, touched))
        left = await in_thread(_left, film.root, going)
        hashes = {one.sha256 for one in going if one.sha256}.union(*(one.of_frames for one in going))
        there = await in_thread(_with_object, film.root, hashes)
        held = await holders(film.root, film.index, there)
        objects = [path for one in there - held.keys() for path in (object_path(one), path_aside(one))]
        return left + await in_thread(_present, film.root, objects)

    async def start_over(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        """What is gone stays gone, and it knows of nothing but what it looks at."""

    async def _remove_objects(self, film: Film, hashes: Collection[str], troubles: list[Trouble]) -> None:
        """A take with the same bytes may be completed just now: it is looked for again once the object is aside."""
        hashes = await in_thread(_with_object, film.root, hashes)
        if not hashes:
            return
        held = await holders(film.root, film.index, hashes)
        unheld = [one for one in hashes if one not in held]
        troubles += await in_thread(_move_aside, film.root, unheld)
        crash_points.point("aside")
        held = await holders(film.root, film.index, hashes)
        troubles += await in_thread(_decide, film.root, hashes, held.keys())


def _going(root: Path, touched: Iterable[ShotTakes]) -> Iterator[_Going]:
    for shot, takes in ((one.shot, one.takes) for one in touched):
        for take in takes:
            if take.purged and take.name:
                media = take.read_media()
                path = media_path(shot.path, take.number, take.name)
                away = Away.of_take(shot, take, take_path(shot.path, take.number))
                frames = frames_of(root, path, media) if take.name.endswith(FRAMES) else None
                yield _Going(path, take.read_file(), media.sha256 if media else None, away, frames)
                for one in take.read_companions():
                    beside = media_path(shot.path, take.number, one.name)
                    yield _Going(beside, one.identity, None, away, None)


def _with_object(root: Path, hashes: Iterable[str]) -> set[str]:
    """Those of which there is an object, in its place or aside."""
    paths = {one: (object_path(one), path_aside(one)) for one in hashes}
    return {one for one, places in paths.items() if _present(root, places)}


def _remove_frames(root: Path, going: Sequence[_Going]) -> list[Trouble]:
    troubles: list[Trouble] = []
    for one in going:
        folder, since = one.path.rpartition("/")[0], listed_at(root / one.path)
        for path, frame in one.frames.paths(one.path) if one.frames else ():
            name = path.rpartition("/")[2]
            with _telling(path, troubles), folder_in(root, folder) as descriptor:
                if is_frame(name, frame, since, within=descriptor):
                    os.unlink(name, dir_fd=descriptor)
        if one.frames:
            with _telling(one.path, troubles), folder_in(root, folder) as descriptor:
                sync_folder(descriptor, root / folder)
    return troubles


def _remove_files(root: Path, going: Sequence[_Going]) -> list[Trouble]:
    troubles: list[Trouble] = []
    for one in going:
        with _telling(one.path, troubles):
            if not _remove_file(root, one):
                troubles.append(one.away)
    return troubles


def _remove_file(root: Path, one: _Going) -> bool:
    """Remove the file where it is there; False where its folder is not, in which it may come back."""
    folder, _, name = one.path.rpartition("/")
    with ExitStack() as stack:
        try:
            descriptor = stack.enter_context(folder_in(root, folder))
        except ABSENT:
            return one.file is None
        if _is_there(descriptor, name, one.file):
            os.unlink(name, dir_fd=descriptor)
            sync_folder(descriptor, root / folder)
            crash_points.point("unlinked")
    return True


def _is_there(folder: int, name: str, file: Identity | None) -> bool:
    """Whether the file of that name is the one that is meant."""
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    return file is not None and stat.S_ISREG(found.st_mode) and is_unchanged(identity(found), file)


def _left(root: Path, going: Sequence[_Going]) -> list[str]:
    left = []
    for one in going:
        folder, _, name = one.path.rpartition("/")
        with suppress(OSError), folder_in(root, folder) as descriptor:
            if _is_there(descriptor, name, one.file):
                left.append(one.path)
        if one.frames:
            since = listed_at(root / one.path)
            left += [
                path for path, frame in one.frames.paths(one.path) if _is_left(root / path, frame, since)
            ]
    return left


def _is_left(path: Path, frame: Frame, since: int) -> bool:
    with suppress(OSError):
        return is_frame(path, frame, since)
    return False


def _present(root: Path, paths: Sequence[str]) -> list[str]:
    return [path for path in paths if os.path.lexists(root / path)]


def _move_aside(root: Path, hashes: Iterable[str]) -> list[Trouble]:
    problems: list[Trouble] = []
    for sha256 in hashes:
        with _telling(object_path(sha256), problems), folder_in(root, _folder(sha256)) as folder:
            _rename(folder, object_path(sha256), path_aside(sha256))
    return problems


def _decide(root: Path, hashes: Iterable[str], held: Collection[str]) -> list[Trouble]:
    """Remove what is aside, but give back what is needed after all."""
    problems: list[Trouble] = []
    for sha256 in hashes:
        with _telling(object_path(sha256), problems), folder_in(root, _folder(sha256)) as folder:
            if sha256 in held:
                _rename(folder, path_aside(sha256), object_path(sha256))
            else:
                os.unlink(_name(path_aside(sha256)), dir_fd=folder)
            sync_folder(folder, root / _folder(sha256))
    return problems


def _rename(folder: int, before: str, after: str) -> None:
    os.rename(_name(before), _name(after), src_dir_fd=folder, dst_dir_fd=folder)


def _folder(sha256: str) -> str:
    return object_path(sha256).rpartition("/")[0]


def _name(path: str) -> str:
    return path.rpartition("/")[2]


@contextmanager
def _telling(path: str, problems: list[Trouble]) -> Iterator[None]:
    """Note what stands in the way; that nothing is there does not."""
    try:
        yield
    except ABSENT:
        pass
    except OSError as error:
        problems.append(f"{path} is purged, and cannot be removed: {error.strerror}")
