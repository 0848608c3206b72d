"""The daemon is killed at every step of a drop's life and at any moment, and started again."""

import json
import random
import signal
from itertools import pairwise
from pathlib import Path
from typing import get_args

import anyio
import pytest

from daemon.disk.crash_points import DropPoint
from tests.daemon.takes.by_hand.taken import linked
from tests.e2e.film import Daemon, running_daemon, started
from tests.support.film import (
    DAWN,
    NOON,
    Film,
    bytes_of,
    check_numbers,
    check_on_disk,
    hashes,
    make_film,
    put,
    still,
    until,
    video,
    write_config,
)

POINTS = get_args(DropPoint)


async def killed_at(film: Film, point: str) -> None:
    """A daemon that starts, or goes on, until that point and dies there."""
    write_config(film.folder)
    async with started(film, env={"TAKES_FAULT": point}) as daemon:
        assert await daemon.ended() == -signal.SIGKILL


async def check_one_take(daemon: Daemon, content: bytes) -> None:
    """The drop is take 1 and only that, whole, with all that belongs to it."""
    film = daemon.film
    (take,) = await daemon.finished(1)
    await daemon.verify()
    assert take["number"] == 1
    assert bytes_of([take]) == hashes(content)
    check_on_disk(film, take)
    check_numbers(await daemon.events())
    assert film.link() == "takes/take_001"
    assert sorted(one.name for one in film.takes().iterdir()) == ["take_001"]
    status = await daemon.status()
    assert not status["notTaken"]
    assert not status["problems"]


@pytest.mark.parametrize("point", POINTS)
async def test_a_drop_becomes_one_take_wherever_the_daemon_was_killed(tmp_path: Path, point: str) -> None:
    film = await make_film(tmp_path)
    film.drop(still())
    await killed_at(film, point)
    async with running_daemon(film) as daemon:
        await check_one_take(daemon, still())


@pytest.mark.parametrize("point", POINTS)
async def test_a_drop_keeps_its_recipe_wherever_the_daemon_was_killed(tmp_path: Path, point: str) -> None:
    film = await make_film(tmp_path)
    film.drop(json.dumps({"seed": 7, "prompt": "waves"}).encode(), "render.json")
    film.drop(still())
    await killed_at(film, point)
    async with running_daemon(film) as daemon:
        await check_one_take(daemon, still())
        (take,) = await daemon.takes()
        assert take["generationParams"] == {"seed": 7, "prompt": "waves"}


@pytest.mark.parametrize("point", [point for point in POINTS if point not in ("folder", "moved")])
async def test_an_adopted_folder_is_one_take_wherever_the_daemon_was_killed(
    tmp_path: Path, point: str
) -> None:
    film = await make_film(tmp_path)
    film.take(1).mkdir()
    put(film.media(1), still())
    await killed_at(film, point)
    async with running_daemon(film) as daemon:
        await check_one_take(daemon, still())


@pytest.mark.parametrize("point", POINTS)
async def test_an_adopted_file_gets_its_name_wherever_the_daemon_was_killed(
    tmp_path: Path, point: str
) -> None:
    film = await make_film(tmp_path)
    film.take(1).mkdir()
    put(film.take(1) / "render.png", still())
    await killed_at(film, point)
    async with running_daemon(film) as daemon:
        await check_one_take(daemon, still())


@pytest.mark.parametrize(("first", "then"), [*pairwise(POINTS), ("created", "created")])
async def test_two_kills_in_a_row_are_survived_like_one(tmp_path: Path, first: str, then: str) -> None:
    film = await make_film(tmp_path)
    film.drop(still())
    await killed_at(film, first)
    await killed_at(film, then)
    async with running_daemon(film) as daemon:
        await check_one_take(daemon, still())


