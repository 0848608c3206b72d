"""A studio's farm: what is asked for is made by workers, each take once, whatever becomes of them."""

import asyncio
import hashlib
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from projections.files.threads import in_thread
from projections.layout import full_id
from tests.e2e.film import Daemon
from tests.e2e.studio.seats import in_studio, machine, shared_by
from tests.e2e.studio.workers import Pool, Worker, studio, worker
from tests.support.film import DAWN, Film, bytes_of, check_numbers, check_on_disk, still, until
from tests.support.postgres import make_database, own_server, server

WORKERS = int(os.environ.get("FARM", "6"))
"""How many there are; `make farm` has 64, of which 32 are killed."""

ASKED = 60 if WORKERS == 6 else 16 * WORKERS

AT_ONCE = 4
"""Workers that start at a time: more would leave nothing of the machine for whoever keeps the film."""

PATIENCE = 40.0 + 10 * WORKERS
"""Seconds that all of them may take: a worker takes one to start, and there may be two processors."""


@pytest.fixture
def database() -> str:
    return make_database(server())


def by_hash(count: int) -> set[str]:
    return {hashlib.sha256(still(number)).hexdigest() for number in range(count)}


async def ask(daemon: Daemon, count: int) -> None:
    for seed in range(count):
        body = {"generationParams": {"seed": seed}}
        assert (await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes", body)).status_code == 202


async def is_asked(daemon: Daemon, shot: str) -> bool:
    """Whether a take of that shot is asked for now, which a daemon may not have found yet."""
    body = {"generationParams": {"shot": shot}}
    answer = await daemon.ask("POST", f"shots/{full_id(shot)}/takes", body)
    return answer.status_code == 202


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


async def has_ended(daemon: Daemon, count: int) -> bool:
    """Whether so many takes are complete or have failed."""
    return len([one for one in await daemon.takes() if one["status"] != "generating"]) >= count


async def ended_in(seconds: float, fact: Callable[[], Awaitable[bool]]) -> None:
    """Return once that is so; it takes longer than other things do."""
    with anyio.fail_after(seconds):
        while not await fact():  # noqa: ASYNC110 - what another process does has no event of ours
            await anyio.sleep(0.2)


async def is_at_it(daemon: Daemon, number: int = 1) -> bool:
    """Whether somebody is known to make that take, which else says why it waits."""
    take = await daemon.get(f"shots/{full_id(DAWN)}/takes/take_{number:03}")
    return bool(take["status"] == "generating") and "waits" not in take


async def nothing_left(film: Film) -> None:
    async def empty() -> bool:
        return not [*(film.root / ".takes" / "work").glob("attempt-*")]

    await until(empty)


async def test_whoever_asks_is_told_where_no_worker_is_there(tmp_path: Path, database: str) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    pool = Pool(tmp_path / "pool", 4)
    choices: dict[str, Any] = {"runner": pool.runner(), "studio": studio()}
    async with (
        machine(film, "keeper", services, **choices) as keeper,
        machine(film, "desk", services, "desk") as desk,
    ):
        await ask(keeper, 1)

        async def told(one: Daemon) -> list[bool]:
            """Whether the status says so of the runner, and among what is amiss."""
            status = await one.status()
            said = [status["runner"]["problem"] or "", *(problem["what"] for problem in status["problems"])]
            lacking = [what for what in said if "no worker of the queue takes has been seen" in what]
            return [what.startswith("no take is generated: ") for what in lacking]

        async def is_amiss(one: Daemon) -> bool:
            return await told(one) == [False, True]

        async def is_well(one: Daemon) -> bool:
            return await told(one) == []

        for one in (keeper, desk):
            await until(partial(is_amiss, one))
            body = {"generationParams": {"seed": 7}}
            said = (await one.ask("POST", f"shots/{full_id(DAWN)}/takes", body)).json()
            assert "no worker of the queue takes has been seen. Start one" in said["waits"]
        async with worker(film, "node", services, **choices):
            for one in (keeper, desk):
                await until(partial(is_well, one))


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


@pytest.mark.timeout(60 + 20 * WORKERS)
async def test_each_take_is_complete_once_whatever_becomes_of_the_workers(tmp_path: Path) -> None:
    """Of six workers three are killed, and one sleeps for longer than anybody waits for it."""
    killed, asleep = WORKERS // 2, max(1, WORKERS // 12)
    with own_server(connections=50 + 6 * WORKERS) as running:
        film, services = await in_studio(tmp_path, running, "postgres")
        pool = Pool(tmp_path / "pool", ASKED + 2 * (killed + asleep))
        choices: dict[str, Any] = {"runner": pool.runner(seconds=0.2), "studio": studio()}
        async with machine(film, "keeper", services, **choices) as daemon, AsyncExitStack() as stack:
            workers = list[Worker]()
            for number in range(WORKERS):
                starting = worker(film, f"node{number}", services, **choices)
                workers.append(await stack.enter_async_context(starting))
                await ended_in(PATIENCE, workers[max(0, number - AT_ONCE)].is_ready)
            await ask(daemon, ASKED)
            for one in workers[:killed]:
                await ended_in(PATIENCE, one.has_begun)
                one.process.kill()
            sleepers = workers[killed : killed + asleep]
            for one in sleepers:
                await ended_in(PATIENCE, one.has_begun)
                one.say(signal.SIGSTOP)
            await ended_in(PATIENCE, partial(has_ended, daemon, ASKED * 2 // 3))
            for one in sleepers:
                one.say(signal.SIGCONT)
            await ended_in(PATIENCE, partial(has_ended, daemon, ASKED))
            await check_each_once(film, daemon, ASKED + 2 * (killed + asleep), ASKED)
            await nothing_left(film)


async def test_workers_make_takes_for_all_who_keep_a_film_together(tmp_path: Path, database: str) -> None:
    """Each keeper takes in what is of its shards, whoever of them was asked."""
    shots = [f"01_Chapter/01_Scene/{number:03}_Shot" for number in range(1, 7)]
    film, services = await in_studio(tmp_path, server(), database, *shots)
    pool = Pool(tmp_path / "pool", 2 * len(shots))
    choices: dict[str, Any] = {"runner": pool.runner(), "studio": studio()}
    async with (
        machine(film, "first", services, **choices) as first,
        machine(film, "second", services, **choices) as second,
        worker(film, "node", services, **choices),
    ):
        await shared_by(server(), database, 2)
        for daemon in (first, second):
            for shot in shots:
                await until(partial(is_asked, daemon, shot))
        for shot in shots:
            takes = await first.finished(2, shot)
            assert [one["status"] for one in takes] == ["complete", "complete"]
        assert [*pool.folder.glob("pool/*")] == []
        await nothing_left(film)


async def test_a_worker_for_one_take_makes_one_and_ends(tmp_path: Path, database: str) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    pool = Pool(tmp_path / "pool", 4)
    choices: dict[str, Any] = {"runner": pool.runner(), "studio": studio()}
    async with machine(film, "keeper", services, **choices) as daemon:
        await ask(daemon, 2)

        async def have_jobs() -> bool:
            count = "SELECT count(*) FROM takes_jobs.procrastinate_jobs WHERE status = 'todo'"
            return await in_thread(server().execute, count, database) == [(2,)]

        await until(have_jobs)
        before = 0
        for made in (1, 2, 2):
            await nothing_left(film)
            async with worker(film, "node", services, "--one", **choices) as one:
                with anyio.fail_after(PATIENCE):
                    assert await one.process.wait() == 0
                assert one.log.read_text().count("take made") == made - before
            before = made
            await daemon.finished(made)
            assert [take["status"] for take in await daemon.takes()].count("complete") == made
