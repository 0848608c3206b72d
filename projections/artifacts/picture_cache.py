"""The cache: pictures and proxies that were made once, kept for the next time, and thrown away when there are too many.

Never a truth: each file is named by the hash of what it was made from, and may be gone at any moment.
"""

import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, NamedTuple

import anyio

from projections.files.reading import OURS, read
from projections.files.threads import in_thread
from projections.files.writing import put_in_place, write

VERSION = 3
"""Raise it whenever pictures are drawn differently: those that were kept, here and in browsers, are made again."""

CACHE = "cache"
"""The folder's name, in our own folder in the project."""

SPARE = 0.9
"""How full the cache is, of what it may hold, after room was made."""

_OURS = re.compile(r"[0-9a-f]{64}-[\w-]+\.(jpg|mp4)|\..*\.tmp")
"""What may be thrown away: nothing else, should the folder be a link to one with other things in it."""


def mark_of(sha256: str) -> str:
    """What pictures are known by, in an address: the bytes that they show, and how they are drawn."""
    return f"{sha256[:16]}-{VERSION}"


class _Cached(NamedTuple):
    used: int
    bytes: int
    path: Path


class Cache:
    """The files of one project in `folder`, at most `limit` bytes of them; the least recently used go first."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self._limit = limit
        self._held: int | None = None
        self._changing = anyio.Lock()

    async def find(self, name: str) -> bytes | None:
        """The content kept under that name, which counts as a use of it; None where there is none."""
        return await in_thread(_read, self.folder / name)

    async def find_path(self, name: str) -> Path | None:
        """Where the content under that name is, which counts as a use of it; None where there is none."""
        return await in_thread(_used, self.folder / name)

    @asynccontextmanager
    async def growing(self, name: str) -> AsyncIterator[BinaryIO]:
        """A file to write, which is kept under that name if nothing is raised, and room is made for it."""
        file, beside = await in_thread(self._begin)
        try:
            yield file
            async with self._changing:
                await in_thread(self._admit, file, beside, name)
        finally:
            await in_thread(_abandon, file, beside)

    def _begin(self) -> tuple[BinaryIO, Path]:
        self.folder.mkdir(exist_ok=True)
        beside = self.folder / f".{token_hex(8)}.tmp"
        return beside.open("xb", buffering=0), beside

    def _admit(self, file: BinaryIO, beside: Path, name: str) -> None:
        os.fsync(file.fileno())
        put_in_place(beside, self.folder / name)
        self._count(os.fstat(file.fileno()).st_size)

    async def keep(self, name: str, content: bytes) -> None:
        """Keep the content, where the disk allows it, and make room."""
        async with self._changing:
            with suppress(OSError):  # a full or read-only disk costs the time to make it again, no more
                await in_thread(self._write, name, content)

    def _write(self, name: str, content: bytes) -> None:
        self.folder.mkdir(exist_ok=True)
        write(self.folder / name, content)
        self._count(len(content))

    def _count(self, size: int) -> None:
        """Note that there is so much more, and make room."""
        if self._held is None:
            self._held = sum(one.bytes for one in self._all())
        else:
            self._held += size
        if self._held > self._limit:
            self._held = self._make_room()

    def _make_room(self) -> int:
        """Remove what was not used for longest; the bytes that are left."""
        cached = sorted(self._all())
        held = sum(one.bytes for one in cached)
        for one in cached:
            if held <= self._limit * SPARE:
                break
            one.path.unlink(missing_ok=True)
            held -= one.bytes
        return held

    def _all(self) -> Iterator[_Cached]:
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if _OURS.fullmatch(entry.name):
                    with suppress(FileNotFoundError):
                        found = entry.stat(follow_symlinks=False)
                        yield _Cached(found.st_mtime_ns, found.st_size, Path(entry.path))


def _read(path: Path) -> bytes | None:
    with suppress(OSError):
        content = read(path, OURS)
        os.utime(path, follow_symlinks=False)  # the time of use; a disk may not note when a file was read
        return content
    return None


def _used(path: Path) -> Path | None:
    with suppress(OSError):
        os.utime(path, follow_symlinks=False)
        return path
    return None


def _abandon(file: BinaryIO, beside: Path) -> None:
    file.close()
    with suppress(OSError):
        beside.unlink()
