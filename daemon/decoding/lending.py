"""Lending: a media file is opened here, and a decoder is handed what is open; it opens nothing by name."""

import errno
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from events import Identity
from projections.files.fingerprint import identity
from projections.files.opening import NoFile, open_file
from projections.files.threads import close_soon, in_thread
from projections.files.together import each
from projections.media.errors import Undecodable

_SPARSE = 1 << 30


@asynccontextmanager
async def lent(path: Path) -> AsyncIterator[int]:
    """A media file, opened for reading in a thread: a disk can take its time."""
    async with lent_as_found(path) as (file, _):
        yield file


@asynccontextmanager
async def lent_as_found(path: Path) -> AsyncIterator[tuple[int, Identity]]:
    """The same, and which file it is."""
    file, found = await in_thread(_open, path)
    try:
        yield file, found
    finally:
        close_soon(partial(os.close, file))


@asynccontextmanager
async def lent_each(paths: Sequence[Path]) -> AsyncIterator[list[int | None]]:
    """The same of many that are opened together; None for each that cannot be lent."""
    opened = await in_thread(each, _open, paths)
    files = [None if isinstance(one, Exception) else one[0] for one in opened]
    try:
        yield files
    finally:
        close_soon(partial(_close_each, files))


def _close_each(files: Sequence[int | None]) -> None:
    for file in files:
        if file is not None:
            os.close(file)


def _open(path: Path) -> tuple[int, Identity]:
    """The descriptor of a regular file, and which it is; nothing else is opened, waited for, or followed."""
    try:
        file = open_file(path)
    except NoFile as error:
        raise Undecodable(str(error.strerror)) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Undecodable("it is a link, not a file") from error
        raise
    with _closed_on_error(file):
        found = os.fstat(file)
        _check(found)
        os.set_blocking(file, True)
    return file, identity(found)


@contextmanager
def _closed_on_error(file: int) -> Iterator[None]:
    try:
        yield
    except BaseException:
        os.close(file)
        raise


def _check(found: os.stat_result) -> None:
    if not found.st_size:
        raise Undecodable("0 bytes")
    if found.st_size > _SPARSE and found.st_blocks * 512 * 100 < found.st_size:
        raise Undecodable("it is empty nearly all through")
