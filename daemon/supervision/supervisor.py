"""The supervisor: whoever has started the daemon and looks after it, as systemd does.

What it hands over stands in the environment and at the first file descriptors; what it is told are datagrams. These are
the protocols of sd_listen_fds(3), sd_watchdog_enabled(3) and sd_notify(3), and they are kept stable.
"""

import os
import socket
import stat
from collections.abc import MutableMapping
from contextlib import suppress

from events import TakesError

FIRST = 3
"""The descriptor of the first socket that is handed over."""

NAMES = ("NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
"""What is said to this process alone, and to none that it starts."""


class BadHandover(TakesError):
    """Raised when what the supervisor hands over is not one socket to listen on."""

    hint = "Look at the socket unit: it is to have one ListenStream, the path of a Unix socket."


class Supervisor:
    """Whoever looks after this process, or nobody.

    `listener` is a socket that it has opened for us; `patience` the seconds after which it restarts a daemon of which it
    has not heard that it lives.
    """

    def __init__(
        self, address: str = "", listener: socket.socket | None = None, patience: float | None = None
    ) -> None:
        self.listener = listener
        self.patience = patience
        self._address = f"\0{address[1:]}" if address.startswith("@") else address

    def tell(self, *facts: str) -> None:
        """Tell it such facts as `READY=1`; one who is not there any more need not be told."""
        if not self._address:
            return
        lines = "\n".join(" ".join(fact.split("\n")) for fact in facts)
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(lines.encode("utf-8", "replace"), self._address)


def met(environment: MutableMapping[str, str] = os.environ) -> Supervisor:
    """The supervisor of this process; what it has said is taken out of the environment."""
    said = {name: environment.pop(name) for name in NAMES if name in environment}
    return Supervisor(said.get("NOTIFY_SOCKET", ""), _listener(said), _patience(said))


def _is_for_us(pid: str | None) -> bool:
    return pid == str(os.getpid())


def _patience(said: MutableMapping[str, str]) -> float | None:
    microseconds = said.get("WATCHDOG_USEC", "")
    if not (microseconds.isdecimal() and int(microseconds) and "NOTIFY_SOCKET" in said):
        return None
    return int(microseconds) / 1e6 if _is_for_us(said.get("WATCHDOG_PID", str(os.getpid()))) else None


def _listener(said: MutableMapping[str, str]) -> socket.socket | None:
    count = said.get("LISTEN_FDS", "0")
    if not _is_for_us(said.get("LISTEN_PID")) or count == "0":
        return None
    if count != "1":
        raise BadHandover(f"the supervisor hands over {count} sockets, and one is expected")
    os.set_inheritable(FIRST, False)
    if not stat.S_ISSOCK(os.fstat(FIRST).st_mode):
        raise BadHandover("what the supervisor hands over is no socket")
    listener = socket.socket(fileno=FIRST)
    if (listener.family, listener.type) != (socket.AF_UNIX, socket.SOCK_STREAM) or not listener.getsockname():
        raise BadHandover(
            f"the supervisor hands over another socket than a Unix one: {listener.getsockname()!r}"
        )
    return listener
