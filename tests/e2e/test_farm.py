"""A studio's farm: what is asked for is made by workers, each take once, whatever becomes of them."""

import asyncio
import hashlib
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from projections.layout import full_id
from tests.e2e.film import Daemon
from tests.e2e.seats import in_studio, machine
from tests.e2e.workers import Pool, studio, worker
from tests.film import DAWN, Film, bytes_of, check_numbers, check_on_disk, still, until
from tests.postgres import make_database, own_server, server

WORKERS = 6

ASKED = 60


@pytest.fixture
def database() -> str:
    return make_database(server())


def by_hash(count: int) -> set[str]:
    return {hashlib.sha256(still(number)).hexdigest() for number in range(count)}


async def ask(daemon: Daemon, count: int) -> None:
    for seed in range(count):
        body = {"generationParams": {"seed": seed}}
        assert (await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes", body)).status_code == 202


async def check_each_once(film: Film, daemon: Daemon, pool: int, count: int) -> None:
    """So many takes are there, each complete once, of the bytes of one attempt."""
    takes = await daemon.finished(count)
    await daemon.at_rest()
    assert {one["status"] for one in takes} == {"complete"}
    assert len(takes) == count
    made = bytes_of(takes)
    assert set(made) <= by_hash(pool)
    assert len(set(made)) == count
    for one in takes:
        check_on_disk(film, one)
    events = await daemon.events()
    check_numbers(events)
    ends = [one["data"]["take"] for one in events if one["type"] in ("take.completed", "take.failed")]
    assert sorted(ends) == list(range(1, count + 1))


async def is_at_it(daemon: Daemon, number: int = 1) -> bool:
    """Whether somebody is known to make that take, which else says why it waits."""
    take = await daemon.get(f"shots/{full_id(DAWN)}/takes/take_{number:03}")
    return take["status"] == "generating" and "waits" not in take


async def nothing_left(film: Film) -> None:
    async def empty() -> bool:
        return not [*(film.root / ".takes" / "work").glob("attempt-*")]

    await until(empty)


async def test_what_is_asked_for_is_made_by_a_worker(tmp_path: Path, database: str) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    pool = Pool(tmp_path / "pool", 4)
    choices: dict[str, Any] = {"runner": pool.runner(), "studio": studio()}
    async with machine(film, "keeper", services, **choices) as daemon:
        pool.hold()
        await ask(daemon, 1)
        assert not await is_at_it(daemon)
        async with worker(film, "node", services, **choices):
            await until(lambda: is_at_it(daemon))
            pool.let_go()
            await daemon.finished(1)
            await ask(daemon, 2)
            await check_each_once(film, daemon, 4, 3)
        await nothing_left(film)


async def test_a_take_is_made_by_another_worker_where_one_was_killed(tmp_path: Path, database: str) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    pool = Pool(tmp_path / "pool", 4)
    choices: dict[str, Any] = {"runner": pool.runner(), "studio": studio()}
    async with machine(film, "keeper", services, **choices) as daemon:
        pool.hold()
        await ask(daemon, 1)
        async with worker(film, "first", services, **choices) as first:
            await until(first.has_begun)
            first.process.kill()
            await first.process.wait()
            pool.let_go()
            async with worker(film, "second", services, **choices):
                await check_each_once(film, daemon, 4, 1)
        started = [one for one in await daemon.events() if one["type"] == "take.started"]
        assert len(started) == 2
        await nothing_left(film)


async def test_a_worker_that_slept_makes_no_second_take_of_it(tmp_path: Path, database: str) -> None:
    """It was given up, and another one had begun; both come to an end, in whichever order."""
    film, services = await in_studio(tmp_path, server(), database)
    pool = Pool(tmp_path / "pool", 4)
    choices: dict[str, Any] = {"runner": pool.runner(), "studio": studio()}
    async with machine(film, "keeper", services, **choices) as daemon:
        pool.hold()
        await ask(daemon, 1)
        async with worker(film, "first", services, **choices) as first:
            await until(first.has_begun)
            first.say(signal.SIGSTOP)
            async with worker(film, "second", services, **choices) as second:
                await until(second.has_begun)
                first.say(signal.SIGCONT)
                pool.let_go()
                await check_each_once(film, daemon, 4, 1)
                await nothing_left(film)
                await ask(daemon, 1)
                await check_each_once(film, daemon, 4, 2)


async def test_a_worker_that_is_told_to_stop_gives_back_what_it_has(tmp_path: Path, database: str) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    pool = Pool(tmp_path / "pool", 4)
    choices: dict[str, Any] = {
        "runner": pool.runner(),
        "studio": studio(silent=600.0),
    }  # nobody misses it in time
    async with machine(film, "keeper", services, **choices) as daemon:
        pool.hold()
        await ask(daemon, 1)
        async with worker(film, "first", services, **choices) as first:
            await until(first.has_begun)
            first.say(signal.SIGTERM)
            assert await first.process.wait() == 0
        await nothing_left(film)
        pool.let_go()
        async with worker(film, "second", services, **choices):
            await check_each_once(film, daemon, 4, 1)


async def test_a_take_that_nobody_wants_any_more_is_made_by_nobody(tmp_path: Path, database: str) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    pool = Pool(tmp_path / "pool", 4)
    choices: dict[str, Any] = {"runner": pool.runner(), "studio": studio(silent=600.0)}
    async with machine(film, "keeper", services, **choices) as daemon:
        pool.hold()
        await ask(daemon, 2)
        async with worker(film, "first", services, **choices) as first:
            await until(first.has_begun)
            for number in (1, 2):
                path = f"shots/{full_id(DAWN)}/takes/take_{number:03}"
                assert (await daemon.ask("DELETE", path)).status_code == 200
            await nothing_left(film)
            pool.let_go()
            await ask(daemon, 1)
            takes = await daemon.finished(3)
            assert [one["status"] for one in takes] == ["failed", "failed", "complete"]
        assert len([*pool.folder.glob("pool/*")]) == 3


async def test_a_take_that_cannot_be_made_says_why(tmp_path: Path, database: str) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    pool = Pool(tmp_path / "pool", 0)
    choices: dict[str, Any] = {"runner": pool.runner(), "studio": studio()}
    async with (
        machine(film, "keeper", services, **choices) as daemon,
        worker(film, "node", services, **choices),
    ):
        await ask(daemon, 1)
        (take,) = await daemon.finished(1)
        assert take["status"] == "failed"
        assert "nothing is left to be rendered" in take["error"]


async def test_takes_are_made_here_in_a_studio_unless_somebody_wants_it_otherwise(
    tmp_path: Path, database: str
) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    pool = Pool(tmp_path / "pool", 4)
    async with machine(film, "keeper", services, runner=pool.runner(), studio=studio()) as daemon:
        await ask(daemon, 1)
    async with machine(film, "keeper", services, runner=pool.runner()) as daemon:
        await ask(daemon, 1)
        await check_each_once(film, daemon, 4, 2)
    left = await asyncio.to_thread(
        server().execute, "SELECT count(*) FROM takes_jobs.procrastinate_jobs", database
    )
    assert left == [(0,)]


async def test_each_take_is_complete_once_whatever_becomes_of_the_workers(tmp_path: Path) -> None:
    """Six workers, of which three are killed and one sleeps for longer than anybody waits for it."""
    with own_server() as running:
        film, services = await in_studio(tmp_path, running, "postgres")
        pool = Pool(tmp_path / "pool", ASKED + 20)
        choices: dict[str, Any] = {"runner": pool.runner(seconds=0.2), "studio": studio()}
        async with (
            machine(film, "keeper", services, **choices) as daemon,
            AsyncExitStack() as stack,
        ):
            workers = [
                await stack.enter_async_context(worker(film, f"node{number}", services, **choices))
                for number in range(WORKERS)
            ]
            await ask(daemon, ASKED)
            await asyncio.gather(*(until(one.has_begun) for one in workers))
            *killed, sleeper = workers[: WORKERS // 2 + 1]
            for one in killed:
                one.process.kill()
            sleeper.say(signal.SIGSTOP)
            await asyncio.sleep(0)
            await daemon.finished(ASKED * 2 // 3)
            sleeper.say(signal.SIGCONT)
            await check_each_once(film, daemon, ASKED + 20, ASKED)
            await nothing_left(film)
