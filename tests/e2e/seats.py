"""A film in a studio's database, and the machines that have it: each a process with a state folder of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from daemon.project import studio_moves
from tests.e2e.film import Daemon, running_daemon
from tests.film import Film, environment, make_film
from tests.inside import surroundings
from tests.postgres import Server, write_services

SERVICE = "takes"


async def in_studio(folder: Path, running: Server, database: str, *shots: str) -> tuple[Film, dict[str, str]]:
    """A film whose log is in that database, and what a daemon needs to find it."""
    services = write_services(folder / "services", running, takes=database)
    with surroundings(environment(folder, **services)):
        film = await make_film(folder, "MyFilm", *shots)
        await studio_moves.make_ready(SERVICE)
        await studio_moves.join(film.root, SERVICE)
    return film, services


def seat(film: Film, name: str) -> Film:
    """The same film as another machine has it."""
    other = Film.__new__(Film)
    other.folder, other.root = film.folder / name, film.root
    other.folder.mkdir(exist_ok=True)
    return other


@asynccontextmanager
async def machine(
    film: Film, name: str, services: dict[str, str], role: str = "keeper", **choices: Any
) -> AsyncIterator[Daemon]:
    """The daemon of another machine that has the film, in that role."""
    env = {**services, "TAKES_STUDIO_ROLE": role}
    async with running_daemon(seat(film, name), env=env, **choices) as daemon:
        yield daemon
