"""Staging: the real git finds in its index what belongs there, and nothing of the user's is undone."""

import os
import unicodedata
from pathlib import Path

import pytest

from projections.files.sharing import is_shared
from projections.git.lfs import pointer
from tests.projections.git.git_film import DAWN, NOON, GitFilm, film

__all__ = ["film"]


def test_what_a_sparse_checkout_leaves_out_stays_in_git(film: GitFilm) -> None:
    film.take(1)
    film.take(1, NOON)
    film.stage(commit=True)
    before = film.git.staged()
    film.git("sparse-checkout", "set", DAWN)
    assert not (film.root / NOON).exists()
    film.rows[NOON][1][0].deleted = "missing"
    assert film.stage(commit=True) == []
    film.rows.pop(NOON)
    assert film.stage(commit=True) == []
    assert film.git.staged() == before
    assert set(film.git("ls-tree", "-r", "--name-only", "HEAD").splitlines()) == before
    film.git("sparse-checkout", "disable")
    assert film.git("status", "--porcelain").splitlines() == []


@pytest.mark.parametrize("flag", ["assume-unchanged", "skip-worktree"])
def test_a_file_that_git_was_told_not_to_look_at_is_not_staged(film: GitFilm, flag: str) -> None:
    film.take(1)
    project = film.root / "project.json"
    project.write_text('{"fps": 24}\n')
    film.git("add", "project.json")
    film.git("commit", "--quiet", "-m", "mine")
    film.git("update-index", f"--{flag}", "project.json")
    film.write_project()
    assert film.stage(commit=True) == []
    assert film.git("show", ":project.json") == film.git("show", "HEAD:project.json") == '{"fps": 24}\n'
    assert film.git("ls-files", "-v", "project.json")[0] in "hS"


def test_what_is_staged_below_a_name_that_is_a_link_now_gives_way(film: GitFilm) -> None:
    inside = film.root / DAWN / "active_take"
    inside.mkdir(parents=True)
    (inside / "note").write_text("a note")
    film.git("add", "-A")
    (inside / "note").unlink()
    inside.rmdir()
    film.take(1)
    assert film.stage() == []
    film.git("commit", "--quiet", "-m", "takes")
    assert film.git("status", "--porcelain") == ""


def test_one_take_that_cannot_be_staged_holds_up_no_other(film: GitFilm) -> None:
    first, second = film.take(1), film.take(2)
    film.object(first).mkdir(parents=True)
    (told,) = film.stage()
    assert "Is a directory" in told
    assert film.name(second) in film.git.staged()
    assert film.name(first) not in film.git.staged()


def test_an_object_that_was_edited_through_its_other_name_is_not_taken_for_whole(film: GitFilm) -> None:
    path = film.take(1)
    before = path.stat()
    path.chmod(0o644)
    path.write_bytes(b"x" * before.st_size)
    path.chmod(0o444)
    assert film.stage() == []
    assert film.name(path) not in film.git.staged()
    assert not film.object(path).exists()


def test_a_take_that_was_edited_is_staged_from_its_object(film: GitFilm) -> None:
    path = film.take(1)
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(b"x" * len(content))
    assert film.stage() == []
    assert film.object(path).read_bytes() == content
    assert film.git("show", f":{film.name(path)}").encode() == pointer(film.object(path).name, len(content))
    assert film.git("status", "--porcelain", film.name(path)) == f"AM {film.name(path)}\n"


def test_an_object_with_blocks_of_its_own_gives_way_to_those_of_the_take_unread(film: GitFilm) -> None:
    path = film.take(1)
    film.stage()
    size = path.stat().st_size
    film.object(path).unlink()
    film.object(path).write_bytes(bytes(size))
    film.stage()
    assert is_shared(film.object(path), path)
    film.object(path).unlink()
    film.object(path).write_bytes(bytes(size - 1))
    film.stage()
    assert is_shared(film.object(path), path)
    assert film.git.unstaged() == []


