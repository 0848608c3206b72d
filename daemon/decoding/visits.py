"""The visits: a file is lent to a child once, and all that is to be known of it is asked together.

A visit goes on by itself: whoever needs its first answer does not wait for its last one, a picture.
"""

import errno
from asyncio import Future, get_running_loop, shield
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from daemon.decoding.child import Child, Stuck
from daemon.decoding.pool import PATIENCE, Lane, Pool
from events import TakesError
from projections.media.errors import NeedsMore
from projections.media.jobs import Answer, DecoderJob, Step

KEPT = 256
"""Answers that wait for whoever needs them; for the one that has waited longest it is asked again when it is needed."""


class GivenUp(OSError):
    """Raised when nobody waits any more for what is asked of a file."""

    def __init__(self) -> None:
        super().__init__(errno.ECANCELED, "the look into it was given up")


class Answers(Protocol):
    """Whoever has an answer, or will have it."""

    async def answer(self, to: Step) -> tuple[Answer, bytes]:
        """That; Undecodable, NeedsMore or OSError where it is none."""


class Said(NamedTuple):
    """What was answered already, to whatever was asked."""

    told: Answer
    picture: bytes

    async def answer(self, to: Step) -> tuple[Answer, bytes]:
        """The same to all."""
        return self.told, self.picture


class Visit:
    """What one child is asked of one file, in that order; `killed` is called where the child does not outlive it.

    The child has the file once it has given its first answer.
    """

    def __init__(
        self, pool: Pool, lane: Lane, jobs: Sequence[DecoderJob], file: int, killed: Callable[[], object]
    ) -> None:
        new = get_running_loop().create_future
        self._said: dict[Step, Future[tuple[Answer, bytes] | Exception]] = {job.do: new() for job in jobs}
        self._killed = killed
        self._task = pool.begin(self._run(pool, lane, jobs, file))

    async def answer(self, to: Step) -> tuple[Answer, bytes]:
        """The answer to that: Undecodable or OSError where it is none, NeedsMore where the child died before it."""
        promised = self._said[to]
        said = promised.result() if promised.done() else await shield(promised)
        if isinstance(said, Exception):
            raise said
        said[0].check()
        return said

    @property
    def end(self) -> Future[None]:
        """Done once nothing more is asked of the file."""
        return self._task

    def give_up(self) -> None:
        """Ask no further: nobody waits for it."""
        self._task.cancel()

    async def _run(self, pool: Pool, lane: Lane, jobs: Sequence[DecoderJob], file: int) -> None:
        last: tuple[Answer, bytes] | Exception = GivenUp()
        try:
            async with pool.child(lane) as child:
                child.lend((file, jobs))
                last = await self._hear(child, jobs)
        except (OSError, TakesError) as error:
            last = error
        finally:
            for one in self._said.values():
                if not one.done():
                    one.set_result(last)

    async def _hear(self, child: Child, jobs: Sequence[DecoderJob]) -> tuple[Answer, bytes]:
        """Pass each answer on as it comes; the last one stands for all that were not given."""
        for job in jobs:
            try:
                said = await child.answer()
            except (NeedsMore, Stuck):
                self._killed()
                raise
            self._said[job.do].set_result(said)
            if not child.owes:
                break
        return said


async def visit_each(
    pool: Pool, lane: Lane, files: Sequence[int | None], names: Sequence[str], killed: Callable[[], object]
) -> list[Said | None]:
    """Have one child do all at once with each of these files, which are small; what it has said of each, None where that
    is not all that was asked, or the child did not come so far. Whoever waits for it holds up the others for a while only.
    """
    said: list[Said | None] = [None] * len(files)
    asked = {
        place: (file, [DecoderJob(do="all", name=name, limit=lane.limit)])
        for place, (file, name) in enumerate(zip(files, names, strict=True))
        if file is not None
    }
    if asked:
        async with pool.child(lane) as child:
            child.lend(*asked.values())
            try:
                for place in asked:
                    answer, picture = await child.answer(PATIENCE)
                    said[place] = Said(answer, picture) if answer.is_all else None
            except (NeedsMore, Stuck):
                killed()
    return said


class Passing:
    """What visits find out in passing, such as a picture, by the hash of the file, until somebody needs it."""

    def __init__(self) -> None:
        self._visits: OrderedDict[str, Answers] = OrderedDict()

    def expect(self, sha256: str, visit: Answers) -> None:
        """That visit has the answer of what has this hash."""
        self._visits[sha256] = visit
        if len(self._visits) > KEPT:
            self._visits.popitem(last=False)

    def take(self, sha256: str) -> Answers | None:
        """The visit that has the answer, or will have it; each is given away once."""
        return self._visits.pop(sha256, None)
