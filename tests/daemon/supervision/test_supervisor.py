"""The supervisor: what it hands over is found, belongs to this process alone, and what it is told arrives."""

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack

import pytest

from daemon.supervision.supervisor import NAMES, Supervisor, met
from tests.daemon.supervision.manager import Notified, handing_over, listening, short_folder
from tests.support.film import CODE

MEET = f"""
import os, sys
sys.path.insert(0, {str(CODE)!r})
from daemon.supervision.supervisor import BadHandover, NAMES, met
try:
    found = met()
    print(found.listener.getsockname(), os.get_inheritable(3), sorted(set(NAMES) & set(os.environ)))
except BadHandover as error:
    print(error)
"""


def said_of(listeners: Sequence[socket.socket]) -> str:
    """What a program says that those are handed over to."""
    command = handing_over(listeners, [sys.executable, "-c", MEET])
    fds = [one.fileno() for one in listeners]
    return subprocess.run(command, pass_fds=fds, capture_output=True, text=True, check=True).stdout.strip()


def test_a_socket_that_is_handed_over_is_ours_alone() -> None:
    with short_folder() as folder, listening(folder / "s") as listener:
        assert said_of([listener]) == f"{folder / 's'} False []"


def test_two_sockets_are_one_too_many() -> None:
    with short_folder() as folder, ExitStack() as stack:
        both = [stack.enter_context(listening(folder / name)) for name in "st"]
        assert said_of(both) == "the supervisor hands over 2 sockets, and one is expected"


def test_a_port_is_not_what_is_expected() -> None:
    with socket.create_server(("127.0.0.1", 0)) as port:
        assert said_of([port]).startswith("the supervisor hands over another socket than a Unix one")


@pytest.mark.parametrize("pid", [None, "1"])
def test_what_is_handed_over_to_another_process_is_not_ours(pid: str | None) -> None:
    environment = {"LISTEN_FDS": "1", **({"LISTEN_PID": pid} if pid else {})}
    assert met(environment).listener is None


@pytest.mark.parametrize(
    ("said", "patience"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_a_watchdog_is_heeded_where_it_is_ours(said: dict[str, str], patience: float | None) -> None:
    environment = {"NOTIFY_SOCKET": "/nowhere", "PATH": "/bin", **said}
    assert met(environment).patience == patience
    assert environment == {"PATH": "/bin"}


def test_where_nobody_supervises_nothing_is_told() -> None:
    supervisor = met({"WATCHDOG_USEC": "30000000"})
    assert supervisor.patience is None
    supervisor.tell("READY=1")


def test_what_is_told_arrives_as_one_message_of_a_line_each() -> None:
    with short_folder() as folder:
        notified = Notified(folder)
        Supervisor(str(notified.path)).tell("READY=1", "STATUS=the name\nof a film")
        assert notified.heard() == ["READY=1", "STATUS=the name of a film"]
        notified.close()
        Supervisor(str(notified.path)).tell("READY=1")  # nobody is there any more, and nothing is raised


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has sockets without a path")
def test_a_socket_without_a_path_is_told_too() -> None:
    name = f"takes-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as abstract:
        abstract.bind(f"\0{name}")
        Supervisor(f"@{name}").tell("WATCHDOG=1")
        assert abstract.recv(100) == b"WATCHDOG=1"


def test_nothing_of_it_is_left_to_programs_that_the_daemon_starts() -> None:
    environment = dict.fromkeys(NAMES, "1")
    met(environment)
    assert not environment
