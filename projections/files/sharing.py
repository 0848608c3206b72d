"""Sharing: how two files come to have their bytes on the disk once, and whether they do.

A reflink shares blocks and stays a file of its own: what is written into one is not seen in the other. A hard
link is a second name of the same file. What a filesystem cannot do is answered with None or False.
"""

import ctypes
import errno
import fcntl
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from projections.files.opening import open_file

_FICLONE = 0x40049409
_FIDEDUPERANGE = 0xC0189436
_FIEMAP = 0xC020660B
_RANGE = "=QQHHI"
_OTHER = "=qQQiI"
_MAP = "=QQIIII"
_EXTENT = "=QQQQQIIII"
_SYNC = 0x1
_LAST, _ELSEWHERE = 0x1, 0x2 | 0x4 | 0x80 | 0x200 | 0x400
"""Of an extent: that no other follows; that its bytes are not, or not alone, at the place that it names."""

_DIFFERS = 1
_EXTENTS = 256
_PIECE = 1 << 24
_CANNOT = {
    errno.EOPNOTSUPP,
    errno.ENOTSUP,
    errno.ENOTTY,
    errno.ENOSYS,
    errno.EXDEV,
    errno.EINVAL,
    errno.EPERM,
    errno.EACCES,
    errno.EMLINK,
}
"""What a filesystem says to what it does not do, or not between these two files."""

_DOES_NOT = {errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOTTY, errno.ENOSYS}
"""What it says of these to what it never does."""

_LIBC = ctypes.CDLL(None, use_errno=True)


def reflink(source: Path, target: Path) -> bool | None:
    """Make a new file that shares its blocks with that one, not on disk yet; False where that cannot be.

    None where the filesystem does no such thing.
    """
    if sys.platform == "darwin":
        return not _LIBC.clonefile(os.fsencode(source), os.fsencode(target), 1)  # CLONE_NOFOLLOW
    with _opened(source) as file:
        made = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.ioctl(made, _FICLONE, file)
        except OSError as error:
            target.unlink()
            if error.errno not in _CANNOT:
                raise
            return None if error.errno in _DOES_NOT else False
        finally:
            os.close(made)
    return True


def link(source: Path, target: Path) -> bool:
    """Make a second name of that file; False where that cannot be. FileExistsError where the name is used."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        return False
    return True


def merge(source: Path, other: Path) -> bool | None:
    """Have two files of the same bytes share them where they lie (ioctl_fideduperange(2)).

    The kernel compares them and keeps writers out meanwhile. False where they differ, None where the filesystem
    does no such thing.
    """
    with _opened(source) as first, _opened(other) as second:
        size = os.fstat(first).st_size
        if not sys.platform.startswith("linux") or size != os.fstat(second).st_size:
            return None if size == os.fstat(second).st_size else False
        place = 0
        while place < size:
            asked = struct.pack(_RANGE, place, size - place, 1, 0, 0) + struct.pack(
                _OTHER, second, place, 0, 0, 0
            )
            answer = bytearray(asked)
            try:
                fcntl.ioctl(first, _FIDEDUPERANGE, answer)
            except OSError:
                return None
            _, _, done, status, _ = struct.unpack_from(_OTHER, answer, struct.calcsize(_RANGE))
            if status == _DIFFERS:
                return False
            if status or not done:
                return None
            place += done
    return True


def is_shared(one: Path, other: Path) -> bool:
    """Whether the two have their bytes on the disk once, as far as the filesystem tells."""
    first, second = one.lstat(), other.lstat()
    if os.path.samestat(first, second):
        return True
    if first.st_size != second.st_size:
        return False
    mine = blocks(one)
    return mine is not None and mine == blocks(other)


def blocks(path: Path) -> list[tuple[int, int, int]] | None:
    """Where on the disk a file's bytes are: place in the file, on the disk, and length (FS_IOC_FIEMAP).

    None where the filesystem does not say, or has them somewhere that cannot be shared.
    """
    if not sys.platform.startswith("linux"):
        return None
    found: list[tuple[int, int, int]] = []
    with _opened(path) as file:
        while True:
            start = found[-1][0] + found[-1][2] if found else 0
            try:
                more = list(extents(file, start))
            except OSError:
                return None
            if any(flags & _ELSEWHERE for *_, flags in more):
                return None
            for place, disk, length, _ in more:
                if found and place == found[-1][0] + found[-1][2] and disk == found[-1][1] + found[-1][2]:
                    found[-1] = (found[-1][0], found[-1][1], found[-1][2] + length)
                else:
                    found.append((place, disk, length))
            if not more or more[-1][-1] & _LAST:
                return found or None


def extents(file: int, start: int) -> Iterator[tuple[int, int, int, int]]:
    """The next extents of an open file from that byte on: place in it, place on the disk, length, and flags.

    The flags are those of linux/fiemap.h; OSError where the filesystem does not say.
    """
    size = struct.calcsize(_EXTENT)
    answer = bytearray(
        struct.pack(_MAP, start, 2**64 - 1 - start, _SYNC, 0, _EXTENTS, 0) + bytes(size * _EXTENTS)
    )
    fcntl.ioctl(file, _FIEMAP, answer)
    count = struct.unpack_from(_MAP, answer)[3]
    for number in range(count):
        place, disk, length, _, _, flags, *_ = struct.unpack_from(
            _EXTENT, answer, struct.calcsize(_MAP) + number * size
        )
        yield place, disk, length, flags


def is_equal(one: Path, other: Path) -> bool:
    """Whether two files hold the same bytes."""
    with _opened(one) as first, _opened(other) as second:
        if os.fstat(first).st_size != os.fstat(second).st_size:
            return False
        while piece := os.read(first, _PIECE):
            if piece != _exactly(second, len(piece)):
                return False
    return True


def _exactly(file: int, count: int) -> bytes:
    parts = b""
    while len(parts) < count and (part := os.read(file, count - len(parts))):
        parts = part if not parts else parts + part
    return parts


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    file = open_file(path)
    try:
        yield file
    finally:
        os.close(file)
