"""Placing: a dropped file moves into its take's folder, never over another file, and is put on disk for good."""

import ctypes
import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

from daemon import faults
from daemon.scan import Entry, identity, media_in, recipe_beside
from events import Identity, TakesError

RENAME_NOREPLACE = 1
_AT_FDCWD = -100
_LIBC = ctypes.CDLL(None, use_errno=True)


class DropGone(TakesError):
    """Raised when a dropped file was taken away, or replaced, before it could be placed."""

    hint = "Drop it again: it becomes the next take."

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was removed or replaced before it could be taken")


def rename_new(source: Path, target: Path) -> None:
    """Rename, but never over an existing file: FileExistsError then (renameat2(2), renamex_np(2), link(2))."""
    result = _rename_exclusively(os.fsencode(source), os.fsencode(target))
    if result in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        os.link(source, target, follow_symlinks=False)
        source.unlink()
    elif result:
        raise OSError(result, os.strerror(result), str(source), None, str(target))


def _rename_exclusively(source: bytes, target: bytes) -> int:
    if sys.platform.startswith("linux") and hasattr(_LIBC, "renameat2"):
        failed = _LIBC.renameat2(_AT_FDCWD, source, _AT_FDCWD, target, RENAME_NOREPLACE)
    elif sys.platform == "darwin":
        failed = _LIBC.renamex_np(source, target, 4)  # RENAME_EXCL
    else:
        return errno.ENOSYS
    return ctypes.get_errno() if failed else 0


def place(source: Path, wanted: Identity, folder: Path, name: str) -> Entry:
    """Have the dropped file in the take's folder, under that name or one like it where it is used already.

    It is not on disk yet: `freeze` sees to that, once it is whole.

    Doing it again finds what was done. DropGone where the file is neither here nor there.
    """
    if not _is_file(source, wanted) or source == folder / name:
        if there := _placed(folder, wanted):
            return there
        raise DropGone(source.name)
    folder.mkdir(exist_ok=True)
    faults.point("folder")
    target = move(source, folder, name)
    faults.point("moved")
    return Entry(target.name, identity(target.lstat()))


def move(source: Path, folder: Path, name: str) -> Path:
    """Move a file into a folder, under that name or, where it is used already, one like it; where it is now."""
    stem, suffix = Path(name).stem, Path(name).suffix
    for attempt in range(1000):
        target = folder / (f"{stem}_{attempt}{suffix}" if attempt else name)
        try:
            rename_new(source, target)
        except FileExistsError:
            continue
        return target
    raise FileExistsError(errno.EEXIST, "the take's folder is full of files of that name", str(folder))


def bring_in(path: Path, folder: Path, name: str, recipe: str) -> None:
    """Move a media file into a folder under that name, and the recipe beside it, where there is one, before it.

    FileExistsError where the name is used already.
    """
    beside = recipe_beside(path.parent, path.name)
    if beside and not (folder / recipe).exists():
        rename_new(path.parent / beside, folder / recipe)
    rename_new(path, folder / name)
    faults.point("moved")


def _placed(folder: Path, wanted: Identity) -> Entry | None:
    return next((entry for entry in media_in(folder) if _is_same(entry.identity, wanted)), None)


def _is_file(path: Path, wanted: Identity) -> bool:
    try:
        return _is_same(identity(path.lstat()), wanted)
    except FileNotFoundError:
        return False


def _is_same(found: Identity, wanted: Identity) -> bool:
    """Whether it is the same file; its writer may have gone on writing."""
    return found.inode == wanted.inode


def sync(path: Path) -> None:
    """Make a file's bytes, or a folder's names, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if sys.platform == "darwin":
            import fcntl  # noqa: PLC0415 - not on every system

            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        else:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def freeze(path: Path) -> None:
    """Make a take's media read-only, where that can be, and have it and its name on disk."""
    with suppress(PermissionError, NotImplementedError):  # another user's file, or a filesystem without modes
        path.chmod(path.stat().st_mode & ~0o222)
    sync(path)
    sync(path.parent)
    sync(path.parent.parent)
