"""A record that is not what was written closes the log, is named, and is in nobody's way who only asks."""

from pathlib import Path

import anyio
import pytest

from daemon.recovery import chain
from events import LogDamaged, MemoryLog
from tests.daemon.recovery.damaged import change, lengthen
from tests.events.samples import append, some
from tests.support.film import make_film, still, until
from tests.support.inside import Daemon, running_daemon


async def with_takes(daemon: Daemon, *numbers: int) -> None:
    for number in numbers:
        daemon.film.drop(still(number), f"{number}.png")
        await daemon.finished(number)
    await daemon.at_rest()


async def told(daemon: Daemon) -> dict[str, str]:
    """What is said of the log."""

    async def problem() -> dict[str, str] | None:
        found = (await daemon.get("/api/health"))["projects"][0]["problems"]
        return next((one for one in found if "damaged" in one["what"]), None)

    return await until(problem)


async def check_only_reads_go_on(daemon: Daemon, position: int, stream: str, said: dict[str, str]) -> None:
    assert f"at position {position}, in the stream {stream}" in said["what"]
    assert "takes recover" in said["hint"]
    assert [one["number"] for one in await daemon.takes()] == [1, 2]
    assert (await daemon.status())["state"] == "live"
    refused = await daemon.activate(2)
    assert refused.status_code == 503
    assert f"at position {position}" in refused.json()["detail"]
    daemon.film.drop(still(9), "9.png")
    head = (await daemon.status())["position"]
    assert (await daemon.delete(1)).status_code == 503
    assert (await daemon.status())["position"] == head


async def test_a_bad_record_near_the_end_is_named_at_the_start(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 1, 2)
    stream = await anyio.to_thread.run_sync(change, film.log, 4)
    async with running_daemon(film) as daemon:
        await check_only_reads_go_on(daemon, 4, stream, await told(daemon))


async def test_a_record_that_nobody_can_read_is_named_too(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 1, 2)
    stream = await anyio.to_thread.run_sync(lambda: change(film.log, 4, column="data", value="{"))
    for left in film.root.glob(".takes/index.db*"):
        left.unlink()
    async with running_daemon(film) as daemon:
        said = await told(daemon)
        assert f"at position 4, in the stream {stream}" in said["what"]
        assert (await daemon.ask("GET", "shots")).status_code == 200


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "QUIET", 0.0)
    monkeypatch.setattr(chain, "SHARE", 1)


@pytest.mark.usefixtures("_at_once")
async def test_a_bad_record_further_back_is_found_after_a_while(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 1, 2)
    await lengthen(film, chain.END)
    stream = await anyio.to_thread.run_sync(change, film.log, 4)
    for _ in range(2):  # it is known at the next start, too
        async with running_daemon(film) as daemon:
            await check_only_reads_go_on(daemon, 4, stream, await told(daemon))


async def test_a_log_that_is_put_back_is_gone_on_with(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 1)
    whole = film.log.read_bytes()
    await anyio.to_thread.run_sync(change, film.log, 4)
    async with running_daemon(film) as daemon:
        await told(daemon)
        (tmp_path / "log.db").write_bytes(whole)
        for left in film.root.glob(".takes/log.db-*"):
            left.unlink()
        (tmp_path / "log.db").rename(film.log)
        daemon.film.drop(still(2), "2.png")
        await daemon.finished(2)
        await daemon.verify()


async def test_a_sound_log_is_gone_through_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "QUIET", 0.0)
    log = MemoryLog()
    await log.append(append("a", *map(some, range(chain.BATCH * 3))))
    await chain.check_all(log)
    assert await chain.check_end(log, None) is None
    assert await chain.check_end(log, LogDamaged(0, "the disk gave less of it than there is")) is None
    assert log.damage is None
