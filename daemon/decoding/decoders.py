"""The decoders: one film's way to the pool that looks into media files; each file is opened here, and lent."""

import errno
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import msgspec

from daemon.decoding.pool import LIMIT, REST, Pool
from events import Params
from projections.files.opening import NoFile, open_file
from projections.files.threads import in_thread
from projections.layout import Kind
from projections.media.errors import Undecodable
from projections.media.jobs import DecoderJob, Inspection

LABELS = 1.0
"""Seconds that the labels of a file may take to be read."""

RECIPE = 5.0
"""Seconds that a recipe may take: it can be sixteen times as large as a label."""

_SPARSE = 1 << 30


@asynccontextmanager
async def open_decoders(
    parallel: int, *, limit: float = LIMIT, rest: float = REST
) -> AsyncIterator["Decoders"]:
    """Decoders that do so many jobs at a time; nothing is started before the first job."""
    pool = Pool(parallel, limit=limit, rest=rest)
    async with anyio.create_task_group() as group:
        group.start_soon(pool.rest_when_idle)
        try:
            yield Decoders(pool)
        finally:
            group.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await pool.stop()


class Decoders:
    """Looks into files and draws thumbnails, each in a process that the file cannot get out of.

    Every film has decoders of its own, so that one whose disk hangs stands at the head of no other's line.
    """

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool
        self._line = anyio.CapacityLimiter(pool.parallel)
        self._front_line = anyio.CapacityLimiter(max(1, pool.parallel // 2))

    def apart(self) -> "Decoders":
        """Decoders of the same pool, with a line of their own."""
        return Decoders(self._pool)

    async def inspect(self, path: Path, *, name: str) -> Inspection:
        """Probe and hash a file, and read its parameters last; `name` is what its maker called it."""
        async with self._line, _lent(path) as file:
            async with self._pool.child() as child:
                seen, _ = await child.ask(DecoderJob(do="look", limit=self._pool.limit), file)
                hashed, _ = await child.ask(DecoderJob(do="hash"), file)
            found = await self._labels(file, name)
        return msgspec.convert({**seen.values, **hashed.values, **found}, Inspection)

    async def _labels(self, file: int, name: str) -> dict[str, object]:
        """The parameters that it is labelled with; whatever they are, they cost nothing but themselves."""
        try:
            async with self._pool.child() as child:
                answer, _ = await child.ask(DecoderJob(do="labels", name=name, limit=LABELS), file)
        except Undecodable as error:
            return {"unread": error.reason}
        return answer.values

    async def recipe(self, path: Path, *, name: str) -> Params:
        """The parameters in a recipe beside a file of that name; Undecodable where there are none."""
        job = DecoderJob(do="recipe", name=name, limit=RECIPE)
        async with self._line, _lent(path) as file, self._pool.child() as child:
            answer, _ = await child.ask(job, file)
        return msgspec.convert(answer.values["params"], Params)

    async def picture(self, path: Path, kind: Kind, *, width: int = 320, height: int = 180) -> bytes:
        """The thumbnail of a file, as a PNG of exactly that size."""
        job = DecoderJob(do="picture", kind=kind, width=width, height=height, limit=self._pool.limit)
        async with self._line, _lent(path) as file, self._pool.child() as child:
            _, png = await child.ask(job, file)
        return png

    async def show(self, path: Path, job: DecoderJob) -> bytes:
        """The picture of a file that somebody is waiting to see: it does not queue behind a burst of drops."""
        job = msgspec.structs.replace(job, limit=self._pool.limit)
        async with self._front_line, _lent(path) as file, self._pool.child(in_front=True) as child:
            _, picture = await child.ask(job, file)
        return picture

    @property
    def is_loaded(self) -> bool:
        """Whether the codecs are in memory."""
        return self._pool.is_loaded


@asynccontextmanager
async def _lent(path: Path) -> AsyncIterator[int]:
    """A media file, opened for reading in a thread: a disk can take its time."""
    file = await in_thread(_open, path)
    try:
        yield file
    finally:
        os.close(file)


def _open(path: Path) -> int:
    """The descriptor of a regular file; nothing else is opened, waited for, or followed."""
    try:
        file = open_file(path)
    except NoFile as error:
        raise Undecodable(str(error.strerror)) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Undecodable("it is a link, not a file") from error
        raise
    with _closed_on_error(file):
        _check(os.fstat(file))
        os.set_blocking(file, True)
    return file


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
