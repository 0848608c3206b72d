"""Claims: which shards of a film one keeper may speak for, by leases whose epochs fence off whoever had them before.

A lease is for a shard and not for a shot: sixteen rows of a film to renew. Its end is the database's to say; the keeper
itself stops before that, by a clock of its own, and needs no word from anybody to do so.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping

import anyio

from events.errors import TakesError
from events.store.postgres.bell import LOOK
from events.store.postgres.log import PostgresLog
from events.store.postgres.studio import Studio

SHARDS = 16

LEASE = 15.0
"""Seconds after which a shard is free that was not renewed."""

RENEWED = 5.0
"""Seconds between two renewals."""

OWN = 10.0
"""Seconds after the last renewal in which the keeper may still act: well before another one can have the shard."""


def shard_of(stream: str) -> int:
    """The shard of a shot. Which shots there are, and where, is for the owner of shard 0 alone to say."""
    return hashlib.sha256(stream.encode()).digest()[0] % SHARDS


class Claims:
    """What one keeper has claimed of a film; `owner` tells it from every other one.

    `is_overtaken` says that another one has what was asked for.
    """

    def __init__(
        self,
        studio: Studio,
        log: PostgresLog,
        owner: str,
        *,
        clock: Callable[[], float] = anyio.current_time,
        lease: float = LEASE,
    ) -> None:
        self._studio = studio
        self._log = log
        self._owner = owner
        self._clock = clock
        self._lease = lease
        self._until = 0.0
        self.epochs: Mapping[int, int] = {}
        self.is_overtaken = False

    def holds(self, shard: int) -> bool:
        """Whether it may act on that shard now; it asks nobody."""
        return shard in self.epochs and self._clock() < self._until

    async def renew(self, shards: Collection[int] = range(SHARDS)) -> None:
        """Claim these, and no others; those that another one holds are not had. StudioAway changes nothing."""
        asked = self._clock()
        query = "SELECT shard, epoch FROM takes.claim(%s, %s, %s, %s)"
        found = await self._studio.rows(query, self._log.film, self._owner, [*shards], self._lease)
        self.is_overtaken = len(found) < len(shards)
        self.epochs, self._until = dict(found), asked + self._lease * OWN / LEASE

    async def others(self) -> list[str]:
        """Who else has shards of the film."""
        query = """SELECT DISTINCT owner FROM takes.claims
            WHERE film = %s AND owner <> %s AND until > clock_timestamp() ORDER BY owner"""
        return [owner for (owner,) in await self._studio.rows(query, self._log.film, self._owner)]

    async def release(self) -> None:
        """Let go of all of them, so that the next one need not wait."""
        shards, self.epochs = [*self.epochs], {}
        await self._studio.rows("SELECT takes.release(%s, %s, %s)", self._log.film, self._owner, shards)

    async def keep(self) -> None:
        """Renew them for ever. While the database is away they run out by themselves."""
        while True:
            pause = self._lease * RENEWED / LEASE
            try:
                await self.renew()
            except TakesError:  # it is away, or this user may not claim any more: then the shards run out
                pause = LOOK
            await anyio.sleep(pause)
