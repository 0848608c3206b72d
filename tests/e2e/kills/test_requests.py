"""The daemon is killed while a take that was asked for is made: it is made once, or fails where that was chosen."""

import signal
from pathlib import Path

import pytest

from tests.daemon.requests.asked import COMMAND, appears, asked, check_made_once, gone, known, settled
from tests.e2e.film import running_daemon, started
from tests.support.film import bytes_of, check_numbers, hashes, make_film, still, write_config


@pytest.mark.parametrize("point", ["moved", "looked", "frozen", "completed"])
async def test_a_file_completes_its_take_once_wherever_the_daemon_was_killed(
    tmp_path: Path, point: str
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        await asked(daemon, seed=7)
    film.drop(still(), "take_001.png")
    async with started(film, env={"TAKES_FAULT": point}) as daemon:
        assert await daemon.ended() == -signal.SIGKILL
    async with running_daemon(film) as daemon:
        await settled(daemon, 1)
        await daemon.verify()
        assert bytes_of(await daemon.takes()) == hashes(still())
        check_numbers(await daemon.events())


async def test_work_goes_on_after_the_daemon_was_killed(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    go, begun, child = tmp_path / "go", tmp_path / "begun", tmp_path / "child"
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(go), begun=str(begun), child=str(child), seed=1)
        await asked(daemon, seed=2)
        pid, left = int(await appears(begun)), int(await appears(child))
        await daemon.kill()
        await gone(pid)
        await gone(left)
    go.touch()
    async with running_daemon(film, runner=COMMAND) as daemon:
        await check_made_once(daemon, film, 2)
        assert len(begun.read_text().split()) == 2


async def test_interrupted_work_fails_where_that_was_chosen(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    go, begun = tmp_path / "go", tmp_path / "begun"
    choice = {**COMMAND, "interrupted": "fail"}
    async with running_daemon(film, runner=choice) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(go), begun=str(begun))
        await asked(daemon, seed=2)
        await appears(begun)
        await daemon.kill()
    go.touch()
    async with running_daemon(film, runner=choice) as daemon:
        take = await settled(daemon, 1)
        assert (take["status"], "interrupted" in take["error"]) == ("failed", True)
        assert (await settled(daemon, 2))["status"] == "complete"
        assert len(begun.read_text().split()) == 1


@pytest.mark.parametrize("point", ["started", "made", "moved", "looked", "frozen", "completed"])
async def test_a_take_is_made_once_wherever_the_daemon_was_killed(tmp_path: Path, point: str) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        await asked(daemon, seed=7)
    write_config(film.folder, runner=COMMAND)
    async with started(film, env={"TAKES_FAULT": point}) as daemon:
        assert await daemon.ended() == -signal.SIGKILL
    async with running_daemon(film, runner=COMMAND) as daemon:
        await check_made_once(daemon, film)
