"""The daemon of a film in a studio is killed, and so is the database: every drop is one take, and both logs say the same."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.e2e.film import running_daemon, started
from tests.e2e.studio.seats import in_studio
from tests.support.film import (
    bytes_of,
    check_numbers,
    check_on_disk,
    hashes,
    still,
    write_config,
)
from tests.support.postgres import make_database, own_server, server


@pytest.fixture
def database() -> str:
    return make_database(server())


@pytest.mark.parametrize("point", ["created", "moved", "looked", "completed"])
async def test_a_drop_is_one_take_wherever_the_daemon_was_killed(
    tmp_path: Path, database: str, point: str
) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    write_config(film.folder)
    async with started(film, env={**services, "TAKES_FAULT": point}) as daemon:
        film.drop(still(1))
        assert await daemon.ended() == -signal.SIGKILL
    async with running_daemon(film, env=services) as daemon:
        (take,) = await daemon.finished(1)
        film.drop(still(2), "second.png")
        await daemon.finished(2)
        check_on_disk(film, take)
        check_numbers(await daemon.events())
        await daemon.verify()


async def test_drops_are_takes_though_the_database_crashes_again_and_again(tmp_path: Path) -> None:
    with own_server() as running:
        film, services = await in_studio(tmp_path, running, "postgres")
        async with running_daemon(film, env=services) as daemon:
            for number in range(12):
                film.drop(still(number), f"{number}.png")
                if number % 4 == 1:
                    await asyncio.to_thread(running.stop, signal.SIGQUIT)
                    film.drop(still(number + 100), f"{number + 100}.png")
                    await asyncio.to_thread(running.start)
            takes = await daemon.finished(15)
            assert bytes_of(takes) == hashes(*(still(one) for one in (*range(12), 101, 105, 109)))
            check_numbers(await daemon.events())
            await daemon.verify()
