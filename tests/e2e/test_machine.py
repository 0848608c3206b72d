"""The daemon of this machine as a person has it: opened, found again at the same port, told anew, and stopped."""

import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from tests.e2e.film import COMMAND, running_daemon
from tests.support.deadline import DEADLINE
from tests.support.film import CODE, Film, environment, make_film, until, write_config


class Machine:
    """A machine with a film on it, and the commands that are run there."""

    def __init__(self, folder: Path) -> None:
        self.film = Film(folder)
        write_config(folder, port=0)
        self.env = environment(folder, XDG_RUNTIME_DIR=str(folder / "r"))
        self.state = folder / "state" / "takes"

    def run(self, *args: str, code: int = 0, **env: str) -> str:
        """What a command prints that ends with that code."""
        done = subprocess.run(
            [*COMMAND, *args],
            env={**self.env, **env},
            cwd=self.film.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=2 * DEADLINE,
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    def json(self, *args: str) -> Any:
        return json.loads(self.run(*args, "--json").splitlines()[0])

    def pid(self) -> int:
        """The process of the daemon, which the doctor names."""
        said = next(one["what"] for one in self.json("doctor")["checks"] if one["name"] == "daemon")
        return int(said.partition("process ")[2].partition(",")[0])


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A folder whose name leaves room for a socket; no daemon is left in it."""
    with tempfile.TemporaryDirectory(prefix="takes-") as folder:
        one = Machine(Path(folder))
        try:
            yield one
        finally:
            one.run("stop")


def test_open_starts_what_is_missing_and_the_address_stays(machine: Machine) -> None:
    machine.run("init", str(machine.film.root))
    said = machine.run("open", "--print")
    address = said.splitlines()[0]
    assert "`takes stop` ends it" in said
    assert httpx.get(address).status_code == 303
    assert machine.json("projects")["projects"][0]["state"] == "live"
    assert machine.run("open", "--print") == f"{address}\n"
    assert machine.run("stop").startswith("The daemon, process ")
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)
    assert machine.run("stop") == "No daemon is running.\n"
    assert machine.run("open", "--print").splitlines()[0] == address
    os.kill(machine.pid(), signal.SIGKILL)
    assert machine.run("open", "--print").splitlines()[0] == address


def test_a_daemon_that_does_not_start_says_why(machine: Machine) -> None:
    (machine.film.folder / "config.toml").write_text("port = 70000\n")
    said = machine.run("open", "--print", code=1)
    assert "a daemon was started, and has ended: " in said
    assert "(at line 1)" in said
    assert str(machine.state / "daemon.log") in said
    assert (machine.state / "daemon.log").stat().st_mode & 0o777 == 0o600


def test_a_folder_named_as_our_package_is_not_taken_for_it(machine: Machine) -> None:
    (machine.film.folder / "daemon").mkdir()
    (machine.film.folder / "daemon" / "__main__.py").write_text("raise SystemExit('a stranger')")
    assert machine.run("open", "--print").startswith("http://127.0.0.1:")


def test_a_film_that_is_forgotten_is_not_there_after_a_restart(machine: Machine) -> None:
    machine.run("init", str(machine.film.root))
    machine.run("open", "--print")
    machine.run("forget", str(machine.film.root))
    assert machine.json("projects")["projects"] == []
    machine.run("stop")
    machine.run("open", "--print")
    assert machine.json("projects")["projects"] == []
    assert (machine.film.root / ".takes" / "log.db").is_file()


async def test_a_daemon_that_is_told_to_reload_goes_on_and_says_what_it_took(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        write_config(tmp_path, auto_activate="latest", backups=9)
        daemon.say(signal.SIGHUP)

        async def told() -> list[dict[str, Any]] | None:
            lines = (tmp_path / "daemon.log").read_text().splitlines()
            found = [json.loads(line) for line in lines if line.startswith("{")]
            said = [one for one in found if "settings" in one or "changed" in one]
            return said if len(said) == 2 else None

        changed, waiting = await until(told)
        assert changed["changed"] == ["auto_activate"]
        assert waiting["settings"] == ["backups"]
        assert (await daemon.get("/api/health"))["status"] == "ok"
        assert await daemon.stop() == 0


LEADER = """
import fcntl, os, subprocess, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
sys.exit(subprocess.run(sys.argv[1:]).returncode)
"""
"""A shell of a terminal, as far as it matters here."""


def test_a_terminal_that_is_closed_takes_its_daemon_along(machine: Machine) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", LEADER, *COMMAND, "daemon", str(machine.film.root)]
    machine.run("init", str(machine.film.root))
    log = machine.film.folder / "log"
    with log.open("wb") as output:
        shell = subprocess.Popen(
            command, stdin=theirs, stdout=output, stderr=output, env=machine.env, cwd=CODE
        )
    os.close(theirs)

    async def listens() -> bool:
        return '"gallery"' in log.read_text()

    async def stopped() -> bool:
        return '"stopped"' in log.read_text()

    try:
        anyio.run(until, listens)
        os.close(ours)
        anyio.run(until, stopped)
    finally:
        with suppress(ProcessLookupError):
            shell.kill()
        shell.wait()
    assert '"reloaded"' not in log.read_text()
