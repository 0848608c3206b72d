"""Commits: the real git finds them sound, by the right user, with nothing undone that the user has done since."""

import asyncio
from pathlib import Path

import pytest

from projections.git.branch import Branch
from projections.git.repository import CommitRefused, RepositoryUnusable, open_repository
from projections.gitdir.locks import Locks
from tests.projections.git.git_film import DAWN, MOMENT, GitFilm, at_home, film

__all__ = ["film"]


def author(film: GitFilm) -> str:
    return film.git("log", "-1", "--format=%an <%ae>").strip()


@pytest.mark.parametrize("commits", [0, 1])
def test_a_repository_of_sha256_is_committed_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commits: int
) -> None:
    at_home(tmp_path, monkeypatch)
    film = GitFilm(tmp_path, "--object-format=sha256")
    for _ in range(commits):
        film.git("commit", "--quiet", "--allow-empty", "-m", "begin")
    film.take(1)
    assert film.stage(commit=True) == []
    film.git("gc", "--quiet")
    film.take(2)
    assert film.stage(commit=True) == []
    assert film.git("status", "--porcelain") == ""
    assert film.git.subjects()[:2] == ["take_002 of 001_Dawn", "take_001 of 001_Dawn"]
    film.git("fsck", "--strict")


def test_the_logs_of_head_and_of_the_branch_both_know_a_commit(film: GitFilm) -> None:
    film.git("commit", "--quiet", "--allow-empty", "-m", "mine")
    mine = film.git("rev-parse", "HEAD")
    film.take(1)
    film.stage(commit=True)
    assert film.git("rev-parse", "HEAD@{1}") == film.git("rev-parse", "main@{1}") == mine
    assert film.git("reflog", "-1", "--format=%gs %gn %gd", "--date=iso") == (
        "commit: takes Ann Onym HEAD@{2026-01-02 03:04:05 +0000}\n"
    )


def test_no_log_is_begun_where_git_is_to_keep_none(film: GitFilm) -> None:
    film.git("config", "core.logAllRefUpdates", "false")
    film.take(1)
    film.stage(commit=True)
    assert not (film.root / ".git/logs").exists()


@pytest.mark.parametrize("condition", ["gitdir:{root}/", "gitdir:~/", "gitdir/i:{ROOT}/", "onbranch:ma*", "hasconfig:remote.*.url:https://example.org/**"])  # fmt: skip
def test_who_commits_may_depend_on_the_repository(film: GitFilm, tmp_path: Path, condition: str) -> None:
    (tmp_path / "work").write_text("[user]\n  name = Ann At Work\n  email = ann@work.example\n")
    where = condition.format(root=tmp_path, ROOT=str(tmp_path).upper())
    film.git("remote", "add", "origin", "https://example.org/film.git")
    film.git("config", "--global", f"includeIf.{where}.path", "work")
    film.take(1)
    film.stage(commit=True)
    assert author(film) == film.git("config", "user.name").strip() + " <ann@work.example>"
    assert author(film).startswith("Ann At Work")


def test_a_condition_that_does_not_hold_includes_nothing(film: GitFilm, tmp_path: Path) -> None:
    (tmp_path / "work").write_text("[user]\n  name = Ann At Work\n")
    for where in ("gitdir:/elsewhere/", "onbranch:other", "hasconfig:remote.*.url:https://example.com/**"):
        film.git("config", "--global", f"includeIf.{where}.path", "work")
    film.take(1)
    film.stage(commit=True)
    assert author(film) == "Ann Onym <ann@example.org>"


def test_what_a_worktree_says_of_itself_goes_before(film: GitFilm) -> None:
    film.git("config", "extensions.worktreeConfig", "true")
    film.git("config", "user.name", "Ann Local")
    film.git("config", "--worktree", "user.name", "Ann Here")
    film.take(1)
    film.stage(commit=True)
    assert author(film) == "Ann Here <ann@example.org>"


def test_what_the_user_has_committed_meanwhile_is_not_taken_back(film: GitFilm) -> None:
    path = film.take(1)
    notes = path.with_name(f"{path.stem}_notes.txt")
    notes.write_text("one\n")
    lfs = film.lfs("idle")
    notes.write_text("two\n")
    film.git("add", "-A")
    film.git("commit", "--quiet", "-m", "mine")
    asyncio.run(lfs.commit_waiting(film.root))
    assert lfs.problem == ""
    assert film.git("show", f"HEAD:{film.name(notes)}") == "two\n"
    assert film.git("status", "--porcelain") == ""


