"""The worker: a process that makes what is asked for in films of a studio, with the runner of its machine. It keeps no film."""

import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import anyio
import structlog

from daemon import locations
from daemon.config.file import load_config
from daemon.config.table import Config
from daemon.farm.jobs import HEARTBEATS, Make, work
from daemon.farm.making import Making
from daemon.home.home import InStudio, read_studio
from daemon.home.init import describe
from daemon.logs.setup import configure
from daemon.programs.program import LEASHES
from daemon.project.studio_moves import NotInStudio
from daemon.run import runner_of
from daemon.runners.runner import Runner
from events import Refused, StudioAway, TakesError
from events.errors import flatten
from events.store.postgres.log import PostgresLog
from events.store.postgres.studio import Studio, open_studio
from projections.files.threads import in_thread

log = structlog.get_logger()

RETRY = 5.0
"""Seconds until a database that was away is asked again, and a film that could not be opened is tried again."""


class NoRunner(Refused):
    """Raised when a worker has nothing that it could make takes with."""

    hint = "Say under [runner] in the configuration of this machine what makes takes here."

    def __init__(self) -> None:
        super().__init__("this machine has no runner")


def main(films: Sequence[Path], queues: Sequence[str], log_format: str, *, one: bool) -> None:
    """Make takes of these films, or of all that this user has registered, until told to stop; or `one`, if any waits."""
    configure(log_format)
    LEASHES.begin()  # while no file is open
    config = load_config(Path(locations.config_path()))
    configure(log_format, config.log_level)
    runner = runner_of(config.runner)
    if runner is None:
        raise NoRunner
    named = [path.expanduser().resolve() for path in films]
    roots = named or [Path(path) for path in locations.registered_projects()]
    known = {root: read_studio(root) for root in roots}
    found = {root: said for root, said in known.items() if said}
    for root in roots if named or not found else ():
        if root not in found:
            raise NotInStudio(root)
    begin = _make_one if one else _make_all
    try:
        anyio.run(_until_told_to_stop, partial(begin, found, queues or [config.studio.queue], config, runner))
    except ExceptionGroup as errors:
        raise next(flatten(errors)) from None


async def _until_told_to_stop(begin: Callable[[], Awaitable[None]]) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async with anyio.create_task_group() as group:
            group.start_soon(_stop_at, signals, group.cancel_scope)
            await begin()
            group.cancel_scope.cancel()


async def _stop_at(signals: AsyncIterator[signal.Signals], scope: anyio.CancelScope) -> None:
    async for received in signals:
        log.info("stopping", signal=received.name)
        scope.cancel()


def _by_service(films: Mapping[Path, InStudio]) -> Iterator[tuple[str, Mapping[Path, str]]]:
    """The databases that these films are in, each with its films and their logs."""
    for service in sorted({said.service for said in films.values()}):
        yield service, {root: said.log for root, said in films.items() if said.service == service}


async def _make_all(
    films: Mapping[Path, InStudio], queues: Sequence[str], config: Config, runner: Runner
) -> None:
    async with anyio.create_task_group() as group:
        for service, of_it in _by_service(films):
            group.start_soon(_work, service, of_it, queues, config, runner)


async def _make_one(
    films: Mapping[Path, InStudio], queues: Sequence[str], config: Config, runner: Runner
) -> None:
    """Make one take of those that wait now; StudioAway, and what stood in the way of it."""
    for service, of_it in _by_service(films):
        async with open_studio(service, f"takes/worker/{socket.gethostname()}") as studio:
            opened = await _open(studio, of_it, config, runner)
            if opened and await _make(service, opened, queues, config, goes_on=False):
                return
    log.info("nothing waits to be made", queues=list(queues))


async def _work(
    service: str, films: Mapping[Path, str], queues: Sequence[str], config: Config, runner: Runner
) -> None:
    """Make takes of the films in one database, for ever; while that is away, wait for it."""
    problem = ""
    while True:
        try:
            async with open_studio(service, f"takes/worker/{socket.gethostname()}") as studio:
                opened = await _open(studio, films, config, runner)
                log.info("working", service=service, films=len(opened), queues=list(queues))
                problem = ""
                with anyio.move_on_after(None if opened else RETRY):
                    await _make(service, opened, queues, config)
        except* TakesError as errors:
            error = next(flatten(errors))
            assert isinstance(error, TakesError)  # noqa: S101
            if problem != str(error):
                problem = str(error)
                log.warning("nothing is made for now", service=service, why=problem, hint=error.hint)
        await anyio.sleep(RETRY)


async def _make(
    service: str,
    opened: Mapping[PostgresLog, Make],
    queues: Sequence[str],
    config: Config,
    *,
    goes_on: bool = True,
) -> bool:
    """Make what is found in these queues of the films, and say that somebody is there who does; whether there was a job."""
    makes = {remote.film: make for remote, make in opened.items()}
    async with anyio.create_task_group() as group:
        group.start_soon(_stand_by, [*opened], queues, config.studio.silent)
        parallel, silent = config.runner.parallel, config.studio.silent
        had_one = await work(service, makes, queues, parallel, silent, goes_on=goes_on)
        group.cancel_scope.cancel()
    return had_one


async def _stand_by(logs: Sequence[PostgresLog], queues: Sequence[str], silent: float) -> None:
    while True:
        for one in logs:
            with suppress(TakesError):  # it is away, or its tables are of an earlier release
                await one.workers.stand_by(socket.gethostname(), queues, silent)
        await anyio.sleep(silent / HEARTBEATS)


async def _open(
    studio: Studio, films: Mapping[Path, str], config: Config, runner: Runner
) -> dict[PostgresLog, Make]:
    """The logs of those films, each with what makes its takes; one that cannot be opened is left out for now."""
    opened: dict[PostgresLog, Make] = {}
    for root, id_ in films.items():
        remote = PostgresLog(studio, id_, says="start")
        try:
            await remote.load()
        except StudioAway:
            raise
        except TakesError as error:
            log.warning("film left out", path=str(root), why=str(error), hint=error.hint)
            continue
        info = await in_thread(describe, root)
        opened[remote] = Making(root, info.id, remote, runner, config.runner).make
    return opened
