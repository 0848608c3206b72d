"""Extents: what files take up there, and what comes back of it when some of them go.

A block that several names or files share is counted once, and comes back with the last of them.
"""

import os
import stat
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Literal

from msgspec import Struct

from daemon.disk.marker import LOG
from daemon.disk.mounts import filesystem_of
from projections.files.opening import open_file
from projections.files.sharing import extents
from projections.layout import OWN_FOLDER

CANNOT_SHARE = ("ext2", "ext3", "ext4", "tmpfs", "ramfs", "vfat", "msdos", "exfat", "hfsplus", "f2fs")
"""Filesystems on which two files never share a block."""

_LAST, _NOWHERE, _SHARED = 0x1, 0x2 | 0x4 | 0x200, 0x2000
"""Flags of an extent (linux/fiemap.h); those in the middle say that it has no blocks of its own yet."""


class Extent(Struct, frozen=True):
    """A run of bytes on the disk; `shared` says that another file has them too."""

    start: int
    end: int
    shared: bool = False

    @property
    def length(self) -> int:
        return self.end - self.start


class Occupied(Struct, frozen=True):
    """What a file takes up: which file it is, how many names it has, its bytes on the disk.

    `extents` are where these are, where some of them are shared with other files.
    """

    file: tuple[int, int]
    names: int
    bytes: int
    extents: tuple[Extent, ...] = ()


class Disk:
    """The disk that a film lies on; `may_share` says that files may share blocks there and nobody tells which."""

    def __init__(self, root: Path) -> None:
        kind = filesystem_of(root)
        self._looks = sys.platform.startswith("linux") and kind not in CANNOT_SHARE
        self.may_share = kind is None or (self._looks and not _can_tell(root / OWN_FOLDER / LOG))

    def look(self, path: Path) -> Occupied | None:
        """What the file at that path takes up; None where there is none."""
        try:
            found = path.lstat()
        except OSError:
            return None
        extents = _extents(path) if self._looks and stat.S_ISREG(found.st_mode) else ()
        shared = extents if any(one.shared for one in extents) else ()
        return Occupied((found.st_dev, found.st_ino), found.st_nlink, found.st_blocks * 512, shared)


class Tally:
    """Adds files up."""

    def __init__(self) -> None:
        self._files: set[tuple[int, int]] = set()
        self._counted: list[tuple[int, int]] = []

    def add(self, one: Occupied) -> int:
        """How many bytes this file takes up beyond those that were added before."""
        if one.file in self._files:
            return 0
        self._files.add(one.file)
        shared = [extent for extent in one.extents if extent.shared]
        own = one.bytes - sum(extent.length for extent in shared)
        return max(own, 0) + sum(self._count(extent) for extent in shared)

    def _count(self, extent: Extent) -> int:
        """The bytes of that extent that nobody had so far; `_counted` stays sorted, without overlaps."""
        start, end = extent.start, extent.end
        first = bisect_left(self._counted, start, key=lambda run: run[1])
        last = first
        known = 0
        while last < len(self._counted) and self._counted[last][0] <= end:
            low, high = self._counted[last]
            known += max(0, min(high, extent.end) - max(low, extent.start))
            start, end = min(start, low), max(end, high)
            last += 1
        self._counted[first:last] = [(start, end)]
        return extent.length - known


def coming_back(going: Sequence[Occupied], staying: Iterable[Occupied] = ()) -> list[int]:
    """For each name that goes, the bytes that come back with it: those of blocks of which it is the last.

    `staying` are files that are known to share some of their blocks. Where a file that goes shares blocks with
    one that nobody knows, these stay.
    """
    last = _last_names(going)
    back = [0] * len(going)
    for place in last.values():
        back[place] = max(0, going[place].bytes - sum(extent.length for extent in going[place].extents))
    for place, length in _freed(_all_edges(going, staying, last)):
        back[place] += length
    return back


def _last_names(going: Sequence[Occupied]) -> dict[tuple[int, int], int]:
    """The files that go with all their names, and where the last of those stands."""
    leaving = Counter(one.file for one in going)
    return {one.file: place for place, one in enumerate(going) if leaving[one.file] == one.names}


class _Edge(Struct, frozen=True):
    """Where an extent begins (`step` 1) or ends (-1); `place` is that of the file that goes, None where it stays."""

    at: int
    step: Literal[1, -1]
    place: int | None
    is_shared: bool


def _all_edges(
    going: Sequence[Occupied], staying: Iterable[Occupied], last: Mapping[tuple[int, int], int]
) -> Iterator[_Edge]:
    for place in last.values():
        yield from _edges(going[place], place)
    for one in chain(staying, going):
        if one.file not in last:
            yield from _edges(one, None)


def _edges(one: Occupied, place: int | None) -> Iterator[_Edge]:
    for extent in one.extents:
        is_shared = extent.shared or place is None
        yield _Edge(extent.start, 1, place, is_shared)
        yield _Edge(extent.end, -1, place, is_shared)


def _freed(edges: Iterable[_Edge]) -> Iterator[tuple[int, int]]:
    """Which bytes are nobody's any more: for each stretch of them whose it was last, and how long it is."""
    holders: Counter[int | None] = Counter()
    shared, before = 0, 0
    for edge in sorted(edges, key=lambda edge: edge.at):
        going = [one for one in holders if one is not None]
        if edge.at > before and _is_free(going, stays=None in holders, is_shared=shared > 0):
            yield max(going), edge.at - before
        holders[edge.place] += edge.step
        if not holders[edge.place]:
            del holders[edge.place]
        shared += edge.step if edge.is_shared else 0
        before = edge.at


def _is_free(going: Sequence[int], *, stays: bool, is_shared: bool) -> bool:
    """Whether all who have a stretch go. One alone that shares it does so with somebody whom nobody knows."""
    return bool(going) and not stays and (not is_shared or len(going) > 1)


def _can_tell(path: Path) -> bool:
    """Whether the filesystem says where that file's blocks are."""
    with suppress(OSError):
        descriptor = open_file(path)
        try:
            list(extents(descriptor, 0))
        finally:
            os.close(descriptor)
        return True
    return False


def _extents(path: Path) -> tuple[Extent, ...]:
    try:
        descriptor = open_file(path)
    except OSError:
        return ()
    try:
        return tuple(_all_extents(descriptor))
    except OSError:
        return ()
    finally:
        os.close(descriptor)


def _all_extents(descriptor: int) -> Iterator[Extent]:
    start, is_last = 0, False
    while not is_last:
        found = list(extents(descriptor, start))
        is_last = not found
        for logical, physical, length, flags in found:
            if not flags & _NOWHERE:
                yield Extent(physical, physical + length, bool(flags & _SHARED))
            start, is_last = logical + length, bool(flags & _LAST)
