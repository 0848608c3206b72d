"""The leash: a small process that starts programs for the daemon, and sees to it that none outlives who asked for it.

A process that is forked has every file open that its parent has, and closes them before it becomes a program. On a
disk that hangs even that takes for ever, and so would a start by the daemon itself, which has files of every film
open. So one process begins with the daemon and forks for it; it opens nothing.

`python leash.py` has a socket at its standard input. Each message there brings the one end of a connection, for which
it forks a leash. Over that the daemon says what to run and lends it up to three files; the leash runs it in a session of
its own and answers with two lines: its own number and the program's, and in the end the exit code. Each byte that the daemon
sends is a signal for all of its process group; once the connection closes, for whatever reason, that is killed.
It is run as a file, without our packages, so that it starts in no time.
"""

import ctypes
import json
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import Any, NoReturn

PR_SET_PDEATHSIG = 1
NOT_RUN = 127
"""The exit code of a shell that cannot run what it is told to."""

HEADER = 8
"""Bytes of the length before what to run; the files come with them."""

FILES = 3
MOST_FILES = 64
"""More than a leash ever has open."""

_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Meant for the daemon or the program; a leash ends by its connection."""

_RESET = (*_IGNORED, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD)
"""What a program expects to be as it always is, and Python or we have changed."""


def main() -> NoReturn:
    """Fork a leash for each connection that arrives, until nobody can send one any more."""
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the leashes
    asked = socket.socket(fileno=0)
    while True:
        message, connections, *_ = socket.recv_fds(asked, 1, 1)
        if not message:
            os._exit(0)
        for connection in connections:
            if os.fork() == 0:
                asked.close()
                _hold(socket.socket(fileno=connection))
            os.close(connection)


def _hold(connection: socket.socket) -> None:
    """Run one program to its end."""
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        request, files = _received(connection)
        heeding, begun = os.pipe()
        program = os.fork()
        if program == 0:
            connection.close()
            _become(request, files)
        os.close(begun)
        # Until the program has let go of it: earlier it would not heed a signal, and lose it.
        os.read(heeding, 1)
        for file in (2, heeding, *files):  # else whoever reads what the program says would wait for us, too
            os.close(file)
        threading.Thread(target=_heed, args=(connection,), daemon=True).start()
        connection.sendall(b"%d %d\n" % (os.getpid(), program))
        _, status = os.waitpid(program, 0)
        connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
        signal.pause()  # what it has left behind is in our hands until the connection closes
    finally:
        os.killpg(0, signal.SIGKILL)


def _received(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    header, files, *_ = socket.recv_fds(connection, HEADER, FILES)
    with connection.makefile("rb") as more:
        header += more.read(HEADER - len(header))
        return json.loads(more.read(int.from_bytes(header, "big"))), files


def _become(request: dict[str, Any], files: list[int]) -> NoReturn:
    for number in _RESET:
        signal.signal(number, signal.SIG_DFL)
    if sys.platform.startswith("linux"):  # should the leash be killed by itself
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for place, file in enumerate(files):
        os.dup2(file, place)
    os.closerange(FILES, MOST_FILES)
    command = request["command"]
    try:
        if request["folder"] is not None:
            os.chdir(request["folder"])
        os.execvpe(command[0], command, request["env"])  # noqa: S606 - a list, and no shell
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
        os._exit(NOT_RUN)


def _heed(connection: socket.socket) -> None:
    """Pass on each signal that the daemon sends; once it is not there any more, take everybody along."""
    with suppress(OSError):
        while numbers := connection.recv(1):
            os.killpg(0, numbers[0])
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
