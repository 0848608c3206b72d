"""The fingerprint: which file it is, told by its inode, size and time of change."""

import os

from events import Identity


def identity(found: os.stat_result) -> Identity:
    """Which file that is."""
    return Identity(device=found.st_dev, inode=found.st_ino, size=found.st_size, mtime_ns=found.st_mtime_ns)


def is_same(found: Identity, wanted: Identity) -> bool:
    """Whether it is the same file: its writer may have gone on writing, or the disk give it another inode."""
    return found.inode == wanted.inode or (found.size, found.mtime_ns) == (wanted.size, wanted.mtime_ns)
