"""Inner repositories: git's index gets nothing of a folder into which git itself would not look."""

import pytest

from projections.git.checks import Check
from tests.projections.git.git_film import NOON, GitFilm, checks_of, film

__all__ = ["film"]

LIB = "lib/001_Dusk"


def test_nothing_is_staged_of_a_repository_within_the_films(film: GitFilm) -> None:
    _with_inner(film)
    (film.root / "lib/002_Night/takes").mkdir(parents=True)
    mine, _ = film.take(1), film.take(1, LIB)
    assert film.stage(empty=["lib/002_Night"]) == []
    staged = film.git.staged()
    assert film.name(mine) in staged
    assert not [path for path in staged if path.startswith("lib/")]
    assert "?? lib/\n" in film.git("status", "--porcelain")  # one thing to git, with all that is in it


def test_nothing_is_staged_of_a_submodule(film: GitFilm) -> None:
    _with_inner(film)
    film.git("add", "lib")
    film.take(1, LIB)
    assert film.stage() == []
    assert [path for path in film.git.staged() if path.startswith("lib")] == ["lib"]


@pytest.mark.parametrize("name", [LIB.partition("/")[0], f"{LIB}/takes"])
def test_where_git_has_files_of_the_folder_it_goes_on(film: GitFilm, name: str) -> None:
    first = film.take(1, LIB)
    film.stage(commit=True)
    film.git("init", "--quiet", name)
    second = film.take(2, LIB)
    assert film.stage() == []
    assert {film.name(first), film.name(second)} <= film.git.staged()
    assert film.git("status", "--porcelain", "--", "lib").splitlines() == [
        f"A  {film.name(path)}" for path in sorted(second.parent.iterdir())
    ]


def test_a_folder_that_only_looks_like_a_repository_is_none(film: GitFilm) -> None:
    (film.root / "lib/.git").mkdir(parents=True)
    path = film.take(1, LIB)
    assert film.stage() == []
    assert film.name(path) in film.git.staged()


def test_the_doctor_says_what_lies_elsewhere_and_finds_nothing_missing(film: GitFilm) -> None:
    _with_inner(film)
    film.take(1)
    film.take(1, LIB)
    film.stage()
    checks = _checks(film)
    assert checks["inner repositories"].ok
    assert "1 media files" in checks["inner repositories"].what
    assert "lib" in checks["inner repositories"].what
    assert checks["objects"].ok
    assert "1 media files" in checks["objects"].what


def test_the_doctor_misses_no_object_of_what_is_not_staged(film: GitFilm) -> None:
    (film.root / ".gitignore").write_text(f"/{NOON}/\n")
    film.take(1)
    film.take(1, NOON)
    film.stage()
    assert _checks(film)["objects"].ok
    film.git("update-index", "--split-index")
    checks = _checks(film)
    assert not checks["index"].ok
    assert "objects" not in checks


def _with_inner(film: GitFilm) -> None:
    """Another repository, with a commit, within the film's."""
    film.git("init", "--quiet", "lib")
    (film.root / "lib/a").write_text("a")
    film.git("-C", "lib", "add", "a")
    film.git("-C", "lib", "commit", "--quiet", "-m", "theirs")


def _checks(film: GitFilm) -> dict[str, Check]:
    """What the doctor has to say, by name."""
    return {one.name: one for one in checks_of(film)}
