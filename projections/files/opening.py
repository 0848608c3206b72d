"""Opening: how a file is opened to be read, so that whatever else is in its place costs nobody anything.

A pipe would be waited for, a folder cannot be read, and a link may lead anywhere.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

_PASSED = getattr(os, "O_PATH", 0)
"""How a folder is opened that is only passed: it need not be one that we may list."""


class Unfit(OSError):
    """Raised when there is something, and not what is read; it says what it is and what to do about it."""


class NoFile(Unfit):
    """Raised when what is to be opened is a folder, a pipe or something else that is no file."""

    def __init__(self, path: Path | str, mode: int) -> None:
        what = _KINDS.get(stat.S_IFMT(mode), "something else")
        super().__init__(errno.EINVAL, f"it is {what}, not a file: move it away", str(path))


class Linked(Unfit):
    """Raised when what is to be opened is a link, which may lead out of the film."""

    def __init__(self, path: Path | str) -> None:
        reason = "it is a link, which is not followed: put the file itself there"
        super().__init__(errno.ELOOP, reason, str(path))


class LinkedFolder(NotADirectoryError):
    """Raised when a folder on the way to a file is a link: what lies in there is not the film's."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(errno.ENOTDIR, "it is a link to a folder, which is not followed", str(path))


def open_file(path: Path | str, *, within: int | None = None, follows: bool = False) -> int:
    """The descriptor of a regular file, to be read; Unfit where there is something else.

    `within` is the folder that the path begins in. A link is Unfit, unless it `follows` links.
    """
    return _opened(path, os.O_RDONLY, within=within, follows=follows)


def open_to_write(path: Path | str, flags: int = 0) -> int:
    """The descriptor of a regular file, to be written into, and made where there is none; Unfit as above."""
    return _opened(path, os.O_WRONLY | os.O_CREAT | flags, mode=0o666)


def _opened(
    path: Path | str, flags: int, *, mode: int = 0, within: int | None = None, follows: bool = False
) -> int:
    flags |= os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | (0 if follows else os.O_NOFOLLOW)
    try:
        file = os.open(path, flags, mode, dir_fd=within)
    except OSError as error:
        if error.errno == errno.ELOOP and not follows:
            raise Linked(path) from error
        if error.errno in (errno.ENXIO, errno.EISDIR, errno.ENODEV):  # a socket, a pipe that nobody reads
            raise NoFile(path, os.stat(path, dir_fd=within, follow_symlinks=follows).st_mode) from error
        raise
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode):
        os.close(file)
        raise NoFile(path, found.st_mode)
    return file


@contextmanager
def opened(path: Path | str, *, within: int | None = None, follows: bool = False) -> Iterator[BufferedReader]:
    """A regular file, to be read; see `open_file`."""
    with os.fdopen(open_file(path, within=within, follows=follows), "rb") as file:
        yield file


@contextmanager
def folder_in(root: Path, path: str, above: int | None = None) -> Iterator[int]:
    """A descriptor of that folder; see `open_folder`."""
    descriptor = open_folder(root, path, above)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def open_folder(root: Path, path: str, above: int | None = None) -> int:
    """A descriptor of that folder, reached without following a link below the root; OSError where that fails.

    `above` is the folder in which it lies, where that was reached so already.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    if above is None:
        return _reached(root, path, flags)
    return _folder(path.rpartition("/")[2], above, flags | os.O_NOFOLLOW, root, path)


def _reached(root: Path, path: str, flags: int) -> int:
    """A descriptor of that folder, part by part."""
    parts = path.split("/") if path not in ("", ".") else []
    descriptor = os.open(root, flags | (_PASSED if parts else 0))
    for left, part in enumerate(parts, 1 - len(parts)):
        try:
            deeper = _folder(part, descriptor, flags | os.O_NOFOLLOW | (_PASSED if left else 0), root, path)
        finally:
            os.close(descriptor)
        descriptor = deeper
    return descriptor


def _folder(name: str, within: int, flags: int, root: Path, path: str) -> int:
    try:
        return os.open(name, flags, dir_fd=within)
    except OSError as error:
        if error.errno not in (errno.ENOTDIR, errno.ELOOP):
            raise
        if stat.S_ISLNK(os.stat(name, dir_fd=within, follow_symlinks=False).st_mode):
            raise LinkedFolder(root / path) from error
        raise
