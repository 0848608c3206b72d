"""Resting: what the disk says of files that came, and in how many seconds each is whole."""

import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from daemon.disk.leases import is_written
from daemon.watching.scan import Entry
from daemon.watching.sequences import FrameFolder, is_any_written
from daemon.watching.settling import Settling
from events import Identity
from projections.files.fingerprint import identity
from projections.files.threads import in_thread
from projections.git.lfs import is_pointer, may_be_pointer

AGAIN_PARTIAL = 10.0
"""Seconds until a folder is looked at again in which a frame is still to come; whoever writes it is no event of ours."""


class Rest(NamedTuple):
    """The seconds until a file has settled, 0 if it has, and whether it is a pointer of Git LFS."""

    wait: float
    is_pointer: bool


class Resting:
    """Asks the disk of the files of one project, whose folders are told relative to it."""

    def __init__(self, root: Path, settling: Settling) -> None:
        self._root = root
        self._settling = settling

    async def ask(self, folder: str, entries: Sequence[Entry]) -> dict[str, Rest]:
        """For each of those files, by name, whether it has settled."""
        asked = self._settling.clock()
        told = await in_thread(_ask_each, self._root / folder, entries) if entries else []
        return {
            one.name: Rest(
                self._settling.wait(folder, one.name, found, is_open=is_open, asked=asked), is_pointer
            )
            for one, (found, is_open, is_pointer) in zip(entries, told, strict=True)
        }

    async def waits(self, folder: str, entries: Sequence[Entry]) -> dict[str, float]:
        """For each of those files the seconds until it has settled, 0 if it has."""
        return {name: rest.wait for name, rest in (await self.ask(folder, entries)).items()}

    async def wait_for_frames(self, takes: str, name: str, found: FrameFolder) -> float:
        """Seconds until all frames are whole; each of them is only asked for once nothing else has changed."""
        wait = self._settling.wait_for_frames(takes, name, found.identity)
        if found.is_partial:
            return wait or AGAIN_PARTIAL
        if not wait and await in_thread(is_any_written, self._root / takes / name, found):
            return self._settling.wait_for_frames(takes, name, found.identity, is_open=True)
        return wait

    def forget(self, folder: str, name: str) -> None:
        """That file is dealt with."""
        self._settling.forget(folder, name)


def _ask_each(folder: Path, entries: Sequence[Entry]) -> list[tuple[Identity, bool | None, bool]]:
    """Which file each of those is by now, whether somebody writes it, and whether it is a pointer of Git LFS."""
    return [_ask_all(folder / one.name, one.identity) for one in entries]


def _ask_all(path: Path, file: Identity) -> tuple[Identity, bool | None, bool]:
    found, is_open = _ask(path, file)
    return found, is_open, may_be_pointer(found.size) and is_pointer(path)


def _ask(path: Path, file: Identity) -> tuple[Identity, bool | None]:
    is_open = is_written(path)
    with suppress(OSError):
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) and found.st_ino != file.inode:
            return file, True  # a link has come into its place: the next look tells what that is
        return identity(found), is_open
    return file, is_open
