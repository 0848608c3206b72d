"""The daemon under a supervisor: it is handed its socket, says when it is there, and gives signs only while it lives."""

import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from shutil import which

import anyio
import pytest

from tests.daemon.supervision.manager import Notified, handing_over, listening, short_folder
from tests.e2e.film import COMMAND
from tests.left_out import leave_out
from tests.support.deadline import DEADLINE
from tests.support.filesystems import FUSE, hanging, mounted
from tests.support.film import Film, asking, environment, make_film, still, until, write_config

WATCHDOG = 1.5
"""Seconds; those of a real supervisor are many."""


class Service:
    """A daemon that a supervisor has started."""

    def __init__(self, process: subprocess.Popen[bytes], notified: Notified) -> None:
        self.process = process
        self.notified = notified

    async def says(self, fact: str) -> None:
        await anyio.to_thread.run_sync(self.notified.wait_for, fact)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE)


@contextmanager
def supervised(film: Film, *more: Film, sockets: Path, listener: socket.socket) -> Iterator[Service]:
    """A daemon of those films, at a socket that is there already."""
    write_config(film.folder)
    notified = Notified(sockets)
    serve = handing_over([listener], [*COMMAND, "daemon", *(str(one.root) for one in (film, *more))])
    log = film.folder / "daemon.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            serve,
            env=environment(film.folder, **notified.environment(WATCHDOG)),
            pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield Service(process, notified)
    finally:
        process.kill()
        process.wait()
        notified.close()
        print(log.read_text(errors="replace"))  # noqa: T201 - pytest shows it with a failure


@asynccontextmanager
async def answering(*films: Film) -> AsyncIterator[tuple[Service, Path]]:
    """A daemon that keeps those films and has said so, and its socket."""
    with (
        short_folder() as sockets,
        listening(sockets / "s") as listener,
        supervised(*films, sockets=sockets, listener=listener) as service,
    ):
        await service.says("READY=1")
        yield service, sockets / "s"


async def test_the_socket_is_there_before_the_daemon_and_after_it(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    with short_folder() as sockets, listening(sockets / "s") as listener:
        async with asking(sockets / "s") as client, anyio.create_task_group() as group:
            answered = anyio.Event()

            async def ask() -> None:  # nobody is there yet, and the question waits
                assert (await client.get("/api/health")).status_code == 200
                answered.set()

            group.start_soon(ask)
            with supervised(film, sockets=sockets, listener=listener) as service:
                await service.says("READY=1")
                assert "STATUS=Keeps 1 film." in service.notified.said
                with anyio.fail_after(DEADLINE):
                    await answered.wait()
                assert await anyio.to_thread.run_sync(service.stop) == 0
                assert "STOPPING=1" in service.notified.heard(0.1)
        with socket.socket(socket.AF_UNIX) as again:
            again.connect(str(sockets / "s"))  # whoever asks now has the supervisor start another one


async def test_no_other_daemon_takes_the_place_of_a_socket_that_is_listened_at(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    with short_folder() as sockets, listening(sockets / "s"):
        inode = (sockets / "s").stat().st_ino
        done = await anyio.run_process(
            [*COMMAND, "daemon", str(film.root), "--socket", str(sockets / "s")],
            env=environment(tmp_path),
            check=False,
        )
        assert done.returncode == 1
        assert b"another daemon is running" in done.stderr
        assert (sockets / "s").stat().st_ino == inode


async def test_signs_of_life_come_while_there_is_life_and_no_longer(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with answering(film) as (service, _):
        await service.says("WATCHDOG=1")
        await service.says("WATCHDOG=1")
        service.process.send_signal(signal.SIGSTOP)
        await anyio.to_thread.run_sync(service.notified.heard, 0.1)
        assert "WATCHDOG=1" not in await anyio.to_thread.run_sync(service.notified.heard, 2 * WATCHDOG)
        service.process.send_signal(signal.SIGCONT)
        await service.says("WATCHDOG=1")


async def test_a_daemon_that_is_ended_for_silence_says_where_it_was(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with answering(film) as (service, _):
        await service.says("WATCHDOG=1")
        service.process.send_signal(signal.SIGABRT)  # as systemd does it
        assert await anyio.to_thread.run_sync(service.process.wait, DEADLINE) == -signal.SIGABRT
    assert "Fatal Python error: Aborted" in (tmp_path / "daemon.log").read_text()


@pytest.mark.parametrize("disk", [FUSE])
async def test_a_disk_that_hangs_has_nobody_restart_the_daemon_of_all_films(
    tmp_path: Path, disk: str
) -> None:
    with mounted(disk, tmp_path) as place:
        film, stuck = await make_film(tmp_path, "Whole"), await make_film(place, "Stuck")
        async with answering(film, stuck) as (service, _):
            for number in range(40):
                stuck.drop(still(number), f"frame{number}.png")
            with hanging(place):
                await anyio.to_thread.run_sync(service.notified.heard, 2 * WATCHDOG)
                await service.says("WATCHDOG=1")
                await service.says("WATCHDOG=1")


async def test_systemd_itself_starts_the_daemon_once_somebody_asks(tmp_path: Path) -> None:
    activate = which("systemd-socket-activate")
    if not activate:
        leave_out("systemd-socket-activate is missing: install systemd")
    film = await make_film(tmp_path)
    write_config(tmp_path)
    with short_folder() as sockets:
        path, log = sockets / "s", tmp_path / "daemon.log"
        serve = [activate, "--listen", str(path), *COMMAND, "daemon", str(film.root)]
        with log.open("ab") as output:
            process = await anyio.open_process(serve, env=environment(tmp_path), stdout=output, stderr=output)
        try:
            async with asking(path) as client:
                await until(lambda: anyio.Path(path).exists())
                assert (await client.get("/api/health")).status_code == 200
            process.send_signal(signal.SIGTERM)
            with anyio.fail_after(DEADLINE):
                assert await process.wait() == 0
            assert path.exists()
        finally:
            if process.returncode is None:
                process.kill()
            await process.aclose()
