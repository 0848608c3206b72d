"""A daemon that says what a test has it say, and a film in whose folder we stand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.cli.canned.answers import ROOT, SHOT, film, health, status
from tests.daemon.cli.canned.daemon import CannedDaemon


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of the project film, in which we stand."""
    folder = tmp_path / "Film"
    (folder / "03_Chapter/01_Scene/001_Shot/takes").mkdir(parents=True)
    return folder


@pytest.fixture
def daemon(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CannedDaemon]:
    """A daemon with the project film, and an environment that leads to it."""
    shot = {
        "id": SHOT,
        "shotId": "001_Shot",
        "path": SHOT.replace(":", "/"),
        "takeCount": 2,
        "activeTakeId": "take_001",
    }
    answers: dict[str, Any] = {
        "GET /api/health": health(),
        "GET /api/projects": {"projects": [film(root)]},
        f"GET {ROOT}": film(root),
        f"GET {ROOT}/shots": {"shots": [shot]},
        f"GET {ROOT}/status": status(root),
    }
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("TAKES_PROJECT", "COLUMNS", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    with CannedDaemon(answers) as answering:
        monkeypatch.setenv("TAKES_SOCKET", answering.path)
        yield answering
