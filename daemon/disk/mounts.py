"""Mounts: which filesystem a folder lies on, and what follows from it: whether other machines write there, too."""

import os
import re
from pathlib import Path
from typing import Literal

from events.store.database import Journal

REMOTE = (
    *("nfs", "cifs", "smb", "afs", "ceph", "lustre", "gpfs", "beegfs", "panfs", "gfs2", "ocfs2"),
    *("9p", "virtiofs", "vboxsf", "drvfs", "prl_fs", "fuse."),
)
"""Filesystems, by the beginning of their names, on which others may write unheard. Which FUSE ones do, nobody tells."""

_ESCAPED = re.compile(rb"\\([0-7]{3})")

MAPPED = ("ext2", "ext3", "ext4", "tmpfs")
"""Filesystems that take what is written to a file in memory, be they full or failing.

btrfs needs room to write anew what is there already, and XFS stops when a disk fails: then the kernel kills whoever
writes to such memory, and here that would be the daemon with all films.
"""


def share_of(folder: Path, *, chosen: Literal["auto"] | bool = "auto") -> str | None:
    """The filesystem of a folder that counts as a share, None where it does not; `auto` goes by its name."""
    if chosen == "auto":
        return remote_filesystem(folder)
    return (filesystem_of(folder) or "an unknown filesystem") if chosen else None


def remote_filesystem(folder: Path) -> str | None:
    """The type of the filesystem that folder lies on, where it is one on which other machines may write."""
    kind = filesystem_of(folder)
    return kind if kind and kind.startswith(REMOTE) else None


def journal_for(folder: Path) -> Journal:
    """How a log in that folder is to be kept."""
    kind = filesystem_of(folder)
    return "wal" if kind is None or kind in MAPPED else "truncate"


def filesystem_of(folder: Path) -> str | None:
    """The type of the filesystem that folder, or the one nearest above it, lies on; None where nobody tells."""
    try:
        mounts = Path("/proc/self/mountinfo").read_bytes()
    except OSError:
        return None
    place, best, kind = os.fsencode(folder.resolve()) + b"/", b"", b""
    for line in mounts.splitlines():
        fields = line.split()
        point = _ESCAPED.sub(lambda found: bytes([int(found[1], 8)]), fields[4]).rstrip(b"/") + b"/"
        if len(point) >= len(best) and place.startswith(point):
            best, kind = point, fields[fields.index(b"-") + 1]
    return kind.decode() or None
