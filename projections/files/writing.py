"""Writing: how a file is replaced. It is written beside its place and renamed into it: old or new, never half.

Its bytes are on the disk before it has its name, and its name is when this returns, so that a power cut leaves
the old one or the new one, too.

A disk that has refused bytes says of them later that all is well, and has them no more: what it says first is final.
"""

import ctypes
import errno
import fcntl
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from events import Identity
from projections.files.fingerprint import identity, is_unchanged
from projections.files.together import each, outcome

REFUSED = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.EIO,
        errno.EBUSY,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
    }
)
"""What is said of a disk, or of the machine, that does not do something just now: it may, later."""

_PIECE = 1 << 16

_LIBC = ctypes.CDLL(None)

_WRITE = 2
"""To begin, and to wait for nothing."""


class ChangedMeanwhile(OSError):
    """Raised when a file that was to be replaced is not what it was any more."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.EBUSY, "somebody else is writing it", str(path))


class NotOnDisk(OSError):
    """Raised when the disk has refused a file's bytes. A later sync of that file says nothing: it is to be written anew."""


def write(
    path: Path,
    content: bytes,
    *,
    mode: int = 0o666,
    instead_of: os.stat_result | None = None,
    anew: bool = False,
    placed: Callable[[], object] = lambda: None,
) -> None:
    """Put the content at that path in one step; the folder must be there. Of the mode the umask is taken away.

    With `instead_of`, the file keeps its mode, and ChangedMeanwhile is raised where it has changed since, or where it
    was to be `anew` and there is something by now. `placed` is called as by `put_in_place`.
    """
    with written_beside(path, content, mode=mode, like=instead_of) as made:
        if instead_of and not is_unchanged(identity(path.lstat()), identity(instead_of)):
            raise ChangedMeanwhile(path)
        if anew and os.path.lexists(path):
            raise ChangedMeanwhile(path)
        put_in_place(made, path, placed)


def write_each(files: Iterable[tuple[Path, bytes]]) -> list[Identity | Exception]:
    """Put each content at its path as `write` does; what came of each, in that order.

    The disk is given all their bytes before it is to have any, and then all their names: it may take them in one go.
    """
    names = Names()

    def begin(file: tuple[Path, bytes]) -> tuple[Path, Path]:
        return stack.enter_context(written_beside(*file, is_synced=False)), file[0]

    def sync_made(made: tuple[Path, Path]) -> tuple[Path, Path]:
        sync(made[0])
        return made

    def place(made: tuple[Path, Path]) -> tuple[Path, Identity]:
        found = identity(made[0].lstat())
        made[0].replace(made[1])
        return made[1].parent, found

    def sync_name(placed: tuple[Path, Identity]) -> Identity:
        names.sync(placed[0])
        return placed[1]

    with ExitStack() as stack:
        return each(sync_name, each(place, each(sync_made, each(begin, files))))


class Names:
    """Folders that are put on disk, each once: what the disk has said of one is so of all names in it by then."""

    def __init__(self) -> None:
        self._said: dict[str, Exception | None] = {}

    def sync(self, folder: Path) -> None:
        """Have the names there on disk that were there when the first of them was."""
        name = str(folder)  # which is looked up in a tenth of the time
        if name not in self._said:
            self._said[name] = outcome(_sync_names, folder)
        if error := self._said[name]:
            raise error


