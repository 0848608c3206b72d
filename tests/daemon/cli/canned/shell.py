"""The commands as they are called, in this process or at a terminal, and what they print."""

import os
import pty
import subprocess
import sys
import termios

import pytest

from daemon.cli.main import main

RUN = "import sys; from daemon.cli.main import main; sys.exit(main())"


Out = pytest.CaptureFixture[str]


def printed(capsys: Out, *args: str) -> str:
    """What a command that goes well prints."""
    code = main(args)
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    return out


def refused(capsys: Out, *args: str) -> tuple[int, str]:
    """The exit code and the complaint of a command that does not go well."""
    code = main(args)
    out, err = capsys.readouterr()
    assert out == ""
    return code, err


def in_terminal(*args: str, columns: int = 100, typed: str = "", code: int = 0, **env: str) -> str:
    """What a command prints where it thinks that a person looks, and types that."""
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    termios.tcsetwinsize(theirs, (50, columns))
    environment = {**os.environ, "TERM": "xterm-256color", **env}
    command = [sys.executable, "-c", RUN, *args]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        pieces = []
        while piece := _read(ours):
            pieces.append(piece)
        os.close(ours)
    assert process.returncode == code, b"".join(pieces)
    return b"".join(pieces).decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""
