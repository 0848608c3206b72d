"""The nursery: a process that has imported what a daemon needs, and is forked for every daemon that a test starts.

What runs is the daemon's own `main`, in a process of its own with an environment of its own, that can be killed
like any other. Only the time in which Python imports its modules is saved, a second for each of hundreds.
"""

import asyncio
import atexit
import contextlib
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

CODE = Path(__file__).parent.parent.parent
MOST = 1 << 16
"""Bytes that the question for one daemon may have."""


class Child:
    """A daemon of the nursery, as asyncio shows a process of our own."""

    def __init__(self, pid: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._writer = writer
        self._reaped = asyncio.ensure_future(self._reap(reader))

    async def _reap(self, reader: asyncio.StreamReader) -> None:
        self.returncode = int(await reader.readline() or -signal.SIGKILL)  # or the nursery itself is gone
        self._writer.close()

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        await asyncio.shield(self._reaped)
        assert self.returncode is not None
        return self.returncode


async def start(args: Sequence[str], env: Mapping[str, str], cwd: Path, output: int) -> Child:
    """Start `takes` with those arguments; what it prints goes to that descriptor."""
    ours, theirs = socket.socketpair()
    with theirs:
        question = json.dumps({"args": args, "env": dict(env), "cwd": str(cwd)}).encode()
        socket.send_fds(_nursery(), [question], [theirs.fileno(), output])
    reader, writer = await asyncio.open_connection(sock=ours)
    return Child(int(await reader.readline()), reader, writer)


@cache
def _nursery() -> socket.socket:
    """The connection to this process's nursery, which ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env={**os.environ, "PYTHONPATH": str(CODE)},
        )
    atexit.register(process.wait)
    atexit.register(ours.close)  # the last to be registered is the first to be called
    return ours


class Nursery:
    """Forks a daemon for each question, and tells whoever has asked how it ended."""

    def __init__(self, questions: socket.socket) -> None:
        self._questions = questions
        self._children: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._bell, self._hammer = socket.socketpair()

    def run(self) -> Callable[[], Any]:
        """Serve until nobody can ask any more; in a child, what it is to do."""
        self._hammer.setblocking(False)
        signal.set_wakeup_fd(self._hammer.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for one in (self._questions, self._bell):
            self._selector.register(one, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._bell:
                    self._reap()
                else:
                    question, files, *_ = socket.recv_fds(self._questions, MOST, 2)
                    if not question:
                        return self._end
                    if not (pid := os.fork()):
                        return self._become(json.loads(question), *files)
                    self._children[pid] = socket.socket(fileno=files[0])
                    self._children[pid].sendall(b"%d\n" % pid)
                    os.close(files[1])

    def _reap(self) -> None:
        self._bell.recv(4096)
        for pid, asker in list(self._children.items()):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                with contextlib.suppress(BrokenPipeError), self._children.pop(pid):
                    asker.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))

    def _end(self) -> int:
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
        return 0

    def _become(self, question: Any, asker: int, output: int) -> Callable[[], Any]:
        """Be as a process that was just started for that."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for one in (self._questions, self._bell, self._hammer, *self._children.values()):
            one.close()
        os.close(asker)
        for descriptor in (1, 2):
            os.dup2(output, descriptor)
        os.close(output)
        os.chdir(question["cwd"])
        os.environ.clear()
        os.environ.update(question["env"])
        return lambda: _takes(question["args"])


def _takes(args: Sequence[str]) -> Any:
    from daemon.cli import main
    from daemon.disk import crash_points
    from tests import blocking

    blocking.watch(blocking.BENEATH_THE_LOOP)
    importlib.reload(crash_points)  # it reads the environment once, when it is imported
    return main.main(args)


if __name__ == "__main__":
    # What every daemon would take a second to import anew: the command, what it runs, and what finds its blocking calls.
    import daemon.cli.machine.start
    import daemon.run  # noqa: F401
    import tests.blocking  # noqa: F401

    sys.exit(Nursery(socket.socket(fileno=int(sys.argv[1]))).run()())
