"""Git LFS with the real git: takes are staged without a copy, wherever the film lies in its repository."""

import asyncio
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from daemon.home.init import init_project
from projections.files.threads import in_thread
from projections.git.attributes import LFS, MARK
from projections.git.noted import read_note
from projections.gitdir.entry_heads import state_of
from tests.daemon.project.git.in_git import check_clean, drop_all, problem, well
from tests.e2e.repository import Git, begin
from tests.support.film import DAWN, NOON, Film, make_film, still, until, video
from tests.support.inside import Daemon, running_daemon


async def test_complete_takes_are_staged_and_the_repository_is_sound(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film) as daemon:
        await drop_all(daemon, still(1), video())
        await drop_all(daemon, still(2), shot=NOON)
        await well(daemon)
    listed = set(git("lfs", "ls-files", "--name-only").split("\n")) - {""}
    media = {film.media(1), film.media(2, suffix=".mp4"), film.media(1, NOON)}
    assert listed == {path.relative_to(film.root).as_posix() for path in media}
    assert git.unstaged() == []
    assert {".gitattributes", "project.json", f"{DAWN}/active_take"} <= git.staged()
    assert git("ls-files", "--stage", f"{DAWN}/active_take").startswith("120000 ")
    git("commit", "--quiet", "-m", "all")
    check_clean(git)
    assert git("status", "--porcelain") == ""


async def test_an_object_shares_its_bytes_with_the_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film) as daemon:
        await drop_all(daemon, video())
        await well(daemon)
    sha256 = hashlib.sha256(video()).hexdigest()
    stored = film.root / ".git/lfs/objects" / sha256[:2] / sha256[2:4] / sha256
    media = film.media(1, suffix=".mp4")
    assert stored.read_bytes() == video()
    assert (
        stored.samefile(media) or stored.stat().st_blocks * 512 >= stored.stat().st_size
    )  # a reflink has its own
    pointer = git("cat-file", "blob", f":{media.relative_to(film.root)}")
    assert (
        pointer == f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {len(video())}\n"
    )


