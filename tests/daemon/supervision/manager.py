"""A service manager's part, played by a test: it listens for a service, starts it, and hears what it says of itself."""

import select
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.deadline import DEADLINE

HAND_OVER = """
import os, sys
fds = [int(one) for one in sys.argv[1].split(",") if one]
for place, fd in enumerate(fds, 3):
    os.dup2(fd, place) if fd != place else os.set_inheritable(fd, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(fds)))
os.execvp(sys.argv[2], sys.argv[2:])
"""


def handing_over(listeners: Sequence[socket.socket], command: Sequence[str]) -> list[str]:
    """A command that begins another one as systemd would; whoever runs it passes on the sockets' descriptors."""
    return [sys.executable, "-c", HAND_OVER, ",".join(str(one.fileno()) for one in listeners), *command]


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder for sockets, whose paths are short; a test's own folder is not."""
    with tempfile.TemporaryDirectory(prefix="takes-") as folder:
        yield Path(folder)


@contextmanager
def listening(path: Path | str) -> Iterator[socket.socket]:
    """A Unix socket that listens there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        yield listener


class Notified:
    """The socket at which a service says how it is, and all that it has said."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self.said: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))

    def environment(self, watchdog: float | None = None) -> dict[str, str]:
        """What a service is told of it, and after how many seconds of silence it would be restarted."""
        told = {"NOTIFY_SOCKET": str(self.path)}
        return told if watchdog is None else {**told, "WATCHDOG_USEC": str(int(watchdog * 1e6))}

    def heard(self, seconds: float = 0.0) -> list[str]:
        """What it says within so many seconds."""
        ends, new = time.monotonic() + seconds, []
        while select.select([self._socket], [], [], max(0.0, ends - time.monotonic()))[0]:
            new += self._socket.recv(4096).decode().split("\n")
        self.said += new
        return new

    def wait_for(self, fact: str) -> None:
        """Wait until it says that, from now on."""
        ends = time.monotonic() + DEADLINE
        while fact not in self.heard(0.05):
            assert time.monotonic() < ends, f"{fact} was never said, but {self.said}"

    def close(self) -> None:
        self._socket.close()
        self.path.unlink()
