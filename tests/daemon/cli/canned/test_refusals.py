"""What does not go well: what is said, what a program gets, and with which exit code it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from daemon.cli.main import main
from tests.daemon.cli.canned.answers import ROOT, TAKES, problem, take
from tests.daemon.cli.canned.daemon import CannedDaemon
from tests.daemon.cli.canned.shell import Out, printed, refused


@pytest.mark.parametrize(
    ("request_line", "answer", "args"),
    [
        (f"GET {TAKES}", {"takes": [], "activeTakeId": None}, ["ls", "001_Shot"]),
        (f"GET {TAKES}?deleted=true", {"takes": [], "activeTakeId": None}, ["ls", "001_Shot", "--deleted"]),
        (f"GET {TAKES}/take_001", take(1), ["show", "001_Shot", "1"]),
        (
            f"PUT {ROOT}/shots/001_Shot/active-take",
            {"activeTakeId": "take_001"},
            ["activate", "001_Shot", "1"],
        ),
        (f"DELETE {TAKES}/take_001", take(1), ["rm", "001_Shot", "1"]),
        (f"POST {TAKES}/take_001/restore", take(1), ["restore", "001_Shot", "1"]),
        (f"POST {ROOT}/rebuild", {"rebuilt": [], "differences": []}, ["rebuild"]),
        (f"GET {ROOT}/status", {"position": 1}, ["status"]),
        (f"GET {ROOT}/shots", {"shots": [{"path": "é"}]}, ["ls"]),
    ],
)
def test_a_program_gets_the_answer_as_it_is_wherever_it_says_json(
    daemon: CannedDaemon, capsys: Out, request_line: str, answer: Any, args: list[str]
) -> None:
    daemon.answers[request_line] = answer
    for around in (["--json", *args], [*args, "--json"]):
        assert json.loads(printed(capsys, *around)) == answer


@pytest.mark.parametrize(
    ("status_", "code"), [(404, 3), (400, 4), (409, 4), (412, 4), (422, 4), (501, 4), (503, 4), (500, 1)]
)
def test_a_problem_becomes_its_exit_code_and_says_what_to_do(
    daemon: CannedDaemon, capsys: Out, status_: int, code: int
) -> None:
    daemon.answers[f"GET {ROOT}/shots"] = problem(status_)
    assert refused(capsys, "ls") == (code, "takes: it cannot be\nwait\n")


def test_a_name_that_several_shots_have_is_refused_with_the_full_ids(
    daemon: CannedDaemon, capsys: Out
) -> None:
    daemon.answers[f"GET {TAKES}/take_001"] = problem(409, candidates=["a:001_Shot", "b:001_Shot"])
    code, complaint = refused(capsys, "show", "001_Shot", "1")
    assert code == 4
    assert complaint.splitlines()[1:] == ["  a:001_Shot", "  b:001_Shot", "wait"]


def test_who_is_refused_at_the_shell_is_not_sent_to_the_schema(daemon: CannedDaemon, capsys: Out) -> None:
    for_a_program = {"type": "urn:takes:bad-request", "hint": "GET /schema has what is asked for."}
    daemon.answers[f"GET {ROOT}/shots"] = problem(400, **for_a_program)
    _, complaint = refused(capsys, "ls")
    assert "takes COMMAND --help" in complaint
    assert "/schema" not in complaint
    _, complaint = refused(capsys, "--json", "ls")
    assert json.loads(complaint)["hint"] == for_a_program["hint"]


@pytest.mark.parametrize("port", ["abc", "-1", "70000", "on", "²"])
def test_a_port_is_a_number_or_off(capsys: Out, port: str) -> None:
    code, complaint = refused(capsys, "daemon", f"--port={port}")
    assert code == 2
    assert "--port" in complaint


def test_a_program_gets_the_problem_as_it_is(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"GET {ROOT}/shots"] = problem(409, candidates=["a"])
    code, complaint = refused(capsys, "ls", "--json")
    assert code == 4
    assert json.loads(complaint) == problem(409, candidates=["a"]).document


def test_without_a_daemon_the_hint_says_how_to_start_one(daemon: CannedDaemon, capsys: Out) -> None:
    code, complaint = refused(capsys, "ls", "--socket", "/nowhere/takes.sock")
    assert code == 5
    assert complaint.startswith("takes: no daemon is answering at /nowhere/takes.sock\n")
    assert "`takes daemon`" in complaint


@pytest.mark.parametrize("args", [["--nonsense"], ["nonsense"], ["show", "001_Shot"], []])
def test_a_command_that_is_not_understood_ends_with_2(
    daemon: CannedDaemon, capsys: Out, args: list[str]
) -> None:
    assert refused(capsys, *args)[0] == 2


def test_an_error_that_nobody_foresaw_is_not_dressed_up(daemon: CannedDaemon) -> None:
    daemon.answers[f"GET {ROOT}/shots"] = {"nonsense": True}
    with pytest.raises(KeyError):
        main(["ls"])


def test_a_note_of_which_only_the_take_is_said_is_none(daemon: CannedDaemon, capsys: Out) -> None:
    code, complaint = refused(capsys, "note", "001_Shot", "take_003")
    assert (code, daemon.questions) == (2, [])
    assert "take_003 is a take" in complaint


def test_who_names_the_shot_before_the_files_is_told_where_it_belongs(
    daemon: CannedDaemon, capsys: Out, tmp_path: Path
) -> None:
    code, complaint = refused(capsys, "add", "001_Shot", str(tmp_path / "render.png"))
    assert code == 2
    assert "takes add FILE... SHOT" in complaint
