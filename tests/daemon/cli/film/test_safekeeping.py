"""The commands for when a log is lost: a copy of it, and a new one."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from daemon import locations
from daemon.cli.main import main
from daemon.home.init import init_project
from events.record import chain
from events.store.log_file import COLUMNS
from tests.daemon.recovery.damaged import change, extend
from tests.support.film import Film

Out = pytest.CaptureFixture[str]


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Film:
    """A registered film with a few records in its log, in an environment of its own."""
    for name in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    film = Film(tmp_path)
    info = init_project(film.root)
    locations.register_project(info.path, info.log)
    extend(film, 5)
    return film


def answer(capsys: Out, *args: str) -> dict[str, object]:
    assert main([*args, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_the_log_of_a_film_that_is_named_is_copied_among_the_others(film: Film, capsys: Out) -> None:
    kept = answer(capsys, "backup", str(film.root))
    assert (kept["position"], kept["log"]) == (5, locations.registered_log(str(film.root)))
    assert Path(str(kept["path"])).parent.parent.name == "logs"


def test_what_would_come_of_a_recovery_is_said_and_then_done(film: Film, capsys: Out) -> None:
    change(film.log, 3)
    assert main(["recover", str(film.root), "--dry-run"]) == 0
    assert "would be in the new log" in capsys.readouterr().out
    before = locations.registered_log(str(film.root))
    assert main(["recover", str(film.root)]) == 0
    out = capsys.readouterr().out
    assert "Lost: 1 records, at the positions 3" in out
    assert "The old log is in" in out
    assert locations.registered_log(str(film.root)) != before
    assert main(["recover", str(film.root)]) == 0
    assert "nothing to recover" in capsys.readouterr().out


def test_what_a_copy_has_is_not_lost(film: Film, capsys: Out) -> None:
    copy = str(answer(capsys, "backup", str(film.root))["path"])
    change(film.log, 3)
    found = answer(capsys, "recover", str(film.root), "--copy", copy)
    assert (found["kept"], found["lost"]) == (5, [])


def test_a_folder_that_is_no_project_is_not_recovered(tmp_path: Path, capsys: Out) -> None:
    assert main(["recover", str(tmp_path)]) == 3
    assert "is not a project" in capsys.readouterr().err


def test_a_log_of_a_newer_release_is_left_as_it_is(film: Film, capsys: Out) -> None:
    change(film.log, 3, column="data", value='{"type":"take.dreamt","take":1}')
    with closing(sqlite3.connect(film.log)) as db:
        before = "0" * 64
        for row in db.execute(f"SELECT {COLUMNS} FROM events ORDER BY position").fetchall():
            before = chain(before, *row[:6], row[6] or "", *row[7:9])
            change(film.log, row[0], column="hash", value=before)
    content = film.log.read_bytes()
    assert main(["recover", str(film.root)]) == 1
    assert "newest release" in capsys.readouterr().err
    assert film.log.read_bytes() == content


def test_where_nothing_can_be_written_it_is_said(film: Film, capsys: Out) -> None:
    film.log.unlink()
    assert main(["backup", str(film.root)]) == 4
    assert "run it again" in capsys.readouterr().err
