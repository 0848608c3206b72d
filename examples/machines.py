"""The machines of the demo of a studio: each a process with a state, a configuration and a socket of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import click

from daemon.cli.client import Daemon, Json, api_path
from events import TakesError

CHECKOUT = Path(__file__).resolve().parent.parent
TAKES = Path(sys.executable).with_name("takes")

ENDING = 30.0
"""Seconds that a machine may take to end."""

CONFIG = f"""port = "off"
parallel = 1
[studio]
make = "workers"
silent = 5.0
[runner]
kind = "command"
command = {json.dumps([sys.executable, "-m", "examples.renderer"])}
"""
"""The same for all machines; what each of them is, is said when it is started."""


class StudioFailed(click.ClickException):
    """Raised when the studio cannot be set up, or something does not happen in it."""


def address(shot: str) -> str:
    """A shot as it is written in an address."""
    return shot.replace("/", ":")


class Machine:
    """A machine of the studio: a process with a state, a configuration and a socket of its own."""

    def __init__(self, folder: Path, name: str, film: Path, services: Mapping[str, str]) -> None:
        self.name = name
        self.folder = folder / name
        self.folder.mkdir()
        self.daemon = Daemon(str(self.folder / "s"))
        self._film = film
        (self.folder / "config.toml").write_text(CONFIG)
        own = {f"XDG_{one}_HOME": str(self.folder / one.lower()) for one in ("STATE", "DATA", "CACHE")}
        self.environment = {
            **os.environ,
            **services,
            **own,
            "TAKES_CONFIG": str(self.folder / "config.toml"),
            "PYTHONPATH": str(CHECKOUT),  # where the renderer is, which runs somewhere else
        }
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, *arguments: object) -> None:
        """Have `takes` do that on this machine."""
        done = subprocess.run(
            [TAKES, *map(str, arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StudioFailed(f"takes {arguments[0]} on {self.name}: {done.stderr.strip()}")

    @property
    def role(self) -> str:
        """What it is: a keeper, a desk or a worker."""
        return self.name.partition("-")[0]

    def start(self) -> None:
        """Have it do its part; it answers when this returns, where it is one that does."""
        socket: Sequence[object] = ("--socket", self.folder / "s")
        daemon: Sequence[object] = ("daemon", "--role", self.role, *socket, self._film)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [TAKES, *map(str, ("worker", self._film) if self.role == "worker" else daemon)],
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it, with SIGKILL in the middle of whatever it does."""
        if self._process:
            self._process.send_signal(how)
            try:
                self._process.wait(ENDING)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    @property
    def is_running(self) -> bool:
        """Whether it was started, and not ended since."""
        return self._process is not None

    def ask(self, method: str, *parts: str, body: Json | None = None) -> Json:
        """What it answers about the film."""
        answer: Json = self.daemon.ask(method, api_path("projects", "studiofilm", *parts), body)
        return answer

    def knows(self, shot: str) -> bool:
        """Whether it answers for that shot yet."""
        with suppress(TakesError):
            return bool(self.ask("GET", "shots", address(shot)))
        return False

    def takes(self, shot: str) -> Sequence[Json]:
        """All takes of a shot; the colour of a picture is known only where it was drawn."""
        with suppress(TakesError):
            found: Sequence[Json] = self.ask("GET", "shots", address(shot), "takes")["takes"]
            return [{name: value for name, value in one.items() if name != "colour"} for one in found]
        return ()

    def has(self, shot: str, count: int) -> bool:
        """Whether that many takes of a shot are complete, or have failed, as far as it knows."""
        done = [one for one in self.takes(shot) if one["status"] != "generating"]
        return len(done) >= count
