"""The film on disk: where the files of its shots belong, and how a projection changes one.

Everything is written beside its place and renamed into it, so that whoever looks sees the old or the new.
"""

import errno
import os
import stat
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from projections.files import NoFile, opened
from projections.index import Index
from projections.layout import HIDDEN, TAKES, Kind, media_name
from projections.rows import ShotRow, TakeRow

Picture = Callable[[Path, Kind], Awaitable[bytes]]
"""Makes the thumbnail of a media file, as PNG; raises Undecodable."""

UMASK = os.umask(0)
os.umask(UMASK)  # it can only be read by setting it, and only while nothing else runs


class Film(Struct, frozen=True):
    """A project as its projections see it: its folder, its index, and somebody who can make pictures."""

    root: Path
    index: Index
    picture: Picture

    @property
    def hidden(self) -> Path:
        """Our own folder in the project."""
        return self.root / HIDDEN


def take_folder(shot: ShotRow, take: TakeRow) -> str:
    """A take's folder, relative to the film."""
    return f"{shot.path}/{TAKES}/{take.id}"


def beside_media(shot: ShotRow, take: TakeRow, ending: str) -> str:
    """Where a take's file of that ending belongs, relative to the film: named after its media."""
    stem = Path(take.name or media_name(shot.path, take.number, "")).stem
    return f"{take_folder(shot, take)}/{stem}{ending}"


def has_folder(take: TakeRow) -> bool:
    """Whether the take has a folder on disk, as far as the log knows."""
    return take.name is not None and take.deleted != "missing"


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
