"""Two machines keep a film in a studio: one is killed, or stopped past its lease, at any moment, again and again."""

import signal
from pathlib import Path

import anyio

from projections.files.threads import in_thread
from tests.e2e.film import Daemon
from tests.e2e.studio.seats import (
    check_whole,
    in_studio,
    kept_by_one,
    machine,
    shared_by,
    time_passes,
    until_long,
)
from tests.faults.row import Row
from tests.support.film import Film, bytes_of, hashes, still
from tests.support.postgres import make_database, server

SHOTS = [f"01_Chapter/01_Scene/{number:03d}_Shot" for number in range(1, 9)]

KILLED, ASLEEP = 12, 2
"""How often one is killed, and stopped for longer than a lease, in a whole run."""

WITHIN = 3.0
"""Seconds after the drops within which it strikes."""


async def test_drops_are_takes_though_keepers_are_killed(row: Row) -> None:
    database = make_database(server())
    film, services = await in_studio(await _folder(row), server(), database, *SHOTS)
    contents: dict[str, list[bytes]] = {}
    async with machine(film, "bert", services, watch=row.watch) as bert:
        for _ in range(row.some(KILLED)):
            async with machine(film, "anna", services, watch=row.watch) as anna:
                await shared_by(server(), database, 2)
                drop(film, contents, 3)
                await anyio.sleep(row.chance.uniform(0, WITHIN))
                await anna.kill()
            await in_thread(time_passes, server(), database)
            await all_taken(bert, contents)
            row.survived()
        await bert.verify()
        check_whole(film, await bert.events(), contents)


async def test_drops_are_takes_though_keepers_sleep_past_their_leases(row: Row) -> None:
    database = make_database(server())
    film, services = await in_studio(await _folder(row), server(), database, *SHOTS)
    contents: dict[str, list[bytes]] = {}
    async with (
        machine(film, "bert", services, watch=row.watch) as bert,
        machine(film, "anna", services, watch=row.watch) as anna,
    ):
        for _ in range(row.some(ASLEEP)):
            await shared_by(server(), database, 2)
            drop(film, contents, 3)
            await anyio.sleep(row.chance.uniform(0, WITHIN))
            anna.say(signal.SIGSTOP)
            await kept_by_one(server(), database)
            drop(film, contents, 2)
            await anyio.sleep(row.chance.uniform(0, WITHIN))
            anna.say(signal.SIGCONT)
            for daemon in (anna, bert):
                await all_taken(daemon, contents)
            row.survived()
        for daemon in (anna, bert):
            await daemon.verify()
        assert await anna.events() == await bert.events()
        check_whole(film, await anna.events(), contents)


async def _folder(row: Row) -> Path:
    folder = anyio.Path(row.folder / "studio")
    await folder.mkdir(parents=True)
    return Path(folder)


def drop(film: Film, contents: dict[str, list[bytes]], count: int) -> None:
    """So many more files into each shot."""
    for place, shot in enumerate(SHOTS):
        dropped = contents.setdefault(shot, [])
        for _ in range(count):
            dropped.append(still(1000 * place + len(dropped)))
            film.drop(dropped[-1], f"{len(dropped)}.png", shot)


async def all_taken(daemon: Daemon, contents: dict[str, list[bytes]]) -> None:
    """Wait until that machine knows each of them as one complete take."""

    async def are_there() -> bool:
        found = [bytes_of(await daemon.takes(shot)) for shot in contents]
        return found == [hashes(*dropped) for dropped in contents.values()]

    await until_long(are_there)
