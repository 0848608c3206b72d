"""The leash: a small process between the daemon and a program that renders, so that neither outlives the daemon.

`python leash.py FD PROGRAM [ARGUMENT…]` runs the program in its own process group and ends as the program
does. FD is the reading end of a pipe whose other end the daemon holds: once that closes, for whatever
reason, the whole group is killed. It is run as a file, without our packages, so that it starts in no time.
"""

import ctypes
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import NoReturn

PR_SET_PDEATHSIG = 1
NOT_RUN = 127
"""The exit code of a shell that cannot run what it is told to."""


def main() -> NoReturn:
    """Run the program, and end as it has ended."""
    lifeline, command = int(sys.argv[1]), sys.argv[2:]
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is the program that is asked to stop
    program = os.fork()
    if program == 0:
        os.close(lifeline)
        _become(command)
    for stream in range(3):  # else whoever reads what the program says would wait for us, too
        os.close(stream)
    threading.Thread(target=_kill_all_after, args=(lifeline,), daemon=True).start()
    _, status = os.waitpid(program, 0)
    _end_as(os.waitstatus_to_exitcode(status))


def _become(command: list[str]) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform.startswith("linux"):  # should the leash be killed by itself
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        os.execvp(command[0], command)  # noqa: S606 - a list, and no shell
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
        os._exit(NOT_RUN)


def _kill_all_after(lifeline: int) -> None:
    """Wait until the daemon is not there any more, and take everybody along."""
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)


def _end_as(code: int) -> NoReturn:
    if code < 0:
        with suppress(OSError):  # SIGKILL has no default to go back to
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(max(code, 0))


if __name__ == "__main__":
    main()
