"""What one look at git leaves to the next: nothing of it is looked at twice, and nothing that has changed is missed."""

import shutil
from pathlib import Path
from typing import Any, cast

import anyio
import pytest
from msgspec.structs import replace

from projections.git import entries, staging
from projections.git.entries import FilmInGit, Memory
from projections.git.lfs import LfsObjects
from projections.git.noted import NOTE, SURVEY, Shots, note_of, read_note, read_survey, states_of
from projections.git.projection import GitLfs
from projections.git.repository import open_repository
from projections.git.staging import Staging
from projections.gitdir import index
from projections.gitdir.index import GitIndex, Known, read_index, write_index
from projections.gitdir.surveying import Survey, survey
from projections.index.index import Index
from projections.index.rows import ShotRow, TakeRow
from projections.layout import OWN_FOLDER
from tests.projections.git.git_film import DAWN, MOMENT, NOON, GitFilm, at_home, film

__all__ = ["film"]


class Looks:
    """Looks at git, of which each goes on from the one before."""

    def __init__(self, film: GitFilm) -> None:
        self.film = film
        self.memory = Memory()
        self.shots = Shots([row for row, _ in film.rows.values()])

    def look(self) -> list[str]:
        """Stage everything; the problems."""
        with open_repository(self.film.root) as repository:
            within = FilmInGit(repository, self.film.root, self.memory)
            staged = Staging(within, LfsObjects(repository.lfs_objects)).stage(
                self.film.touched(), self.shots
            )
            self.shots.settle()
            return staged.problems

    def move(self, shot: str, to: str) -> None:
        """A shot is somewhere else by now."""
        row, takes = self.film.rows.pop(shot)
        (self.film.root / to).parent.mkdir(exist_ok=True)
        (self.film.root / shot).rename(self.film.root / to)
        row.path = to
        self.film.rows[to] = row, takes
        self.shots.gone.add(shot)
        self.shots.given = {to if path == shot else path: given for path, given in self.shots.given.items()}


def test_what_is_left_of_a_shot_that_has_moved_goes_though_others_have_staged_nothing(film: GitFilm) -> None:
    film.take(1)
    film.take(1, NOON)
    looks = Looks(film)
    assert looks.look() == []
    looks.move(DAWN, "02_Chapter/001_Dawn")
    assert looks.look() == []
    assert not [path for path in film.git.staged() if path.startswith(DAWN)]
    assert film.git("status", "--porcelain", "--untracked-files=no", NOON).strip()
    assert film.git.unstaged() == []


def test_what_lies_on_the_disk_of_a_shot_that_has_moved_goes_once_it_does_not(film: GitFilm) -> None:
    path = film.take(1)
    looks = Looks(film)
    looks.look()
    looks.move(DAWN, NOON)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"somebody's")
    looks.look()
    assert film.name(path) in film.git.staged()
    shutil.rmtree(film.root / DAWN)
    looks.look()
    assert film.name(path) not in film.git.staged()


def test_an_empty_shot_is_kept_once_there_is_nothing_in_it_any_more(film: GitFilm) -> None:
    film.take(1)
    note = film.root / NOON / "takes" / "notes.txt"
    note.parent.mkdir(parents=True)
    note.touch()
    looks = Looks(film)
    looks.shots = Shots([*(row for row, _ in film.rows.values()), ShotRow(7, NOON, NOON)])
    looks.look()
    assert f"{NOON}/takes/.gitkeep" not in film.git.staged()
    note.unlink()
    looks.look()
    assert f"{NOON}/takes/.gitkeep" in film.git.staged()


