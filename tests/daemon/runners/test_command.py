"""The command runner: a program makes a take, whatever it prints, leaves behind or dies of."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.requests.asked import COMMAND, appears, asked, gone, known, settled, stage
from tests.support.film import check_numbers, check_on_disk, make_film
from tests.support.inside import running_daemon


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"exit": 3, "complaint": "a\nCUDA out of memory"}, ["exit code 3", "CUDA out of memory"]),
        ({"name": ""}, ["no media file", "TAKES_OUTPUT"]),
        ({"name": "other.txt.png", "exit": 9}, ["exit code 9"]),
    ],
)
async def test_a_program_that_fails_is_quoted(
    tmp_path: Path, params: dict[str, Any], words: list[str]
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        await asked(daemon, **params)
        take = await settled(daemon, 1)
        assert take["status"] == "failed"
        assert all(word in take["error"] for word in words), take["error"]


async def test_a_program_may_call_its_file_as_it_likes(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        await asked(daemon, name="render.png")
        take = await settled(daemon, 1)
        await daemon.verify()
        check_on_disk(film, take)


async def test_a_program_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    begun, child = tmp_path / "begun", tmp_path / "child"
    async with running_daemon(film, runner={**COMMAND, "timeout": 1.5}) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(tmp_path / "never"), begun=str(begun), child=str(child))
        take = await settled(daemon, 1)
        assert "longer than 1.5 s" in take["error"]
        await gone(int(begun.read_text()))
        await gone(int(child.read_text()))


async def test_a_running_take_is_cancelled_with_all_its_processes(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    begun, child = tmp_path / "begun", tmp_path / "child"
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(tmp_path / "never"), begun=str(begun), child=str(child))
        await asked(daemon, seed=2)
        await stage(daemon, 1, "running")
        pid, left = int(await appears(begun)), int(await appears(child))
        assert (await daemon.delete(1)).json()["status"] == "failed"
        await gone(pid)
        await gone(left)
        assert (await settled(daemon, 2))["status"] == "complete"
        check_numbers(await daemon.events())


async def test_a_program_may_print_whatever_it_likes(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        deep = '{"generationParams": {"a": ' + 20_000 * "[" + 20_000 * "]" + "}}"
        await asked(daemon, lines=[deep, '{"progress": "half"}', "{", "\0"])
        assert (await settled(daemon, 1))["status"] == "complete"


async def test_a_daemon_that_is_stopped_leaves_no_program_behind(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    begun = tmp_path / "begun"
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(tmp_path / "never"), begun=str(begun))
        pid = int(await appears(begun))
        assert await daemon.stop() == 0
        await gone(pid)
    async with running_daemon(film) as daemon:  # without a runner it waits for a file again
        await stage(daemon, 1, "waiting")


async def test_what_a_program_leaves_behind_elsewhere_is_not_waited_for(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    child = tmp_path / "child"
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        await asked(daemon, child=str(child), leaves=True)
        try:
            assert (await settled(daemon, 1))["status"] == "complete"
        finally:
            os.kill(int(await appears(child)), signal.SIGKILL)


async def test_a_program_that_is_killed_fails_its_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    begun = tmp_path / "begun"
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(tmp_path / "never"), begun=str(begun))
        os.kill(int(await appears(begun)), signal.SIGKILL)
        assert "SIGKILL" in (await settled(daemon, 1))["error"]


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
async def test_a_leash_that_is_killed_takes_its_program_along_and_fails_the_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    begun, child = tmp_path / "begun", tmp_path / "child"
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(tmp_path / "never"), begun=str(begun), child=str(child))
        pid, left = int(await appears(begun)), int(await appears(child))
        leash = parent(pid)
        os.kill(leash, signal.SIGKILL)
        assert "SIGKILL" in (await settled(daemon, 1))["error"]
        await gone(pid)
        await gone(left)
