"""The watchdog: the supervisor hears that the daemon lives for as long as its films show it, and no longer."""

import faulthandler
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import structlog

from daemon.project.projects import Projects
from daemon.supervision.liveness import Liveness
from daemon.supervision.supervisor import Supervisor

log = structlog.get_logger()

OFTEN = 3
"""How often a sign of life is given in the time after which the supervisor would restart us."""


@asynccontextmanager
async def supervised(supervisor: Supervisor, projects: Projects) -> AsyncIterator[None]:
    """Tell the supervisor that the films are kept, as long as this is entered and they are."""
    async with anyio.create_task_group() as group:
        supervisor.tell("READY=1", _status(projects))
        if supervisor.patience:
            faulthandler.enable()  # systemd ends us by SIGABRT, and its journal says where each thread was
            group.start_soon(_give_signs, supervisor, projects, supervisor.patience)
        try:
            yield
        finally:
            supervisor.tell("STOPPING=1", "STATUS=Stopping.")
            group.cancel_scope.cancel()


async def _give_signs(supervisor: Supervisor, projects: Projects, patience: float) -> None:
    liveness = Liveness(patience / OFTEN / 2)
    while True:
        if silent := await liveness.silent(projects.all):
            log.error("no sign of life", silent=silent)
            supervisor.tell(f"STATUS={'; '.join(silent)}.")
        else:
            supervisor.tell("WATCHDOG=1", _status(projects))
        await anyio.sleep(patience / OFTEN)


def _status(projects: Projects) -> str:
    states = [project.state for project in projects.all]
    films = "1 film" if len(states) == 1 else f"{len(states)} films"
    away = sum(state != "live" for state in states)
    return f"STATUS=Keeps {films}{f', {away} of them away' if away else ''}."