def test_the_index_is_surveyed_once_as_long_as_nobody_else_writes_it(
    film: GitFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = []

    def reading(path: Path, id_length: int, before: Known | None) -> GitIndex:
        index = read_index(path, id_length, before)
        known.append(before is not None and index.known is before)
        return index

    monkeypatch.setattr(entries, "read_index", reading)
    looks = Looks(film)
    for number in (1, 2, 3):
        film.take(number)
        assert looks.look() == []
    film.git("add", "--intent-to-add", "project.json")
    (film.root / "mine").touch()
    film.git("add", "mine")
    film.take(4)
    assert looks.look() == []
    assert known == [False, True, True, False]
    assert len([path for path in film.git.staged() if path.endswith(".mp4")]) == 4
    assert film.git.unstaged() == []


@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_what_many_takes_bring_comes_in_one_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    at_home(tmp_path, monkeypatch)
    monkeypatch.setattr(staging, "MANY", 3)
    film = GitFilm(tmp_path, f"--object-format={form}")
    for number in range(1, 6):
        film.take(number)
    assert film.stage(commit=True) == []
    packs = sorted(path.suffix for path in (film.root / ".git/objects/pack").iterdir())
    assert packs == [".idx", ".pack"]
    film.git("fsck", "--strict")
    film.git("repack", "-ad")
    assert film.git("status", "--porcelain") == ""
    film.take(6)
    assert film.stage(commit=True) == []  # of what is packed nothing is written once more
    assert len([*(film.root / ".git/objects/pack").glob("*.pack")]) == 2
    film.git("fsck", "--strict")
    assert film.git("status", "--porcelain") == ""


def test_a_note_is_believed_of_the_very_index_and_rules_that_it_speaks_of(film: GitFilm) -> None:
    film.take(1)
    film.stage(commit=True)
    rules = film.root / ".gitignore"

    def noted() -> bool:
        found = read_note(film.root)
        return found is not None and found.snapshot(film.root) is not None

    lfs = film.lfs("each")
    assert lfs._last
    assert lfs._memory
    note = note_of(7, "each", lfs._last, lfs._memory.index, states_of([rules]))
    assert note
    assert not noted()
    note.write(film.root)
    assert read_note(film.root) == note
    assert noted()
    rules.write_text("mine\n")
    assert not noted()
    rules.unlink()
    assert noted()
    film.git("rm", "--cached", "--quiet", "project.json")
    assert not noted()
    (film.root / OWN_FOLDER / NOTE).write_text('{"position": "7"}')
    assert read_note(film.root) is None


class Rows:
    """An index of takes that says what a film's rows do."""

    def __init__(self, film: GitFilm) -> None:
        self._rows = film.rows

    async def shots(self) -> list[ShotRow]:
        return [row for row, _ in self._rows.values()]

    async def takes(self, shot: int) -> list[TakeRow]:
        return next(takes for row, takes in self._rows.values() if row.id == shot)


@pytest.mark.parametrize("is_damaged", [False, True])
def test_the_next_daemon_goes_on_from_what_the_last_one_has_found_in_the_index(
    film: GitFilm, monkeypatch: pytest.MonkeyPatch, *, is_damaged: bool
) -> None:
    film.take(1)
    film.stage()
    last = film.lfs("each")
    stray = film.root / "03_Gone/001_Gone/takes/take_001/shot_001_take_001.mp4"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"of no shot")
    film.git("add", film.name(stray))
    shutil.rmtree(film.root / "03_Gone")
    anyio.run(last.unstaged, film.root, cast("Index", Rows(film)))  # it has seen that others wrote the index
    anyio.run(last.note, film.root, 7)
    anyio.run(last.keep_survey, film.root)
    kept, surveyed = film.root / OWN_FOLDER / SURVEY, list[bool]()
    if is_damaged:
        kept.write_bytes(kept.read_bytes()[:-1] + b"?")
    following = GitLfs(commits="each", moment=lambda: MOMENT)
    assert anyio.run(following.is_as_noted, film.root, 7)

    def surveying(*args: Any) -> Survey:
        surveyed.append(True)
        return survey(*args)

    monkeypatch.setattr(index, "survey", surveying)
    film.take(2)
    film.stage_by(following)
    assert bool(surveyed) == is_damaged
    assert len([path for path in film.git.staged() if path.endswith(".mp4")]) == 2
    assert (
        film.git("status", "--porcelain") == ""
    )  # nothing of the stray is left, which was found and not searched for
    film.git("fsck", "--strict")


def test_what_was_found_in_an_index_is_believed_of_no_other(film: GitFilm) -> None:
    film.take(1)
    film.stage()
    last = film.lfs("each")
    anyio.run(last.note, film.root, 7)
    anyio.run(last.keep_survey, film.root)
    known = read_note(film.root)
    assert known
    assert read_survey(film.root, known)
    for other in (replace(known, checksum="00" * 20), replace(known, index=(1, 2, 3, 4))):
        assert read_survey(film.root, other) is None


def test_a_shared_file_is_read_again_once_anything_about_it_has_changed(film: GitFilm) -> None:
    film.take(1)
    looks = Looks(film)
    looks.look()
    film.git("commit", "--quiet", "-m", "takes")
    for change in (
        lambda: (film.root / "project.json").write_text('{"fps": 24}\n'),
        film.write_project,
        lambda: film.git("rm", "--cached", "--quiet", "project.json"),
        lambda: (film.root / ".gitattributes").write_text(
            "# mine\n" + (film.root / ".gitattributes").read_text()
        ),
    ):
        change()
        assert looks.look() == []
        assert film.git.unstaged() in ([], [" M .gitattributes"], [" M project.json"])
        assert {"project.json", ".gitattributes"} <= film.git.staged()
        assert film.git("show", ":project.json").count('"takes"') == 1


def test_a_shared_file_has_its_stat_in_git_though_others_wrote_the_index_meanwhile(
    film: GitFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    film.take(1)
    looks = Looks(film)
    looks.look()
    film.git("commit", "--quiet", "-m", "takes")
    written, write = list[bool](), write_index

    def writing(*args: Any) -> bool:
        written.append(len(written) > 0 and write(*args))
        return written[-1]

    monkeypatch.setattr(entries, "write_index", writing)
    film.take(10)  # what is counted of it git does not have, but the file is longer
    assert looks.look() == []
    assert written == [False, True]
    assert film.git.unstaged() == []
