"""The ways to the decoders: a film's own line, the lane behind it, and what it means to have had all that there is."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import NamedTuple

import anyio

from daemon.decoding.pool import Lane
from daemon.decoding.visits import Visit
from projections.media.errors import NeedsMore, Undecodable


class Way(NamedTuple):
    """A film's own line, and the lane that all films share at the end of it."""

    line: anyio.CapacityLimiter
    lane: Lane

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[list[Visit]]:
        """A place in the line, kept until those visits are at their end: one whose disk hangs has its child for ever."""
        place, visits = object(), list[Visit]()
        await self.line.acquire_on_behalf_of(place)
        try:
            yield visits
        finally:
            all_over = asyncio.gather(*(visit.end for visit in visits), return_exceptions=True)
            all_over.add_done_callback(lambda _: self.line.release_on_behalf_of(place))


@contextmanager
def as_verdict(*, patient: bool) -> Iterator[None]:
    """Whoever has had all that there is cannot have more: that is a verdict on the file."""
    try:
        yield
    except NeedsMore as error:
        if patient:
            raise Undecodable(error.reason) from error
        raise
