"""Which shot it is whose folder lies at a path: shots are moved and renamed, and others are put in their place."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import structlog

from daemon.shots.files import expected
from daemon.shots.shots import FILESYSTEM, Shots
from daemon.watching.scan import Seen, look
from daemon.watching.spelling import is_misspelled, may_vary, spelling_key
from daemon.watching.tree import Tree
from events import Shot, Take
from events.shot import delete
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.index.rows import ShotRow
from projections.layout import media_path

log = structlog.get_logger()


class Identities:
    """Tells which shot a folder is, by its inode and the media in it, and says it in the log where that is new."""

    def __init__(self, root: Path, index: Index, shots: Shots) -> None:
        self._root = root
        self._index = index
        self._shots = shots
        self._noted: set[str] = set()

    async def shot_of(self, seen: Seen, known: Shot | None) -> Shot:
        """The shot that lies at a path: the one that is known there, unless another one's folder has come."""
        if known and known.inode == seen.inode:
            return known
        if known and await self._holds(seen.path, known):
            return await self._note_inode(known, seen)
        for row in await self._index.shots_with_inode(seen.inode):
            came = await self._shots.load(row.stream)
            if await self._has_come(came, seen, is_sure=known is None):
                if known:
                    await self._look_for(known)
                log.info("shot moved", shot=seen.path, before=row.path)
                return await self._shots.move(row.stream, seen.path, seen.device, seen.inode)
        if known:  # without a take it is whichever folder lies there
            return known if _has_files(known) else await self._note_inode(known, seen)
        if same := await self._in_other_letters(seen.path):
            log.info("shot renamed", shot=seen.path, before=same.path)
            return await self._shots.move(same.stream, seen.path, seen.device, seen.inode)
        log.info("shot found", shot=seen.path)
        return await self._shots.register(seen.path, seen.device, seen.inode)

    async def _in_other_letters(self, path: str) -> ShotRow | None:
        """The shot whose path leads to that folder as well, on a disk to which some letters are the same."""
        if not await in_thread(may_vary, self._root, path):
            return None
        for row in await self._index.shots():
            is_alike = row.path != path and spelling_key(row.path) == spelling_key(path)
            if is_alike and await in_thread(is_misspelled, self._root, row.path):
                return row
        return None

    async def _note_inode(self, shot: Shot, seen: Seen) -> Shot:
        """A copied or restored film has new inodes; said once a run, since some filesystems change them all the time."""
        if shot.stream in self._noted:
            return shot
        self._noted.add(shot.stream)
        return await self._shots.move(shot.stream, seen.path, seen.device, seen.inode)

    async def _has_come(self, shot: Shot, seen: Seen, *, is_sure: bool) -> bool:
        """Whether a folder with the inode of a shot is that shot: not where it was, and with takes of it."""
        left = await in_thread(look, self._root, shot.path, ()) if shot.path != seen.path else None
        if left and left.inode == seen.inode:
            return False
        return await self._holds(seen.path, shot) or (is_sure and not _has_files(shot))

    async def _holds(self, path: str, shot: Shot) -> bool:
        """Whether media of that shot lies at that path, by name and size."""
        return await in_thread(_holds_media, self._root, path, list(shot.takes.values()))

    async def _look_for(self, shot: Shot) -> None:
        """Find the folder of a shot in whose place another one lies; where there is none, its takes are gone."""
        found = await in_thread(_shot_with_inode, self._root, shot.inode)
        if found:
            await self._shots.move(shot.stream, found.path, found.device, found.inode)
        for number, _ in () if found else expected(shot):
            await self._shots.change(shot.stream, partial(delete, number=number, why="missing"), FILESYSTEM)


def _holds_media(root: Path, shot: str, made: Sequence[Take]) -> bool:
    return any(
        _has_size(root / media_path(shot, take.number, take.name), take.bytes) for take in made if take.name
    )


def _has_size(path: Path, size: int) -> bool:
    try:
        return size in (path.lstat().st_size, 0)  # of a failed take none is known
    except (FileNotFoundError, NotADirectoryError):
        return False


def _has_files(shot: Shot) -> bool:
    """Whether a take of it ever had a file, by which its folder is known again."""
    return any(take.name for take in shot.takes.values())


def _shot_with_inode(root: Path, inode: int | None) -> Seen | None:
    """The shot whose folder has that inode, wherever it lies."""
    for one in Tree(root).shots():
        seen = look(root, one.path, ())
        if seen and seen.inode == inode:
            return seen
    return None
