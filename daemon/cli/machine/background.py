"""A daemon in the background: started for who needs one, and its log in the state folder."""

# ruff: noqa: PTH100, PTH103, PTH105, PTH116, PTH118, PTH120, PTH123 - text, as all of `locations`

import os
import subprocess
import sys
import time
from contextlib import suppress

from daemon import locations
from daemon.cli.client import Daemon, Json, NoDaemon, api_path
from events import TakesError

LOG = "daemon.log"

LARGEST = 10_000_000
"""Bytes of the log from which a new one is begun; the last one is kept beside it."""

PATIENCE = 60.0
"""Seconds until a daemon that was started has to answer: each film's disk may take five of them."""

LOOK_AGAIN = 0.05
LAST_LINES = 5


class DaemonNotStarted(TakesError):
    """Raised when a daemon that was started ends at once, or does not answer for long."""

    def __init__(self, log: str, said: str, why: str) -> None:
        super().__init__(f"a daemon was started, and {why}" + (f": {said}" if said else ""))
        self.hint = f"Its log is {log}; `takes doctor` looks for what is wrong."


def log_path() -> str:
    """Where a daemon in the background writes its log."""
    return os.path.join(locations.state_directory(), LOG)


def start_daemon(daemon: Daemon) -> Json:
    """Start a daemon at that socket, for as long as nobody stops it; what it says of itself. DaemonNotStarted."""
    path = log_path()
    os.makedirs(os.path.dirname(path), mode=locations.PRIVATE_MODE, exist_ok=True)
    put_aside(path)
    with open(path, "ab", opener=_private) as log:
        begun = log.tell()
        process = _start(os.path.abspath(daemon.path), log.fileno())
    until = time.monotonic() + PATIENCE
    while True:
        has_ended = process.poll() is not None
        with suppress(NoDaemon):  # another one may have been faster
            return daemon.ask("GET", api_path("health"))
        if has_ended:
            raise DaemonNotStarted(path, _said(path, begun), "has ended")
        if time.monotonic() > until:
            raise DaemonNotStarted(path, "", f"does not answer after {PATIENCE:.0f} s")
        time.sleep(LOOK_AGAIN)


def put_aside(log: str) -> None:
    """Have a log that has grown large be beside the new one, in place of the one before."""
    with suppress(FileNotFoundError):
        if os.stat(log).st_size > LARGEST:
            os.replace(log, f"{log}.1")


def _start(socket: str, log: int) -> "subprocess.Popen[bytes]":
    """The process, which no terminal and no folder holds on to; -P keeps a folder named `daemon` from being us."""
    config = {"TAKES_CONFIG": os.path.abspath(path)} if (path := os.environ.get("TAKES_CONFIG")) else {}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "daemon", "daemon", "--socket", socket],
        env={**os.environ, **config},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _said(path: str, begun: int) -> str:
    """What that daemon has complained of."""
    with open(path, "rb") as log:
        log.seek(begun)
        lines = log.read().decode(errors="replace").splitlines()
    return " ".join(line.removeprefix("takes: ") for line in lines[-LAST_LINES:])
