"""The queue: the takes that were asked for, in order, each handed to the runner and brought to its end.

The queue is the log: what waits is a take that was asked for and is not made yet, whatever happened to the
process in between. Only what is under way right now, and how far it is, is known here and nowhere else.
"""

import shutil
import sqlite3
from functools import partial
from pathlib import Path

import anyio
import structlog
from anyio.abc import TaskGroup
from msgspec.structs import replace

from daemon.config import RunnerConfig
from daemon.disk import crash_points
from daemon.disk.marker import Marker
from daemon.disk.moving import move
from daemon.runners.runner import Job, JobFailed, Made, Progress, Runner, RunnerAway
from daemon.shots import Origin, ShotAway, Shots
from daemon.takes.intake import Intake
from daemon.watching.mailbox import Mailbox
from daemon.watching.scan import media_of_take
from daemon.watching.settling import AGAIN
from events import (
    Shot,
    Signal,
    Take,
    TakeIsDeleted,
    TakeIsSettled,
    TakeKey,
    TakeNotFound,
    TakesError,
    Watermark,
)
from events.errors import flatten
from events.shot import fail, start
from projections.board import Board
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.index.queries import Awaited
from projections.layout import OWN_FOLDER, TAKES, media_name, take_name

log = structlog.get_logger()

RETRY = 5.0
"""Seconds until a runner that is away is asked again, and a job that something stood in the way of is begun again."""

LEAVE = 10.0
"""Seconds that a runner has to let go of a job that nobody wants any more."""

JOB = "job-"
"""How the names of the folders begin in which takes are made."""

RUNNER = Origin("runner")

INTERRUPTED = "it was interrupted, as its daemon was stopped"


