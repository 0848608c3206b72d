"""The shared files: git has of `project.json` what people chose, and asks us, by its own configuration, for just that."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from projections.git.attributes import CHOICES, CHOICES_MARK
from projections.git.checks import check_repository
from projections.git.shared_files import set_up
from tests.e2e.film import COMMAND
from tests.projections.git.git_film import DAWN, GitFilm, film
from tests.support.film import environment

__all__ = ["film"]


def staged(film: GitFilm, where: str = "") -> dict[str, object]:
    """What git has of our key."""
    found: dict[str, object] = json.loads(film.git("show", f"{where}:project.json"))
    return found


def test_git_has_what_was_chosen_and_a_drop_is_no_change(film: GitFilm) -> None:
    film.take(1)
    film.stage(commit=True)
    assert staged(film, "HEAD")["takes"] == {"shots": {DAWN: {"activeTake": "take_001"}}}
    before = film.git("rev-parse", "HEAD:project.json")
    film.take(2)
    film.stage(commit=True)
    assert film.git("rev-parse", "HEAD:project.json") == before
    assert film.git("status", "--porcelain") == ""
    assert staged(film, "HEAD")["id"] == json.loads((film.root / "project.json").read_bytes())["id"]


def test_our_program_is_found_whatever_the_folder_is_called(
    film: GitFilm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / 'Ann\'s "films" \\ & more'
    place.mkdir()
    ran = tmp_path / "ran"
    (place / "takes").write_text(
        f'#!/bin/sh\necho "$1" >> {shlex.quote(str(ran))}\nexec {shlex.join(COMMAND)} "$@"\n'
    )
    (place / "takes").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(place / "python"))
    film.take(1)
    film.stage(commit=True)
    (film.root / "project.json").touch()
    assert film.git("status", "--porcelain") == ""
    assert ran.read_text() == "git-clean\n"
    film.git("branch", "other")
    _choose(film, 24, 1, 3)
    film.git("checkout", "--quiet", "other")
    _choose(film, 24, 2)
    film.git("merge", "--quiet", "-m", "merged", "main")
    assert "merge-project-file" in ran.read_text()
    both = {"activeTake": "take_002", "hidden": ["take_003"]}
    assert staged(film, "HEAD")["takes"] == {"shots": {DAWN: both}}


def _choose(film: GitFilm, fps: int, active: int, *hidden: int) -> None:
    """Commit a project file that says so."""
    names = [f"take_{number:03d}" for number in hidden]
    told = {"activeTake": f"take_{active:03d}", "takeCount": 7, "lastTake": 9, "hidden": names}
    content = {"id": "myfilm", "fps": fps, "takes": {"shots": {DAWN: told}}}
    (film.root / "project.json").write_text(json.dumps(content, indent=2) + "\n")
    film.git("commit", "--quiet", "-am", "chosen")


def test_only_the_users_own_part_can_be_in_conflict(film: GitFilm) -> None:
    film.take(1)
    film.stage(commit=True)
    _choose(film, 24, 1)
    film.git("branch", "other")
    _choose(film, 25, 2)
    film.git("checkout", "--quiet", "other")
    _choose(film, 30, 3, 1)
    film.git("checkout", "--quiet", "main")
    answer = film.git.run("merge", "other")
    assert answer.returncode == 1, answer.stderr
    text = (film.root / "project.json").read_text()
    assert [text.count(mark) for mark in ("<<<<<<< ", ">>>>>>> ")] == [1, 1]
    assert text.index("<<<<<<< ") < text.index('"fps": 25') < text.index("=======") < text.index('"fps": 30')
    assert '{"activeTake": "take_002", "hidden": ["take_001"]}' in text.rpartition(">>>>>>> ")[2]


def test_what_is_no_project_file_of_ours_is_merged_as_any_text(tmp_path: Path) -> None:
    base, ours, theirs = (tmp_path / name for name in ("base", "ours", "theirs"))
    base.write_bytes(b"\xff\n\n\n\n1\n")
    ours.write_bytes(b"\xfe\n\n\n\n1\n")
    theirs.write_bytes(b"\xff\n\n\n\n2\n")
    command = [*COMMAND, "merge-project-file", str(base), str(ours), str(theirs)]
    assert subprocess.run(command, check=False).returncode == 0
    assert ours.read_bytes() == b"\xfe\n\n\n\n2\n"
    base.write_bytes(b"\0a")
    theirs.write_bytes(b"\0b")
    assert subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 1
    assert ours.read_bytes() == b"\xfe\n\n\n\n2\n"
    content = b'\xef\xbb\xbf{"takes": \r\n\0'
    answer = subprocess.run([*COMMAND, "git-clean"], input=content, capture_output=True, check=True)
    assert answer.stdout == content


def test_what_is_too_large_for_a_project_file_goes_through_as_it_is_and_is_not_merged(tmp_path: Path) -> None:
    content = b'{"takes": {}, "notes": "' + b"x" * (17 << 20) + b'"}'
    answer = subprocess.run([*COMMAND, "git-clean"], input=content, capture_output=True, check=True)
    assert answer.stdout == content
    sides = [tmp_path / name for name in ("base", "ours", "theirs")]
    for side in sides:
        side.write_bytes(content)
    command = [*COMMAND, "merge-project-file", *map(str, sides)]
    merged = subprocess.run(command, check=False, capture_output=True)
    assert (merged.returncode, sides[1].read_bytes() == content) == (1, True)
    assert b"larger than the 16 MB" in merged.stderr


def test_a_film_of_before_gets_our_line_once_and_what_the_user_has_not_staged_stays_so(
    film: GitFilm,
) -> None:
    film.take(1)
    film.stage(commit=True)
    attributes = film.root / ".gitattributes"
    added = f"\n{CHOICES_MARK}\n{CHOICES}\n"
    was = attributes.read_text().removesuffix(added)
    attributes.write_text(was)
    film.git("commit", "--quiet", "-am", "as before")
    attributes.write_text(was + "*.x text\n")
    film.take(2)
    film.stage(commit=True)
    assert attributes.read_text() == f"{was}*.x text\n{added}"
    assert film.git("show", "HEAD:.gitattributes") == film.git("show", ":.gitattributes") == was + added
    attributes.write_text(was + CHOICES_MARK + "\n")
    film.git("add", ".gitattributes")
    film.take(3)
    film.stage()
    assert attributes.read_text() == was + CHOICES_MARK + "\n"
    assert "takeCount" in film.git("show", ":project.json")


def test_a_project_file_of_before_changes_once(film: GitFilm) -> None:
    film.take(1)
    film.stage(commit=True)
    (film.root / "project.json").touch()
    film.git("-c", "filter.takes.clean=cat", "commit", "--quiet", "-am", "as before")
    assert "takeCount" in film.git("show", "HEAD:project.json")
    film.git("branch", "other")
    film.take(2)
    film.stage(commit=True)
    assert "takeCount" not in film.git("show", "HEAD:project.json")
    film.git("checkout", "--quiet", "other")
    film.write_project()
    film.stage()
    assert film.git("status", "--porcelain", "project.json") == "M  project.json\n"
    film.git("checkout", "--quiet", "main")
    assert film.git("status", "--porcelain", "project.json") == ""


def test_a_filter_of_the_users_stays_and_none_of_ours_is_added(film: GitFilm) -> None:
    (film.root / ".gitattributes").write_text("*.json filter=mine\n")
    film.take(1)
    film.stage()
    assert CHOICES not in (film.root / ".gitattributes").read_text()
    assert film.git.run("config", "filter.takes.clean").returncode == 1
    assert "takeCount" in film.git("show", ":project.json")


def test_what_else_the_configuration_says_stays_and_ours_is_added_once(film: GitFilm) -> None:
    config = film.root / ".git/config"
    config.write_bytes(config.read_bytes() + b'# mine\n[user]\n\tname = "Ann \\"A\\" Onym"')
    before = config.read_bytes()
    film.take(1)
    film.stage()
    once = config.read_bytes()
    assert once.startswith(before + b"\n")
    film.take(2)
    film.stage()
    set_up(film.root, film.root)
    assert config.read_bytes() == once
    assert film.git("config", "user.name") == 'Ann "A" Onym\n'
    film.git("config", "filter.takes.clean", "/nowhere/takes git-clean")
    set_up(film.root, film.root)
    assert "/nowhere" not in film.git("config", "filter.takes.clean")


def test_the_doctor_says_what_has_git_ask_us(film: GitFilm) -> None:
    film.take(1)
    film.stage()
    film.git("config", "--remove-section", "filter.takes")

    def found() -> tuple[bool, str | None]:
        checks = check_repository(film.root, film.root, [], [], commits=False, moment=0.0)
        (one,) = [check for check in checks if check.name == "project.json"]
        return one.ok, one.mend

    is_well, mend = found()
    assert not is_well
    env = environment(film.film.folder, GIT_CONFIG_NOSYSTEM="1")
    subprocess.run(["sh", "-c", mend or "false"], cwd="/", env=env, check=True)
    assert found() == (True, None)
