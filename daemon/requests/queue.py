"""The queue: the takes that were asked for, in order, each handed to the runner and brought to its end.

The queue is the log: what waits is a take that was asked for and is not made yet, whatever happened to the
process in between. Only what is under way right now, and how far it is, is known here and nowhere else.
"""

from contextlib import suppress

import anyio
import structlog
from anyio.abc import TaskGroup

from daemon.clock import Clock
from daemon.requests.maker import Maker
from daemon.requests.under_way import UnderWay, why
from daemon.runners.runner import Runner, RunnerAway
from daemon.shots.shots import Shots
from events import (
    Signal,
    TakeIsDeleted,
    TakeIsSettled,
    TakeKey,
    TakeNotFound,
    TakesError,
)
from projections.index.answers import Awaited
from projections.index.index import Index
from projections.keeping import EVERYTHING, Keeping

log = structlog.get_logger()

RETRY = 5.0
"""Seconds until a runner that is away is asked again, and a job that something stood in the way of is begun again."""

LATEST = 64
"""Takes after which a start tidies up: a kill cuts short no more than are under way."""


class Queue:
    """Has the takes of one project made; `slots` is how many jobs all projects may have under way together."""

    def __init__(
        self,
        maker: Maker | None,
        slots: anyio.Semaphore,
        under_way: UnderWay,
        index: Index,
        shots: Shots,
        clock: Clock,
        keeping: Keeping = EVERYTHING,
    ) -> None:
        self.under_way = under_way
        self._maker = maker
        self._slots = slots
        self._index = index
        self._shots = shots
        self._clock = clock
        self._keeping = keeping
        self._wanted: dict[TakeKey, anyio.CancelScope] = {}
        self._turn = anyio.Lock()
        self._more = Signal()

    @property
    def runner(self) -> Runner | None:
        """Who makes the takes; None where they wait for files."""
        return self._maker.runner if self._maker else None

    async def run(self) -> None:
        """Have everything made that is asked for, for ever; without a runner it all waits for files."""
        if self._maker is None:
            return
        if self._keeping is EVERYTHING:  # else it may be what another machine is at
            await self._maker.open()
        async with anyio.create_task_group() as group:
            group.start_soon(self._follow)
            group.start_soon(self._tidy, self._maker)
            while True:
                await self._index.seen.reach(self._shots.head)
                await self._look(self._maker, group)
                await self._more.wait()

    async def _tidy(self, maker: Maker) -> None:
        """Have what the last daemon's runner has left removed, if it was killed before that; no take waits for it."""
        await self._index.seen.reach(self._shots.head)
        for stream, number in await self._index.left(LATEST):
            with suppress(OSError, TakesError):
                await maker.tidy_after(await self._index.load({stream: [number]}))

    async def _follow(self) -> None:
        """Have another look whenever the log has grown: something may have been asked for, or cancelled."""
        while True:
            await self._index.seen.reach(self._index.seen.level + 1)
            self._more.give()

    async def _look(self, maker: Maker, group: TaskGroup) -> None:
        """Line up what is asked for, and stop what nobody wants any more."""
        awaited = {one.key: one for one in await self._index.awaited() if self._keeping.keeps(one.stream)}
        maker.forget_others(awaited.keys())
        self.under_way.line_up(list(awaited))
        for key in self._wanted.keys() - awaited.keys():
            self._wanted[key].cancel()
        if not awaited:
            self.under_way.say(None)
        for key in [key for key in awaited if key not in self._wanted]:
            self._wanted[key] = anyio.CancelScope()
            group.start_soon(self._attend, maker, awaited[key])

    async def _attend(self, maker: Maker, one: Awaited) -> None:
        """Wait for a slot, and make the take in it; whatever stands in the way, it will be lined up again."""
        key = one.key
        try:
            with self._wanted[key] as wanted:
                await self._wait_for_slot(maker)
                try:
                    self.under_way.begin(key)
                    with self._keeping.work(one.stream):
                        await maker.make(one, lambda: wanted.cancel_called)
                finally:
                    self._slots.release()
                    self.under_way.end(key)
        except (TakeIsSettled, TakeIsDeleted, TakeNotFound):
            pass  # it was cancelled, or a file has come for it
        except Exception as error:  # one take may hold up no other
            trace = None if isinstance(error, OSError | TakesError) else error
            if self.under_way.hinder(key, error):
                log.warning("job to be begun again", take=one.number, why=str(error), exc_info=trace)
            await self._clock.sleep(RETRY)
        finally:
            del self._wanted[key]
            self._more.give()

    async def _wait_for_slot(self, maker: Maker) -> None:
        """Wait for a slot, in order; while the runner is away from this film, the others have it."""
        async with self._turn:
            while not await self._has_slot(maker):
                await self._clock.sleep(RETRY)
                self._more.give()  # a file may have come for the take meanwhile

    async def _has_slot(self, maker: Maker) -> bool:
        await self._slots.acquire()
        try:
            await maker.ready()
        except RunnerAway as away:
            self._slots.release()
            self.under_way.say(why(away))
            return False
        except BaseException:
            self._slots.release()
            raise
        self.under_way.say(None)
        return True
