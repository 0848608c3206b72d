"""Moving: renames that never replace anything, exchanges, and files that are made read-only."""

import ctypes
import errno
import os
import shutil
import sys
import unicodedata
from pathlib import Path

from daemon.disk.leases import is_written
from events import Identity
from projections.artifacts.store import Store
from projections.files.fingerprint import identity
from projections.files.hashing import sha256_on_disk
from projections.files.sharing import reflink
from projections.files.writing import NotOnDisk, copied_beside, put_in_place, sync

RENAME_NOREPLACE, RENAME_EXCHANGE = 1, 2

UNKNOWN = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
"""What a filesystem says to a call that it does not know."""

_AT_FDCWD = -100

_LIBC = ctypes.CDLL(None, use_errno=True)


def rename_new(source: Path, target: Path) -> Identity:
    """Rename, but never over an existing file: FileExistsError then (renameat2(2), renamex_np(2), link(2)).

    What comes from another disk is copied. Where a kill has left the file with both names, it keeps the new one.
    Which file it is then.
    """
    found = identity(source.lstat())
    try:
        return _rename_new(source, target) or found
    except FileExistsError:
        if not _is_half_renamed(source, target):
            raise
        source.unlink()
        return found


def _rename_new(source: Path, target: Path) -> Identity | None:
    """The same, where nothing is half done; which file it is where that is another one than before."""
    result = _rename(source, target, RENAME_NOREPLACE)
    if result == errno.EXDEV:
        with copied_beside(source, target) as made:
            copied = rename_new(made, target)
        sync(target.parent)
        source.unlink()
        return copied
    if result in UNKNOWN:
        _rename_by_hand(source, target)
    elif result:
        raise OSError(result, os.strerror(result), str(source), None, str(target))
    return None


def _is_half_renamed(source: Path, target: Path) -> bool:
    """Whether they are two names of one file, and not one name in two ways of writing it."""
    one = source.lstat()
    is_one_name = source.parent == target.parent and _folded(source.name) == _folded(target.name)
    return os.path.samestat(one, target.lstat()) and one.st_nlink > 1 and not is_one_name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def exchange(one: Path, other: Path) -> bool:
    """Have two files change their places in one step; False on a filesystem that cannot do that, and between two."""
    result = _rename(one, other, RENAME_EXCHANGE)
    if result and result not in {errno.EXDEV, *UNKNOWN}:
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


def move(source: Path, folder: Path, name: str) -> tuple[str, Identity]:
    """Move a file into a folder, under that name or, where it is used already, one like it; what it is called now, and
    which file it is.
    """
    called = Path(name)
    for attempt in range(1000):
        free = f"{called.stem}_{attempt}{called.suffix}" if attempt else name
        try:
            return free, rename_new(source, folder / free)
        except FileExistsError:
            continue
    raise FileExistsError(errno.EEXIST, "the take's folder is full of files of that name", str(folder))


def separate(path: Path, wanted: Identity, store: Store, sha256: str) -> Identity | None:
    """Give a file bytes of its own where other names of it are not ours, since those stay their owner's to write.

    A name of ours is the object of its hash. Which file it is then; None where it is not what was wanted any
    more, or somebody writes it; OSError where there is no room.
    """
    found = path.lstat()
    if found.st_nlink < 2:
        return wanted
    spare = store.find(sha256, found.st_size)
    if spare and spare.samefile(path):
        return wanted
    with store.passing() as made:
        if not reflink(path, made):
            shutil.copyfile(path, made, follow_symlinks=False)
        shutil.copystat(path, made, follow_symlinks=False)
        sync(made)
        if is_written(path) or identity(path.lstat()) != wanted:
            return None
        return put_in_place(made, path)


def renew(path: Path, wanted: Identity, store: Store, sha256: str) -> Identity | None:
    """Write the bytes of a file that the disk has refused once into another one, and put that in its place.

    Which file it is then; None where it is not what was wanted any more, or somebody writes it. NotOnDisk where the
    disk does not hold them after that either, OSError where there is no room.
    """
    with store.passing() as made:
        shutil.copyfile(path, made, follow_symlinks=False)
        shutil.copystat(path, made, follow_symlinks=False)
        sync(made)
        if sha256_on_disk(made) != sha256:
            raise NotOnDisk(errno.EIO, "the disk does not hold what was written", str(path))
        if is_written(path) or identity(path.lstat()) != wanted:
            return None
        spare = store.find(sha256, wanted.size)
        if spare and spare.samefile(path):
            store.forget(sha256)
        return put_in_place(made, path)


def freeze(path: Path) -> None:
    """Have a take's media and its name on disk."""
    sync(path)
    freeze_name(path)


def freeze_name(path: Path) -> None:
    """Have the name of a take's media on disk, and that of its folder."""
    sync(path.parent)
    sync(path.parent.parent)