async def test_a_drop_during_the_absence_gets_the_next_number(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    film.drop(still(1))
    await killed_at(film, "moved")
    film.drop(still(2))
    async with running_daemon(film) as daemon:
        takes = await daemon.finished(2)
        assert [bytes_of([take]) for take in takes] == [hashes(still(1)), hashes(still(2))]
        await daemon.verify()


async def test_a_choice_that_was_answered_survives_a_kill(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        film.drop(still(2))
        await daemon.finished(2)
        assert (await daemon.activate(2)).status_code == 200
        await daemon.kill()
    async with running_daemon(film) as daemon:
        assert await daemon.active() == "take_002"
        await daemon.verify()
        assert film.link() == "takes/take_002"


@pytest.mark.parametrize("seed", range(3))
async def test_thirty_drops_survive_kills_at_any_moment(tmp_path: Path, seed: int) -> None:
    film, chance = await make_film(tmp_path), random.Random(seed)
    contents = [still(number) for number in range(30)]
    write_config(film.folder)
    for start in range(0, 30, 10):
        async with running_daemon(film) as daemon:
            for number, content in enumerate(contents[start : start + 10], start):
                film.drop(content, f"render_{number}.png", chance.choice([DAWN, NOON]))
            await anyio.sleep(chance.random() * 0.3)  # the moment is the test
            await daemon.kill()
    async with running_daemon(film) as daemon:

        async def all_of_them() -> bool:
            takes = [*await daemon.takes(DAWN), *await daemon.takes(NOON)]
            return len([take for take in takes if take["status"] == "complete"]) >= 30

        await until(all_of_them)
        await daemon.verify()
        takes = {shot: await daemon.takes(shot) for shot in (DAWN, NOON)}
        assert bytes_of([take for some in takes.values() for take in some]) == hashes(*contents)
        for shot, some in takes.items():
            for take in some:
                check_on_disk(film, take, shot)
        check_numbers(await daemon.events())


async def test_a_drop_that_is_gone_after_a_kill_fails_once_and_stays_so(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    drop = film.drop(still())
    await killed_at(film, "created")
    drop.unlink()
    async with running_daemon(film, scan_every=0.1) as daemon:
        (take,) = await daemon.finished(1)
        assert (take["status"], take["deleted"]) == ("failed", False)
        assert "removed" in take["error"]
        film.drop(still(2))
        await daemon.finished(2)
        await daemon.verify()
        scanned = (await daemon.status())["lastScan"]["ago"]
        await until(lambda: _scans_again(daemon, scanned))
        assert [one["deleted"] for one in await daemon.takes()] == [False, False]


async def _scans_again(daemon: Daemon, before: float) -> bool:
    return bool((await daemon.status())["lastScan"]["ago"] < before)


@pytest.mark.parametrize("point", ["created", "moved", "looked"])
async def test_a_shot_that_is_renamed_after_a_kill_keeps_the_take_that_was_begun(
    tmp_path: Path, point: str
) -> None:
    film = await make_film(tmp_path)
    film.drop(still())
    await killed_at(film, point)
    renamed = "01_Chapter/01_Scene/001_Sunrise"
    film.shot().rename(film.shot(renamed))
    async with running_daemon(film) as daemon:
        (take,) = await daemon.finished(1, renamed)
        await daemon.verify()
        check_on_disk(film, take, renamed)
        check_numbers(await daemon.events())


async def test_a_take_that_is_written_on_after_its_move_is_looked_at_when_it_is_whole(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    film.drop(video()[:2000], "render.mp4")
    await killed_at(film, "moved")
    with film.media(1, suffix=".mp4").open("ab", buffering=0) as writer:
        async with running_daemon(film) as daemon:
            await daemon.scanned()
            (take,) = await daemon.takes()
            assert take["status"] == "generating"
            writer.write(video()[2000:])
            writer.close()
            (take,) = await daemon.finished(1)
            await daemon.verify()
            assert bytes_of([take]) == hashes(video())
            check_on_disk(film, take, suffix=".mp4")


async def test_a_take_that_is_deleted_while_it_is_made_is_made_and_stays_deleted(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    film.drop(still())
    await killed_at(film, "moved")
    with film.media(1).open("ab", buffering=0) as writer:
        async with running_daemon(film) as daemon:
            await daemon.scanned()
            assert (await daemon.delete(1)).json()["status"] == "generating"
            writer.close()
            (take,) = await daemon.finished(1)
            assert (take["status"], take["deleted"], take["active"]) == ("complete", True, False)
            film.drop(still(2))
            await daemon.finished(2)
            assert await daemon.active() == "take_002"
            await daemon.verify()


@pytest.mark.parametrize("point", ["placed", "looked", "kept", "frozen", "completed"])
async def test_a_users_file_stays_the_users_wherever_the_daemon_dies(tmp_path: Path, point: str) -> None:
    film = await make_film(tmp_path)
    render = linked(film, still(1))
    await killed_at(film, point)
    async with running_daemon(film) as daemon:
        (take,) = await daemon.finished(1)
        await daemon.verify()
        check_on_disk(film, take)
        assert (render.stat().st_mode & 0o777, render.stat().st_nlink) == (0o644, 1)
    assert not list((film.root / ".takes" / "work").glob("*"))
