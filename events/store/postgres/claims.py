"""Claims: which shards of a film one keeper may speak for, by leases whose epochs fence off whoever had them before.

A lease is for a shard and not for a shot: sixteen rows of a film to renew. Its end is the database's to say; the keeper
itself stops before that, by a clock of its own, and needs no word from anybody to do so.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping

import anyio

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
    """What one keeper has claimed of a film; `owner` tells it from every other one, and from its own last run.

    `epochs` are those of its shards, and `links` is how far the links of each are right. There were so many `keepers` when
    it last asked, and the log had come to that `head` at least.
    """

    def __init__(
        self,
        studio: Studio,
        log: PostgresLog,
        owner: str,
        role: str = "all",
        *,
        clock: Callable[[], float] = anyio.current_time,
        lease: float = LEASE,
    ) -> None:
        self.owner = owner
        self.epochs: Mapping[int, int] = {}
        self.links: Mapping[int, int] = {}
        self.keepers = 1
        self.head = 0
        self._studio = studio
        self._log = log
        self._role = role
        self._clock = clock
        self._lease = lease
        self._until = 0.0

    def holds(self, shard: int) -> bool:
        """Whether it may act on that shard now; it asks nobody."""
        return shard in self.epochs and self._clock() < self._until

    @property
    def share(self) -> int:
        """How many shards are for each keeper."""
        return -(-SHARDS // self.keepers)

    async def renew(self, right: Collection[int] = (), links: int = 0) -> None:
        """Go on holding its shards, and have as many of the free ones as are its share.

        Of those that are `right` the links are so up to that position. StudioAway changes nothing.
        """
        asked = self._clock()
        host = self.owner.partition("/")[0]
        query = "SELECT takes.keep(%s, %s, %s, %s, %s::int[], %s::int[], %s, %s)"
        said = await self._studio.one(
            query, self._log.film, self.owner, self._role, host, [*self.epochs], [*right], links, self._lease
        )
        self.epochs = {shard: epoch for shard, epoch, _ in said["shards"]}
        self.links = {shard: links for shard, _, links in said["shards"]}
        self.keepers, self.head = said["keepers"], said["head"]
        self._until = asked + self._lease * OWN / LEASE

    async def release(self, shards: Collection[int]) -> None:
        """Let go of these, so that the next one need not wait."""
        self.epochs = {shard: epoch for shard, epoch in self.epochs.items() if shard not in shards}
        query = "SELECT takes.release(%s, %s, %s::int[])"
        await self._studio.rows(query, self._log.film, self.owner, [*shards])

    async def depart(self, owner: str | None = None) -> None:
        """Let go of all of them and be here no more; or have the last run be so that was cut short."""
        if owner is None:
            self.epochs = {}
        await self._studio.rows("SELECT takes.depart(%s, %s)", self._log.film, owner or self.owner)
