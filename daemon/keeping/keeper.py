"""The keeper: claims its share of a film's shards, renews them, takes over what others had, and gives back what is too much.

A shard is only worked for once this machine knows all that the log had when it was claimed.
"""

import socket
import uuid
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import anyio
import structlog
from anyio.abc import TaskGroup

from daemon.keeping.note import Note, read_note, write_note
from daemon.keeping.shards import FILM, Shards, uptime
from events import StudioAway, TakesError
from events.store.postgres.bell import LOOK
from events.store.postgres.claims import RENEWED, Claims
from events.store.postgres.log import PostgresLog
from events.store.postgres.studio import Studio
from projections.files.threads import in_thread
from projections.keeping import Keeping

log = structlog.get_logger()

ANSWER = 5.0
"""Seconds in which the film's disk has to answer, or the shards are not renewed."""

AT_LAST = 2.0
"""Seconds for which the end waits until the shards are let go of."""


class Film(Protocol):
    """What is done with shards that have come."""

    async def know(self, position: int) -> None:
        """Return once the index knows all up to there."""

    async def take_over(self, shards: Collection[int], group: TaskGroup) -> None:
        """Look at all that is in these shards, and at all projections of them."""

    async def is_right(self, shard: int) -> bool:
        """Whether all projections of that shard were looked at since."""

    @property
    def links(self) -> int:
        """Up to which position the links were looked at."""


class Keeper:
    """This machine's part of the work on one film; `shards` is what of that it may do now."""

    def __init__(
        self,
        studio: Studio,
        remote: PostgresLog,
        role: str,
        folder: Path,
        answers: Callable[[], object],
        follow: Callable[[], Awaitable[None]],
    ) -> None:
        """`answers` asks the film's disk, in a thread; `follow` has this machine know all that the log has."""
        owner = f"{socket.gethostname()}/{uuid.uuid4().hex}"
        self._claims = Claims(studio, remote, owner, role, clock=uptime)
        self.shards = Shards(self._claims, remote.keepers)
        self._remote = remote
        self._folder = folder
        self._answers = answers
        self._follow = follow
        self._noted = Note()
        self._new: list[int] = []

    async def begin(self) -> Keeping:
        """Claim what is free, before anything is done for the film; those shards go on that the last run had."""
        last = await in_thread(read_note, self._folder)
        await self._note({})  # until it is known that nobody had them since
        self._remote.fence = self.shards
        with suppress(StudioAway):
            if last.owner:
                await self._claims.depart(last.owner)
            await self._claims.renew()
            await self._follow()
            self._new = self.shards.settle()
            for shard in self._new:
                held = self.shards.held[shard]
                if held.epoch == last.epochs.get(shard, -1) + 1:
                    held.is_right, held.since = True, -1e9
            self._new = [shard for shard in self._new if not self.shards.held[shard].is_right]
            await self._note_right()
        return self.shards

    async def run(self, film: Film) -> None:
        """Keep its share for ever; while the database is away it runs out by itself, and while the film's disk is."""
        async with anyio.create_task_group() as group:
            if new := self._new:
                await film.take_over(new, group)
            while True:
                pause = LOOK
                with suppress(TakesError):  # it is away, or this user may not claim any more
                    await self._round(film, group)
                    pause = LOOK if self.shards.leaving else RENEWED
                await anyio.sleep(pause)

    async def _round(self, film: Film, group: TaskGroup) -> None:
        if not await self._disk_answers():
            return
        right = [shard for shard, held in self.shards.held.items() if held.is_right]
        await self._claims.renew(right, film.links)
        known = {*self.shards.held}
        if self._claims.epochs.keys() - known:
            await film.know(self._claims.head)
        if new := self.shards.settle():
            log.info("shards taken over", shards=new, keepers=self._claims.keepers)
            await film.take_over(new, group)
        for shard, held in self.shards.held.items():
            held.is_right = held.is_right or await film.is_right(shard)
        await self._give_back()
        await self._note_right()

    async def _disk_answers(self) -> bool:
        with anyio.move_on_after(ANSWER), suppress(OSError, TakesError):
            await in_thread(self._answers)
            return True
        return False

    async def _give_back(self) -> None:
        """Let go of what is more than its share; of what something is done for, once that is through."""
        held, leaving = self.shards.held, self.shards.leaving
        if len(held) <= self._claims.share:
            leaving.clear()
            return
        often = sorted(held, key=lambda one: (one in leaving, one != FILM, one), reverse=True)
        leaving.clear()
        leaving.update(often[: len(held) - self._claims.share])
        if idle := [shard for shard in leaving if self.shards.is_idle(shard)]:
            log.info("shards given back", shards=idle, keepers=self._claims.keepers)
            for shard in idle:
                del held[shard]
            leaving.difference_update(idle)
            await self._claims.release(idle)

    async def _note_right(self) -> None:
        await self._note({shard: held.epoch for shard, held in self.shards.held.items() if held.is_right})

    async def _note(self, epochs: dict[int, int]) -> None:
        note = Note(self._claims.owner, epochs)
        if note != self._noted:
            with suppress(OSError):
                await in_thread(write_note, self._folder, note)
                self._noted = note

    async def end(self) -> None:
        """Let go of all, so that the next one need not wait."""
        self.shards.held.clear()
        with anyio.move_on_after(AT_LAST, shield=True), suppress(TakesError):
            await self._claims.depart()
