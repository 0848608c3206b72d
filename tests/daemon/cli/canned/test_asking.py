"""Another take is asked for."""

from pathlib import Path

import pytest

from daemon.cli.main import main
from tests.daemon.cli.canned.answers import TAKES, failed, take
from tests.daemon.cli.canned.daemon import Canned, CannedDaemon
from tests.daemon.cli.canned.shell import Out, printed, refused

ASKED = {"takeId": "take_003", "status": "queued"}


def test_a_take_is_asked_for_with_its_parameters(daemon: CannedDaemon, capsys: Out, tmp_path: Path) -> None:
    daemon.answers[f"POST {TAKES}"] = Canned(ASKED, 202)
    daemon.answers[f"GET {TAKES}/take_003"] = take(3, stage="queued")
    recipe = tmp_path / "recipe.json"
    recipe.write_text('{"generationParams": {"steps": 20, "seed": 1}}')
    written = ["-p", f"@{recipe}", "-p", "seed=7", "-p", "prompt=42", "-p", "loras=[1]", "--param", "lut=a=b"]
    words = printed(capsys, "new", "001_Shot", *written, "--quality", "draft")
    assert "take_003 is asked for" in words
    assert "takes rm 001_Shot take_003" in words
    params = {"steps": 20, "seed": 7, "prompt": "42", "loras": [1], "lut": "a=b"}
    (asked,) = [one for one in daemon.asked if one.method == "POST"]
    assert asked.body == {"generationParams": params, "quality": "draft"}


def test_who_asks_without_a_runner_hears_where_to_drop_the_file(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {TAKES}"] = Canned(ASKED, 202)
    daemon.answers[f"GET {TAKES}/take_003"] = take(3, stage="waiting")
    words = printed(capsys, "new", "001_Shot")
    assert "03_Chapter/01_Scene/001_Shot/takes/take_003" in words
    assert "take_003.mp4" in words


def test_who_waits_for_a_take_is_shown_it(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {TAKES}"] = Canned(ASKED, 202)
    daemon.answers[f"GET {TAKES}/take_003"] = take(3, stage=None)
    assert main(["new", "001_Shot", "--wait"]) == 0
    assert "a red bicycle" in capsys.readouterr().out


def test_a_workflow_is_named_by_its_full_path(daemon: CannedDaemon, root: Path) -> None:
    daemon.answers[f"POST {TAKES}"] = Canned(ASKED, 202)
    daemon.answers[f"GET {TAKES}/take_003"] = take(3, stage="queued")
    assert main(["new", "001_Shot", "--workflow", "../own.json"]) == 0
    (sent,) = [one.body for one in daemon.asked if one.method == "POST"]
    assert sent["workflow"] == str(root.parent / "own.json")


def test_who_waits_for_a_take_that_fails_hears_why(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {TAKES}"] = Canned(ASKED, 202)
    daemon.answers[f"GET {TAKES}/take_003"] = {**failed(3), "stage": None}
    assert main(["new", "001_Shot", "--wait"]) == 4
    assert "not whole" in capsys.readouterr().out


@pytest.mark.parametrize("written", ["seed", "=7", "@nowhere.json"])
def test_a_parameter_that_cannot_be_read_is_not_sent(daemon: CannedDaemon, capsys: Out, written: str) -> None:
    code, words = refused(capsys, "new", "001_Shot", "-p", written)
    assert code == 2
    assert written.lstrip("@") in words
    assert not [one for one in daemon.asked if one.method == "POST"]


@pytest.mark.parametrize(
    ("option", "written"),
    [
        ("--prompt", "-p prompt=VALUE"),
        ("--negative-prompt", "-p negativePrompt=VALUE"),
        ("--lut", "-p lut=VALUE"),
    ],
)
def test_who_writes_a_parameter_as_an_option_is_told_how_it_is_written(
    capsys: Out, option: str, written: str
) -> None:
    code, complaint = refused(capsys, "new", "001_Shot", f"{option}=7")
    assert code == 2
    assert written in complaint
    assert "--project" not in complaint


def test_who_mistypes_an_option_is_told_the_one_that_is_meant(capsys: Out) -> None:
    _, complaint = refused(capsys, "new", "001_Shot", "--qualty=high")
    assert "--quality" in complaint
    assert "-p qualty" not in complaint
