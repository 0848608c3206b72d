"""What is no file, or is far too large, in the place of each of git's: nobody waits for it, and it is told of."""

import os
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from events import TakesError
from projections.git.repository import open_repository
from tests.projections.git.git_film import DAWN, GitFilm, checks_of, film
from tests.support.odd import NO_FILES, SECRET, Put, elsewhere, known, linked, listening, sparse

__all__ = ["film"]

TELLING = (
    ".git/index",
    ".git/config",
    ".git/HEAD",
    ".git/commondir",
    ".git/info/attributes",
    ".git/info/exclude",
    ".git/hooks/pre-push",
    ".gitattributes",
    ".gitignore",
    f"{DAWN}/.gitignore",
)
"""What is read of each repository, so that the doctor has something to tell where it is odd."""

ASKED = (
    ".git/packed-refs",
    ".git/refs/heads/main",
    ".git/objects/info/alternates",
    ".git/objects/pack/pack-1.idx",
    ".git/included",
)
"""What is read only for a commit, or of somebody who has more."""

WRITTEN = (".git/logs/HEAD", ".takes/git-lock")
"""What is written into."""


@contextmanager
def little_memory() -> Iterator[None]:
    """Fails where more than some MB are needed at any time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def put_odd(film: GitFilm, place: str, put: Put) -> Path:
    path = film.root / place
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    put(path)
    return path


def staged(film: GitFilm) -> list[str]:
    """What is said while all is staged and committed."""
    try:
        return film.stage(commit=True)
    except TakesError as error:
        return [str(error)]
    except OSError as error:
        return [f"{error.filename}: {error.strerror}"]


def wrong(film: GitFilm) -> list[str]:
    """What the doctor has to say."""
    return [one.what for one in checks_of(film) if not one.ok]


@pytest.mark.parametrize("place", TELLING)
def test_an_odd_file_of_gits_is_told_by_its_path(film: GitFilm, place: str) -> None:
    film.take(1)
    assert film.stage(commit=True) == []
    film.take(2)
    for put in NO_FILES:
        path = put_odd(film, place, put)
        before = known(path)
        with little_memory():
            staged(film)
            told = wrong(film)
        assert [one for one in told if str(path) in one], (put, told)
        assert known(path) == before


@pytest.mark.parametrize("place", ASKED)
def test_an_odd_file_that_a_commit_meets_holds_up_nobody(film: GitFilm, place: str) -> None:
    film.take(1)
    assert film.stage(commit=True) == []
    film.git("config", "include.path", "included")
    film.take(2)
    (film.root / ".git/objects/pack/pack-1.pack").touch()
    for put in NO_FILES:
        path = put_odd(film, place, put)
        before = known(path)
        with little_memory():
            told = staged(film)
        is_index = (
            put is sparse and path.suffix == ".idx"
        )  # which holds no object, and is not read as a whole
        assert is_index or [one for one in told if str(path) in one], (put, told)
        assert known(path) == before


@pytest.mark.parametrize("put", [os.mkfifo, listening, linked])
@pytest.mark.parametrize("place", WRITTEN)
def test_nothing_is_written_into_what_is_no_file(film: GitFilm, place: str, put: Put) -> None:
    film.take(1)
    path = put_odd(film, place, put)
    told = staged(film)
    assert [one for one in told if str(path) in one], told
    assert put is not linked or elsewhere(path).read_bytes() == SECRET


@pytest.mark.parametrize("name", [".gitattributes", ".gitignore", "project.json"])
def test_a_link_in_the_worktree_is_not_followed(film: GitFilm, name: str) -> None:
    film.take(1)
    path = put_odd(film, name, linked)
    staged(film)
    assert path.is_symlink()
    assert elsewhere(path).read_bytes() == SECRET
    assert name not in film.git.staged()


def test_what_git_follows_is_followed(film: GitFilm) -> None:
    film.take(1)
    assert film.stage(commit=True) == []
    film.git("pack-refs", "--all")
    for name in ("packed-refs", "config", "info/exclude"):
        path = film.root / ".git" / name
        path.rename(path.with_name(f"{path.name}.own"))
        path.symlink_to(f"{path.name}.own")
    (film.root / ".git/info/exclude.own").write_text("*.png\n")
    film.take(2)
    assert film.stage(commit=True) == []
    assert [one for one in film.git.staged() if one.endswith(".png")] == [
        f"{DAWN}/takes/take_001/shot_001_take_001_thumbnail.png"
    ]
    assert len(film.git.subjects()) == 2


def test_alternates_that_name_one_another_are_looked_through_once(film: GitFilm, tmp_path: Path) -> None:
    film.take(1)
    folders = [tmp_path / f"other{number}" for number in range(30)]
    lines = "".join(f"{folder}\n" for folder in folders)
    for folder in (*folders, film.root / ".git/objects"):
        (folder / "info").mkdir(parents=True, exist_ok=True)
        (folder / "info/alternates").write_text(lines)
    with open_repository(film.root) as repository:
        assert repository.read_object(os.urandom(20)) is None


def test_files_of_configuration_that_include_one_another_come_to_an_end(film: GitFilm) -> None:
    floors = [[f"{floor}.{number}" for number in range(5)] for floor in range(8)]
    for names, above in pairwise([["config"], *floors]):
        text = "".join(f"[include]\n\tpath = {name}\n" for name in above)
        for name in names:
            with (film.root / ".git" / name).open("a") as config:
                config.write(text)
    with pytest.raises(TakesError, match="more than 1000 files"):
        film.stage()


def test_objects_in_packs_and_of_other_repositories_are_found(film: GitFilm, tmp_path: Path) -> None:
    film.take(1)
    assert film.stage(commit=True) == []
    film.git("pack-refs", "--all")
    film.git("repack", "-adq")
    blob, commit = (bytes.fromhex(film.git("rev-parse", name)) for name in (":project.json", "HEAD"))
    with open_repository(film.root) as repository:
        assert repository.read_blob(blob) == film.git("show", ":project.json").encode()
        assert repository.head() == ("refs/heads/main", commit)
        film.git("repack", "-adfFq")  # meanwhile
        assert repository.read_object(commit)
    objects = film.root / ".git/objects"
    (objects / "pack").rename(tmp_path / "pack")
    (tmp_path / "other").mkdir()
    (tmp_path / "pack").rename(tmp_path / "other/pack")
    (objects / "info/alternates").write_text(f"# of another one\n{tmp_path / 'other'}\n")
    film.take(2)
    assert film.stage(commit=True) == []
    film.git("fsck", "--strict")
