"""Copying: the media that an export names, in a folder of the editor's, so that both can go to another machine.

Each file is there whole or not at all, and what is there already is never written over: whoever was interrupted says it
again, and it goes on.
"""

import shutil
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct

from daemon.disk.moving import rename_new
from projections.files.hashing import sha256_on_disk
from projections.files.modes import close_up_as
from projections.files.sharing import link, reflink
from projections.files.writing import sync

PART = ".takes-part"
"""How the name of a file ends that is on its way; what was left under such a name is ours to remove."""


class NotCopied(Struct, frozen=True):
    """A file that is not in the folder, and why."""

    path: str
    reason: str


class WrongBytes(Exception):
    """Raised when a copy is not what its hash says."""


def copy(
    files: Iterable[tuple[str, str]],
    source: Path,
    target: Path,
    *,
    may_link: bool,
    tell: Callable[[int], object],
) -> list[NotCopied]:
    """Have those files of one folder in another, by their paths from it, with their hashes; those that are not there then.

    Blocks are shared where the disk can; else with `may_link` a file gets a second name there, else it is copied. The
    bytes of each are told as it is there. OSError where the disk refuses.
    """
    missing = list[NotCopied]()
    for path, sha256 in files:
        try:
            tell(_copy_one(source / path, target / path, sha256, may_link=may_link))
        except FileExistsError:
            missing.append(NotCopied(path, "another file is there already, and stays"))
        except FileNotFoundError:
            missing.append(NotCopied(path, "its file is not in the film"))
        except WrongBytes:
            missing.append(NotCopied(path, "its bytes are not what they were; `takes verify` says more"))
    return missing


def _copy_one(source: Path, target: Path, sha256: str, *, may_link: bool) -> int:
    """Have that file at the other path, on disk; its bytes. FileExistsError where another one is there."""
    found = source.lstat()
    target.parent.mkdir(parents=True, exist_ok=True)
    if _is_there(target, sha256, found.st_size, found.st_mtime_ns):
        return found.st_size
    made = target.with_name(f".{target.name}{PART}")
    made.unlink(missing_ok=True)
    try:
        _make(source, made, sha256, may_link=may_link)
        rename_new(made, target)
        sync(target.parent)
    finally:
        made.unlink(missing_ok=True)
    return found.st_size


def _is_there(target: Path, sha256: str, size: int, mtime_ns: int) -> bool:
    """Whether that file is what it should be, as far as its time tells, or else its bytes; FileExistsError."""
    try:
        found = target.lstat()
    except FileNotFoundError:
        return False
    is_file = stat.S_ISREG(found.st_mode) and found.st_size == size
    if is_file and (found.st_mtime_ns == mtime_ns or sha256_on_disk(target) == sha256):
        return True
    raise FileExistsError(str(target))


def _make(source: Path, made: Path, sha256: str, *, may_link: bool) -> None:
    is_shared = reflink(source, made)
    if not is_shared and may_link and link(source, made):
        return
    if not is_shared:
        shutil.copyfile(source, made, follow_symlinks=False)
    shutil.copystat(source, made, follow_symlinks=False)
    close_up_as(made, source)
    sync(made)
    if not is_shared and sha256_on_disk(made) != sha256:
        raise WrongBytes
