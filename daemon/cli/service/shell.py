"""The shell: the system's own programs, which do what is asked for and say what came of it."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from events import TakesError


class Refusal(TakesError):
    """Raised when a program of the system does not do what it was asked for."""

    hint = "What it says above is the system's own; `takes service logs` may say more."

    def __init__(self, command: Sequence[str], said: str) -> None:
        super().__init__(f"`{' '.join(command)}` failed: {said.strip() or 'it does not say why'}")


def has(program: str) -> bool:
    """Whether that program is here."""
    return shutil.which(program) is not None


def ask(*command: str, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """What that command says, and its exit code."""
    return subprocess.run(
        command,
        env={**os.environ, **(env or {}), "SYSTEMD_COLORS": "0", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def do(*command: str, env: Mapping[str, str] | None = None) -> str:
    """What that command says; Refusal where it fails."""
    done = ask(*command, env=env)
    if done.returncode:
        raise Refusal(command, done.stderr or done.stdout)
    return done.stdout


def show(*command: str, env: Mapping[str, str] | None = None) -> int:
    """Have that command speak to whoever sits there; its exit code."""
    try:
        return subprocess.run(command, env={**os.environ, **(env or {})}, check=False).returncode
    except KeyboardInterrupt:  # the way in which one stops to follow a log
        return 0