async def test_the_users_attributes_stay_and_ours_are_added_once(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    begin(film)
    own = "# mine\n* text=auto\n*.mp4 filter=lfs diff=lfs merge=lfs -text\n*.wav -filter"
    attributes = film.root / ".gitattributes"
    attributes.write_text(own)
    async with running_daemon(film) as daemon:
        await drop_all(daemon, still(1))
        text = attributes.read_text()
        assert text.startswith(own + "\n")
        assert text.count("*.mp4") == 1
        assert f"*.png {LFS}" in text
        assert f"*.wav {LFS}" not in text
        attributes.write_text(text.replace(f"*.mov {LFS}\n", ""))
        await drop_all(daemon, still(2))
        assert f"*.mov {LFS}" not in attributes.read_text()
        assert attributes.read_text().count(MARK) == 1
        await well(daemon)


async def test_a_worktree_has_its_objects_in_the_common_folder(tmp_path: Path) -> None:
    main = Film(tmp_path, "Main")
    git = begin(main)
    git("commit", "--quiet", "--allow-empty", "-m", "begin")
    film = Film(tmp_path)
    shutil.rmtree(film.root)
    git("worktree", "add", "--quiet", str(film.root))
    film = await make_film(tmp_path)
    own = Git(film.root, tmp_path)
    async with running_daemon(film, git={"commit": "each"}) as daemon:
        await drop_all(daemon, video())
        await well(daemon)
    check_clean(own)
    assert own("status", "--porcelain") == ""
    assert own("rev-parse", "--abbrev-ref", "HEAD").strip() == "MyFilm"
    sha256 = hashlib.sha256(video()).hexdigest()
    assert (main.root / ".git/lfs/objects" / sha256[:2] / sha256[2:4] / sha256).is_file()


async def test_a_film_may_lie_deep_in_its_repository(tmp_path: Path) -> None:
    film = await make_film(tmp_path / "films")
    git = begin(film, worktree=tmp_path)
    (tmp_path / ".gitignore").write_text("daemon.log\n/config\n/state\n/run\n/config.toml\n.gitconfig\n")
    git("add", ".gitignore")
    async with running_daemon(film, git={"commit": "each"}) as daemon:
        await drop_all(daemon, still(1))
        await well(daemon)
    check_clean_below = [line for line in git.unstaged() if "MyFilm" in line]
    assert check_clean_below == []
    assert f"films/MyFilm/{DAWN}/active_take" in git("ls-tree", "-r", "--name-only", "HEAD").splitlines()


async def test_a_submodule_is_staged_in_the_submodule(tmp_path: Path) -> None:
    source = Film(tmp_path, "Source")
    inner = begin(source)
    inner("commit", "--quiet", "--allow-empty", "-m", "begin")
    outer = Git(tmp_path / "Outer", tmp_path)
    outer.worktree.mkdir()
    outer("init", "--quiet")
    outer("submodule", "add", "--quiet", source.root.as_uri(), "MyFilm")
    film = Film(outer.worktree)
    film.folder = tmp_path
    await asyncio.to_thread(init_project, film.root)
    async with running_daemon(film) as daemon:
        await drop_all(daemon, still(1))
        await well(daemon)
    assert f"{DAWN}/active_take" in Git(film.root, tmp_path).staged()
    assert outer.staged() == {".gitmodules", "MyFilm"}


async def test_what_git_is_to_ignore_is_not_staged(tmp_path: Path) -> None:
    film = await make_film(tmp_path / "films")
    git = begin(film, worktree=tmp_path)
    (tmp_path / ".gitignore").write_text("*\n")
    async with running_daemon(film) as daemon:
        await drop_all(daemon, still(1))
        await well(daemon)
    assert git.staged() == set()
    assert not (film.root / ".gitattributes").exists()


@pytest.mark.parametrize("version", [2, 3, 4])
async def test_every_version_of_the_index_stays_what_it_is(tmp_path: Path, version: int) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    deep = film.root / ("a" * 150) / ("b" * 150)
    deep.mkdir(parents=True)
    for name in ("one", "two", "later"):
        (deep / name).write_text(name)
        (film.root / name).write_text(name)
    git("add", f"{deep.parent.name}", "one", "two")
    if version == 3:
        git("add", "--intent-to-add", "later")
    git("update-index", "--index-version", str(version))
    async with running_daemon(film) as daemon:
        await drop_all(daemon, still(1))
        await well(daemon)
    assert (film.root / ".git/index").read_bytes()[4:8] == bytes([0, 0, 0, version])
    assert {"one", "two", f"{deep.relative_to(film.root)}/one"} <= git.staged()
    assert [line for line in git.unstaged() if "take" in line] == []
    git("fsck", "--strict")


@pytest.mark.parametrize("kind", ["split", "sparse", "damaged"])
async def test_an_index_that_cannot_be_changed_safely_is_left_alone(tmp_path: Path, kind: str) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    index = film.root / ".git/index"
    (film.root / "notes").mkdir()
    (film.root / "notes" / "a").write_text("a")
    git("add", "notes")
    git("commit", "--quiet", "-m", "a")
    if kind == "split":
        git("update-index", "--split-index")
    elif kind == "sparse":
        git("sparse-checkout", "set", "--cone", "--sparse-index", "nowhere")
    else:
        index.write_bytes(index.read_bytes().replace(b"notes/", b"votes/"))
    before = index.read_bytes()
    async with running_daemon(film) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        told = {"split": "is split", "sparse": "is sparse", "damaged": "is damaged"}
        await problem(daemon, f"index {told[kind]}")
        assert index.read_bytes() == before
        checks = {one["name"]: one for one in (await daemon.get("doctor"))["checks"]}
        assert not checks["index"]["ok"]
        assert checks["index"]["mend"]


async def test_a_lock_that_was_left_behind_is_told_of_and_never_removed(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    lock = film.root / ".git/index.lock"
    lock.touch()
    os.utime(lock, (1, 1))
    async with running_daemon(film) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await problem(daemon, "is locked")
        assert lock.exists()
        checks = {one["name"]: one for one in (await daemon.get("doctor"))["checks"]}
        assert not checks["lock"]["ok"]
        assert checks["lock"]["mend"] == f"rm {lock}"
        lock.unlink()
        await well(daemon)
    assert git.unstaged() == []


async def test_a_truncated_object_is_replaced(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    sha256 = hashlib.sha256(video()).hexdigest()
    stored = film.root / ".git/lfs/objects" / sha256[:2] / sha256[2:4] / sha256
    stored.parent.mkdir(parents=True)
    stored.write_bytes(video()[:100])
    async with running_daemon(film) as daemon:
        await drop_all(daemon, video())
        await well(daemon)
        assert stored.read_bytes() == video()
        stored.unlink()
        stored.write_bytes(bytes(len(video())))
        await daemon.ask("POST", "rebuild", {"name": "git-lfs"})
        await well(daemon)
        assert stored.read_bytes() == video()
    git("commit", "--quiet", "-m", "a take")
    check_clean(git)


async def test_an_object_that_git_lfs_has_pruned_before_it_was_committed_is_there_again(
    tmp_path: Path,
) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    git("init", "--quiet", "--bare", str(tmp_path / "far"))
    git("remote", "add", "origin", str(tmp_path / "far"))
    git("commit", "--quiet", "--allow-empty", "-m", "begun")
    git("push", "--quiet", "origin", "HEAD")

    async def are_there() -> bool:
        objects = (film.root / ".git/lfs/objects").rglob("*")
        return len([one for one in objects if one.is_file()]) == 2

    async with running_daemon(film, git={"idle": 0.4}) as daemon:
        await drop_all(daemon, still(1), video())
        await well(daemon)
        assert "2 local objects, 0 retained" in git("lfs", "prune")
        await until(are_there)
        await well(daemon)
    git("commit", "--quiet", "-m", "all")
    check_clean(git)


async def test_a_hostile_repository_gets_nothing_to_run(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    ran = tmp_path / "ran"
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\necho $0 >> {ran}\n")
    trap.chmod(0o755)
    git("commit", "--quiet", "--allow-empty", "-m", "begin")
    for name in ("process", "clean", "smudge"):
        git("config", f"filter.lfs.{name}", str(trap))
        git("config", f"filter.evil.{name}", str(trap))
    hooks = film.root / ".git/hooks"
    for hook in (
        "pre-commit",
        "post-commit",
        "prepare-commit-msg",
        "post-index-change",
        "reference-transaction",
    ):
        shutil.copy(trap, hooks / hook)
    for key in (
        "core.fsmonitor",
        "core.editor",
        "gpg.program",
        "core.sshCommand",
        "diff.external",
        "alias.add",
    ):
        git("config", key, str(trap))
    git("config", "commit.gpgSign", "true")
    git("config", "user.name", "Ann\nEvil: header")
    git("config", "core.repositoryFormatVersion", "1")
    git("config", "remote.origin.promisor", "true")  # what it lacks, git would ask of a program
    git("config", "remote.origin.url", f"file://{tmp_path}/nowhere")
    git("config", "remote.origin.uploadpack", str(trap))
    (film.root / ".gitattributes").write_text("*.json filter=evil\n")
    os.mkfifo(film.root / ".git/info/attributes")
    async with running_daemon(film, git={"commit": "each"}) as daemon:
        await drop_all(daemon, still(1))
        await well(daemon)
        await daemon.get("doctor")
    assert not ran.exists()
    assert b"take_001 of 001_Dawn" in (await asyncio.to_thread(_last_commit, film.root))


def _last_commit(root: Path) -> bytes:
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-c", "core.fsmonitor=false", "cat-file", "commit", "main"]
    return subprocess.run(command, cwd=root, env=env, capture_output=True, check=True).stdout


async def test_a_repository_of_somebody_else_is_left_alone_until_it_is_called_safe(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    if os.geteuid():
        pytest.xfail("only root can give a folder away")
    os.chown(film.root / ".git", 12345, 12345)
    async with running_daemon(film) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await problem(daemon, "belongs to somebody else")
        assert not (film.root / ".git/index").exists()
        git("config", "--global", "safe.directory", str(film.root))

        async def staged() -> bool:
            return film.media(1).relative_to(film.root).as_posix() in git.staged()

        await until(staged)


async def test_a_start_looks_at_no_take_where_git_is_as_it_was_left(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    quick = {"idle": 0.4}
    async with running_daemon(film, git=quick) as daemon:
        await drop_all(daemon, still(1), still(2))
        await noted(daemon)
    (lost, other) = sorted(path for path in (film.root / ".git/lfs/objects").rglob("*") if path.is_file())
    lost.unlink()
    async with running_daemon(film, git=quick) as daemon:
        await drop_all(daemon, still(3), shot=NOON)
        await noted(daemon)
        assert not lost.exists()  # which `takes rebuild git-lfs` makes again
    assert film.media(1, NOON).relative_to(film.root).as_posix() in git.staged()
    git("commit", "--quiet", "-m", "mine")
    async with running_daemon(film, git=quick):

        async def is_there() -> bool:
            return lost.exists()

        await until(is_there)
    assert other.exists()
    assert git.unstaged() == []


async def noted(daemon: Daemon) -> None:
    """Wait until the daemon has noted that all is staged as things are."""
    root = daemon.film.root

    async def is_noted() -> bool:
        position, note = (await daemon.status())["position"], await in_thread(read_note, root)
        index = await in_thread(state_of, root / ".git/index")
        return note is not None and (note.position, note.index) == (position, index)

    await until(is_noted)


async def test_a_film_that_git_is_let_see_after_all_is_staged(tmp_path: Path) -> None:
    film = await make_film(tmp_path / "around")
    git = begin(film, worktree=tmp_path)
    ignored = tmp_path / ".gitignore"
    ignored.write_text("/around/\n")
    async with running_daemon(film, git={"idle": 0.4}) as daemon:
        await drop_all(daemon, still(1))
        await well(daemon)
        assert git.staged() == set()
        ignored.unlink()

        async def is_staged() -> bool:
            return film.media(1).relative_to(tmp_path).as_posix() in git.staged()

        await until(is_staged)
        await well(daemon)
