"""The maker: one take that was asked for, handed to the runner and brought to its end."""

import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import anyio
import structlog
from msgspec.structs import replace

from daemon.config.table import RunnerConfig
from daemon.disk import crash_points
from daemon.disk.marker import Marker
from daemon.disk.moving import move
from daemon.intake.intake import Intake
from daemon.requests.attempt import foreseen, in_time, job_of, let_go
from daemon.requests.under_way import UnderWay
from daemon.runners.runner import Job, JobFailed, Made, Progress, Runner
from daemon.shots.shots import Origin, ShotAway, Shots
from daemon.watching.mailbox import Mailbox
from daemon.watching.scan import media_of_take
from daemon.watching.settling import AGAIN
from events import (
    Companion,
    Shot,
    Take,
    TakeKey,
    TakesError,
    WorkflowFile,
)
from events.shot import fail, start
from projections.files.threads import in_thread
from projections.index.answers import Awaited
from projections.index.rows import ShotTakes, TakeRow
from projections.layout import OWN_FOLDER, Role, take_path, takes_path

log = structlog.get_logger()

RETRY = 5.0
"""Seconds until a file that was made, and that something stands in the way of, is tried again."""

JOB = "job-"
"""How the names of the folders begin in which takes are made."""

RUNNER = Origin("runner")

INTERRUPTED = "it was interrupted, as its daemon was stopped"