@contextmanager
def written_beside(
    path: Path,
    content: bytes,
    *,
    mode: int = 0o666,
    like: os.stat_result | None = None,
    prefix: str = ".",
    is_synced: bool = True,
) -> Iterator[Path]:
    """A new file beside that path with that content, on disk unless somebody sees to that later, and with the mode of
    another, if it is `like` one.

    It is removed at the end, unless it was put in place.
    """
    made = path.with_name(f"{prefix}{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(made, flags, 0o600 if like else mode)
    try:
        with os.fdopen(
            descriptor, "wb", buffering=_PIECE
        ) as file:  # else it is asked whether it is a terminal
            file.write(content)
            file.flush()
            if like:
                os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
            if is_synced:
                _sync(descriptor)
        yield made
    finally:
        made.unlink(missing_ok=True)


@contextmanager
def copied_beside(source: Path, path: Path) -> Iterator[Path]:
    """A copy of that file on the disk of that path, on disk; it is removed at the end, unless it was put in place."""
    made = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        shutil.copyfile(source, made, follow_symlinks=False)
        shutil.copystat(source, made, follow_symlinks=False)
        sync(made)
        yield made
    finally:
        made.unlink(missing_ok=True)


def put_in_place(made: Path, path: Path, placed: Callable[[], object] = lambda: None) -> Identity:
    """Rename a file that is on disk, or a link, over what is at that path, and have its name on disk, too.

    What lies on another disk is copied. `placed` is called in between, when whoever looks sees it there, but a power
    cut may still take it back. Which file it is then.
    """
    found = identity(made.lstat())
    try:
        made.replace(path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with copied_beside(made, path) as copied:
            found = put_in_place(copied, path, placed)
        made.unlink()
        return found
    placed()
    parent = path.parent
    with _opened(parent, os.O_DIRECTORY) as folder:
        sync_folder(folder, parent)
    return found


def remove(path: Path) -> None:
    """Remove a file of ours, or what has come instead of it; a folder there is somebody else's, and stays."""
    with suppress(FileNotFoundError, NotADirectoryError):
        if not stat.S_ISDIR(path.lstat().st_mode):
            path.unlink()


def sync(path: Path) -> None:
    """Make a file's bytes, or a folder's names, survive a power cut; NotOnDisk where a file's bytes did not arrive."""
    with _opened(path, os.O_NOFOLLOW | os.O_NONBLOCK) as descriptor:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            sync_folder(descriptor, path)
            return
        try:
            _sync(descriptor)
        except OSError as error:
            raise NotOnDisk(error.errno, error.strerror, str(path)) from error


def begin_sync(path: Path) -> None:
    """Have the disk begin to write a file's bytes, so that a sync later on waits for less (sync_file_range(2)).

    What the disk says of them is left for that sync to be told.
    """
    begin = getattr(_LIBC, "sync_file_range", None) if sys.platform == "linux" else None
    if begin is not None:
        with suppress(OSError), _opened(path, os.O_NOFOLLOW | os.O_NONBLOCK) as descriptor:
            begin(descriptor, ctypes.c_int64(0), ctypes.c_int64(0), _WRITE)


_REFUSED: dict[tuple[int, int], Path] = {}
"""Folders that the disk refused to write, by device and inode; they are written anew before they are believed."""

_FAILED: dict[Path, str] = {}
"""Why it did so, of those that it had room for: kept after they are written anew, for whoever looks after the disk."""


def has_refused() -> bool:
    """Whether the disk has refused any folder that is not written anew yet: else nobody need go and see."""
    return bool(_REFUSED)


def failed_folders(root: Path) -> dict[Path, str]:
    """The folders there that the disk has failed to write, once or more often, since this daemon was started; and why."""
    return {path: why for path, why in _FAILED.items() if path.is_relative_to(root)} if _FAILED else {}


def sync_refused(root: Path) -> None:
    """Have the folders there on disk that it has refused: what has its name in them may lose it with the power."""
    for path in [path for path in _REFUSED.values() if path.is_relative_to(root)]:
        with suppress(FileNotFoundError, NotADirectoryError):
            sync(path)


def _sync_names(folder: Path) -> None:
    with _opened(folder, os.O_DIRECTORY | os.O_NOFOLLOW) as descriptor:
        sync_folder(descriptor, folder)


def sync_folder(descriptor: int, path: Path) -> None:
    """The same of an open folder. What a disk has refused of it is written once more, with the rest of its names."""
    is_refused = bool(_REFUSED) and _which(descriptor) in _REFUSED
    try:
        _sync_anew(descriptor) if is_refused else _sync(descriptor)
    except OSError as error:
        if error.errno == errno.EINVAL:  # some disks do not know it of a folder
            return
        is_refused = True
        _REFUSED[_which(descriptor)] = path
        if error.errno == errno.EIO:
            _FAILED[path] = error.strerror or str(error)
        _sync_anew(descriptor)
    if is_refused:
        _REFUSED.pop(_which(descriptor), None)


def _which(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino


def _sync_anew(folder: int) -> None:
    """Have a folder written, though the disk may believe that it has been."""
    name = f".{secrets.token_hex(8)}.tmp"
    os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=folder))
    os.unlink(name, dir_fd=folder)
    _sync(folder)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _sync(descriptor: int) -> None:
    if sys.platform == "darwin":  # where fsync stops at the drive's own cache
        with suppress(OSError):  # some disks, such as those of other machines, do not know it
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)
