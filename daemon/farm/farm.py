"""The farm, as the keeper of a film sees it: workers make what is asked for, and what they have made is taken in here.

The first attempt at a take that is whole is the take. A later one is thrown away: that take is complete.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import structlog
from anyio.abc import TaskGroup

from daemon.clock import Clock
from daemon.config.table import StudioConfig
from daemon.farm import attempts
from daemon.farm.attempts import Outcome, Seen
from daemon.intake.intake import Intake
from daemon.requests.maker import RUNNER
from daemon.requests.under_way import UnderWay, why
from daemon.runners.runner import Made, Progress, Runner
from daemon.shots.shots import Shots
from daemon.watching.scan import media_of_take
from events import EventLog, Signal, TakeKey, TakesError
from events.shot import fail
from projections.files.threads import in_thread
from projections.index.answers import Awaited
from projections.index.index import Index
from projections.keeping import Keeping, NotKept
from projections.layout import take_path

if TYPE_CHECKING:
    from daemon.farm.jobs import Jobs

log = structlog.get_logger()

LOOK = 1.0
"""Seconds between two looks at what workers have made, while anything is awaited."""

RETRY = 5.0
"""Seconds until the database is asked again, and what could not be taken in is tried again."""


class Farm:
    """Has the takes of one project made by the workers of its studio. `runner` is what they make them with."""

    def __init__(
        self,
        root: Path,
        config: StudioConfig,
        runner: Runner | None,
        under_way: UnderWay,
        log: EventLog,
        index: Index,
        shots: Shots,
        intake: Intake,
        keeping: Keeping,
        clock: Clock,
    ) -> None:
        self.under_way = under_way
        self.runner = runner
        self._root = root
        self._config = config
        self._log = log
        self._index = index
        self._shots = shots
        self._intake = intake
        self._keeping = keeping
        self._clock = clock
        self._awaited: Mapping[TakeKey, Awaited] = {}
        self._settling: set[TakeKey] = set()
        self._found: Sequence[Seen] = ()
        self._unwanted = Signal()

    async def run(self) -> None:
        """See to it for ever that what is asked for has a job, and take in what was made."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._tend)
            while True:
                await self._index.seen.reach(self._shots.head)
                with suppress(OSError, NotKept):  # whoever looks after the film suspends it where it is away
                    await self._look(group)
                soon = self._clock() + (LOOK if self._awaited or self._found else math.inf)
                with self._clock.until(soon):
                    await self._index.seen.reach(self._index.seen.level + 1)

    async def _tend(self) -> None:
        """Have the jobs be what the log says, again and again."""
        open_jobs = await _jobs()
        async with open_jobs(self._log, self._config.silent) as jobs:
            while True:
                try:
                    if self._keeping.keeps_film:
                        await jobs.hand_out(self._config.queue)
                        await jobs.tend(self._wanted)
                    self.under_way.say(None)
                except TakesError as error:
                    self.under_way.say(why(error))
                pause = RETRY if self.under_way.problem else self._config.silent
                with self._clock.until(self._clock() + pause):
                    await self._unwanted.wait()

    async def _wanted(self) -> Collection[TakeKey]:
        await self._index.seen.reach(self._shots.head)
        return [one.key for one in await self._index.awaited()]

    async def _look(self, group: TaskGroup) -> None:
        """Learn what is asked for, how far workers are with it, and what they have made."""
        awaited = {one.key: one for one in await self._index.awaited()}
        if [*awaited] != [*self._awaited]:
            self.under_way.line_up([*awaited])
        if self._awaited.keys() - awaited.keys() - {one.attempt.key for one in self._found if one.outcome}:
            self._unwanted.give()  # its worker is to stop
        self._awaited = awaited
        if awaited or self._found:
            self._found = await in_thread(attempts.attempts, self._root)
        for seen in self._found:
            if seen.attempt.key not in self._settling:
                await self._attend(seen, group)

    async def _attend(self, seen: Seen, group: TaskGroup) -> None:
        """Take in what was made, or say how far it is; what nobody awaits any more is thrown away."""
        key = seen.attempt.key
        shot = await self._shots.load(key.stream)
        take = shot.takes.get(key.number)
        if take is None:
            return
        if take.is_awaited and not take.deleted and not seen.outcome:
            self.under_way.begin(key)
            if self.under_way.progress.get(key) != (progress := seen.progress or Progress()):
                self.under_way.tell(key, progress)
        elif not self._keeping.keeps(key.stream):
            self.under_way.end(key)
        elif take.is_awaited and not take.deleted and seen.outcome:
            self._settling.add(key)
            group.start_soon(self._settle, seen, seen.outcome)
        else:
            if seen.outcome:
                log.info("late attempt thrown away", shot=shot.path, take=key.number, by=seen.attempt.host)
            await self._forget(seen)

    async def _settle(self, seen: Seen, outcome: Outcome) -> None:
        """Have the take be complete, or have failed; whatever stands in the way, it is tried again."""
        key = seen.attempt.key
        self.under_way.begin(key)
        try:
            with self._keeping.work(key.stream):
                if outcome.failed is not None:
                    await self._fail(seen, outcome.failed)
                elif made := await in_thread(outcome.made, self._root):
                    await self._finish(seen, made)
            self.under_way.goes_on(key)
        except (OSError, TakesError) as error:
            if self.under_way.hinder(key, error):
                log.warning("made, and cannot be taken yet", folder=str(seen.folder), why=str(error))
            await self._clock.sleep(RETRY)
        finally:
            self._settling.discard(key)

    async def _fail(self, seen: Seen, reason: str) -> None:
        """The take has failed, unless somebody has begun with it anew since."""
        attempt = seen.attempt
        shot = await self._shots.load(attempt.stream)
        version = shot.version
        await self._index.seen.reach(self._shots.head)
        awaited = {one.key: one.started for one in await self._index.awaited()}
        if awaited.get(attempt.key) == attempt.started:
            log.info("take failed", shot=shot.path, take=attempt.number, why=reason, by=attempt.host)
            rule = partial(fail, number=attempt.number, error=reason)
            await self._shots.change(attempt.stream, rule, RUNNER, expected=version)
            await self._forget(seen)

    async def _finish(self, seen: Seen, made: Made) -> None:
        """Have the file be the take's; one that somebody has removed before is made again."""
        stream, number = seen.attempt.key
        if await self._intake.finish(stream, number, made, patient=True):
            await self._forget(seen)
            return
        shot = await self._shots.load(stream)
        folder = self._root / take_path(shot.path, number)

        def is_lost() -> bool:
            return not made.path.exists() and media_of_take(folder, shot.path, number) is None

        if await in_thread(is_lost):
            await self._forget(seen)

    async def _forget(self, seen: Seen) -> None:
        with self._keeping.work(seen.attempt.stream):
            await in_thread(attempts.forget, seen.folder)
        self.under_way.end(seen.attempt.key)


async def make_here(studio_log: EventLog, keeping: Keeping, clock: Clock) -> None:
    """Have workers find nothing to be made of a film, as long as it is kept here and whoever keeps it makes it."""
    open_jobs = await _jobs()
    async with open_jobs(studio_log, 1.0) as jobs:
        is_told = False
        while True:
            with suppress(TakesError):
                if keeping.keeps_film and not is_told:
                    await jobs.hand_out(None)
                is_told = keeping.keeps_film
            await clock.sleep(RETRY)


async def _jobs() -> Callable[[EventLog, float], AbstractAsyncContextManager["Jobs"]]:
    """What needs the extra, and takes a while the first time."""
    await in_thread(import_module, "daemon.farm.jobs")
    from daemon.farm.jobs import open_jobs  # noqa: PLC0415

    return open_jobs
