"""The jobs by which workers of a studio hear of takes: procrastinate's, which hands out each to one worker at a time.

A worker that gives no sign of life has its job begun by another one, and may come back: so a take can be made twice,
and is complete once. This is the one module that imports procrastinate, which comes only with the extra `studio`.
"""

import asyncio
import socket
from asyncio import Task
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import anyio
import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from events import EventLog, TakeKey
from events.errors import flatten
from events.store.postgres.jobs import SCHEMA, defer, hand_out
from events.store.postgres.mirror import Mirror
from events.store.postgres.studio import conninfo_of, told
from events.store.tasks import end

log = structlog.get_logger()

TASK = "takes.make"
"""How the database calls what a job is to do."""

RETRY = 5
"""Seconds after which a job that something stood in the way of is begun again, by whichever worker is free."""

HEARTBEATS = 3
"""Signs of life that have to be missing."""

GIVE_BACK = 20.0
"""Seconds in which a worker that stops gives back what it has."""

Make = Callable[[TakeKey], Coroutine[Any, Any, None]]


class Jobs:
    """The jobs of one film, as its keeper sees to them."""

    def __init__(self, app: App, mirror: Mirror, silent: float) -> None:
        self._manager = app.job_manager
        self._mirror = mirror
        self._silent = silent

    async def hand_out(self, queue: str | None) -> None:
        """Have what is asked for in the film be found in that queue from now on, or be nothing for workers."""
        await hand_out(self._mirror.remote.studio, self._film, queue)

    async def tend(self, awaited: Callable[[], Awaitable[Collection[TakeKey]]]) -> None:
        """Have there be a job for each take that is awaited and for no other one, and none that nobody is at any more.

        `awaited` is asked after the mirror has all of which there may be a job already.
        """
        with told(), _told():
            known = await self._known()
            await self._mirror.catch_up()
            wanted = {self._name(key): key for key in await awaited()}
            for name in wanted.keys() - known.keys():
                await defer(self._mirror.remote.studio, self._film, wanted[name])
            await self._cancel(known[name] for name in known.keys() - wanted.keys())
            await self._begin_anew()

    async def _known(self) -> dict[str, Job]:
        """The jobs of the film, by what they are called."""
        found = await self._manager.list_jobs_async(task=TASK)
        return {one.lock: one for one in found if one.lock and self._is_ours(one)}

    async def _cancel(self, jobs: Iterator[Job]) -> None:
        for job in jobs:
            if job.id is not None:
                await self._manager.cancel_job_by_id_async(job.id, abort=True, delete_job=True)

    async def _begin_anew(self) -> None:
        """Give to others what a worker had that gives no sign of life."""
        stalled = await self._manager.get_stalled_jobs(task_name=TASK, seconds_since_heartbeat=self._silent)
        for job in stalled:
            if self._is_ours(job):
                log.warning("job to be begun again", job=job.lock, why="its worker gives no sign of life")
                await self._manager.retry_job(job)
        await self._manager.delete_old_jobs(  # such as were to be cancelled, and whose worker is gone
            nb_hours=1, include_failed=True, include_cancelled=True, include_aborted=True
        )

    def _is_ours(self, job: Job) -> bool:
        return (job.lock or "").startswith(f"{self._film}/")

    def _name(self, key: TakeKey) -> str:
        return f"{self._film}/{key.stream}/{key.number}"

    @property
    def _film(self) -> int:
        return self._mirror.remote.film


@asynccontextmanager
async def open_jobs(mirror: EventLog, silent: float) -> AsyncIterator[Jobs]:
    """The jobs of a film whose log is in a studio; the database need not answer yet."""
    assert isinstance(mirror, Mirror)  # noqa: S101
    app = app_of(mirror.remote.studio.service, "keeper", 1, at_least=0)
    async with app.open_async():
        yield Jobs(app, mirror, silent)


