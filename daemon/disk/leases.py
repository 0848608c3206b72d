"""Leases: whether some process still writes a file, as the kernel tells it."""

import errno
import fcntl
import os
import signal
import sys
from pathlib import Path

from daemon.disk.mounts import remote_filesystem
from projections.files.opening import open_file


def ignore_lease_breaks() -> None:
    """Survive a writer who comes while we hold a lease: the kernel tells us so by a signal that kills."""
    if hasattr(signal, "SIGIO"):
        signal.signal(signal.SIGIO, signal.SIG_IGN)


def is_written(path: Path) -> bool | None:
    """Whether some process has the file open for writing; None where this cannot be known.

    On Linux a read lease is refused while anybody, or a writable memory map, has the file (fcntl(2)). On a share it
    is refused of any file. The file is opened for that, which has NFS ask its server: what a stat says after this is
    no older.
    """
    if not sys.platform.startswith("linux"):
        return None
    try:
        descriptor = open_file(path)
    except OSError:
        return None
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return True if error.errno == errno.EAGAIN and not remote_filesystem(path) else None
    finally:
        os.close(descriptor)
    return False
