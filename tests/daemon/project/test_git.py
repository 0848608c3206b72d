"""Git LFS with the real git: takes are staged without a copy, committed as asked, and a clone is the same film."""

import asyncio
import hashlib
import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from daemon.home.init import init_project
from projections.files.threads import in_thread
from projections.git.attributes import LFS, MARK
from projections.git.noted import read_note
from projections.gitdir.entry_heads import state_of
from tests.daemon.project.in_git import check_clean, drop_all, problem, well
from tests.e2e.film import COMMAND
from tests.e2e.repository import Git, begin
from tests.support.film import DAWN, NOON, Film, environment, make_film, still, until, video
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


async def test_each_take_is_a_commit_of_its_own_by_the_user(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, git={"commit": "each"}) as daemon:
        await drop_all(daemon, still(1), still(2))
        await daemon.activate(2)
        await daemon.at_rest()
        await daemon.delete(1)
        await well(daemon)
        check_clean(git)
        assert git("status", "--porcelain") == ""
        assert git.subjects()[:4] == [
            "take_001 of 001_Dawn is hidden",
            "001_Dawn uses take_002",
            "take_002 of 001_Dawn",
            "take_001 of 001_Dawn",
        ]
    assert set(git("log", "--format=%an <%ae> %cn").splitlines()) == {"Ann Onym <ann@example.org> Ann Onym"}


async def test_takes_are_committed_together_once_it_is_quiet(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, git={"commit": "idle", "idle": 1.0}) as daemon:
        await drop_all(daemon, still(1), still(2))

        async def committed() -> bool:
            return git("status", "--porcelain") == "" and len(git("lfs", "ls-files").splitlines()) == 2

        await until(committed)
        await well(daemon)
    body = git("log", "--format=%B")
    assert "take_001 of 001_Dawn" in body
    assert "take_002 of 001_Dawn" in body


async def test_what_the_user_has_staged_is_in_no_commit_of_ours(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, git={"commit": "each"}) as daemon:
        await drop_all(daemon, still(1))
        script = film.root / "script.txt"
        script.write_text("one\n")
        git("add", "script.txt")
        project = film.root / "project.json"
        mine = project.read_text().replace("{", '{\n  "fps": 24,', 1)
        project.write_text(mine)
        git("add", "project.json")
        project.write_text(mine.replace("24", "25"))
        await drop_all(daemon, still(2))
        await well(daemon)
    assert "script.txt" not in git("show", "--stat", "HEAD")
    committed, staged = (json.loads(git("show", f"{where}:project.json")) for where in ("HEAD", ""))
    ours = json.loads(project.read_text())
    assert (committed.get("fps"), staged["fps"], ours["fps"]) == (None, 24, 25)
    assert committed["takes"] == staged["takes"] == {"shots": {DAWN: {"activeTake": "take_001"}}}
    assert ours["takes"]["shots"][DAWN] == {"activeTake": "take_001", "takeCount": 2, "lastTake": 2}
    assert git("status", "--porcelain").splitlines() == ["MM project.json", "A  script.txt"]


@pytest.mark.parametrize("state", ["merge", "rebase", "cherry-pick", "bisect", "detached"])
async def test_no_commit_is_made_while_something_is_under_way(tmp_path: Path, state: str) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    conflict(git)
    if state == "bisect":
        git("bisect", "start")
    elif state == "detached":
        git("checkout", "--quiet", "--detach")
    else:
        git.run(state, "side")
    before = git("rev-parse", "HEAD")
    async with running_daemon(film, git={"commit": "each"}) as daemon:
        film.drop(still(1))
        await daemon.finished(1)

        async def staged() -> bool:
            return f"{DAWN}/takes/take_001/shot_001_take_001.png" in git.staged()

        await until(staged)
        await problem(daemon, "no commit is made")
        assert git("rev-parse", "HEAD") == before


def conflict(git: Git) -> None:
    """Two branches that say different things of one file; `main` is checked out."""
    poem = git.worktree / "poem.txt"
    for branch, words in (("main", "a\n"), ("side", "b\n"), ("main", "c\n")):
        git.run("checkout", "--quiet", "-B" if branch == "side" else "-q", branch)
        poem.write_text(words)
        git("add", "poem.txt")
        git("commit", "--quiet", "-m", words.strip())