def test_whole_recipes_and_sidecars_are_plain_files_whatever_goes_for_others_of_their_kind(
    film: GitFilm,
) -> None:
    (film.root / ".gitattributes").write_text("* text\n*.gz filter=lfs diff=lfs merge=lfs -text\n")
    path = film.take(1)
    for ending in ("_recipe.json.gz", "_metadata.json.gz"):
        path.with_name(path.stem + ending).write_bytes(b"\x1f\x8b whole\r\n" * 50)
    assert film.stage(commit=True) == []
    assert film.git("status", "--porcelain") == ""
    assert film.git("lfs", "ls-files", "--name-only") == film.name(path) + "\n"
    content = film.git("show", f"HEAD:{film.name(path.parent)}/{path.stem}_recipe.json.gz")
    assert content.count("\n") == 50


@pytest.mark.parametrize(
    ("attributes", "autocrlf"), [("* text=auto\n", "false"), ("", "true"), ("*.json eol=lf\n", "false")]
)
def test_lines_end_in_git_as_git_would_have_them(film: GitFilm, attributes: str, autocrlf: str) -> None:
    film.git("config", "core.autocrlf", autocrlf)
    (film.root / ".gitattributes").write_text(attributes)
    path = film.take(1)
    recipe = path.with_name(f"{path.stem}_recipe.json")
    recipe.write_bytes(b'{"prompt":\r\n"gulls"}\r\n')
    assert film.stage() == []
    assert film.git("ls-files", "--eol", film.name(recipe)).startswith("i/lf    w/crlf")
    film.git("add", "--renormalize", ".")
    film.git("commit", "--quiet", "-m", "takes")
    assert film.git("status", "--porcelain") == ""


@pytest.mark.parametrize(("attributes", "autocrlf"), [("* text=auto eol=crlf\n", "false"), ("", "true")])
def test_what_the_log_speaks_of_comes_back_from_git_as_it_was(
    film: GitFilm, attributes: str, autocrlf: str
) -> None:
    film.git("config", "core.autocrlf", autocrlf)
    (film.root / ".gitattributes").write_text(attributes)
    media = film.take(1)
    ours = [media.with_name(f"{media.stem}_metadata.json"), media.with_suffix(".frames")]
    for path in ours:
        path.write_bytes(b"a line\nanother\n")
    assert film.stage() == []
    film.git("add", *(film.name(path) for path in ours))
    film.git("commit", "--quiet", "-m", "takes")
    for path in ours:
        path.unlink()
    film.git("checkout", "--", *(film.name(path) for path in ours))
    assert [path.read_bytes() for path in ours] == [b"a line\nanother\n"] * 2


def test_lines_of_ours_end_as_those_of_the_user_do(film: GitFilm) -> None:
    (film.root / ".gitattributes").write_bytes(b"*.x text\r\n")
    film.take(1)
    film.stage()
    content = (film.root / ".gitattributes").read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n") > 5


def test_executable_bits_count_only_where_the_disk_keeps_them(film: GitFilm) -> None:
    path = film.take(1)
    path.chmod(0o555)
    film.git("config", "core.fileMode", "no")
    film.stage()
    assert film.git("ls-files", "--stage", film.name(path)).startswith("100644 ")


def test_accents_are_spelled_as_git_does_on_a_mac(film: GitFilm) -> None:
    film.git("config", "core.precomposeUnicode", "true")
    shot = unicodedata.normalize("NFD", "001_Café")
    film.take(1, shot)
    assert film.stage() == []
    paths = [path for path in film.git.staged() if "Caf" in path]
    assert len(paths) == 4
    assert all(path == unicodedata.normalize("NFC", path) for path in paths)


def test_a_link_in_a_folder_that_is_ignored_by_name_is_no_folder(film: GitFilm) -> None:
    (film.root / ".gitignore").write_text("active_take/\n")
    film.take(1)
    film.stage()
    assert f"{DAWN}/active_take" in film.git.staged()


