"""A film in a studio's database, and the machines that have it: each a process with a state folder of its own."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio

from daemon.project import studio_moves
from projections.files.threads import in_thread
from projections.layout import take_name
from tests.e2e.film import Daemon, running_daemon
from tests.support.film import Film, check_numbers, environment, hashes, make_film
from tests.support.inside import surroundings
from tests.support.postgres import Reached, Server, write_services

SERVICE = "takes"

LONG = 90.0
"""Seconds: a lease, two rounds of the others, and the work on a machine that has other things to do."""


DEAF: dict[str, Any] = {
    "share": True,
    "watch": False,
    "scan_every_unwatched": 600.0,
    "settle": {"quiet": 0.05, "still_shared": 600.0},
}
"""A machine that hears of nothing that is written, as where the film lies on a share."""


async def in_studio(
    folder: Path, running: Reached, database: str, *shots: str
) -> tuple[Film, dict[str, str]]:
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


async def watches(one: Daemon, folders: int = 7) -> bool:
    """Whether it watches both shots, and the folders above them."""
    return int((await one.status())["watch"]["folders"]) >= folders


async def shared_by(running: Server, database: str, owners: int) -> None:
    """Wait until so many keepers have all shards between them."""

    async def is_shared() -> bool:
        found = await in_thread(running.execute, HELD, database)
        return len(found) == owners and sum(count for _, count in found) == 16

    await until_long(is_shared)


async def kept_by_one(running: Server, database: str) -> None:
    """Wait until one keeper has all shards, which takes a lease and two of its rounds."""

    async def is_kept() -> bool:
        return [count for _, count in await in_thread(running.execute, HELD, database)] == [16]

    await until_long(is_kept)


async def until_long(fact: Callable[[], Awaitable[bool]]) -> None:
    """Wait for that, also where a takeover comes before it."""
    with anyio.fail_after(LONG):
        while not await fact():  # noqa: ASYNC110 - what another process does has no event of ours
            await anyio.sleep(0.1)


HELD = "SELECT owner, count(*) FROM takes.claims WHERE until > clock_timestamp() GROUP BY owner"


def as_user(film: Film, running: Server, database: str, role: str) -> dict[str, str]:
    """The service for a user of the database that has that role, and no other."""
    user = f"only_{role}"
    if not running.execute(f"SELECT 1 FROM pg_roles WHERE rolname = '{user}'"):
        running.execute(f"CREATE ROLE {user} LOGIN")
    running.execute(f"GRANT takes_{role} TO {user}")
    return write_services(film.folder / user, running, takes=f"{database} {user}")


def check_whole(film: Film, events: list[dict[str, Any]], contents: Mapping[str, list[bytes]]) -> None:
    """Of every content there is one take in its shot, under numbers without a gap, in a folder that has one media file."""
    check_numbers(events)
    assert not [one for one in events if one["type"] == "take.failed"]
    for shot, dropped in contents.items():
        folders = sorted(film.takes(shot).iterdir())
        assert [one.name for one in folders] == [take_name(number + 1) for number in range(len(dropped))]
        media = [one for folder in folders for one in folder.iterdir() if one.suffix == ".png"]
        found = [one for one in media if "thumbnail" not in one.name]
        assert len(found) == len(dropped)
        assert sorted(hashlib.sha256(one.read_bytes()).hexdigest() for one in found) == hashes(*dropped)


def time_passes(running: Server, database: str) -> None:
    """A minute for whoever does not renew; all others do so in time."""
    for table, column in (("claims", "until"), ("members", "seen")):
        running.execute(f"UPDATE takes.{table} SET {column} = {column} - interval '1 minute'", database)
