"""Attempts: a decoder tries its own cage, as somebody would who had taken it over, before it sees the first file."""

import os
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final


def holes(lent: int) -> list[str]:
    """What a decoder can do all the same, in words, by its one open descriptor; nothing where its cage holds."""
    return [what for what, attempt in ATTEMPTS.items() if _succeeds(attempt, lent)]


def _succeeds(attempt: Callable[[int], object], lent: int) -> bool:
    try:
        attempt(lent)
    except (OSError, AttributeError, ValueError):  # refused, or not known to this system
        return False
    return True


def _open(_: int) -> None:
    os.close(os.open("/", os.O_RDONLY))


def _speak(_: int) -> None:
    socket.socket(socket.AF_UNIX).close()


def _use_network(_: int) -> None:
    socket.socket(type=socket.SOCK_DGRAM).close()


def _fork(_: int) -> None:
    if os.fork() == 0:
        os._exit(0)


def _renice(_: int) -> None:
    other = os.getppid()
    os.setpriority(os.PRIO_PROCESS, other, os.getpriority(os.PRIO_PROCESS, other))


def _name_memory(_: int) -> None:
    os.close(os.memfd_create("decoder"))


def _exceed(_: int) -> None:
    """Have what no limit is set to."""
    wanted = [resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE]
    wanted += [resource.RLIMIT_AS] if sys.platform == "linux" else []
    if all(resource.getrlimit(which)[1] != resource.RLIM_INFINITY for which in wanted):
        raise ValueError


ATTEMPTS: Final[dict[str, Callable[[int], object]]] = {
    "open files": _open,
    "see what lies in folders": lambda _: Path("/").stat(),
    "change files' modes": lambda lent: os.fchmod(lent, 0o600),
    "speak to other programs": _speak,
    "use the network": _use_network,
    "signal other programs": lambda _: os.kill(os.getppid(), 0),
    "start programs": _fork,
    "keep memory under a name": _name_memory,
    "slow other programs down": _renice,
    "be without a limit": _exceed,
}
"""By what a decoder could do, how it is tried; it raises where that is refused."""