def test_what_linked_worktrees_are_all_to_ignore_is_not_staged(film: GitFilm, tmp_path: Path) -> None:
    film.git("commit", "--quiet", "--allow-empty", "-m", "begin")
    (film.root / ".git" / "info").mkdir(exist_ok=True)
    (film.root / ".git" / "info" / "exclude").write_text("*_thumbnail.png\n")
    film.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    film.root = film.git.worktree = tmp_path / "linked"
    (film.root / "project.json").write_text("{}\n")
    (film.root / ".takes").mkdir()
    film.take(1)
    assert film.stage() == []
    assert not [path for path in film.git.staged() if "thumbnail" in path]
    assert [path for path in film.git.staged() if "metadata" in path]


def test_a_film_of_which_all_is_ignored_is_left_alone(film: GitFilm) -> None:
    (film.root / ".gitignore").write_text("/*\n!/.gitignore\n")
    film.take(1)
    film.lfs("each")
    assert film.git.staged() == set()
    assert not (film.root / ".gitattributes").exists()


def test_where_git_lfs_keeps_its_objects_can_be_chosen(film: GitFilm) -> None:
    film.git("config", "lfs.storage", "~/elsewhere")
    path = film.take(1)
    film.stage()
    told = film.git("lfs", "env").splitlines()
    (place,) = [line.partition("=")[2] for line in told if line.startswith("LocalMediaDir=")]
    assert [one for one in Path(place).rglob("*") if one.is_file() and one.samefile(path)]


def test_a_rules_file_that_is_none_holds_up_nothing(film: GitFilm) -> None:
    (film.root / ".gitignore").mkdir()
    os.mkfifo(film.root / DAWN / ".gitignore")
    film.take(1)
    assert film.stage() == []


def test_objects_are_open_to_those_that_the_repository_is_shared_with(film: GitFilm) -> None:
    film.git("config", "core.sharedRepository", "group")
    film.take(1)
    before = set((film.root / ".git/objects").iterdir())
    film.stage()
    made = set((film.root / ".git/objects").iterdir()) - before
    assert made
    assert all(folder.stat().st_mode & 0o2070 == 0o2070 for folder in made)


def test_a_shot_without_takes_is_there_in_a_clone_too(film: GitFilm, tmp_path: Path) -> None:
    takes = film.root / NOON / "takes"
    takes.mkdir(parents=True)
    (takes / ".DS_Store").touch()
    assert film.stage(commit=True, empty=[NOON]) == []
    assert film.git.staged() == set()  # a branch without takes stays without
    film.take(1)
    assert film.stage(commit=True, empty=[NOON]) == []
    assert (takes / ".gitkeep").read_bytes() == b""
    assert film.git("ls-tree", "-r", "--name-only", "HEAD", NOON) == f"{NOON}/takes/.gitkeep\n"
    (takes / ".DS_Store").unlink()
    film.git("clone", "--quiet", ".", str(tmp_path / "clone"))
    assert (tmp_path / "clone" / NOON / "takes").is_dir()
    before = film.git.subjects()
    assert before == ["take_001 of 001_Dawn", "The shots without takes"]
    assert film.stage(commit=True, empty=[NOON]) == []
    film.take(1, NOON)
    assert film.stage(commit=True) == []
    assert (takes / ".gitkeep").exists()
    assert film.git.subjects() == ["take_001 of 002_Noon", *before]
    assert film.git("status", "--porcelain") == ""


@pytest.mark.parametrize("why", ["ignored", "a drop", "a merge", "no folder"])
def test_a_folder_of_takes_that_is_not_to_be_kept_is_not(film: GitFilm, why: str) -> None:
    takes = film.root / NOON / "takes"
    takes.mkdir(parents=True)
    if why == "ignored":
        (film.root / ".gitignore").write_text(f"/{NOON}\n")
    elif why == "a drop":
        (takes / "render.mp4").write_bytes(b"half")
    elif why == "a merge":
        (film.root / ".git" / "MERGE_HEAD").touch()
    else:
        takes.rmdir()
    film.take(1)
    assert film.stage(empty=[NOON]) == []
    assert not (takes / ".gitkeep").exists()
