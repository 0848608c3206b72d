"""Git LFS: what stands in git for a large file, and the object that holds its bytes.

An object shares its bytes with the take that it is: a reflink where the filesystem can, else a second name of
the same read-only file. Only where neither can be, as on another disk, it is a copy.
"""

import hashlib
import os
import secrets
import shutil
from pathlib import Path

from msgspec import Struct, field

from projections.sharing import link, reflink

_FIRST = b"version https://git-lfs.github.com/spec/v1\n"
LONGEST_POINTER = 1024
"""Bytes; a longer file is none."""

Seen = tuple[int, int, int, int]


def pointer(sha256: str, size: int) -> bytes:
    """What git keeps for a file of those bytes."""
    return _FIRST + f"oid sha256:{sha256}\nsize {size}\n".encode()


def is_pointer(path: Path) -> bool:
    """Whether a file holds no media, only the pointer to it: `git lfs pull` was not run yet."""
    try:
        found = path.lstat()
        if not len(_FIRST) < found.st_size < LONGEST_POINTER:
            return False
        with path.open("rb") as file:
            return file.read(len(_FIRST)) == _FIRST
    except OSError:
        return False


def object_path(store: Path, sha256: str) -> Path:
    """Where Git LFS keeps those bytes; `store` is its `lfs/objects`."""
    return store / sha256[:2] / sha256[2:4] / sha256


class Objects(Struct):
    """The objects of one repository. `trusted` are the files in it that were hashed, and hold what they should."""

    store: Path
    trusted: set[Seen] = field(default_factory=set)

    def keep(self, source: Path, sha256: str, size: int) -> None:
        """Have those bytes in the store; one that is there and is not whole is replaced. OSError."""
        target = object_path(self.store, sha256)
        if not self._is_whole(target, source, sha256, size):
            target.parent.mkdir(parents=True, exist_ok=True)
            _share(source, target)
            _sync(target.parent)

    def _is_whole(self, target: Path, source: Path, sha256: str, size: int) -> bool:
        """Whether the object holds what it should: known by its size and, the first time, by its hash."""
        try:
            found = target.lstat()
        except FileNotFoundError:
            return False
        if found.st_size != size:
            return False
        seen = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        if seen not in self.trusted:
            is_same_file = target.samefile(source) and not found.st_mode & 0o222
            if not is_same_file and _hash(target) != sha256:
                return False
            self.trusted.add(seen)
        return True


def _share(source: Path, target: Path) -> None:
    """A file of the same bytes at the target, in one step."""
    temporary = target.with_name(f".{target.name[:8]}.{secrets.token_hex(4)}.tmp")
    try:
        if not reflink(source, temporary) and not (_is_frozen(source) and link(source, temporary)):
            shutil.copyfile(source, temporary, follow_symlinks=False)
        if not temporary.samefile(source):
            temporary.chmod(0o444)
            _sync(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)  # a rename of a file onto another name of itself does nothing


def _is_frozen(path: Path) -> bool:
    """Whether nobody writes the file without meaning to."""
    return not path.lstat().st_mode & 0o222


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
