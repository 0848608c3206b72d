"""The leash by itself: it ends as its program does, and with whoever holds its other end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from daemon.runners import leash
from tests.film import DEADLINE


@contextmanager
def leashed(*command: str) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """A program on its leash, in a process group of its own, and our end of the pipe."""
    lifeline, ours = os.pipe()
    arguments = [sys.executable, "-I", leash.__file__, str(lifeline), *command]
    process = subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[lifeline],
        process_group=0,
    )
    os.close(lifeline)
    try:
        yield process, ours
    finally:
        process.kill()
        process.communicate(timeout=DEADLINE)


def ended(*command: str) -> tuple[int, bytes]:
    """The exit code of such a program, and what it has said."""
    with leashed(*command) as (process, ours):
        said, _ = process.communicate(timeout=DEADLINE)
        os.close(ours)
        return process.returncode, said


@pytest.mark.parametrize(
    ("command", "code"),
    [(("true",), 0), (("sh", "-c", "exit 3"), 3), (("sh", "-c", "kill -TERM $$"), -signal.SIGTERM)],
)
def test_a_leash_ends_as_its_program_does(command: Sequence[str], code: int) -> None:
    assert ended(*command) == (code, b"")


def test_a_program_that_cannot_be_run_is_named() -> None:
    code, said = ended("/no/such/renderer")
    assert code == leash.NOT_RUN
    assert b"/no/such/renderer: No such file" in said


def test_who_lets_go_of_the_pipe_ends_the_program_and_its_children() -> None:
    with leashed("sh", "-c", "sleep 1000 & echo begun; wait") as (process, ours):
        assert process.stdout
        assert process.stdout.readline() == b"begun\n"
        os.close(ours)
        assert process.wait(DEADLINE) == -signal.SIGKILL
        assert process.stdout.read() == b""  # which ends when the last of them has
