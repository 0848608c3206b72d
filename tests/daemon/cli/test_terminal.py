"""What the daemon tells may hold the names of strangers' files; none of them drives the terminal."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from daemon.cli.main import main
from tests.daemon.cli.canned.answers import (
    NOW,
    ROOT,
    SHOT,
    TAKES,
    event,
    events,
    failed,
    film,
    health,
    status,
    take,
)
from tests.daemon.cli.canned.daemon import Canned, CannedDaemon, chunked
from tests.daemon.cli.canned.shell import Out, in_terminal

NASTY = "\x1b]0;owned\x07\x9b2J\u202e\x7f\rforged"

OURS = re.compile(r"\x1b\[[0-9;?]*[mhlAK]|\r")
"""Colours, and how a bar of progress is drawn."""

KEPT = {
    "at",
    "created",
    "since",
    "started",
    "purgedAt",
    "type",
    "why",
    "id",
    "kind",
    "plan",
    "stage",
    "state",
    "takeId",
}
"""What is no text: times, names of ours and ids, by which the next thing is asked for."""


def poisoned(found: Any, name: str = "") -> Any:
    """The document with every text in it, and every name of a parameter, as a stranger could have it."""
    if isinstance(found, Mapping):
        spoilt = {key: poisoned(value, key) for key, value in found.items()}
        return {**spoilt, NASTY: NASTY} if name == "generationParams" else spoilt
    if isinstance(found, list):
        return [poisoned(one, name) for one in found]
    return f"{found}{NASTY}" if isinstance(found, str) and name not in KEPT else found


def a_plan(*, dry_run: bool) -> dict[str, Any]:
    file = {"path": "001/takes/take_001/a.mp4", "kind": "media", "bytes": 12}
    chosen = {"shotId": SHOT, "takeId": "take_001", "why": "failed", "since": NOW, "files": [file]}
    left = [{"path": "001/takes/b.mp4", "reason": "it has changed"}]
    return {
        "bytes": 12,
        "atMost": False,
        "note": "a note",
        "plan": "p",
        "takes": [chosen],
        "left": left,
        "dryRun": dry_run,
    }


def answers(root: Path) -> dict[str, Any]:
    """What a daemon of the film says to every question of the commands."""
    shot = {
        "id": SHOT,
        "shotId": "001_Shot",
        "path": SHOT.replace(":", "/"),
        "takeCount": 2,
        "activeTakeId": "take_001",
    }
    shared = {"path": "001/takes/a.mp4", "bytes": 3, "shotId": SHOT, "takeId": "take_001"}
    problems = [{"what": "a take is damaged", "hint": "Bring it back."}]
    happened = [
        event(1, "shot.registered", path="a path"),
        event(2, "take.created", take=1, source={"kind": "drop", "name": "a.mp4"}),
        event(3, "take.started", take=1, runner="command"),
        event(4, "take.failed", take=1, error="it is not whole"),
        event(5, "take.completed", take=2, media={"kind": "video", "bytes": 3, "duration": 1.0}),
        event(6, "take.activated", take=2, why="no reason that we know"),
    ]
    document = {
        "GET /api/health": health(),
        "GET /api/projects": {"projects": [film(root)]},
        f"GET {ROOT}": film(root),
        f"GET {ROOT}/shots": {"shots": [shot]},
        f"GET {ROOT}/status": status(root),
        f"GET {TAKES}?deleted=true": {"takes": [take(1), failed(2)], "activeTakeId": "take_001"},
        f"GET {TAKES}": {"takes": [take(1), failed(2)], "activeTakeId": "take_001"},
        f"GET {TAKES}/take_001": take(1, recipeError="too long"),
        f"GET {TAKES}/take_002": failed(2),
        f"POST {TAKES}": {"takeId": "take_009", "status": "queued"},
        f"GET {TAKES}/take_009": take(9, stage="waiting"),
        f"PUT {ROOT}/shots/001_Shot/active-take": take(1, behind=["a projection"]),
        f"GET {ROOT}/events?after=0&limit=1000": events(*happened),
        f"GET {ROOT}/events?after=6&limit=1000": events(),
        f"GET {ROOT}/doctor": {
            "ok": True,
            "checks": [{"name": "git", "ok": False, "what": "bad", "mend": "mend"}],
        },
        f"GET {ROOT}/du": {
            "bytes": 9,
            "kinds": {
                "media": 9,
                **dict.fromkeys(("objects", "git", "sidecars", "cache", "log", "index", "other"), 0),
            },
            "shots": [{"shotId": SHOT, "bytes": 9, "kinds": {}}],
            "shared": 3,
            "mayShare": True,
        },
        f"POST {ROOT}/cleanup": a_plan(dry_run=True),
        f"POST {ROOT}/dedupe": {
            "shared": [shared],
            "bytes": 3,
            "left": a_plan(dry_run=True)["left"],
            "dryRun": True,
            "note": "n",
        },
        f"POST {ROOT}/rebuild": {"differences": [{"name": "index", "what": "a row"}], "rebuilt": ["index"]},
    }
    return {
        **{asked: poisoned(said) for asked, said in document.items()},
        f"POST {ROOT}/verify": chunked(
            json.dumps(poisoned({"step": "log", "done": 1, "total": 2})).encode() + b"\n",
            json.dumps({**poisoned({"problems": problems}), "ok": False, "records": 2, "files": 1}).encode()
            + b"\n",
        ),
        f"DELETE {TAKES}/take_001": Canned(
            poisoned({"title": "No", "detail": "not now", "hint": "wait", "candidates": ["a:b"]}), 409
        ),
    }


COMMANDS = [
    ["ls"],
    ["ls", "001_Shot"],
    ["show", "001_Shot", "1"],
    ["show", "001_Shot", "2"],
    ["new", "001_Shot", "-p", "seed=1"],
    ["activate", "001_Shot", "1"],
    ["rm", "001_Shot", "1"],
    ["log"],
    ["status"],
    ["du"],
    ["doctor"],
    ["cleanup", "--dry-run"],
    ["dedupe", "--dry-run"],
    ["rebuild", "--verify"],
    ["rebuild"],
    ["verify"],
]


def check(shown: str) -> None:
    assert "owned" in shown
    assert all(line.isprintable() for line in shown.split("\n")), repr(shown)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("more", [[], ["--json"]], ids=["text", "json"])
def test_no_text_of_a_stranger_has_control_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out, command: list[str], more: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TAKES_PROJECT", "film")
    with CannedDaemon(answers(tmp_path)) as daemon:
        monkeypatch.setenv("TAKES_SOCKET", daemon.path)
        main([*command, *more])
    out, err = capsys.readouterr()
    check(out + err)
    if more:
        for line in (out or err).splitlines():
            json.loads(line)


@pytest.mark.parametrize(
    "command", [["ls", "001_Shot"], ["show", "001_Shot", "1"], ["status"], ["verify"]], ids=" ".join
)
def test_on_a_terminal_there_are_our_own_colours_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TAKES_PROJECT", "film")
    with CannedDaemon(answers(tmp_path)) as daemon:
        monkeypatch.setenv("TAKES_SOCKET", daemon.path)
        shown = in_terminal(*command, code=4 if command == ["verify"] else 0)
    check(OURS.sub("", shown))