class Queue:
    """Has the takes of one project made; `slots` is how many jobs all projects may have under way together.

    `under_way` are the takes that the runner is at, `progress` how far each of them is, and `problem` why
    nothing goes on.
    """

    def __init__(
        self,
        root: Path,
        project: str,
        config: RunnerConfig,
        runner: Runner | None,
        slots: anyio.Semaphore,
        mailbox: Mailbox,
        board: Board,
        marker: Marker,
        index: Index,
        shots: Shots,
        intake: Intake,
    ) -> None:
        self.runner = runner
        self.problem: str | None = None
        self.under_way: set[TakeKey] = set()
        self.progress: dict[TakeKey, Progress] = {}
        self._root = root
        self._project = project
        self._work = root / OWN_FOLDER / "work"
        self._config = config
        self._slots = slots
        self._mailbox = mailbox
        self._board = board
        self._clock = mailbox.clock
        self._marker = marker
        self._index = index
        self._shots = shots
        self._intake = intake
        self._wanted: dict[TakeKey, anyio.CancelScope] = {}
        self._begun: set[TakeKey] = set()
        self._turn = anyio.Lock()
        self._more = Signal()
        self._moves = Watermark()

    async def moved(self) -> None:
        """Return once something has got further, has begun or has ended."""
        await self._moves.reach(self._moves.level + 1)

    async def run(self) -> None:
        """Have everything made that is asked for, for ever; without a runner it all waits for files."""
        if self.runner is None:
            return
        await in_thread(_clear_all, self._work)
        async with anyio.create_task_group() as group:
            group.start_soon(self._follow)
            while True:
                await self._index.seen.reach(self._shots.head)
                await self._look(self.runner, group)
                await self._more.wait()

    async def _follow(self) -> None:
        """Have another look whenever the log has grown: something may have been asked for, or cancelled."""
        while True:
            await self._index.seen.reach(self._index.seen.level + 1)
            self._more.give()

    async def _look(self, runner: Runner, group: TaskGroup) -> None:
        """Line up what is asked for, and stop what nobody wants any more."""
        awaited = {one.key: one for one in await self._index.awaited()}
        self._begun &= awaited.keys()
        for key in self._wanted.keys() - awaited.keys():
            self._wanted[key].cancel()
        if not awaited:
            self._say(None)
        for key in [key for key in awaited if key not in self._wanted]:
            self._wanted[key] = anyio.CancelScope()
            group.start_soon(self._attend, runner, awaited[key])

    async def _attend(self, runner: Runner, one: Awaited) -> None:
        """Wait for a slot, and make the take in it; whatever stands in the way, it will be lined up again."""
        key = one.key
        try:
            with self._wanted[key]:
                await self._wait_for_slot(runner)
                try:
                    self.under_way.add(key)
                    await self._make(runner, one)
                finally:
                    self._slots.release()
        except (TakeIsSettled, TakeIsDeleted, TakeNotFound):
            pass  # it was cancelled, or a file has come for it
        except Exception as error:  # one take may hold up no other
            self._say(str(error))
            trace = None if isinstance(error, OSError | TakesError) else error
            log.warning("job to be begun again", take=one.number, why=str(error), exc_info=trace)
            await anyio.sleep(RETRY)
        finally:
            del self._wanted[key]
            self.under_way.discard(key)
            self._tell(key, None)
            self._more.give()

    async def _wait_for_slot(self, runner: Runner) -> None:
        """Wait for a slot, in order; while the runner is away from this film, the others have it."""
        async with self._turn:
            while not await self._has_slot(runner):
                await anyio.sleep(RETRY)
                self._more.give()  # a file may have come for the take meanwhile

    async def _has_slot(self, runner: Runner) -> bool:
        await self._slots.acquire()
        try:
            await runner.ready(self._root)
        except RunnerAway as away:
            self._slots.release()
            self._say(f"{away}. {away.hint}".rstrip())
            self._move_on()
            return False
        except BaseException:
            self._slots.release()
            raise
        self._say(None)
        return True

    async def _make(self, runner: Runner, one: Awaited) -> None:
        shot = await self._shots.load(one.stream)
        if await in_thread(self._has_media, shot, one.number):  # a file came, or it was made before a crash
            if not await self._intake.finish(one.stream, one.number):
                await anyio.sleep(AGAIN)
            return
        job = await in_thread(self._job, shot, shot.takes[one.number])
        try:
            made = await self._made(runner, job, one)
            crash_points.point("made")
            await self._finish(one, made)
        except JobFailed as failed:
            await in_thread(self._marker.check)  # else it has failed because the film is away
            log.info("take failed", shot=shot.path, take=one.number, why=failed.reason)
            await self._shots.change(
                one.stream, partial(fail, number=one.number, error=failed.reason), RUNNER
            )
        except anyio.get_cancelled_exc_class():
            if self._wanted[one.key].cancel_called:  # else it is the daemon that stops
                await _let_go(runner, job)
            raise
        finally:
            with anyio.CancelScope(shield=True):
                await in_thread(_clear, job.folder)
            self._mailbox.look_at(shot.path)

    async def _made(self, runner: Runner, job: Job, one: Awaited) -> Made:
        """What the job has made; what nobody foresaw fails it, since it would happen again every time."""
        try:
            return await self._run(runner, job, one)
        except Exception as error:
            first = next(flatten(error))
            if isinstance(first, OSError | TakesError | sqlite3.Error):
                raise first from error
            log.exception("job failed unforeseen", shot=job.shot, take=job.take)
            raise JobFailed(f"{type(first).__name__}: {first}") from error

    async def _run(self, runner: Runner, job: Job, one: Awaited) -> Made:
        """What the job has made, with the time that it took; JobFailed where it takes too long."""
        begun = self._clock()
        with anyio.move_on_after(self._config.timeout):
            made = await self._begin(runner, job, one)
            return made if made.seconds is not None else replace(made, seconds=self._clock() - begun)
        await _let_go(runner, job)
        raise JobFailed(f"it took longer than {self._config.timeout:g} s")

    async def _begin(self, runner: Runner, job: Job, one: Awaited) -> Made:
        """Have the runner go on with what an earlier daemon began, or begin."""
        key = one.key
        tell = partial(self._tell, key)
        tell(Progress())
        if one.started and key not in self._begun:
            if made := await runner.resume(job, tell):
                return made
            if self._config.interrupted == "fail":
                raise JobFailed(INTERRUPTED)
        if key not in self._begun:  # else it is begun again because its runner had gone away
            self._begun.add(key)
            rule = partial(start, number=one.number, runner=runner.kind)
            await self._shots.change(one.stream, rule, RUNNER)
            log.info("take started", shot=job.shot, take=job.take, runner=runner.kind)
        crash_points.point("started")
        return await runner.run(job, tell)

    async def _finish(self, one: Awaited, made: Made) -> None:
        """Have the file taken in; it took long to make, so whatever stands in the way is waited for."""
        while True:
            try:
                if await self._intake.finish(one.stream, one.number, made):
                    break
                await anyio.sleep(AGAIN)
                await in_thread(self._check_there, await self._shots.load(one.stream))
            except (OSError, TakesError) as error:
                self._say(str(error))
                log.warning("made, and cannot be taken yet", file=str(made.path), why=str(error))
                await anyio.sleep(RETRY)
        self._say(None)
        shot = await self._shots.load(one.stream)
        await in_thread(_drop_if_left, made.path, self._root / shot.path / TAKES)

    def _has_media(self, shot: Shot, number: int) -> bool:
        """Whether a file lies in the take's folder already; ShotAway where not even the shot's is there."""
        self._check_there(shot)
        found = media_of_take(self._root / shot.path / TAKES / take_name(number), shot.path, number)
        return found is not None and found.identity.size > 0

    def _check_there(self, shot: Shot) -> None:
        if not (self._root / shot.path / TAKES).is_dir():
            raise ShotAway(shot.path)

    def _job(self, shot: Shot, take: Take) -> Job:
        """The job, with an empty folder of its own."""
        id_ = take.created_by or f"{shot.stream}-{take.number}"
        folder = self._work / f"{JOB}{id_}"
        _clear(folder)
        self._work.mkdir(exist_ok=True)  # not the film's own folder, should that have moved away
        folder.mkdir()
        assert take.request is not None  # noqa: S101 - that is how it came to be awaited
        return Job(
            id=id_,
            project=self._project,
            shot=shot.path,
            take=take.number,
            stem=media_name(shot.path, take.number, ""),
            params=take.request.params,
            quality=take.request.quality,
            root=self._root,
            takes=self._root / shot.path / TAKES,
            folder=folder,
        )

    def _tell(self, key: TakeKey, progress: Progress | None) -> None:
        """Have everybody who listens see how far that take is; None once it is not under way any more."""
        if progress is None:
            self.progress.pop(key, None)
        else:
            self.progress[key] = progress
        self._move_on()

    def _move_on(self) -> None:
        self._moves.rise(self._moves.level + 1)

    def _say(self, problem: str | None) -> None:
        """Have everybody know why nothing goes on, or that it does."""
        self.problem = problem
        self._board.report("runner", "", *([f"no take is generated: {problem}"] if problem else []))


async def _let_go(runner: Runner, job: Job) -> None:
    with anyio.move_on_after(LEAVE, shield=True):
        await runner.cancel(job)


def _drop_if_left(made: Path, takes: Path) -> None:
    """A file that another one came before is a take of its own."""
    if made.parent != takes and made.is_file():
        move(made, takes, made.name)


def _clear_all(work: Path) -> None:
    for folder in work.glob(f"{JOB}*"):
        _clear(folder)


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
