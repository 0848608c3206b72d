"""Of two machines that keep a film one is killed, or sleeps, or both lose the database: every drop is one take all the same."""

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from projections.files.threads import in_thread
from projections.layout import full_id
from tests.e2e.film import Daemon, started
from tests.e2e.studio.seats import (
    check_whole,
    in_studio,
    kept_by_one,
    machine,
    seat,
    shared_by,
    time_passes,
    until_long,
)
from tests.support.film import Film, bytes_of, hashes, still, write_config
from tests.support.postgres import make_database, own_server, server

SHOTS = [f"01_Chapter/01_Scene/{number:03d}_Shot" for number in range(1, 13)]

Contents = dict[str, list[bytes]]


@pytest.fixture
def database() -> str:
    return make_database(server())


def drop(film: Film, contents: Contents, count: int) -> None:
    """So many more files into each shot."""
    for place, shot in enumerate(SHOTS):
        dropped = contents.setdefault(shot, [])
        for _ in range(count):
            content = still(100 * place + len(dropped))
            film.drop(content, f"{len(dropped)}.png", shot)
            dropped.append(content)


async def check_both(film: Film, contents: Contents, *daemons: Daemon) -> None:
    """All that was dropped is there once, and each of them says so."""
    for shot, dropped in contents.items():
        for daemon in daemons:
            assert bytes_of(await daemon.finished(len(dropped), shot)) == hashes(*dropped)
    for daemon in daemons:
        await daemon.verify()
        assert (await daemon.status())["problems"] == []
    check_whole(film, await daemons[0].events(), contents)


@pytest.mark.parametrize("point", ["created", "moved", "looked", "completed"])
async def test_one_that_is_killed_is_followed(tmp_path: Path, database: str, point: str) -> None:
    film, services = await in_studio(tmp_path, server(), database, *SHOTS)
    contents: Contents = {}
    write_config(seat(film, "anna").folder)
    env = {**services, "TAKES_FAULT": point}
    async with machine(film, "bert", services) as bert:
        async with started(seat(film, "anna"), env=env) as anna:
            await shared_by(server(), database, 2)
            drop(film, contents, 2)
            assert await anna.ended() == -signal.SIGKILL
        await in_thread(time_passes, server(), database)
        await check_both(film, contents, bert)
        async with machine(film, "anna", services) as again:
            drop(film, contents, 1)
            await check_both(film, contents, bert, again)


async def test_one_that_slept_past_its_lease_does_no_harm(tmp_path: Path, database: str) -> None:
    film, services = await in_studio(tmp_path, server(), database, *SHOTS)
    contents: Contents = {}
    async with machine(film, "bert", services) as bert, machine(film, "anna", services) as anna:
        await shared_by(server(), database, 2)
        drop(film, contents, 3)
        await anna.finished(1, SHOTS[0])
        anna.say(signal.SIGSTOP)
        await kept_by_one(server(), database)
        drop(film, contents, 2)
        await bert.finished(5, SHOTS[-1])
        anna.say(signal.SIGCONT)
        drop(film, contents, 1)
        await check_both(film, contents, bert, anna)
        await shared_by(server(), database, 2)


async def test_drops_wait_while_the_database_is_away_from_both(tmp_path: Path) -> None:
    with own_server() as running:
        film, services = await in_studio(tmp_path, running, "postgres", *SHOTS)
        contents: Contents = {}
        async with AsyncExitStack() as stack:
            anna, bert = [
                await stack.enter_async_context(machine(film, name, services)) for name in ("anna", "bert")
            ]
            await shared_by(running, "postgres", 2)
            for how in (signal.SIGQUIT, signal.SIGINT):
                drop(film, contents, 1)
                await asyncio.to_thread(running.stop, how)
                drop(film, contents, 1)
                assert (await anna.takes(SHOTS[0])) is not None
                await asyncio.to_thread(running.start)
            await check_both(film, contents, anna, bert)


async def test_what_was_asked_for_at_a_desk_and_not_done_is_done_by_whoever_follows(
    tmp_path: Path, database: str
) -> None:
    film, services = await in_studio(tmp_path, server(), database, *SHOTS)
    contents: Contents = {}
    async with (
        machine(film, "bert", services) as bert,
        machine(film, "anna", services) as anna,
        machine(film, "desk", services, "desk") as desk,
    ):
        await shared_by(server(), database, 2)
        drop(film, contents, 1)
        for shot in SHOTS:
            await desk.finished(1, shot)
            assert (await desk.delete(1, shot)).json().get("behind") is None
            film.media(1, shot).unlink()
        anna.say(signal.SIGSTOP)
        asked = [desk.ask("POST", f"shots/{full_id(shot)}/takes/take_001/restore") for shot in SHOTS]
        answers = await asyncio.gather(*asked)
        assert {one.status_code for one in answers} == {200}
        assert any(one.json().get("behind") for one in answers)  # which is what anna was to do
        anna.say(signal.SIGKILL)
        await in_thread(time_passes, server(), database)

        async def are_back() -> bool:
            return all(film.media(1, shot).exists() for shot in SHOTS)

        await until_long(are_back)
        assert [film.media(1, shot).read_bytes() for shot in SHOTS] == [contents[shot][0] for shot in SHOTS]
        await bert.at_rest()
        assert not [one for one in await bert.takes() if one["deleted"]]
