"""The life of the daemon: it refuses to start, it stops, and it leaves all as it should be."""

import ctypes
import hashlib
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from tests.daemon.takes.by_hand.taken import OFTEN, with_takes
from tests.e2e.film import COMMAND, running_daemon, started
from tests.support.film import (
    DAWN,
    NOON,
    Film,
    bytes_of,
    environment,
    hashes,
    make_film,
    put,
    still,
    until,
    write_config,
)


@contextmanager
def as_anybody() -> Iterator[None]:
    """Processes that are started inside have no right to open what its mode forbids, root's neither."""
    libc = ctypes.CDLL(None, use_errno=True)

    def give_up() -> None:
        for right in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            libc.prctl(24, right, 0, 0, 0)  # PR_CAPBSET_DROP

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.e2e.film.BEFORE_START", give_up)
        yield


async def test_a_shot_that_may_not_be_read_holds_up_no_other_and_is_taken_up_later(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    film.drop(still(1), shot=DAWN)
    film.takes(DAWN).chmod(0)
    try:
        with as_anybody():
            async with running_daemon(film) as daemon:
                film.drop(still(2), shot=NOON)
                await daemon.finished(1, NOON)

                async def told() -> bool:
                    return any(DAWN in one["what"] for one in (await daemon.status())["problems"])

                await until(told)
                film.takes(DAWN).chmod(0o755)
                await daemon.finished(1, DAWN)
                await daemon.verify()
                assert not (await daemon.status())["problems"]
    finally:
        film.takes(DAWN).chmod(0o755)


@pytest.mark.parametrize("unread", ["object", "take"])
async def test_what_could_not_be_read_is_tried_again_until_it_can(tmp_path: Path, unread: str) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 1)
        await daemon.stop()
    digest = hashlib.sha256(still(1)).hexdigest()
    kept = film.root / ".takes" / "objects" / digest[:2] / digest[2:]
    put(film.media(1), still(2))
    closed = kept if unread == "object" else film.media(1)
    closed.chmod(0)
    with as_anybody():
        async with running_daemon(film, scan_every=OFTEN) as daemon:

            async def told() -> bool:
                said = "Its object cannot be read" if unread == "object" else "It cannot be read"
                problems = (await daemon.status())["problems"]
                return any(said in one["what"] and "tried again" in one["hint"] for one in problems)

            await until(told)
            closed.chmod(0o444)
            takes = await daemon.finished(2)
            assert bytes_of(takes[1:]) == hashes(still(2))
            assert film.media(1).read_bytes() == still(1)
            await daemon.verify()
            assert not (await daemon.status())["problems"]


async def test_a_second_daemon_for_a_project_refuses_and_says_why(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film):
        async with started(film) as second:
            assert await second.ended() == 1
        said = (tmp_path / "daemon.log").read_text()
        assert f"takes: another daemon keeps {film.root} already." in said
        assert "Traceback" not in said


async def test_a_folder_that_is_no_project_is_refused_with_what_to_do(tmp_path: Path) -> None:
    film = Film(tmp_path)
    write_config(tmp_path)
    async with started(film) as daemon:
        assert await daemon.ended() == 1
    said = (tmp_path / "daemon.log").read_text()
    assert f"takes init {film.root}" in said
    assert "Traceback" not in said


async def test_a_configuration_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    (tmp_path / "config.toml").write_text("scan_evry = 3\n")
    async with started(film) as daemon:
        assert await daemon.ended() == 1
    said = (tmp_path / "daemon.log").read_text()
    assert "config.toml" in said
    assert "scan_evry" in said
    assert "Traceback" not in said


async def test_a_stale_socket_is_replaced(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await daemon.kill()
        assert daemon.socket.is_socket()
        assert (await again(film, daemon.socket))["status"] == "ok"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still())
        await daemon.finished(1)
        daemon.say(number)
        assert await daemon.ended() == 0
        assert not daemon.socket.exists()
        assert "Traceback" not in (tmp_path / "daemon.log").read_text()


async def again(film: Film, socket: Path) -> dict[str, Any]:
    """The health of a daemon that is started at that very socket."""
    command = [*COMMAND, "daemon", str(film.root), "--socket", str(socket)]
    async with await anyio.open_process(command, env=environment(film.folder), stderr=None) as process:
        try:

            async def answers() -> dict[str, Any] | None:
                try:
                    async with httpx.AsyncClient(
                        transport=httpx.AsyncHTTPTransport(uds=str(socket)), base_url="http://localhost"
                    ) as client:
                        answer: dict[str, Any] = (await client.get("/api/health")).json()
                        return answer
                except httpx.TransportError:
                    return None

            return await until(answers)
        finally:
            process.kill()


async def test_it_stops_cleanly_while_somebody_listens(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        address = f"/api/projects/{daemon.project}/events"
        async with daemon.client.stream("GET", address, headers={"Accept": "text/event-stream"}) as stream:
            lines = stream.aiter_lines()
            assert await anext(lines) == "event: log.opened"
            assert await daemon.stop() == 0
            try:
                async for _ in lines:
                    pass
            except httpx.TransportError:
                pass
        assert "Traceback" not in (tmp_path / "daemon.log").read_text()


async def test_it_stops_cleanly_in_the_middle_of_work(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in range(20):
            film.drop(still(number), f"{number}.png")
        await daemon.finished(1)
        assert await daemon.stop() == 0
        assert "Traceback" not in (tmp_path / "daemon.log").read_text()
    async with running_daemon(film) as daemon:
        takes = await daemon.finished(20)
        assert bytes_of(takes) == hashes(*(still(number) for number in range(20)))
        await daemon.verify()


async def ended(film: Film, socket: Path) -> tuple[int, str]:
    """How a daemon ended that had no chance, and what it said."""
    process = await anyio.run_process(
        [*COMMAND, "daemon", str(film.root), "--socket", str(socket)],
        check=False,
        env=environment(film.folder),
        cwd=film.folder,
    )
    return process.returncode, process.stderr.decode()


async def test_a_second_daemon_at_a_socket_refuses_and_says_why(tmp_path: Path) -> None:
    film, other = await make_film(tmp_path), await make_film(tmp_path, "Other")
    async with running_daemon(film) as daemon:
        code, said = await ended(other, daemon.socket)
        assert code == 1
        assert f"takes: another daemon is running at {daemon.socket}." in said
        assert (await daemon.get("/api/health"))["status"] == "ok"


async def test_a_place_where_no_socket_can_be_is_named(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    (tmp_path / "file").write_text("no folder")
    code, said = await ended(film, tmp_path / "file" / "deeper" / "s")
    assert code == 1
    assert f"takes: {tmp_path / 'file' / 'deeper'} cannot be made" in said
    assert "Traceback" not in said


async def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    precious = tmp_path / "s"
    precious.write_text("precious")
    code, said = await ended(film, precious)
    assert code == 1
    assert "not a socket" in said
    assert precious.read_text() == "precious"
