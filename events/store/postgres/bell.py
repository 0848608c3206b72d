"""The bell: tells all logs that one process has open in a database what others append there.

It rings by NOTIFY, on one connection for all of them. Behind it is a look each second: a bell that was not heard costs
that second, and never a record. Where a pooler is in between it is never heard, which is found out by ringing it once.
"""

import asyncio
import secrets
from asyncio import Task
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from events.errors import StudioAway, TakesError
from events.store.tasks import end

LOOK = 1.0
"""Seconds between two looks at where the logs end, and until a database that was away is tried again."""

APPENDED, HINTED, SHOWN, TRIED = CHANNELS = ("takes", "takes_hints", "takes_shown", "takes_tried")
"""What is told on each begins with the film's number: the log's new head follows, nothing, or a projection, a shot
and a position.

On the last one it is no film, but whoever tries whether the bell is heard.
"""

TRY = "SELECT pg_notify('takes_tried', %s)"

DEAF = 3
"""Looks in which the bell was not heard after which it is taken to be out of hearing."""

HEADS = "SELECT film, head FROM takes.films WHERE film = ANY(%s)"


class Hearing(Protocol):
    """A log that wants to hear."""

    away: StudioAway | None

    @property
    def film(self) -> int:
        """The film's number, once it has begun."""

    @property
    def seen(self) -> int:
        """The last position that it knows to be there."""

    async def begin(self) -> None:
        """Make sure, after the database was away, that it is still the log that it was."""

    def heard(self, head: int) -> None:
        """The log has grown to that position, or was there a moment ago."""

    def looked(self, head: int, seen: int) -> None:
        """The log ended at that position after it was seen to reach the other one."""

    def hinted(self) -> None:
        """A desk has seen something in the film's folder, or may have while nobody listened."""

    def shown(self, name: str, stream: str, position: int) -> None:
        """A keeper tells that a projection shows a shot as it was at that position of the log."""


class Listening(Protocol):
    """A database that can be listened to."""

    def listen(self) -> AsyncIterator[tuple[str, str] | None]:
        """What is told to all who listen, by channel, and None every `LOOK` seconds."""

    async def rows(self, query: str, *parameters: object) -> list[Any]:
        """What the database answers, on another connection than the one that listens."""


class Bell:
    """Listens as long as any log wants to hear."""

    def __init__(self, studio: Listening) -> None:
        self._studio = studio
        self._logs: list[Hearing] = []
        self._begun: dict[int, Hearing] = {}
        self._task: Task[None] | None = None
        self._own = secrets.token_hex(8)
        self._unheard = 0

    @property
    def is_heard(self) -> bool:
        """Whether it was."""
        return self._unheard < 0

    @property
    def is_deaf(self) -> bool:
        """Whether it is out of hearing, so that only the looks tell anything."""
        return self._unheard > DEAF

    @asynccontextmanager
    async def rings_for(self, log: Hearing) -> AsyncIterator[None]:
        """Have that log hear meanwhile."""
        self._logs.append(log)
        self._task = self._task or asyncio.create_task(self._listen())
        try:
            yield
        finally:
            self._logs.remove(log)
            self._begun = {film: one for film, one in self._begun.items() if one is not log}
            if self._task and not self._logs:
                listening, self._task = self._task, None
                await end(listening)

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except TakesError as error:
                self._begun.clear()
                for log in self._logs:
                    log.away = _as_away(error)
            await asyncio.sleep(LOOK)

    async def _hear(self) -> None:
        """Have the logs hear for as long as the connection lives."""
        is_tried, self._unheard = False, 0
        async for told in self._studio.listen():
            if told == (TRIED, self._own):
                self._unheard = -1
            elif told and told[0] != TRIED:
                self._tell(*told)
            elif told is None:
                await self._look()
                if not is_tried:
                    await self._studio.rows(TRY, self._own)
                    is_tried = True
                self._miss()

    def _miss(self) -> None:
        """Note that the bell was not heard until now, if it ever was; then there may be hints that nobody tells of."""
        self._unheard += not self.is_heard
        if self.is_deaf:
            for log in self._begun.values():
                log.hinted()

    def _tell(self, channel: str, told: str) -> None:
        """Have the log hear whose film it is about."""
        film, *rest = told.split(" ")
        log = self._begun.get(int(film))
        if log and channel == APPENDED:
            log.heard(int(rest[0]))
        elif log and channel == HINTED:
            log.hinted()
        elif log and channel == SHOWN:
            log.shown(rest[0], rest[1], int(rest[2]))

    async def _look(self) -> None:
        for log in self._logs:
            if log not in self._begun.values():
                await self._begin(log)
        # Before it is asked, else it may be more.
        seen = {film: log.seen for film, log in self._begun.items()}
        heads = dict(await self._studio.rows(HEADS, [*seen])) if seen else {}
        for film, position in seen.items():
            if one := self._begun.get(film):
                one.looked(heads.get(film, 0), position)

    async def _begin(self, log: Hearing) -> None:
        try:
            await log.begin()
        except StudioAway:
            raise
        except TakesError as error:  # that film is not as it should be, and the others are
            log.away = _as_away(error)
        else:
            self._begun[log.film], log.away = log, None
            log.hinted()


def _as_away(error: TakesError) -> StudioAway:
    return error if isinstance(error, StudioAway) else StudioAway(str(error))
