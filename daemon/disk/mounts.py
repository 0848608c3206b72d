"""Mounts: which filesystem a folder lies on, and whether others change it unheard."""

from pathlib import Path

REMOTE = ("nfs", "cifs", "smb", "fuse.", "9p", "virtiofs", "ceph", "afs", "vboxsf", "drvfs")
"""Filesystems, by the beginning of their names, whose changes from elsewhere no watch hears of."""


def remote_filesystem(root: Path) -> str | None:
    """The type of the filesystem that folder lies on, where it is one that cannot be watched."""
    kind = filesystem_of(root)
    return kind if kind and kind.startswith(REMOTE) else None


def filesystem_of(root: Path) -> str | None:
    """The type of the filesystem that folder lies on; None where the system does not tell."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text()
    except OSError:
        return None
    place, best, kind = str(root.resolve()), "", ""
    for line in mounts.splitlines():
        fields = line.split()
        point = fields[4].encode().decode("unicode_escape")
        if len(point) >= len(best) and (place + "/").startswith(point.rstrip("/") + "/"):
            best, kind = point, fields[fields.index("-") + 1]
    return kind or None