class _Takes:
    """The takes that one worker has begun with; `over` is set once it is through with one."""

    def __init__(self, makes: Mapping[int, Make]) -> None:
        self.begun = 0
        self.failed: list[Exception] = []
        self.over = asyncio.Event()
        self._makes = makes
        self._under_way: set[Task[None]] = set()

    async def make(self, film: int, key: TakeKey) -> None:
        """Make that one; GivenBack where this worker stops."""
        making = asyncio.create_task(self._makes[film](key))
        self._under_way.add(making)
        making.add_done_callback(self._under_way.discard)
        self.begun += 1
        try:
            await _made(making, key.number)
        except Exception as error:
            self.failed.append(error)
            raise
        finally:
            self.over.set()

    def cancel(self) -> None:
        """Have nothing more be made."""
        for making in self._under_way:
            making.cancel()


async def work(
    service: str,
    makes: Mapping[int, Make],
    queues: Sequence[str],
    parallel: int,
    silent: float,
    *,
    goes_on: bool = True,
) -> bool:
    """Have what is found in these queues of those films be made, so many takes at once; StudioAway.

    Cancelled, it gives back what is under way, and another worker can begin with that at once. Where it does not go on, it
    ends with the first job, or where none waits; whether there was one. What stood in its way is raised.
    """
    app, takes = app_of(service, "worker", parallel + 2), _Takes(makes)

    @app.task(name=TASK, retry=_Again())
    async def make(film: int, stream: str, number: int) -> None:
        await takes.make(film, TakeKey(stream, number))

    with told(), _told():
        async with app.open_async():
            running = asyncio.create_task(
                app.run_worker_async(
                    name=socket.gethostname(),
                    queues=[f"{film}/{queue}" for film in makes for queue in queues],
                    concurrency=parallel if goes_on else 1,
                    wait=goes_on,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    update_heartbeat_interval=silent / HEARTBEATS,
                    stalled_worker_timeout=silent,
                )
            )
            try:
                running.add_done_callback(lambda _: takes.over.set())
                await (asyncio.shield(running) if goes_on else takes.over.wait())
            finally:
                takes.cancel()
                await _stopped(running)
    if takes.failed and not goes_on:
        raise takes.failed[0]
    return bool(takes.begun)


async def _stopped(running: Task[None]) -> None:
    """Have the worker take nothing more, and say of what it had that it is given back."""
    with anyio.CancelScope(shield=True):
        running.cancel()
        await asyncio.wait([running], timeout=GIVE_BACK)
    with suppress(asyncio.CancelledError):
        await end(running)


async def _made(making: Task[None], number: int) -> None:
    """Wait until it is made; GivenBack where this worker stops."""
    try:
        await asyncio.shield(making)
    except asyncio.CancelledError:
        if making.done():
            raise GivenBack from None
        making.cancel()  # nobody wants it any more
        await asyncio.wait([making])
        raise
    except Exception as error:
        log.warning("job to be begun again", take=number, why=str(next(flatten(error))))
        raise


class GivenBack(Exception):
    """Raised when a worker stops before a take is made."""


class _Again(BaseRetryStrategy):
    """Has every job that was not done be done again, but for one that nobody wants."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return None
        return RetryDecision(retry_in={"seconds": 0 if isinstance(exception, GivenBack) else RETRY})


def app_of(service: str, role: str, most: int, *, at_least: int = 1) -> App:
    """What procrastinate is asked by, with at most so many connections to the jobs of that service."""
    name = f"takes/{role}/{socket.gethostname()}"
    return App(
        connector=PsycopgConnector(
            # of UTC alone the driver knows without looking on the disk
            conninfo=conninfo_of(service, name, options=f"-csearch_path={SCHEMA} -cTimeZone=UTC"),
            kwargs={"prepare_threshold": None},  # or a pooler in between fails
            min_size=at_least,
            max_size=most,
        )
    )


@contextmanager
def _told() -> Iterator[None]:
    """Have what the driver said, which procrastinate wraps."""
    try:
        yield
    except ConnectorException as error:
        raise error.__cause__ or error from None