class Maker:
    """Has the runner make takes of one project, one job each."""

    def __init__(
        self,
        root: Path,
        project: str,
        config: RunnerConfig,
        runner: Runner,
        under_way: UnderWay,
        mailbox: Mailbox,
        marker: Marker,
        shots: Shots,
        intake: Intake,
    ) -> None:
        self.runner = runner
        self._root = root
        self._project = project
        self._work = root / OWN_FOLDER / "work"
        self._config = config
        self._under_way = under_way
        self._mailbox = mailbox
        self._clock = mailbox.clock
        self._marker = marker
        self._shots = shots
        self._intake = intake
        self._begun: dict[TakeKey, WorkflowFile | None] = {}

    async def open(self) -> None:
        """Remove what jobs of an earlier daemon have left in the film."""
        await in_thread(_clear_all, self._work)

    async def tidy_after(self, shots: Sequence[ShotTakes]) -> None:
        """Have the runner remove what an earlier daemon was to, which was killed before it came to that.

        Of most there is nothing left. What the film does not have any more, stays.
        """
        for one in shots:
            for take in one.takes:
                left = await in_thread(_left, self._root / take_path(one.shot.path, take.number), take)
                if media := take.read_media():
                    await self._remove(media.sha256, take.read_companions(), left)

    def forget_others(self, awaited: Collection[TakeKey]) -> None:
        """Only those takes are still asked for."""
        self._begun = {key: workflow for key, workflow in self._begun.items() if key in awaited}

    async def ready(self) -> None:
        """Return where the runner can begin; RunnerAway where it cannot."""
        await self.runner.ready()

    async def make(self, one: Awaited, is_unwanted: Callable[[], bool]) -> None:
        """Make that take, or have it fail; where it is cancelled and `is_unwanted`, the runner lets go of it."""
        shot = await self._shots.load(one.stream)
        if await in_thread(self._has_media, shot, one.number):  # a file came, or it was made before a crash
            if not await self._intake.finish(one.stream, one.number, patient=True):
                await self._clock.sleep(AGAIN)
            return
        take = shot.takes[one.number]
        job = await in_thread(self._job, shot, take)
        try:
            with foreseen(job):
                made = await self._run(job, one, take)
            crash_points.point("made")
            try:
                await self._finish(one, made)
            finally:  # the queue lets go of a take as soon as the log says that it is complete
                with anyio.CancelScope(shield=True):
                    await self._tidy(one, made)
        except JobFailed as failed:
            await in_thread(self._marker.check)  # else it has failed because the film is away
            log.info("take failed", shot=shot.path, take=one.number, why=failed.reason)
            await self._shots.change(
                one.stream, partial(fail, number=one.number, error=failed.reason), RUNNER
            )
        except anyio.get_cancelled_exc_class():
            if is_unwanted():  # else it is the daemon that stops
                await let_go(self.runner, job)
            raise
        finally:
            with anyio.CancelScope(shield=True):
                await in_thread(_clear, job.folder)
            self._mailbox.look_at(shot.path)

    async def _run(self, job: Job, one: Awaited, take: Take) -> Made:
        begin = partial(self._begin, job, one, take)
        return await in_time(self.runner, job, begin, self._config.timeout, self._clock)

    async def _begin(self, job: Job, one: Awaited, take: Take) -> Made:
        """Have the runner go on with what an earlier daemon began, or begin."""
        key = one.key
        tell = partial(self._under_way.tell, key)
        tell(Progress())
        if one.started and key not in self._begun:
            if made := await self.runner.resume(job, tell):
                return made
            if self._config.interrupted == "fail":
                raise JobFailed(INTERRUPTED)
        named = take.request.workflow if take.request else None
        workflow = await self.runner.workflow(self._root, job.shot, named)
        file = workflow.file if workflow else None
        if key not in self._begun or self._begun[key] != file:  # else its runner had only gone away
            self._begun[key] = file
            rule = partial(start, number=one.number, runner=self.runner.kind, workflow=file)
            await self._shots.change(one.stream, rule, RUNNER)
            log.info("take started", shot=job.shot, take=job.take, runner=self.runner.kind)
            if has_changed(take.workflow, file):
                tell(Progress(None, "its workflow has changed since it was asked for"))
        self._under_way.goes_on(key)
        crash_points.point("started")
        return await self.runner.run(replace(job, workflow=workflow), tell)

    async def _finish(self, one: Awaited, made: Made) -> None:
        """Have the file taken in; it took long to make, so whatever stands in the way is waited for."""
        while True:
            try:
                if await self._intake.finish(one.stream, one.number, made, patient=True):
                    break
                await self._clock.sleep(AGAIN)
                await in_thread(self._check_there, await self._shots.load(one.stream))
            except (OSError, TakesError) as error:
                if self._under_way.hinder(one.key, error):
                    log.warning("made, and cannot be taken yet", file=str(made.path), why=str(error))
                await self._clock.sleep(RETRY)
        self._under_way.goes_on(one.key)

    async def _tidy(self, one: Awaited, made: Made) -> None:
        """Leave nothing behind of what was made, where its take has an end.

        Where another file came first, the one that was made is dropped. Where a runner is to keep no second copy of
        what is complete, it is told where it does.
        """
        shot = await self._shots.load(one.stream)
        take = shot.takes[one.number]
        if take.status == "generating":
            return
        await in_thread(_drop_if_left, made.path, self._root / takes_path(shot.path))
        if take.status == "complete":
            for stays in await self._remove(take.sha256, take.companions, made.left):
                self._under_way.stays(stays)
                if stays:
                    log.warning("left where it was made", why=stays)

    async def _remove(
        self, media: str | None, companions: Iterable[Companion], where: Mapping[Role | None, str]
    ) -> list[str | None]:
        """Have the runner remove what it has of a take with that hash and these files; of each why it stays, if it does."""
        held: dict[Role | None, str | None] = {None: media}
        held |= {one.role: one.sha256 for one in companions}
        known = {left: sha256 for role, left in where.items() if (sha256 := held.get(role))}
        return [await self.runner.tidy(self._root, left, sha256) for left, sha256 in known.items()]

    def _has_media(self, shot: Shot, number: int) -> bool:
        """Whether a file lies in the take's folder already; ShotAway where not even the shot's is there."""
        self._check_there(shot)
        found = media_of_take(self._root / take_path(shot.path, number), shot.path, number)
        return found is not None and found.identity.size > 0

    def _check_there(self, shot: Shot) -> None:
        if not (self._root / takes_path(shot.path)).is_dir():
            raise ShotAway(shot.path)

    def _job(self, shot: Shot, take: Take) -> Job:
        """The job, with an empty folder of its own."""
        id_ = take.created_by or f"{shot.stream}-{take.number}"
        folder = self._work / f"{JOB}{id_}"
        _clear(folder)
        self._work.mkdir(exist_ok=True)  # not the film's own folder, should that have moved away
        folder.mkdir()
        return job_of(id_, self._root, self._project, shot, take, folder)


def has_changed(asked: WorkflowFile | None, now: WorkflowFile | None) -> bool:
    """Whether a take that was asked for is made with another workflow than it would have been then."""
    return asked is not None and now is not None and asked.sha256 != now.sha256


def _drop_if_left(made: Path, takes: Path) -> None:
    """A file that another one came before is a take of its own."""
    if made.parent != takes and made.is_file():
        move(made, takes, made.name)


def _left(folder: Path, take: TakeRow) -> dict[Role | None, str]:
    """What its runner may still have of a take, of the files that lie in its folder, as large as they were."""
    media = take.read_media()
    files: dict[Role | None, tuple[str, int]] = {None: (media.name, media.bytes)} if media else {}
    files |= {one.role: (one.name, one.identity.size) for one in take.read_companions()}
    there = {role for role, (name, size) in files.items() if _size(folder / name) == size}
    return {one.role: one.path for one in take.read_left() if one.role in there}


def _size(path: Path) -> int | None:
    return path.lstat().st_size if path.is_file() else None


def _clear_all(work: Path) -> None:
    for folder in work.glob(f"{JOB}*"):
        _clear(folder)


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
