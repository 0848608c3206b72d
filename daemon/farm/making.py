"""Making: what a worker does with one take of a film. It reads the log, begins, has its runner make the take, and says so.

It says in the log only that it has begun. What came of that, it leaves in the film's folder, for a keeper to take in.
"""

import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import anyio
import structlog

from daemon.clock import CLOCK, Clock
from daemon.config.table import RunnerConfig
from daemon.farm import attempts
from daemon.farm.attempts import Attempt
from daemon.requests.attempt import foreseen, in_time, job_of, let_go
from daemon.runners.runner import Job, JobFailed, Made, Progress, Runner
from events import (
    Append,
    EventLog,
    Record,
    Shot,
    StaleVersion,
    TakeIsDeleted,
    TakeIsSettled,
    TakeKey,
    TakeNotFound,
    TakeStarted,
    WorkflowFile,
    fold,
    timestamp,
)
from events.shot import start
from projections.files.threads import in_thread

log = structlog.get_logger()

TELL = 1.0
"""Seconds between two times that a worker says how far a take is."""


class Making:
    """Makes takes of one film, each in a folder of its own; `says` is how the log is told that one has begun."""

    def __init__(
        self,
        root: Path,
        project: str,
        log: EventLog,
        runner: Runner,
        config: RunnerConfig,
        clock: Clock = CLOCK,
    ) -> None:
        self._root = root
        self._project = project
        self._log = log
        self._runner = runner
        self._config = config
        self._clock = clock

    async def make(self, key: TakeKey) -> None:
        """Make that take, unless nobody awaits it any more, or it is made and only to be taken in.

        RunnerAway, BadWorkflow and OSError where it is to be tried again.
        """
        shot, last = await self._shot(key)
        take = shot.takes.get(key.number)
        if take is None or not take.is_awaited or take.deleted:
            return
        if await in_thread(attempts.is_done, self._root, key, last):
            return
        await self._runner.ready()
        named = take.request.workflow if take.request else None
        workflow = await self._runner.workflow(self._root, shot.path, named)
        record = await self._begin(key, workflow.file if workflow else None)
        if record is None:
            return
        attempt = Attempt(key.stream, key.number, record.at, socket.gethostname())
        folder = await in_thread(attempts.begin, self._root, record.id, attempt)
        job = job_of(record.id, self._root, self._project, shot, take, folder, workflow)
        log.info("take started", shot=shot.path, take=key.number, runner=self._runner.kind)
        await self._make(job)

    async def _shot(self, key: TakeKey) -> tuple[Shot, str | None]:
        """The shot as it is now, and the id of the record that says that somebody last began with that take."""
        shot, records = Shot(key.stream), await self._log.stream(key.stream)
        fold(shot, records)
        begun = [
            one.id for one in records if isinstance(one.event, TakeStarted) and one.event.take == key.number
        ]
        return shot, begun[-1] if begun else None

    async def _begin(self, key: TakeKey, workflow: WorkflowFile | None) -> Record | None:
        """Say that this worker begins; None where nobody wants the take any more."""
        rule = partial(start, number=key.number, runner=self._runner.kind, workflow=workflow)
        while True:
            shot, _ = await self._shot(key)
            try:
                events = rule(shot)
                at, actor = timestamp(datetime.now(UTC)), f"runner:{socket.gethostname()}"
                append = Append(stream=key.stream, events=events, expected=shot.version, at=at, actor=actor)
                return (await self._log.append(append))[0]
            except (TakeIsSettled, TakeIsDeleted, TakeNotFound):
                return None
            except StaleVersion:
                continue

    async def _make(self, job: Job) -> None:
        """Have it made in its folder, and say there what came of it. What is cancelled leaves nothing."""
        folder, made = job.folder.parent, False
        try:
            async with anyio.create_task_group() as group:
                heard = [Progress()]
                group.start_soon(self._tell, folder, heard)
                said = await self._outcome(job, heard)
                group.cancel_scope.cancel()
            await in_thread(said)
            made = True
        except anyio.get_cancelled_exc_class():
            await let_go(self._runner, job)
            raise
        finally:
            if not made:
                with anyio.CancelScope(shield=True):
                    await in_thread(attempts.forget, folder)

    async def _outcome(self, job: Job, heard: list[Progress]) -> Callable[[], None]:
        """What is to be said in the end."""
        begin: Callable[[], Awaitable[Made]] = partial(self._runner.run, job, partial(heard.__setitem__, 0))
        try:
            with foreseen(job):
                made = await in_time(self._runner, job, begin, self._config.timeout, self._clock)
        except JobFailed as failed:
            log.info("take failed", shot=job.shot, take=job.take, why=failed.reason)
            return partial(attempts.give_up, job.folder.parent, failed.reason)
        log.info("take made", shot=job.shot, take=job.take, seconds=made.seconds)
        return partial(attempts.succeed, self._root, job.folder.parent, made)

    async def _tell(self, folder: Path, heard: list[Progress]) -> None:
        told = None
        while True:
            if heard[0] != told:
                told = heard[0]
                await in_thread(attempts.tell, folder, told)
            await self._clock.sleep(TELL)
