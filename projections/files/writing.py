"""Writing: how a file is replaced. It is written beside its place and renamed into it: old or new, never half."""

import errno
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from projections.files.opening import NoFile, opened

UMASK = os.umask(0)
os.umask(UMASK)  # it can only be read by setting it, and only while nothing else runs


class ChangedMeanwhile(OSError):
    """Raised when a file that was to be replaced is not what it was any more."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.EBUSY, "somebody else is writing it", str(path))


def write(path: Path, content: bytes, *, instead_of: os.stat_result | None = None) -> None:
    """Put the content at that path, on disk, in one step; the folder must be there.

    With `instead_of`, the file keeps its mode, and ChangedMeanwhile is raised where it has changed since.
    """
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), stat.S_IMODE(instead_of.st_mode) if instead_of else 0o666 & ~UMASK)
            os.fsync(file.fileno())
        if instead_of and not _is_as_before(path, instead_of):
            raise ChangedMeanwhile(path)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _is_as_before(path: Path, before: os.stat_result) -> bool:
    found = path.stat()
    return (found.st_ino, found.st_size, found.st_mtime_ns) == (
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
    )


def read(path: Path) -> bytes | None:
    """The content of a file, or of the one that a link leads to; None where there is none."""
    with suppress(FileNotFoundError, NotADirectoryError, NoFile), opened(path, follows=True) as file:
        return file.read()
    return None
