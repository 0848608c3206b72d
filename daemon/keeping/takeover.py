"""The takeover: what is done for shards that somebody else may have had, and for shots of which others say something."""

from collections.abc import Callable, Collection, Coroutine
from functools import partial
from typing import Any

from anyio.abc import TaskGroup

from daemon.keeping.shards import FILM
from daemon.protection.overwrites import Overwrites
from daemon.takes.scheduler import Scheduler
from daemon.watching.mailbox import Mailbox
from events import EventLog, ShotMoved, ShotRegistered
from events.log import follow
from events.store.postgres.claims import SHARDS, shard_of
from projections.artifacts.active_link import ActiveLink
from projections.index.index import Index
from projections.keeping import Keeping
from projections.projector import Projector

PLACED = (ShotRegistered, ShotMoved)
"""What whoever keeps the film says of a shot, and another one is to look at it."""


class Takeover:
    """Looks at all of a shard's shots: takes in the making are finished or fail, projections are mended."""

    def __init__(
        self,
        index: Index,
        projector: Projector,
        scheduler: Scheduler,
        overwrites: Overwrites,
        make_up: Callable[[Collection[str]], Coroutine[Any, Any, None]],
    ) -> None:
        """`make_up` does what was asked for in these shots, and whoever had them may not have come to."""
        self._index = index
        self._projector = projector
        self._scheduler = scheduler
        self._overwrites = overwrites
        self._make_up = make_up

    async def know(self, position: int) -> None:
        """Return once the index knows all up to there."""
        await self._index.show(position)

    async def take_over(self, shards: Collection[int], group: TaskGroup) -> None:
        """Have all that is in these shards looked at."""
        await self._overwrites.find_left()
        streams = await self._streams(shards)
        self._projector.touch_shots(streams)
        group.start_soon(self._make_up, streams)
        if FILM in shards:
            self._projector.touch_film(await self._streams())
        group.start_soon(partial(self._scheduler.scan, closely=False))

    async def is_right(self, shard: int) -> bool:
        """Whether all projections of that shard were looked at since."""
        is_through = self._projector.is_through(await self._streams([shard]))
        return is_through and (shard != FILM or self._projector.is_through_film(await self._streams()))

    async def _streams(self, shards: Collection[int] = range(SHARDS)) -> list[str]:
        return [shot.stream for shot in await self._index.shots(gone=True) if shard_of(shot.stream) in shards]

    @property
    def links(self) -> int:
        """Up to which position the links were looked at."""
        return self._projector.looked_at(ActiveLink.name)


async def look_where_shots_come(log: EventLog, index: Index, keeping: Keeping, mailbox: Mailbox) -> None:
    """Have the shots of this machine looked at that are found, or have moved, for ever."""
    async for record in follow(log, log.head):
        if isinstance(record.event, PLACED) and keeping.keeps(record.stream):
            await index.show(record.position)
            if shot := await index.shot(record.stream):
                mailbox.look_at(shot.path)
