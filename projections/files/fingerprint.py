"""The fingerprint: which file it is, and whether it is still the one that it was.

It is told by what a stat says, and each of that may change by itself: a disk that is mounted anew gets another
number, a film that is copied gets other inodes, and some disks give them anew each time one looks. So there are
several ways to compare two, each with a name of its own; `==` is for two looks right after each other.
"""

import os
from pathlib import Path

from events import Identity


def identity(found: os.stat_result) -> Identity:
    """Which file that is."""
    return Identity(device=found.st_dev, inode=found.st_ino, size=found.st_size, mtime_ns=found.st_mtime_ns)


def identity_at(path: Path) -> Identity | None:
    """Which file lies there, or which link; None where none does."""
    try:
        return identity(path.lstat())
    except OSError:
        return None


def has_same_inode(one: Identity, other: Identity) -> bool:
    """Whether they are the same file on one disk, whatever was written into it since."""
    return one.inode == other.inode


def has_same_content(one: Identity, other: Identity) -> bool:
    """Whether they hold the same, as far as a size and a time of change tell: a copy may keep both."""
    return (one.size, one.mtime_ns) == (other.size, other.mtime_ns)


def is_unchanged(one: Identity, other: Identity) -> bool:
    """Whether they are the same file, and nobody has written into it since."""
    return has_same_inode(one, other) and has_same_content(one, other)


COARSE = 2_000_000_000
"""Nanoseconds that a time of change may differ without a change: some disks round it, and each in its own way."""


def is_written_over(found: Identity, before: Identity) -> bool:
    """Whether another file, or another content, has come in the place of one that nobody has a hash of."""
    return found.size != before.size or abs(found.mtime_ns - before.mtime_ns) > COARSE


def is_likely(found: Identity, wanted: Identity) -> bool:
    """Whether it may well be the one that is wanted: its writer may have gone on, or its disk given another inode."""
    return has_same_inode(found, wanted) or has_same_content(found, wanted)
