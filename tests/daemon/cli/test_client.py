import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from daemon.cli.client import (
    AnswerCutOff,
    Daemon,
    DaemonSilent,
    NoDaemon,
    NotFoundAnswered,
    NotOurs,
    ProblemAnswered,
    RefusedAnswered,
    api_path,
)
from tests.daemon.cli.canned.daemon import Canned, CannedDaemon, chunked


@contextmanager
def answering(answer: Any) -> Iterator[Daemon]:
    """A client of a daemon that has this to say to `GET /api/health`."""
    with CannedDaemon({"GET /api/health": answer}) as daemon:
        yield Daemon(daemon.path)


def ask(daemon: Daemon) -> Any:
    return daemon.ask("GET", api_path("health"))


def test_an_answer_is_the_document_that_the_daemon_sent() -> None:
    with answering({"status": "ok"}) as daemon:
        assert ask(daemon) == {"status": "ok"}


def test_an_answer_in_chunks_is_put_together() -> None:
    with answering(chunked(b'{"sta', b'tus": "o', b'k"}')) as daemon:
        assert ask(daemon) == {"status": "ok"}


def test_an_answer_without_a_body_is_an_empty_document() -> None:
    with answering(Canned(status=204, raw=b"")) as daemon:
        assert ask(daemon) == {}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, NotFoundAnswered),
        (400, RefusedAnswered),
        (409, RefusedAnswered),
        (412, RefusedAnswered),
        (422, RefusedAnswered),
        (501, RefusedAnswered),
        (503, RefusedAnswered),
        (500, ProblemAnswered),
    ],
)
def test_a_problem_becomes_the_error_for_its_status(status: int, error: type[ProblemAnswered]) -> None:
    problem = {"title": "No", "status": status, "detail": "not so", "hint": "try this", "candidates": ["a:b"]}
    with (
        answering(Canned(problem, status)) as daemon,
        pytest.raises(ProblemAnswered, match="not so") as raised,
    ):
        ask(daemon)
    assert type(raised.value) is error
    assert (raised.value.hint, raised.value.candidates) == ("try this", ["a:b"])
    assert raised.value.document == problem


def test_a_failure_in_plain_text_is_a_problem_too() -> None:
    answer = Canned(status=500, head="Content-Type: text/plain", raw=b"Internal Server Error")
    with answering(answer) as daemon, pytest.raises(ProblemAnswered, match="Internal Server Error"):
        ask(daemon)


def test_a_socket_that_is_not_there_means_that_no_daemon_runs(tmp_path: Path) -> None:
    with pytest.raises(NoDaemon, match=r"no daemon is answering at .*/nothing$"):
        ask(Daemon(str(tmp_path / "nothing")))


def test_a_socket_that_nobody_listens_on_means_that_no_daemon_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind("stale")
    with pytest.raises(NoDaemon, match=r"stale$"):
        ask(Daemon("stale"))


def test_a_path_that_is_too_long_for_a_socket_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(NoDaemon, match="too long"):
        ask(Daemon(str(tmp_path / ("x" * 120))))


def test_something_else_at_the_socket_is_not_taken_for_a_daemon() -> None:
    with answering(b"SSH-2.0-OpenSSH_9.9\r\n") as daemon, pytest.raises(NoDaemon, match="something else"):
        ask(daemon)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        Canned(head="Content-Length: 99", raw=b'{"status":'),
        Canned(head="Transfer-Encoding: chunked", raw=b'f\r\n{"sta'),
        Canned(head="Transfer-Encoding: chunked", raw=b"2\r\n{}\r\n"),
    ],
    ids=["no head", "less than promised", "half a chunk", "no last chunk"],
)
def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_one(answer: Any) -> None:
    with answering(answer) as daemon, pytest.raises(AnswerCutOff):
        ask(daemon)


def test_a_daemon_that_says_nothing_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as busy:
        busy.bind("busy")
        busy.listen()
        with pytest.raises(DaemonSilent):
            Daemon("busy").ask("GET", api_path("health"), patience=0.05)


def test_an_event_stream_gives_each_event_once_and_no_heartbeats() -> None:
    stream = (
        b': hello\n\nid: 1\nevent: a\ndata: {"position": 1}\n\n:\n\nid: 2\ndata:{"position":\ndata: 2}\n\n'
    )
    with CannedDaemon({"GET /api/e": Canned(raw=stream)}) as daemon:
        assert list(Daemon(daemon.path).follow("/api/e")) == [{"position": 1}, {"position": 2}]
        assert daemon.asked[0].headers["Accept"] == "text/event-stream"


def test_an_event_that_is_cut_by_chunks_arrives_whole() -> None:
    stream = chunked(b"id: 1\nda", b'ta: {"position', b'": 1}\r\n\r', b"\n")
    with CannedDaemon({"GET /api/e": stream}) as daemon:
        assert list(Daemon(daemon.path).follow("/api/e")) == [{"position": 1}]


def test_lines_come_one_by_one() -> None:
    with CannedDaemon({"POST /api/l": chunked(b'{"a": 1}\n{"b"', b": 2}\n")}) as daemon:
        assert list(Daemon(daemon.path).lines("POST", "/api/l")) == [{"a": 1}, {"b": 2}]


def test_a_body_is_sent_as_json_with_its_length() -> None:
    with CannedDaemon({"PUT /api/x": {}}) as daemon:
        Daemon(daemon.path).ask("PUT", "/api/x", {"takeId": "täke"})
        assert daemon.asked[0].body == {"takeId": "täke"}
        assert daemon.asked[0].headers["User-Agent"] == "takes-cli"


def test_an_address_quotes_what_would_change_its_meaning() -> None:
    assert api_path("shots", "a:b/c d?e", after=3, shot="x&y", limit=None) == (
        "/api/shots/a:b%2Fc%20d%3Fe?after=3&shot=x%26y"
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short, and into which anybody may put a socket."""
    with TemporaryDirectory(prefix="takes", dir="/tmp") as path:
        Path(path).chmod(0o777)
        yield Path(path)


LISTEN = """
import os, socket, sys
if not os.geteuid():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(sys.argv[1])
    listener.listen()
    print("listening", flush=True)
    connection, _ = listener.accept()
    print("heard", len(connection.recv(65536)), flush=True)
"""


def test_who_another_user_is_that_listens_is_looked_at_before_anything_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, me = folder / "s", os.geteuid()
    command = [sys.executable, "-I", "-S", "-c", LISTEN, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "listening\n"
        if me:  # who may start no process of another user's is another one himself
            monkeypatch.setattr("os.geteuid", lambda: me + 1)
        with pytest.raises(NotOurs, match=f"uid {me or 65534}"):
            ask(Daemon(str(path)))
        assert process.stdout.readline() == "heard 0\n"
