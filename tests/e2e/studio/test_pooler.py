"""A studio whose machines reach its database through a pooler: every drop is one take, and it is said that nobody is told."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.film import Daemon
from tests.e2e.studio.seats import DEAF, check_whole, in_studio, machine, shared_by, watches
from tests.e2e.studio.workers import Pool, studio, worker
from tests.support.film import DAWN, bytes_of, hashes, still, until
from tests.support.pooler import Pooler, pooler
from tests.support.postgres import make_database, server


@pytest.fixture(scope="module")
def pooled() -> Iterator[Pooler]:
    with pooler(server()) as pooled:
        yield pooled


@pytest.fixture
def database() -> str:
    return make_database(server())


SHOTS = [f"01_Chapter/01_Scene/{number:03d}_Shot" for number in range(1, 9)]


async def polls(daemon: Daemon) -> bool:
    """Whether it says so."""
    return bool((await daemon.status())["studio"]["polls"])


async def test_two_keepers_and_a_desk_behind_a_pooler_make_one_take_of_each_drop(
    tmp_path: Path, database: str, pooled: Pooler
) -> None:
    film, services = await in_studio(tmp_path, pooled, database, *SHOTS)
    async with (
        machine(film, "anna", services) as anna,
        machine(film, "bert", services) as bert,
        machine(film, "desk", services, "desk") as desk,
    ):
        await shared_by(server(), database, 2)
        contents = {shot: [still(20 * place + one) for one in range(3)] for place, shot in enumerate(SHOTS)}
        contents[SHOTS[0]] += [still(1000 + one) for one in range(20)]
        for shot, dropped in contents.items():
            for place, content in enumerate(dropped):
                film.drop(content, f"{place}.png", shot)
        for shot, dropped in contents.items():
            for daemon in (anna, bert, desk):
                assert bytes_of(await daemon.finished(len(dropped), shot)) == hashes(*dropped)
        assert (await desk.activate(2, SHOTS[1])).status_code == 200

        async def is_linked() -> bool:
            return film.link(SHOTS[1]) == "takes/take_002"

        await until(is_linked)
        for daemon in (anna, bert, desk):
            await until(partial(polls, daemon))
            await daemon.verify()
            assert (await daemon.status())["problems"] == []
        check_whole(film, await anna.events(), contents)


async def test_what_a_desk_sees_comes_to_a_keeper_that_is_told_of_nothing(
    tmp_path: Path, database: str, pooled: Pooler
) -> None:
    film, services = await in_studio(tmp_path, pooled, database)
    async with (
        machine(film, "keeper", services, **DEAF) as keeper,
        machine(film, "desk", services, "desk") as desk,
    ):
        await until(partial(watches, desk))
        await until(partial(polls, keeper))
        film.drop(still(1))
        await keeper.finished(1)


async def test_a_worker_behind_a_pooler_makes_what_is_asked_for(
    tmp_path: Path, database: str, pooled: Pooler
) -> None:
    film, services = await in_studio(tmp_path, pooled, database)
    pool = Pool(tmp_path / "pool", 4)
    farm: dict[str, Any] = {"studio": studio(), "runner": pool.runner()}
    async with machine(film, "keeper", services, **farm) as keeper, worker(film, "one", services, **farm):
        for seed in range(4):
            body = {"generationParams": {"seed": seed}}
            asked = await keeper.ask("POST", f"shots/{DAWN.replace('/', ':')}/takes", body)
            assert asked.status_code == 202
        assert len(await keeper.finished(4)) == 4
