"""The daemon is killed while it purges: a take is whole or purged once, and nothing else ever goes."""

import hashlib
import json
import signal
from pathlib import Path
from typing import get_args

import pytest

from daemon.disk.crash_points import PurgePoint
from projections.layout import recipe_name, sidecar_name
from tests.daemon.space.old_film import POLICY, Old, make_old_film, object_of, purges
from tests.e2e.film import Daemon, running_daemon, started
from tests.support.film import DAWN, put, still, until, write_config

POINTS = get_args(PurgePoint)


async def check_purged(daemon: Daemon, number: int, content: bytes) -> None:
    """The take was purged once: its bytes are gone, and what was to be kept of it is there."""
    film = daemon.film
    folder = film.take(number)
    assert (await purges(daemon)).count(number) == 1
    take = await daemon.take(number)
    assert take is not None
    assert (take["purged"], take["deleted"], take["active"]) == (True, True, False)
    (told,) = [
        one["at"]
        for one in await daemon.events()
        if one["type"] == "take.purged" and one["data"]["take"] == number
    ]
    assert take["purgedAt"] == told
    assert take["media"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert not film.media(number).exists()
    second = object_of(film, content)
    assert [one.name for one in second.parent.iterdir()] == [] if second.parent.exists() else True
    assert (folder / recipe_name(DAWN, number)).read_text() == '{"seed": 7}'
    assert json.loads((folder / sidecar_name(DAWN, number)).read_bytes())["purged"] is True


@pytest.mark.parametrize("point", POINTS)
async def test_a_take_is_whole_or_purged_once_wherever_the_daemon_was_killed(
    tmp_path: Path, point: str
) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1)), Old(2, still(2), "active"))
    write_config(film.folder, cleanup=POLICY)
    async with started(film, env={"TAKES_FAULT": point}) as daemon:
        assert await daemon.ended() == -signal.SIGKILL
    async with running_daemon(film) as daemon:  # by now nobody wants anything purged any more
        await daemon.scanned()
        await daemon.verify()
        if point == "checked":
            take = await daemon.take(1)
            assert take is not None
            assert (take["purged"], take["deleted"]) == (False, True)
            assert film.media(1).read_bytes() == still(1)
            assert object_of(film, still(1)).read_bytes() == still(1)
        else:
            await check_purged(daemon, 1, still(1))
        assert film.media(2).read_bytes() == still(2)
        assert object_of(film, still(2)).read_bytes() == still(2)
        assert await daemon.active() == "take_002"
        assert not (await daemon.status())["problems"]


@pytest.mark.parametrize("point", POINTS)
async def test_a_clean_up_that_was_killed_goes_on_at_the_next_start(tmp_path: Path, point: str) -> None:
    takes = [Old(number, still(number)) for number in range(1, 5)]
    film = await make_old_film(tmp_path, *takes, Old(5, still(5), "active"))
    for _ in range(2):
        write_config(film.folder, cleanup=POLICY)
        async with started(film, env={"TAKES_FAULT": point}) as daemon:
            assert await daemon.ended() == -signal.SIGKILL
    async with running_daemon(film, cleanup=POLICY) as daemon:

        async def done() -> bool:
            return len(await purges(daemon)) == 4

        await until(done)
        await daemon.verify()
        for take in takes:
            await check_purged(daemon, take.number, take.content)
        assert film.media(5).read_bytes() == still(5)


async def test_what_is_put_in_the_place_of_a_purged_file_after_a_kill_stays(tmp_path: Path) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1)))
    write_config(film.folder, cleanup=POLICY)
    async with started(film, env={"TAKES_FAULT": "purged"}) as daemon:
        assert await daemon.ended() == -signal.SIGKILL
    put(film.media(1), still(1))
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        await daemon.at_rest()
        assert film.media(1).read_bytes() == still(1)
        assert not object_of(film, still(1)).exists()
