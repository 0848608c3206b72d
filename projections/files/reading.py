"""Reading: the one way in which a file that we did not write comes into memory.

It is a regular file, and no larger than one of its kind may be, as the open file says before its first byte is read.
Nothing is waited for, and no link is followed but where git itself follows it.
"""

import errno
import os
from contextlib import suppress
from pathlib import Path

from projections.files.opening import Unfit, folder_in, open_file

PROJECT = 16 << 20
"""Bytes of a `project.json`."""

RECIPE = 16 << 20
"""Bytes of a recipe, or of a sidecar."""

GIT_TEXT = 4 << 20
"""Bytes of one of git's files for people: configuration, attributes, what is ignored, branches."""

GIT_INDEX = 1 << 30
"""Bytes of git's index."""

GIT_OBJECT = 64 << 20
"""Bytes of a file that git has whole. Of media it has pointers."""

OURS = 64 << 20
"""Bytes of what we keep for ourselves, which may have come with a film that somebody copied."""

_PIECE = 1 << 16


class TooLarge(Unfit):
    """Raised when a file is larger than one of its kind is read."""

    def __init__(self, path: Path | str, most: int) -> None:
        size = f"{most >> 20} MB" if most >> 20 else f"{most} bytes"
        super().__init__(
            errno.EFBIG,
            f"it is larger than the {size} that are read of one: move it away, or make it smaller",
            str(path),
        )


def read(path: Path | str, most: int, *, within: int | None = None, follows: bool = False) -> bytes | None:
    """The content of a file of at most so many bytes; None where there is none, Unfit where there is something else."""
    try:
        file = open_file(path, within=within, follows=follows)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        content = _up_to(file, most)
    finally:
        os.close(file)
    if content is None:
        raise TooLarge(path, most)
    return content


def read_in(root: Path, path: str, most: int) -> bytes | None:
    """The same of a file of a film, reached by no link in it: LinkedFolder where there is one on the way."""
    folder, _, name = path.rpartition("/")
    try:
        with folder_in(root, folder) as place:
            return read(name, most, within=place)
    except FileNotFoundError:
        return None
    except OSError as error:
        error.filename = str(root / path)
        raise


def read_fit(path: Path | str, most: int, *, follows: bool = False) -> bytes | None:
    """The same where what is not fit to be read says no more than what is not there."""
    with suppress(Unfit):
        return read(path, most, follows=follows)
    return None


def _up_to(file: int, most: int) -> bytes | None:
    """All of an open file; None where there is more. One that says of itself that it is empty may have much to say."""
    size = os.fstat(file).st_size
    if size > most:
        return None
    pieces, count = [os.read(file, size + 1)], 0
    while pieces[-1]:
        count += len(pieces[-1])
        if count > most:
            return None
        pieces.append(os.read(file, _PIECE))
    return b"".join(pieces[:-1])  # a single one as it is: an index of git's is large
