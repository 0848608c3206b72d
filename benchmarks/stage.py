"""The stage: a film, and the daemon that keeps it, as a process of its own with a socket of its own."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from daemon.cli.client import Daemon, Json, NoDaemon, api_path
from daemon.home.init import init_project

PATIENCE = 120.0
"""Seconds until what should happen counts as not happening."""

CHECKOUT = Path(__file__).resolve().parent.parent


class NothingHappens(Exception):
    """Raised when the daemon does not do what is waited for."""


class Stage(NamedTuple):
    """A daemon that keeps one project."""

    daemon: Daemon
    project: str
    process: "subprocess.Popen[bytes]"

    @property
    def pid(self) -> int:
        return self.process.pid

    def ask(self, *parts: str) -> Json:
        """Ask one question about the project."""
        return self.daemon.ask("GET", api_path("projects", self.project, *parts))

    def is_at_rest(self) -> bool:
        """Whether it has scanned, and made all that is to be made of its log."""
        status = self.ask("status")
        behind = sum(one["behind"] for one in status["projections"])
        return status["lastScan"] is not None and not behind and not status["waiting"]


@contextmanager
def running(root: Path, *options: str) -> Iterator[Stage]:
    """Make the folder a project where it is none, and run the daemon on it, with those options, until the end."""
    project = init_project(root).id
    with tempfile.TemporaryDirectory(prefix="takes-") as folder:
        socket = f"{folder}/takes.sock"
        command = [sys.executable, "-c", "from daemon.cli.main import main; main()"]
        process = subprocess.Popen(
            [*command, "daemon", str(root), "--socket", socket, *options],
            cwd=CHECKOUT,
            env=os.environ | {"TAKES_CONFIG": f"{folder}/config.toml", "XDG_STATE_HOME": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stage = Stage(Daemon(socket), project, process)
        try:
            yield stage
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until(fact: Callable[[], bool], pause: float = 0.02) -> None:
    """Return once it is so; NothingHappens if it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not fact():
        if time.monotonic() > deadline:
            raise NothingHappens
        time.sleep(pause)


def wait_until_it_answers(stage: Stage) -> None:
    """Return once the daemon says how it is."""

    def answers() -> bool:
        try:
            return bool(stage.daemon.ask("GET", "/api/health"))
        except NoDaemon:
            if stage.process.poll() is not None:
                raise NothingHappens from None
            return False

    wait_until(answers, 0.005)