def test_what_was_stashed_meanwhile_is_in_no_commit(film: GitFilm) -> None:
    film.git("commit", "--quiet", "--allow-empty", "-m", "begin")
    film.take(1)
    lfs = film.lfs("idle")
    film.git("stash", "--quiet")
    asyncio.run(lfs.commit_waiting(film.root))
    assert film.git.subjects() == ["begin"]
    assert film.git("status", "--porcelain") == ""


def test_what_is_unstaged_meanwhile_is_not_removed_from_the_branch(film: GitFilm) -> None:
    film.take(1)
    film.stage(commit=True)
    before = film.git("ls-tree", "-r", "HEAD", "project.json")
    lfs = film.lfs("idle")
    film.git("rm", "--quiet", "--cached", "project.json")
    asyncio.run(lfs.commit_waiting(film.root))
    assert film.git("ls-tree", "-r", "HEAD", "project.json") == before


def test_a_configuration_that_cannot_be_read_is_told_of(film: GitFilm, tmp_path: Path) -> None:
    film.take(1)
    lfs = film.lfs("idle")
    (tmp_path / ".gitconfig").write_text("[broken\n")
    asyncio.run(lfs.commit_waiting(film.root))
    assert "cannot be read" in lfs.problem
    assert lfs.waits


def test_a_commit_that_lacks_its_tree_gets_none_on_top(film: GitFilm) -> None:
    film.take(1)
    film.stage(commit=True)
    tree = film.git("rev-parse", "HEAD^{tree}").strip()
    (film.root / ".git/objects" / tree[:2] / tree[2:]).unlink()
    film.take(2)
    before = film.git("rev-parse", "HEAD")
    with pytest.raises(RepositoryUnusable, match="lacks the tree"):
        film.stage(commit=True)
    assert film.git("rev-parse", "HEAD") == before


def test_a_branch_that_has_moved_or_is_locked_is_left_alone(film: GitFilm) -> None:
    film.git("commit", "--quiet", "--allow-empty", "-m", "begin")
    with open_repository(film.root) as repository:
        branch = Branch(repository, MOMENT, Locks(film.root))
        branch.commit({"a/b": (0o100644, repository.add_object("blob", b"content"))}, "ours\n")
        film.git("commit", "--quiet", "--allow-empty", "-m", "theirs")
        with pytest.raises(CommitRefused, match="somebody else"):
            branch.finish()
        branch = Branch(repository, MOMENT, Locks(film.root))
        branch.commit({"a/b": (0o100644, repository.add_object("blob", b"content"))}, "ours\n")
        lock = film.root / ".git/refs/heads/main.lock"
        lock.touch()
        with pytest.raises(CommitRefused, match="locked"):
            branch.finish()
        lock.unlink()
        branch.finish()
    assert film.git.subjects() == ["ours", "theirs", "begin"]
    assert film.git("show", "HEAD:a/b") == "content"


def test_no_commit_is_made_of_the_shared_files_alone(film: GitFilm) -> None:
    film.take(1)
    film.stage(commit=True)
    before = film.git.subjects()
    row, _ = film.rows[DAWN]
    row.given, row.deleted_numbers = 2, "[2]"  # a take that is in no folder
    film.write_project()
    film.stage(commit=True)
    assert film.git.subjects() == before
    assert film.git("diff", "--cached", "--name-only").split() == ["project.json"]
    film.take(3)
    film.stage(commit=True)
    assert film.git.subjects() == ["take_003 of 001_Dawn", *before]
    assert film.git("status", "--porcelain") == ""


def test_a_take_that_is_missing_from_a_branch_that_never_had_it_is_in_no_commit(film: GitFilm) -> None:
    film.git("commit", "--quiet", "--allow-empty", "-m", "begin")
    film.git("branch", "empty")
    film.take(1)
    film.stage(commit=True)
    film.git("checkout", "--quiet", "empty")
    _, takes = film.rows[DAWN]
    takes[0].deleted = "missing"
    film.stage(commit=True)
    assert film.git.subjects() == ["begin"]
    assert film.git("status", "--porcelain") == ""
