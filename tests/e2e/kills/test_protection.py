"""The daemon is killed while it brings a take back, restores it or has it share its bytes: nobody loses anything."""

import signal
from pathlib import Path
from typing import get_args

import httpx
import pytest

from daemon.disk.crash_points import SwapPoint
from tests.daemon.protection.overwritten import (
    OFTEN,
    check_both,
    is_shared,
    on,
    removed,
    rename_over,
    restore,
    with_duplicates,
    with_take,
)
from tests.e2e.film import running_daemon, started
from tests.support.filesystems import HERE, REFLINKS
from tests.support.film import Film, make_film, still, until, write_config


@on(HERE, *REFLINKS)
@pytest.mark.parametrize("point", get_args(SwapPoint))
async def test_nothing_is_lost_wherever_the_daemon_dies_while_it_brings_a_take_back(
    disk: Path, point: str
) -> None:
    film = await make_film(disk)
    async with running_daemon(film) as daemon:
        old = await with_take(daemon)
        await daemon.stop()
    rename_over(film.media(1), still(2))
    await dies_at(film, point)
    async with running_daemon(film) as daemon:
        await check_both(daemon, old, still(2))


async def dies_at(film: Film, point: str) -> None:
    write_config(film.folder)
    async with started(film, env={"TAKES_FAULT": point}) as daemon:
        assert await daemon.ended() == -signal.SIGKILL


async def test_the_same_bytes_twice_are_two_takes_wherever_the_daemon_dies(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    for point in ("kept", "frozen", "completed"):
        shot = await with_twins(film)
        await dies_at(film, point)
        async with running_daemon(film) as daemon:
            takes = await daemon.finished(shot)
            assert {one["status"] for one in takes} == {"complete"}
            await daemon.verify()


async def with_twins(film: Film) -> int:
    number = sum(one.name.startswith("take_") for one in film.takes().iterdir()) + 1
    if number == 1:
        async with running_daemon(film) as daemon:
            await with_take(daemon)
        number = 2
    film.drop(still(1))
    return number


async def test_a_take_is_restored_wherever_the_daemon_dies(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        old = await with_take(daemon)
        film.media(1).unlink()
        await removed(daemon, 1)
        await daemon.stop()
    async with running_daemon(film, scan_every=OFTEN, env={"TAKES_FAULT": "brought"}) as daemon:
        with pytest.raises(httpx.TransportError):
            await restore(daemon, 1)
        await daemon.ended()
    async with running_daemon(film, scan_every=OFTEN) as daemon:

        async def back() -> bool:
            take = await daemon.take(1)
            return bool(take and not take["deleted"])

        await until(back)
        assert film.media(1).read_bytes() == old
        await daemon.verify()


@pytest.mark.parametrize("point", get_args(SwapPoint))
async def test_duplicates_are_whole_wherever_the_daemon_dies_while_they_are_made_to_share(
    tmp_path: Path, point: str
) -> None:
    film = await make_film(tmp_path)
    async with with_duplicates(film, 2) as content:
        async with running_daemon(film, env={"TAKES_FAULT": point}) as daemon:
            await daemon.at_rest()
            with pytest.raises(httpx.TransportError):
                await daemon.ask("POST", "dedupe", {})
            await daemon.ended()
        async with running_daemon(film) as daemon:
            await daemon.scanned()
            await daemon.ask("POST", "dedupe", {})
            assert await is_shared(film.media(1), film.media(2))
            await check_both(daemon, content, content)
