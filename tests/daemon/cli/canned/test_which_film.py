"""Which film is meant, and how there is one more."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from daemon import locations
from tests.daemon.cli.canned.answers import ROOT, film
from tests.daemon.cli.canned.daemon import Canned, CannedDaemon
from tests.daemon.cli.canned.shell import Out, printed, refused


@pytest.mark.parametrize("around", [["--project", "film", "ls"], ["ls", "--project", "film"]])
def test_the_project_can_be_named(daemon: CannedDaemon, capsys: Out, around: list[str]) -> None:
    printed(capsys, *around)
    assert daemon.questions == [f"GET {ROOT}", f"GET {ROOT}/shots"]


def test_the_project_can_be_named_by_its_folder(
    daemon: CannedDaemon, capsys: Out, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, root: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    printed(capsys, "ls", "--project", str(root))
    assert daemon.questions == ["GET /api/projects", f"GET {ROOT}/shots"]
    code, complaint = refused(capsys, "ls", "--project", str(tmp_path / "other"))
    assert code == 3
    assert "takes init" in complaint
    assert "schema" not in complaint


def test_the_project_can_come_from_the_environment(
    daemon: CannedDaemon, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKES_PROJECT", "other")
    assert refused(capsys, "ls")[0] == 3
    assert printed(capsys, "ls", "--project", "film")


def test_with_several_projects_and_none_around_us_their_ids_are_listed(
    daemon: CannedDaemon, capsys: Out, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, root: Path
) -> None:
    daemon.answers["GET /api/projects"] = {"projects": [film(root), {**film(tmp_path / "B"), "id": "b"}]}
    printed(capsys, "ls")
    monkeypatch.chdir(tmp_path)
    code, complaint = refused(capsys, "ls")
    assert code == 2
    assert complaint.splitlines()[1:3] == ["  b", "  film"]


def test_inside_a_film_that_is_not_served_no_other_film_is_touched(
    daemon: CannedDaemon, capsys: Out, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "Other/.takes").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "Other")
    assert refused(capsys, "rm", "001_Shot", "1")[0] == 3
    assert daemon.questions == ["GET /api/projects"]


@pytest.fixture
def new_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where init_project makes a project of no shots, whatever it is asked."""
    path = str(tmp_path / "New Film")
    made = SimpleNamespace(id="new-film", name="New Film", path=path, shots=0, log="its log")
    monkeypatch.setitem(sys.modules, "daemon.home.init", SimpleNamespace(init_project=lambda *_, **__: made))
    return path


def test_a_new_project_is_registered_and_live_at_once(
    daemon: CannedDaemon, capsys: Out, new_film: str
) -> None:
    daemon.answers["POST /api/projects"] = Canned({"id": "new-film"}, 201)
    out = printed(capsys, "init", "New Film", "--yes")
    assert "mkdir -p '" in out
    assert "takes daemon" not in out
    assert locations.registered_projects() == [new_film]
    assert daemon.asked[-1].body == {"path": new_film}


def test_a_project_can_be_made_while_no_daemon_runs(daemon: CannedDaemon, capsys: Out, new_film: str) -> None:
    assert "`takes open` starts one" in printed(capsys, "init", "New Film", "--socket", "/nowhere", "--yes")
    assert locations.registered_projects() == [new_film]
    made = json.loads(printed(capsys, "init", "New Film", "--socket", "/nowhere", "--json", "--yes"))
    assert made == {"id": "new-film", "path": new_film, "shots": 0, "live": False}


def test_an_error_of_the_daemons_own_code_has_its_exit_code_too(
    daemon: CannedDaemon, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    from events import Refused

    def refuse(*_: object, **__: object) -> None:
        raise Refused("it lies inside another film")

    monkeypatch.setitem(sys.modules, "daemon.home.init", SimpleNamespace(init_project=refuse))
    assert refused(capsys, "init", "Film", "--yes") == (4, "takes: it lies inside another film\n")
