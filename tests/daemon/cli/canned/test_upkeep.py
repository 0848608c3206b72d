"""A film is made anew from its log, checked, and has its bytes shared."""

import json
from typing import Any

import pytest

from daemon.cli.main import main
from tests.daemon.cli.canned.answers import ROOT, SHOT
from tests.daemon.cli.canned.daemon import Canned, CannedDaemon, chunked
from tests.daemon.cli.canned.shell import Out, in_terminal, printed, refused


def test_a_rebuild_says_what_was_built(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {ROOT}/rebuild"] = {"rebuilt": ["index", "sidecars"], "differences": []}
    assert printed(capsys, "rebuild") == "Built anew: index, sidecars.\n"
    assert daemon.asked[-1].body == {"name": None, "verify": False}


@pytest.mark.parametrize(("name", "said"), [("index", "index is"), (None, "All is")])
def test_a_comparison_that_finds_nothing_says_so(
    daemon: CannedDaemon, capsys: Out, name: str | None, said: str
) -> None:
    daemon.answers[f"POST {ROOT}/rebuild"] = {"rebuilt": [], "differences": []}
    assert printed(capsys, "rebuild", "--verify", *filter(None, [name])) == f"{said} as the log says.\n"


def test_a_rebuild_that_finds_a_difference_fails(daemon: CannedDaemon, capsys: Out) -> None:
    difference = {"name": "index", "what": "take_003 is missing"}
    daemon.answers[f"POST {ROOT}/rebuild"] = {"rebuilt": ["index"], "differences": [difference]}
    assert main(["rebuild", "index", "--verify"]) == 4
    assert "index  take_003 is missing" in capsys.readouterr().out
    assert daemon.asked[-1].body == {"name": "index", "verify": True}


STEPS = [{"step": "log", "done": 5, "total": 9}, {"step": "media", "done": 2, "total": 2}]


WELL = {"ok": True, "records": 9, "files": 2, "problems": []}


WRONG = {**WELL, "ok": False, "problems": [{"what": "take_003 is not as written", "hint": "Put it back."}]}


def checked(*lines: Any) -> Canned:
    return chunked(*(json.dumps(line).encode() + b"\n" for line in lines))


def test_a_check_that_finds_all_well_says_so(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {ROOT}/verify"] = checked(*STEPS, WELL)
    assert printed(capsys, "verify") == "9 events and 2 files checked: all are as they were written.\n"


def test_a_check_that_finds_something_wrong_says_what_to_do_and_fails(
    daemon: CannedDaemon, capsys: Out
) -> None:
    daemon.answers[f"POST {ROOT}/verify"] = checked(*STEPS, WRONG)
    assert main(["verify"]) == 4
    assert "take_003 is not as written\nPut it back." in capsys.readouterr().out


def test_a_check_that_breaks_off_is_never_taken_for_a_good_one(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {ROOT}/verify"] = checked(*STEPS)
    assert refused(capsys, "verify")[0] == 5


def test_a_check_shows_how_far_it_is(daemon: CannedDaemon) -> None:
    daemon.answers[f"POST {ROOT}/verify"] = checked(*STEPS, WELL)
    assert "5/9" in in_terminal("verify")


def test_a_check_for_a_program_gives_every_step(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {ROOT}/verify"] = checked(*STEPS, WRONG)
    assert main(["--json", "verify"]) == 4
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [*STEPS, WRONG]


@pytest.mark.parametrize(
    ("dry", "files", "words"),
    [
        (True, 1, "1 file could share its bytes, which would save up to 2.0 MB."),
        (True, 2, "2 files could share their bytes, which would save up to 2.0 MB."),
        (False, 1, "1 file shares its bytes now, which saves 2.0 MB."),
        (False, 2, "2 files share their bytes now, which saves 2.0 MB."),
    ],
)
def test_what_shares_its_bytes_is_told_in_plain_words(
    daemon: CannedDaemon, capsys: Out, *, dry: bool, files: int, words: str
) -> None:
    one = {"shotId": SHOT, "takeId": "take_002", "path": "001/takes/take_002/a.mp4", "bytes": 1_000_000}
    answer = {"dryRun": dry, "shared": [one] * files, "bytes": 2_000_000, "left": []}
    daemon.answers[f"POST {ROOT}/dedupe"] = answer
    assert printed(capsys, "dedupe", *(["--dry-run"] if dry else [])).splitlines()[-1] == words
