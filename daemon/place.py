"""Placing: a dropped file moves into its take's folder, never over another file, and is put on disk for good."""

import ctypes
import errno
import os
import shutil
import stat
import sys
from contextlib import suppress
from pathlib import Path

from daemon import faults
from daemon.scan import Entry, identity, is_same, media_in, recipe_beside
from daemon.settle import is_written
from events import Identity, TakesError
from projections.objects import Store
from projections.sharing import reflink, sync

RENAME_NOREPLACE, RENAME_EXCHANGE = 1, 2

UNKNOWN = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
"""What a filesystem says to a call that it does not know."""

_AT_FDCWD = -100
_LIBC = ctypes.CDLL(None, use_errno=True)


class DropGone(TakesError):
    """Raised when a dropped file was taken away, or replaced, before it could be placed."""

    hint = "Drop it again: it becomes the next take."

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was removed or replaced before it could be taken")


def rename_new(source: Path, target: Path) -> None:
    """Rename, but never over an existing file: FileExistsError then (renameat2(2), renamex_np(2), link(2))."""
    result = _rename(source, target, RENAME_NOREPLACE)
    if result in UNKNOWN:
        _rename_by_hand(source, target)
    elif result:
        raise OSError(result, os.strerror(result), str(source), None, str(target))


def exchange(one: Path, other: Path) -> bool:
    """Have two files change their places in one step; False on a filesystem that cannot do that."""
    result = _rename(one, other, RENAME_EXCHANGE)
    if result and result not in UNKNOWN:
        raise OSError(result, os.strerror(result), str(one), None, str(other))
    return not result


def _rename(source: Path, target: Path, flag: int) -> int:
    """The error number of a rename that replaces nothing."""
    names = os.fsencode(source), os.fsencode(target)
    if sys.platform.startswith("linux") and hasattr(_LIBC, "renameat2"):
        failed = _LIBC.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], flag)
    elif sys.platform == "darwin":
        failed = _LIBC.renamex_np(*names, {RENAME_NOREPLACE: 4, RENAME_EXCHANGE: 2}[flag])
    else:
        return errno.ENOSYS
    return ctypes.get_errno() if failed else 0


def _rename_by_hand(source: Path, target: Path) -> None:
    """The same where there is no such call: by a second name, or else over an empty file that is ours for sure."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in {errno.EPERM, *UNKNOWN}:
            raise
        target.touch(exist_ok=False)
        source.replace(target)
    else:
        source.unlink()


def place(source: Path, wanted: Identity, folder: Path, name: str) -> Entry:
    """Have the dropped file in the take's folder, under that name or one like it where it is used already.

    It is not on disk yet: `freeze` sees to that, once it is whole.

    Doing it again finds what was done. DropGone where the file is neither here nor there.
    """
    if not _is_file(source, wanted) or source == folder / name:
        if there := _placed(folder, wanted) or _shared(folder, name):
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
    return next((entry for entry in media_in(folder) if is_same(entry.identity, wanted)), None)


def _shared(folder: Path, name: str) -> Entry | None:
    """The take's file, where its bytes were there already and it has become another name of those."""
    with suppress(FileNotFoundError, NotADirectoryError):
        found = (folder / name).lstat()
        if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
            return Entry(name, identity(found))
    return None


def _is_file(path: Path, wanted: Identity) -> bool:
    try:
        return is_same(identity(path.lstat()), wanted)
    except FileNotFoundError:
        return False


def separate(path: Path, wanted: Identity, store: Store, sha256: str) -> Identity | None:
    """Give a file bytes of its own where other names of it are not ours, since those stay their owner's to write.

    A name of ours is the object of its hash. Which file it is then; None where it is not what was wanted any
    more, or somebody writes it; OSError where there is no room.
    """
    found = path.lstat()
    kept = store.find(sha256, found.st_size)
    if found.st_nlink < 2 or (kept and kept.samefile(path)):
        return wanted
    with store.passing() as made:
        if not reflink(path, made):
            shutil.copyfile(path, made, follow_symlinks=False)
        shutil.copystat(path, made, follow_symlinks=False)
        sync(made)
        if identity(path.lstat()) != wanted or is_written(path):
            return None
        own = identity(made.lstat())
        made.replace(path)
    return own


def freeze(path: Path) -> None:
    """Have a take's media and its name on disk."""
    sync(path)
    sync(path.parent)
    sync(path.parent.parent)
