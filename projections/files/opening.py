"""Files: how one is opened to be read, so that whatever else is in its place costs nobody anything.

A pipe would be waited for, a folder cannot be read, and a link may lead anywhere.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path


class NoFile(OSError):
    """Raised when what is to be read is a folder, a pipe or something else that is no file."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(errno.EINVAL, "it is not a file", str(path))


def open_file(path: Path | str, *, within: int | None = None, follows: bool = False) -> int:
    """The descriptor of a regular file, to be read; NoFile where there is something else.

    `within` is the folder that the path begins in. A link is an OSError, unless it `follows` links.
    """
    link = 0 if follows else os.O_NOFOLLOW
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | link, dir_fd=within)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket
            raise NoFile(path) from error
        raise
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise NoFile(path)
    return file


@contextmanager
def opened(path: Path | str, *, within: int | None = None, follows: bool = False) -> Iterator[BufferedReader]:
    """A regular file, to be read; see `open_file`."""
    with os.fdopen(open_file(path, within=within, follows=follows), "rb") as file:
        yield file