async def test_without_a_name_there_is_no_commit_and_the_problem_says_so(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    git("config", "--global", "--unset", "user.email")
    async with running_daemon(film, git={"commit": "each"}) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await problem(daemon, "git does not know who you are")
        git("config", "--global", "user.email", "ann@example.org")
        await well(daemon)
        assert git.subjects()[0] == "take_001 of 001_Dawn"


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


async def test_a_repository_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    begin(film)
    if os.geteuid():
        pytest.xfail("only root can give a folder away")
    os.chown(film.root / ".git", 12345, 12345)
    async with running_daemon(film) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await problem(daemon, "belongs to somebody else")
    assert not (film.root / ".git/index").exists()


async def test_the_doctor_says_what_mends_a_repository(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film, filters=False)
    async with running_daemon(film, env={"GIT_CONFIG_NOSYSTEM": "1"}) as daemon:
        await drop_all(daemon, video())
        found = await daemon.get("doctor")
        checks = {one["name"]: one for one in found["checks"]}
        assert not found["ok"]
        assert checks["filters"]["mend"] == "git lfs install"
        assert checks["hooks"]["mend"] == "git lfs install --local"
        told = await asyncio.to_thread(run_doctor, daemon)
        assert (told.returncode, "✗ filters" in told.stdout, "git lfs install" in told.stdout) == (
            4,
            True,
            True,
        )
        git("lfs", "install")
        (film.takes() / ".gitattributes").write_text("*.mp4 -filter\n")
        object_ = next((film.root / ".git/lfs/objects").glob("*/*/*"))
        object_.unlink()
        object_.write_bytes(b"short")
        checks = {one["name"]: one for one in (await daemon.get("doctor"))["checks"]}
        assert [name for name, one in checks.items() if not one["ok"]] == ["attributes", "objects"]
        for name in ("attributes", "objects"):
            mend = checks[name]["mend"].replace("takes rebuild", f"{shlex.join(COMMAND)} rebuild")
            await asyncio.to_thread(run, daemon, "sh", "-c", mend)
        assert (await daemon.get("doctor"))["ok"]
        assert (await asyncio.to_thread(run_doctor, daemon)).returncode == 0


async def test_doctor_mends_attributes_that_are_older_than_a_kind_of_media(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    git("lfs", "install")
    attributes = film.root / ".gitattributes"
    async with running_daemon(film, env={"GIT_CONFIG_NOSYSTEM": "1"}) as daemon:
        await drop_all(daemon, video())
        text = attributes.read_text()
        older = text.replace(f"*.dpx {LFS}\n", "").replace(f"*.jp2 {LFS}\n", "*.jp2 -filter\n")
        attributes.write_text(older.replace(f"*.gif {LFS}\n", ""))
        checks = {one["name"]: one for one in (await daemon.get("doctor"))["checks"]}
        assert not checks["attributes"]["ok"]
        assert checks["attributes"]["what"].endswith("says nothing of .dpx")
        await asyncio.to_thread(run, daemon, "sh", "-c", checks["attributes"]["mend"])
        assert attributes.read_text().endswith(f"\n*.dpx {LFS}\n")
        assert (await daemon.get("doctor"))["ok"]


def run_doctor(daemon: Daemon) -> "subprocess.CompletedProcess[str]":
    return run(daemon, *COMMAND, "doctor")


def run(daemon: Daemon, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run that in the film, as its user."""
    env = environment(daemon.film.folder, TAKES_SOCKET=str(daemon.socket), GIT_CONFIG_NOSYSTEM="1")
    return subprocess.run(command, cwd=daemon.film.root, env=env, check=False, capture_output=True, text=True)


async def test_stagings_and_commits_that_race_the_command_line_lose_nothing(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    git("commit", "--quiet", "--allow-empty", "-m", "begin")
    theirs = [f"notes/{number}.txt" for number in range(100)]
    (film.root / "notes").mkdir()

    def by_hand() -> None:
        for number, path in enumerate(theirs):
            (film.root / path).write_text(path)
            while git.run("add", path).returncode:
                pass
            if number % 4 == 0:
                while (
                    "nothing to commit" not in (said := git.run("commit", "-qm", path)).stdout
                    and said.returncode
                ):
                    pass

    async with running_daemon(film) as daemon:
        await daemon.scanned()
        work = asyncio.create_task(asyncio.to_thread(by_hand))
        for number in range(1, 101):
            film.drop(still(number), f"render{number}.png")
            if number % 5 == 0:
                await daemon.finished(number)
        await daemon.finished(100)
        await work
        await well(daemon)
        kept = {film.media(number).relative_to(film.root).as_posix() for number in range(1, 101)}
        assert (set(theirs) | kept) <= git.staged()
        git("commit", "--quiet", "-m", "the rest")
        assert git("status", "--porcelain") == ""
    check_clean(git)
    assert len(git("lfs", "ls-files").splitlines()) == 100


async def test_a_commit_once_it_is_quiet_is_called_for_what_is_new(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    choices = {"commit": "idle", "idle": 0.4}

    async def is_clean() -> bool:
        return git("status", "--porcelain") == ""

    async with running_daemon(film, git=choices) as daemon:
        await drop_all(daemon, still(1), still(2))
        await until(is_clean)
    async with running_daemon(film, git={**choices, "idle": 2.0}) as daemon:
        await drop_all(daemon, still(3))
        await until(is_clean)
        await daemon.delete(3)
        await until(lambda: _has_subject(git, "take_003 of 001_Dawn is hidden"))
        await daemon.activate(2)
        await until(lambda: _has_subject(git, "001_Dawn uses take_002"))
        assert git.subjects()[:3] == [
            "001_Dawn uses take_002",
            "take_003 of 001_Dawn is hidden",
            "take_003 of 001_Dawn",
        ]
        assert not [line for line in git.subjects() if line.startswith("The takes")]
        await well(daemon)


async def _has_subject(git: Git, subject: str) -> bool:
    return subject in git.subjects()


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
