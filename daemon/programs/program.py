"""A program that runs beside the daemon, started by a leash so that no disk that hangs can keep it from starting."""

import asyncio
import atexit
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from daemon.programs import leash
from projections.files.threads import check_allowed, start_in_thread

TRIES = 3


class NotStarted(OSError):
    """Raised when nobody is there who could start a program, time and again."""


class Program:
    """A program under way, with all that it starts in its session; its number is `pid`."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._said = bytearray()
        self._group = 0
        self.pid = 0
        self.returncode: int | None = None

    async def begin(self) -> None:
        """Wait until it has a number."""
        line = await self._line()
        if not line:
            raise NotStarted
        self._group, self.pid = map(int, line.split())

    async def wait(self) -> int:
        """Its exit code, once it has ended; that of a signal is negative."""
        if self.returncode is None:
            line = await self._line()
            self.returncode = int(line) if line else self._killed()
        return self.returncode

    def _killed(self) -> int:
        """The exit code where somebody has killed the leash, which can end what it has held no more."""
        with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of one that has ended
            os.killpg(self._group, signal.SIGKILL)
        return -signal.SIGKILL

    def tell(self, number: signal.Signals) -> None:
        """Send it, and all in its process group, a signal."""
        with suppress(OSError):
            self._connection.send(bytes([number]))

    def close(self) -> None:
        """Let go of it: what is left of its process group is killed."""
        self._connection.close()

    async def _line(self) -> bytes:
        loop = asyncio.get_running_loop()
        while b"\n" not in self._said:
            try:
                more = await loop.sock_recv(self._connection, 64)
            except ConnectionError:
                more = b""
            if not more:
                return b""
            self._said += more
        line, _, rest = self._said.partition(b"\n")
        self._said = bytearray(rest)
        return bytes(line)


async def start(
    command: Sequence[str], files: Sequence[int], env: Mapping[str, str], folder: Path | None = None
) -> Program:
    """Start a program on a leash, with those files as its input, output and complaints; NotStarted.

    Where fewer are given, its output goes nowhere and its complaints where ours go.
    """
    told = {"command": [*command], "env": dict(env), "folder": None if folder is None else str(folder)}
    request = json.dumps(told).encode()
    for _ in range(TRIES):
        with suppress(OSError):  # who forks leashes may have been killed since; the next try finds another
            program = Program(await _connected(request, files))
            try:
                await program.begin()
            except BaseException:
                program.close()
                raise
            return program
    raise NotStarted


async def _connected(request: bytes, files: Sequence[int]) -> socket.socket:
    """The connection to a leash that has been told what to run; of one that comes when nobody waits any more, we let go."""
    check_allowed()
    with ExitStack() as lent:  # copies: whoever gives up meanwhile closes his own
        copies = [_lent(lent, file) for file in files]
        asked = start_in_thread(_asked, request, copies, lent.pop_all())
    try:
        return await asyncio.shield(asked)
    except asyncio.CancelledError:
        asked.add_done_callback(_let_go)
        raise


def _lent(lent: ExitStack, file: int) -> int:
    copy = os.dup(file)
    lent.callback(os.close, copy)
    return copy


def _let_go(asked: "asyncio.Future[socket.socket]") -> None:
    if not asked.cancelled() and not asked.exception():
        asked.result().close()


def _asked(request: bytes, files: Sequence[int], lent: ExitStack) -> socket.socket:
    """The same, in a thread, which gives back the files that are lent to it."""
    with lent:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                LEASHES.pass_on(theirs)
            socket.send_fds(ours, [len(request).to_bytes(leash.HEADER, "big")], files)
            ours.sendall(request)
            ours.setblocking(False)
        except BaseException:
            ours.close()
            raise
        return ours


class Leashes:
    """The process that forks leashes for us, as long as we are there."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self.pid = 0
        self._starting = threading.Lock()

    def begin(self) -> socket.socket:
        """Have it started, best while no file is open; the socket to it."""
        with self._starting:
            if self._socket is None:
                self.pid, self._socket = _started()
                atexit.register(self._socket.close)
            return self._socket

    def pass_on(self, connection: socket.socket) -> None:
        """Have a leash forked at the other end of that connection; OSError where nobody is there to do it."""
        control = self.begin()
        try:
            socket.send_fds(control, [b"."], [connection.fileno()])
        except OSError:
            self._lose(control)
            raise

    def _lose(self, control: socket.socket) -> None:
        with self._starting:
            if self._socket is control:
                control.close()
                self._socket = None
                os.waitpid(self.pid, os.WNOHANG)


LEASHES = Leashes()


def _started() -> tuple[int, socket.socket]:
    ours, theirs = socket.socketpair()
    with theirs:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-S", leash.__file__],
            {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, theirs.fileno(), 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            ],
        )
    return pid, ours
