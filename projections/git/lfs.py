"""Git LFS: what stands in git for a large file, and the object that holds its bytes.

An object shares its bytes with the take that it is: a reflink where the filesystem can, else a second name of
the same read-only file. Only where neither can be, as on another disk, it is a copy.
"""

import os
import secrets
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, field

from events import Identity, TakesError
from projections.files.fingerprint import identity
from projections.files.hashing import sha256_while
from projections.files.modes import close_up_as
from projections.files.reading import read_fit
from projections.files.sharing import blocks, is_shared, link, reflink
from projections.files.writing import put_in_place, sync
from projections.worktree import worktree_of

_FIRST = b"version https://git-lfs.github.com/spec/v1\n"
LONGEST_POINTER = 1024
"""Bytes; a longer file is none."""

FileKey = tuple[str, Identity]
"""A hash, and a file that was found to hold it."""


def pointer(sha256: str, size: int) -> bytes:
    """What git keeps for a file of those bytes."""
    return _FIRST + f"oid sha256:{sha256}\nsize {size}\n".encode()


def may_be_pointer(size: int) -> bool:
    """Whether a file of so many bytes may be one."""
    return len(_FIRST) < size < LONGEST_POINTER


def is_pointer(path: Path) -> bool:
    """Whether a file holds no media, only the pointer to it: `git lfs pull` was not run yet."""
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or not may_be_pointer(found.st_size):
            return False
        return (read_fit(path, LONGEST_POINTER) or b"").startswith(_FIRST)
    except OSError:
        return False


def object_path(store: Path, sha256: str) -> Path:
    """Where Git LFS keeps those bytes; `store` is its `lfs/objects`."""
    return Path(_place(store, sha256))


def _place(store: Path, sha256: str) -> str:
    return f"{store}/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def objects_folder(root: Path) -> Path | None:
    """Where the repository that a film lies in has its objects; None outside of one, or where it cannot be used."""
    worktree = worktree_of(root)
    if worktree is None:
        return None
    from projections.git.repository import open_repository  # noqa: PLC0415 - a film outside of git loads none of it

    try:
        with open_repository(worktree) as repository:
            return repository.lfs_objects
    except (OSError, TakesError):
        return None


class LfsObjects(Struct):
    """The objects of one repository. `verified` are the files that were hashed, and hold what they should.

    `shared` are the hashes of those that have their bytes on the disk once with the take, as far as that can be.
    While it `trusts_sizes`, an object that was made before counts as whole where it has its size. Once what is under
    way is not `is_awaited` any more, no more is hashed: NotAwaited.
    """

    store: Path
    trusts_sizes: bool = True
    verified: set[FileKey] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    is_awaited: Callable[[], bool] = lambda: True

    def has(self, sha256: str, size: int) -> bool:
        """Whether there is no need to look at an object again: hashing all of a film takes hours."""
        try:
            return self.trusts_sizes and os.lstat(_place(self.store, sha256)).st_size == size
        except OSError:
            return False

    def keep(self, source: Path | str, sha256: str, size: int) -> None:
        """Have the bytes of a source that holds them in the store; an object that is not whole is replaced. OSError."""
        place = _place(self.store, sha256)
        if _is_same(place, source):
            return
        if self.holds(place, sha256, size):
            self.share(source, sha256)
            return
        target = Path(place)
        target.parent.mkdir(parents=True, exist_ok=True)
        self._put(Path(source), target, sha256)
        self.shared.add(sha256)

    def share(self, source: Path | str, sha256: str) -> None:
        """Have an object share the bytes of a source that holds them, where it has blocks of its own. OSError.

        It is one that `git lfs pull` has brought. Nothing is done where the filesystem does not tell, or cannot
        share, and only one look is taken at each.
        """
        if sha256 not in self.shared:
            target, file = object_path(self.store, sha256), Path(source)
            if blocks(file) is not None and not is_shared(target, file):
                self._put(file, target, sha256, copies=False)
            self.shared.add(sha256)

    def holds(self, path: Path | str, sha256: str, size: int) -> bool:
        """Whether a file holds those bytes: known by its size and, the first time, by its hash."""
        try:
            found = os.lstat(path)
        except FileNotFoundError:
            return False
        if not stat.S_ISREG(found.st_mode) or found.st_size != size:
            return False
        seen = (sha256, identity(found))
        if seen not in self.verified:
            if sha256_while(self.is_awaited, Path(path)) != sha256:
                return False
            self.verified.add(seen)
        return True

    def _put(self, source: Path, target: Path, sha256: str, *, copies: bool = True) -> None:
        """A file of the same bytes at the target, in one step. What a kill leaves is one of those that Git LFS clears."""
        on_its_way = self.store.parent / "tmp"
        on_its_way.mkdir(parents=True, exist_ok=True)
        temporary = on_its_way / f"{sha256}-{secrets.token_hex(4)}"
        try:
            if not reflink(source, temporary) and not (
                _is_frozen(source.lstat()) and link(source, temporary)
            ):
                if not copies:
                    return
                shutil.copyfile(source, temporary, follow_symlinks=False)
            if not temporary.samefile(source):
                close_up_as(temporary, source)
                sync(temporary)
            put_in_place(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)  # a rename of a file onto another name of itself does nothing


def _is_same(target: str, source: Path | str) -> bool:
    """Whether the object is the source itself, which nobody writes without meaning to."""
    try:
        found = os.stat(target)  # noqa: PTH116 - a path for each object of a large film costs as much as the look
    except FileNotFoundError:
        return False
    return os.path.samestat(found, os.lstat(source)) and _is_frozen(found)


def _is_frozen(found: os.stat_result) -> bool:
    return not found.st_mode & 0o222
