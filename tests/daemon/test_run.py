"""The films that a daemon is started for, by their folders."""

from pathlib import Path

import pytest

from daemon import locations
from daemon.home.holding import NoSuchFolder, NotAProject
from daemon.home.init import init_project
from daemon.run import _known_project


def test_a_folder_that_is_not_there_is_refused_and_one_that_is_known_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    away, slip = tmp_path / "MyFilm", tmp_path / "MyFlim"
    locations.register_project(str(away))
    assert _known_project(away, share="auto") == away
    with pytest.raises(NoSuchFolder, match="there is no folder") as refused:
        _known_project(slip, share="auto")
    assert "takes init" in refused.value.hint


def test_a_file_is_no_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "render.mp4").touch()
    with pytest.raises(NoSuchFolder):
        _known_project(tmp_path / "render.mp4", share="auto")


def test_a_folder_that_was_never_made_a_film_is_refused_and_an_empty_one_may_be_where_a_disk_belongs(
    tmp_path: Path,
) -> None:
    film, other, empty = tmp_path / "My Film", tmp_path / "Other Film", tmp_path / "disk"
    film.mkdir()
    empty.mkdir()
    (other / "001_Shot").mkdir(parents=True)
    init_project(film)
    assert _known_project(film, share="auto") == film
    assert _known_project(empty, share="auto") == empty
    with pytest.raises(NotAProject) as refused:
        _known_project(other, share="auto")
    assert refused.value.hint == f"Make it one with `takes init '{other}'`."
