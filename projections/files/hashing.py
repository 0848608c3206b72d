"""Hashing: the SHA-256 of a file. It is read piece by piece, and no further once nobody waits for it."""

import errno
import fcntl
import hashlib
import mmap
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from projections.files.opening import open_file
from projections.files.threads import close_soon, in_thread

PIECE = 1 << 24
"""Bytes that are read at a time: what a thread is kept for, and what may be read in vain."""

DIRECT = 1 << 20
"""Bytes that are read at a time past the memory."""


class NotAwaited(Exception):
    """Raised when nobody waits any more for the hash that a thread works at."""


class OpenFile:
    """A regular file that is read by one thread after the other, from its beginning to its end.

    It is closed when nobody has it any more, and not before: a thread may still read of it for one who has gone.
    """

    _descriptor = -1

    def __init__(self, path: Path | str, *, within: int | None = None) -> None:
        self._descriptor = open_file(path, within=within)

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Close it now, since no other thread reads of it."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            close_soon(partial(os.close, descriptor))

    def stat(self) -> os.stat_result:
        """What it is by now."""
        return os.fstat(self._descriptor)

    def pass_over_memory(self) -> None:
        """Have the disk itself be read from now on, as far as that can be; what is not synced yet stays in memory."""
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        self._read_directly(is_wanted=True)

    def read_into(self, piece: mmap.mmap, place: int) -> int:
        """Read what follows that place into a piece of memory; how many bytes, 0 at the end."""
        try:
            return os.preadv(self._descriptor, [piece], place)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            self._read_directly(is_wanted=False)  # the end of a file may not fit the disk's blocks
            return os.preadv(self._descriptor, [piece], place)

    def _read_directly(self, *, is_wanted: bool) -> None:
        flag = getattr(os, "O_DIRECT", 0)
        flags = fcntl.fcntl(self._descriptor, fcntl.F_GETFL)
        with suppress(OSError):  # not every filesystem does it
            fcntl.fcntl(self._descriptor, fcntl.F_SETFL, flags | flag if is_wanted else flags & ~flag)

    def read(self) -> bytes:
        """Its next piece; empty at the end."""
        return os.read(self._descriptor, PIECE)


class _Digest(Protocol):
    def update(self, piece: bytes, /) -> None: ...


async def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; OSError."""
    return await sha256_of_open(await in_thread(OpenFile, path))


async def sha256_of_open(file: OpenFile) -> str:
    """The same of a file of which nothing was read yet."""
    digest = hashlib.sha256()
    while await in_thread(_add, file, digest):
        pass
    return digest.hexdigest()


def sha256_while(is_awaited: Callable[[], bool], path: Path) -> str:
    """The same, for what runs in a thread itself; NotAwaited once nobody waits for it."""
    digest = hashlib.sha256()
    with closing(OpenFile(path)) as file:
        while is_awaited():
            if not _add(file, digest):
                return digest.hexdigest()
    raise NotAwaited


def _add(file: OpenFile, digest: _Digest) -> bool:
    piece = file.read()
    digest.update(piece)
    return bool(piece)


def sha256_on_disk(path: Path) -> str:
    """The SHA-256 of what the disk holds of a file, once that is synced: what the memory holds of it is passed over."""
    digest = hashlib.sha256()
    with closing(mmap.mmap(-1, DIRECT)) as piece, closing(OpenFile(path)) as file:
        place = 0
        file.pass_over_memory()
        while count := file.read_into(piece, place):
            with memoryview(piece) as read:
                digest.update(read[:count])
            place += count
    return digest.hexdigest()


@contextmanager
def awaiting() -> Iterator[Callable[[], bool]]:
    """For as long as this is entered, what it gives says yes: a thread can ask whether it is still waited for."""
    ended = threading.Event()
    try:
        yield lambda: not ended.is_set()
    finally:
        ended.set()
