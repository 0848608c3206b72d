"""The journal: what systemd is told over its own socket, field by field, and what is done where it does not listen."""

import array
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.logs.journal import Journal, is_journal
from tests.support.deadline import DEADLINE
from tests.support.film import CODE

SAYS = """
import os, sys
from pathlib import Path
from daemon.logs import journal, setup
import structlog
journal.Journal.__init__.__defaults__ = (Path(sys.argv[1]),)
found = os.fstat(2)
os.environ["JOURNAL_STREAM"] = f"{found.st_dev}:{found.st_ino + int(sys.argv[2])}"
setup.configure("auto")
log = structlog.get_logger()
log.debug("looked")
log.info("take finished", shot="01_Scene/001_Dawn", take=7)
try:
    1 / 0
except ZeroDivisionError:
    log.exception("request failed", path="/api")
"""


class Listener:
    """Listens as the journal does."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "socket"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._socket.settimeout(DEADLINE)

    def close(self) -> None:
        self._socket.close()

    def line(self) -> dict[str, str]:
        """The next line, by its fields; one that came as a file is read from it."""
        message, rights, _, _ = self._socket.recvmsg(1 << 20, 64)
        if rights:
            files = array.array("i", rights[0][2])
            with open(files[0], "rb") as file:  # noqa: PTH123 - it has no path
                file.seek(0)
                message = file.read()
        return dict(_parsed(message))


def _parsed(message: bytes) -> Iterator[tuple[str, str]]:
    while message:
        head, _, rest = message.partition(b"\n")
        name, is_short, text = head.partition(b"=")
        if not is_short:
            size = int.from_bytes(rest[:8], "little")
            text, end, message = rest[8 : 8 + size], rest[8 + size : 9 + size], rest[9 + size :]
            assert end == b"\n"
        else:
            message = rest
        yield name.decode(), text.decode()


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    listener = Listener(tmp_path)
    yield listener
    listener.close()


@contextmanager
def journal_at(path: Path, spare: int = 2) -> Iterator[Journal]:
    journal = Journal(spare, path)
    yield journal
    journal._socket.close()


def said(path: Path, off: int = 0) -> str:
    """What a process writes to its standard error that systemd has opened for it, or another file where it is `off`."""
    command = [sys.executable, "-c", SAYS, str(path), str(off)]
    done = subprocess.run(command, cwd=CODE, stderr=subprocess.PIPE, text=True, check=True, timeout=DEADLINE)
    return done.stderr


def test_a_service_tells_the_journal_in_fields_and_its_stream_nothing(listener: Listener) -> None:
    assert said(listener.path) == ""
    assert listener.line() == {
        "MESSAGE": "take finished shot=01_Scene/001_Dawn take=7",
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": "takes",
        "TAKES_EVENT": "take finished",
        "TAKES_SHOT": "01_Scene/001_Dawn",
        "TAKES_TAKE": "7",
    }
    failed = listener.line()
    assert failed["PRIORITY"] == "3"
    assert failed["MESSAGE"].startswith("request failed path=/api\nTraceback (most recent call last)")
    assert failed["TAKES_EXCEPTION"].endswith("ZeroDivisionError: division by zero")


def test_who_has_the_variable_from_a_service_and_writes_elsewhere_writes_json(listener: Listener) -> None:
    first, *_ = said(listener.path, off=1).splitlines()
    assert json.loads(first)["event"] == "take finished"


def test_where_the_journal_does_not_listen_its_stream_has_the_text_and_how_grave_it_is(
    tmp_path: Path,
) -> None:
    first, second, *_ = said(tmp_path / "nobody").splitlines()
    assert first == "<6>take finished shot=01_Scene/001_Dawn take=7"
    assert second == "<3>request failed path=/api"


def test_a_line_that_no_datagram_can_hold_comes_as_a_file(listener: Listener) -> None:
    long = "x" * 4_000_000
    with journal_at(listener.path) as journal:
        journal.send(event="told", level="warning", why=long)
    line = listener.line()
    assert (line["TAKES_WHY"], line["PRIORITY"]) == (long, "4")


def test_what_is_said_cannot_pass_for_a_field_of_its_own(listener: Listener) -> None:
    with journal_at(listener.path) as journal:
        journal.send(event="told", level="info", **{"why\n=é": "a\nPRIORITY=0\n", "path": "b\udce9"})
    line = listener.line()
    assert line["PRIORITY"] == "6"
    assert line["TAKES_WHY___"] == "a\nPRIORITY=0\n"
    assert line["TAKES_PATH"] == "b\\udce9"


def test_a_list_is_told_one_a_line(listener: Listener) -> None:
    with journal_at(listener.path) as journal:
        journal.send(event="events were lost", level="warning", why=["a", "b"])
    assert listener.line()["TAKES_WHY"] == "a\nb"


def test_only_the_very_stream_that_systemd_names_is_the_journal(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        found = os.fstat(file.fileno())
        assert is_journal(file.fileno(), f"{found.st_dev}:{found.st_ino}")
        assert not is_journal(file.fileno(), f"{found.st_dev}:{found.st_ino + 1}")
        assert not is_journal(file.fileno(), None)
