"""The fixed part of an entry of git's index: which file it is believed to be of, its kind and its blob."""

import os
import struct
from pathlib import Path

_STAT = struct.Struct(">10L")
_WORD = 0xFFFFFFFF
_SECOND = 10**9
"""ns."""

MTIME = slice(8, 16)
SIZE = slice(36, 40)
"""Where an entry has when its file was written, and how large that is."""

FileState = tuple[int, int, int, int]
"""Which file lies somewhere: inode, size, time of change of its content and of its inode (ns)."""


def entry_head(path: bytes, blob: bytes, mode: int, found: os.stat_result | None) -> bytes:
    """The fixed part of an entry; without a stat, git compares the file with the blob when it next looks."""
    return entry_stat(mode, found) + blob + min(len(path), 0xFFF).to_bytes(2)


def entry_stat(mode: int, found: os.stat_result | None) -> bytes:
    """Which file an entry is believed to be of, and what kind of one."""
    if found is None:
        return _STAT.pack(*[0] * 6, mode, *[0] * 3)
    changed, written = found.st_ctime_ns, found.st_mtime_ns
    return _STAT.pack(
        changed // _SECOND & _WORD,
        changed % _SECOND,
        written // _SECOND & _WORD,
        written % _SECOND,
        found.st_dev & _WORD,
        found.st_ino & _WORD,
        mode,
        found.st_uid & _WORD,
        found.st_gid & _WORD,
        _size(found.st_size),
    )


def _size(size: int) -> int:
    """A size as git notes it: its last 32 bits, but 0 only for what is empty."""
    return size & _WORD or (0x80000000 if size else 0)


def state_of(path: Path) -> FileState | None:
    """Which file lies there; None where none does."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return state_in(found)


def state_in(found: os.stat_result) -> FileState:
    """The same of a file that was looked at."""
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def moment_of(state: FileState) -> bytes:
    """When a file was written, as an index notes it: seconds since 1970, and ns."""
    return struct.pack(">LL", state[2] // _SECOND & _WORD, state[2] % _SECOND)
