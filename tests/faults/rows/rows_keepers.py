"""Two machines keep a film in a studio: one is killed, or stopped past its lease, at any moment, again and again."""

import signal
from pathlib import Path
from typing import Any, get_args

import anyio
import pytest

from daemon.disk.crash_points import DropPoint
from projections.files.threads import in_thread
from projections.layout import full_id
from tests.e2e.film import Daemon
from tests.e2e.studio.crowd import MOST, Crowd, reads_until_taken
from tests.e2e.studio.seats import (
    DEAF,
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
from tests.support.postgres import make_database, own_server, server

SHOTS = [f"01_Chapter/01_Scene/{number:03d}_Shot" for number in range(1, 9)]

KILLED, MOST_KILLED, ASLEEP = 12, 200, 2
"""How often one is killed, at most, and how often stopped for longer than a lease, in a whole run."""

ANY = ""
"""No crash point: a moment that is drawn."""

AWAY = 20
"""Seconds that the database is away in a whole run."""

WITHIN = 3.0
"""Seconds after the drops within which it strikes."""


async def test_drops_are_takes_though_keepers_are_killed(row: Row) -> None:
    database = make_database(server())
    film, services = await in_studio(await _folder(row), server(), database, *SHOTS)
    contents: dict[str, list[bytes]] = {}
    async with machine(film, "bert", services, watch=row.watch) as bert:
        for _ in range(row.up_to(KILLED, MOST_KILLED)):
            point = row.chance.choice((ANY, *get_args(DropPoint)))
            env = {**services, "TAKES_FAULT": point}
            async with machine(film, "anna", env, watch=row.watch) as anna:
                await shared_by(server(), database, 2)
                drop(film, contents, 3)
                with anyio.move_on_after(10 * WITHIN if point else row.chance.uniform(0, WITHIN)):
                    await anna.process.wait()
                await anna.kill()
            killed = anyio.current_time()
            if row.share <= 1:  # a thorough run waits for the lease to run out
                await in_thread(time_passes, server(), database)
            await all_taken(bert, contents)
            row.say(f"{anyio.current_time() - killed:.1f} s from its death, at {point or 'any moment'}")
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


@pytest.mark.share(0)  # tests/e2e/studio/test_crowd.py has a small one
async def test_many_machines_take_each_drop_once_and_read_little(row: Row) -> None:
    """Up to twenty of them, fifty shots and two thousand drops."""
    shots, drops = row.up_to(10, 50), row.up_to(8, 40)
    folder = await _folder(row)
    crowd = Crowd(row.up_to(2, 4), row.up_to(3, 16), shots, drops)
    alone = await reads_until_taken(folder / "alone", Crowd(1, 0, shots, drops))
    many = await reads_until_taken(folder / "many", crowd, **({} if row.watch else DEAF))
    row.say(f"{alone:.1f} and {many:.1f} reads of a folder for each drop")
    assert many <= MOST * alone


async def test_two_machines_take_what_comes_into_one_shot(row: Row) -> None:
    """Up to four hundred drops, whose numbers are given by one of the two."""
    choices: dict[str, Any] = {} if row.watch else DEAF
    await reads_until_taken(await _folder(row) / "film", Crowd(2, 1, 1, row.up_to(40, 400)), **choices)


async def test_drops_wait_and_reads_are_answered_while_the_database_is_away(row: Row) -> None:
    """Up to ten minutes, with no restart of a daemon."""
    with own_server() as running:
        film, services = await in_studio(await _folder(row), running, "postgres", *SHOTS)
        contents: dict[str, list[bytes]] = {}
        async with (
            machine(film, "anna", services, watch=row.watch) as anna,
            machine(film, "bert", services, watch=row.watch) as bert,
        ):
            await shared_by(running, "postgres", 2)
            drop(film, contents, 1)
            for daemon in (anna, bert):
                await all_taken(daemon, contents)
            await in_thread(running.stop)
            drop(film, contents, 4)
            end = anyio.current_time() + row.up_to(AWAY, 600)
            while anyio.current_time() < end:
                for daemon in (anna, bert):
                    assert (await daemon.ask("GET", f"shots/{full_id(SHOTS[0])}/takes")).status_code == 200
                await anyio.sleep(0.1)
            await in_thread(running.start)
            back = anyio.current_time()
            for daemon in (anna, bert):
                await all_taken(daemon, contents)
            row.say(f"{anyio.current_time() - back:.1f} s from when it was back")
            row.survived()
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
