"""The daemon is killed while old renders are brought in: the same import again brings what is missing, and nothing twice."""

import signal
from pathlib import Path

import httpx
import pytest

from tests.e2e.film import running_daemon
from tests.support.film import Daemon, bytes_of, check_numbers, hashes, make_film, still, until


async def shots_are_known(daemon: Daemon) -> bool:
    try:
        answer = await daemon.ask("GET", "shots")
    except httpx.TransportError:
        return False
    return answer.status_code == 200 and len(answer.json()["shots"]) == 2


@pytest.mark.parametrize("move", [False, True])
@pytest.mark.parametrize("point", ["announced", "delivered"])
async def test_an_import_is_gone_on_with_wherever_the_daemon_was_killed(
    tmp_path: Path, point: str, *, move: bool
) -> None:
    film, old = await make_film(tmp_path), tmp_path / "old"
    (old / "dawn").mkdir(parents=True)
    for number in range(3):
        (old / f"dawn/{number}.png").write_bytes(still(number))
    wanted = {"folder": str(old), "move": move}
    async with running_daemon(film, env={"TAKES_FAULT": point}) as daemon:
        await until(lambda: shots_are_known(daemon))
        with pytest.raises(httpx.TransportError):
            await daemon.ask("POST", "renders", wanted)
        assert await daemon.ended() == -signal.SIGKILL
    async with running_daemon(film) as daemon:
        await until(lambda: shots_are_known(daemon))
        answer = await daemon.ask("POST", "renders", wanted)
        assert answer.status_code == 200, answer.text
        await daemon.finished(3)
        await daemon.verify()
        assert bytes_of(await daemon.takes()) == hashes(*map(still, range(3)))
        check_numbers(await daemon.events())
        assert [one["type"] for one in await daemon.events()].count("shot.received") == 1
        assert len(list((old / "dawn").iterdir())) == (0 if move else 3)
