"""The worker: a process that makes what is asked for in films of a studio, with the runner of its machine. It keeps no film."""

import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio
import structlog

from daemon import locations
from daemon.config import Config
from daemon.config_file import load_config
from daemon.farm.jobs import Make, work
from daemon.farm.making import Making
from daemon.logs.setup import configure
from daemon.programs.program import LEASHES
from daemon.project.home import InStudio, read_studio
from daemon.project.init import describe
from daemon.project.studio_moves import NotInStudio
from daemon.run import runner_of
from daemon.runners.runner import Runner
from events import Refused, StudioAway, TakesError
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


def main(films: Sequence[Path], queues: Sequence[str], log_format: str) -> None:
    """Make takes of these films, or of all that this user has registered, until told to stop."""
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
    anyio.run(_until_told_to_stop, found, queues or [config.studio.queue], config, runner)


async def _until_told_to_stop(
    films: Mapping[Path, InStudio], queues: Sequence[str], config: Config, runner: Runner
) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async with anyio.create_task_group() as group:
            for service in {said.service for said in films.values()}:
                of_it = {root: said.log for root, said in films.items() if said.service == service}
                group.start_soon(_work, service, of_it, queues, config, runner)
            async for received in signals:
                log.info("stopping", signal=received.name)
                break
            group.cancel_scope.cancel()


async def _work(
    service: str, films: Mapping[Path, str], queues: Sequence[str], config: Config, runner: Runner
) -> None:
    """Make takes of the films in one database, for ever; while that is away, wait for it."""
    problem = ""
    while True:
        try:
            async with open_studio(service, f"takes/worker/{socket.gethostname()}") as studio:
                makes = await _makes(studio, films, config, runner)
                log.info("working", service=service, films=len(makes), queues=list(queues))
                problem = ""
                with anyio.move_on_after(None if makes else RETRY):
                    parallel, silent = config.runner.parallel, config.studio.silent
                    await work(service, makes, queues, parallel, silent)
        except TakesError as error:
            if problem != str(error):
                problem = str(error)
                log.warning("nothing is made for now", service=service, why=problem, hint=error.hint)
        await anyio.sleep(RETRY)


async def _makes(
    studio: Studio, films: Mapping[Path, str], config: Config, runner: Runner
) -> dict[int, Make]:
    """What makes takes of those films, by the number of each; one that cannot be opened is left out for now."""
    makes: dict[int, Make] = {}
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
        makes[remote.film] = Making(root, info.id, remote, runner, config.runner).make
    return makes
