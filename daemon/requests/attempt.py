"""One attempt at a take: what its runner is given, how long it may take, and what its errors mean."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import structlog
from msgspec.structs import replace

from daemon.clock import Clock
from daemon.runners.choice import Chosen
from daemon.runners.runner import Job, JobFailed, Made, Runner
from events import Shot, Take, TakesError
from events.errors import flatten
from projections.layout import media_name, takes_path

log = structlog.get_logger()

LEAVE = 10.0
"""Seconds that a runner has to let go of a job that nobody wants any more."""


def job_of(
    id_: str, root: Path, project: str, shot: Shot, take: Take, folder: Path, workflow: Chosen | None = None
) -> Job:
    """What a runner is given to make a take that was asked for, in that folder."""
    assert take.request is not None  # noqa: S101 - that is how it came to be awaited
    return Job(
        id=id_,
        project=project,
        shot=shot.path,
        take=take.number,
        stem=media_name(shot.path, take.number, ""),
        params=take.request.params,
        quality=take.request.quality,
        root=root,
        takes=root / takes_path(shot.path),
        folder=folder,
        workflow=workflow,
    )


async def in_time(
    runner: Runner, job: Job, begin: Callable[[], Awaitable[Made]], timeout: float, clock: Clock
) -> Made:
    """What comes of it, with the seconds that it took; JobFailed where these are too many."""
    begun = clock()
    with clock.until(begun + timeout):
        made = await begin()
        return made if made.seconds is not None else replace(made, seconds=clock() - begun)
    await let_go(runner, job)
    raise JobFailed(f"it took longer than {timeout:g} s")


async def let_go(runner: Runner, job: Job) -> None:
    """Have the runner stop what nobody wants any more."""
    with anyio.move_on_after(LEAVE, shield=True):
        await runner.cancel(job)


@contextmanager
def foreseen(job: Job) -> Iterator[None]:
    """Have what nobody foresaw fail the job, since it would happen again every time."""
    try:
        yield
    except Exception as error:
        first = next(flatten(error))
        if isinstance(first, OSError | TakesError):
            raise first from error
        log.exception("job failed unforeseen", shot=job.shot, take=job.take)
        raise JobFailed(f"{type(first).__name__}: {first}") from error
