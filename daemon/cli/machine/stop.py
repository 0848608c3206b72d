"""The end of the daemon, on the command line."""

# ruff: noqa: PLC0415

import os
import signal
import time

import click

from daemon.cli.client import Daemon, DaemonSilent, NoDaemon, NotOurs, api_path
from daemon.cli.main import Options, as_json, on_socket, program
from daemon.cli.output import print_answer
from events import Refused

PATIENCE = 30.0
"""Seconds until a daemon that was told to stop has to be gone; it gives its own work twenty."""

LOOK_AGAIN = 0.02


class StillRunning(Refused):
    """Raised when the daemon was told to stop, and is still there."""

    def __init__(self, pid: int, why: str = f"it goes on after {PATIENCE:.0f} s") -> None:
        super().__init__(f"the daemon, process {pid}, was told to stop, and {why}")
        self.hint = f"A disk that does not answer may hold it up; its log says more. `kill -9 {pid}` ends it, and loses no take."


@program.command()
@on_socket
@as_json
@click.pass_obj
def stop(options: Options) -> None:
    """Have the daemon finish what it is at, and end; it is gone when this returns."""
    pid = stop_daemon(options.daemon)
    if options.json:
        return print_answer({"stopped": pid})
    return print_answer(f"The daemon, process {pid}, has ended." if pid else "No daemon is running.")


def stop_daemon(daemon: Daemon) -> int | None:
    """Tell it to stop, and wait until its process is gone; which one that was, None where there is none."""
    try:
        pid = int(daemon.ask("GET", api_path("health"))["pid"])
    except (DaemonSilent, NotOurs):
        raise
    except NoDaemon:
        return None
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return pid
    except PermissionError as error:
        raise StillRunning(pid, f"may not be told by you: {error.strerror}") from error
    _wait_until_gone(daemon.path, pid)
    return pid


def _wait_until_gone(path: str, pid: int) -> None:
    until = time.monotonic() + PATIENCE
    while _is_there(path, pid):
        if time.monotonic() > until:
            raise StillRunning(pid)
        time.sleep(LOOK_AGAIN)


def _is_there(path: str, pid: int) -> bool:
    """Whether the process is, and has not let go of its socket: a parent may take its time to notice the end."""
    import fcntl

    try:
        os.kill(pid, 0)
        with open(f"{path}.lock", "rb") as lock:  # noqa: PTH123 - pathlib is slow
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except ProcessLookupError:
        return False
    except (BlockingIOError, FileNotFoundError):
        return True
    return False
