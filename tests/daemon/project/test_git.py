"""Git LFS with the real git: takes are staged without a copy, committed as asked, and a clone is the same film."""

import asyncio
import hashlib
import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from daemon.project.init import init_project
from events import ShotRegistered, open_log
from projections.files.sharing import is_shared
from projections.git.attributes import LFS, MARK
from tests.daemon.project.in_git import drop_all, well
from tests.e2e.film import COMMAND
from tests.e2e.repository import Git, begin
from tests.film import DAWN, NOON, Film, environment, make_film, still, until, video
from tests.inside import Daemon, running_daemon


async def problem(daemon: Daemon, words: str) -> str:
    """Wait for a problem that has those words."""

    async def told() -> str | None:
        found = (await daemon.status())["problems"]
        return next((one["what"] for one in found if words in one["what"]), None)

    return await until(told)


def files(root: Path) -> dict[str, bytes]:
    """The media and what lies beside it, of all takes."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.glob("**/takes/take_*/*"))
        if path.is_file()
    }


def known(take: dict[str, Any]) -> dict[str, Any]:
    """What is told of a take, but for the file's name before it was dropped."""
    return {**take, "origin": None}


def check_clean(git: Git) -> None:
    assert git.unstaged() == []
    assert "OK" in git("lfs", "fsck")
    git("fsck", "--strict")


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


async def test_a_clone_with_the_media_pulled_is_the_same_film(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, git={"commit": "each"}) as daemon:
        film.drop(json.dumps({"prompt": "gulls", "seed": 7, "cfg": 6.5}).encode(), "render.json")
        await drop_all(daemon, still(1), still(2), still(3), still(4), video())
        await drop_all(daemon, still(9), shot=NOON)
        await daemon.activate(2)
        await daemon.delete(4)
        await daemon.delete(5)
        await well(daemon)
        before = {shot: await daemon.takes(shot) for shot in (DAWN, NOON)}
    origin, work = tmp_path / "origin.git", tmp_path / "work"
    work.mkdir()
    git("init", "--quiet", "--bare", str(origin))
    git("remote", "add", "origin", origin.as_uri())
    git("push", "--quiet", "origin", "main")
    clone = Film(work)
    shutil.rmtree(clone.root)
    Git(work, tmp_path)("clone", "--quiet", origin.as_uri(), "MyFilm")
    copy = Git(clone.root, tmp_path)
    copy("lfs", "pull")
    assert files(clone.root) == files(film.root)
    await asyncio.to_thread(init_project, clone.root)
    async with running_daemon(clone) as daemon:
        await daemon.finished(5)
        await daemon.finished(1, NOON)
        await well(daemon)
        for shot in (DAWN, NOON):
            assert [known(take) for take in await daemon.takes(shot)] == [
                known(take) for take in before[shot]
            ]
        assert await daemon.active() == "take_002"
        assert copy("status", "--porcelain") == ""
        await drop_all(daemon, still(6))
        assert (await daemon.takes())[-1]["id"] == "take_006"
    assert files(film.root).items() <= files(clone.root).items()


async def test_the_number_of_a_take_that_no_clone_has_is_not_given_again(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    begin(film)
    async with running_daemon(film, scan_every=0.3) as daemon:
        await drop_all(daemon, still(1), still(2), still(3))
        shutil.rmtree(film.take(3))

        async def is_gone() -> bool:
            take = await daemon.take(3)
            return take is not None and take["deleted"]

        await until(is_gone)
        await well(daemon)
        git = Git(film.root, tmp_path)
        assert not [path for path in git.staged() if "take_003" in path]
        git("commit", "--quiet", "-m", "two takes")
    (film.root / ".takes" / "log.db").unlink()
    for left in film.root.glob(".takes/log.db-*"):
        left.unlink()
    await asyncio.to_thread(init_project, film.root)
    async with running_daemon(film) as daemon:
        await daemon.finished(2)
        await drop_all(daemon, still(4))
        assert [one["number"] for one in await daemon.takes()] == [1, 2, 4]


async def test_media_that_were_not_pulled_are_no_takes_yet(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film) as daemon:
        await drop_all(daemon, still(1), video())
    git("commit", "--quiet", "-m", "takes")
    work = tmp_path / "work"
    work.mkdir()
    clone = Film(work)
    shutil.rmtree(clone.root)
    skipped = Git(work, tmp_path).run(
        "clone", "--quiet", film.root.as_uri(), "MyFilm", GIT_LFS_SKIP_SMUDGE="1"
    )
    assert not skipped.returncode, skipped.stderr
    await asyncio.to_thread(init_project, clone.root)
    async with running_daemon(clone) as daemon:
        await daemon.scanned()

        async def listed() -> bool:
            reasons = await daemon.not_taken()
            return all("git lfs pull" in reasons.get(name, "") for name in ("take_001", "take_002"))

        await until(listed)
        assert await daemon.takes() == []
        checks = {one["name"]: one for one in (await daemon.get("doctor"))["checks"]}
        assert not checks["pulled"]["ok"]
        Git(clone.root, tmp_path)("lfs", "pull")
        await daemon.finished(2)
        await well(daemon)
        assert await daemon.active() == "take_001"
        assert Git(clone.root, tmp_path)("status", "--porcelain") == ""


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
    assert committed["takes"] == staged["takes"] == ours["takes"]
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


async def test_a_film_whose_log_is_new_knows_its_numbers(tmp_path: Path) -> None:
    film = Film(tmp_path)
    told: dict[str, Any] = {
        "shots": {DAWN: {"activeTake": None, "takeCount": 0, "lastTake": 7, "hidden": ["take_003", "x"]}}
    }
    more = {
        "../evil": {"lastTake": 3},
        "/etc": {"lastTake": 3},
        NOON: {"lastTake": "many"},
        ".git": {"lastTake": 2},
    }
    told["shots"] |= more
    (film.root / "project.json").write_text(json.dumps({"id": "myfilm", "takes": told}))
    await asyncio.to_thread(init_project, film.root)
    async with open_log(film.log) as log:
        (record,) = await log.read()
    event = record.event
    assert isinstance(event, ShotRegistered)
    assert (event.path, event.given, event.hidden) == (DAWN, 7, (3,))
    async with running_daemon(film) as daemon:
        await drop_all(daemon, still(1))
        assert [one["number"] for one in await daemon.takes()] == [8]


async def gone(daemon: Daemon, number: int) -> None:
    """Wait until a take is known to be missing from the disk."""

    async def is_gone() -> bool:
        take = await daemon.take(number)
        return take is not None and take["deleted"]

    await until(is_gone)


async def test_a_take_that_a_reset_took_off_the_disk_is_brought_back(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, scan_every=0.3) as daemon:
        await drop_all(daemon, still(1))
        git("commit", "--quiet", "-m", "a take")
        await drop_all(daemon, still(2))
        git("reset", "--quiet", "--hard")
        assert not film.media(2).exists()
        await gone(daemon, 2)
        answer = await daemon.ask("POST", f"shots/{Path(DAWN).name}/takes/take_002/restore")
        assert answer.status_code == 200, answer.text
        await well(daemon)
        assert film.media(2).read_bytes() == still(2)
        assert film.media(2).relative_to(film.root).as_posix() in git.staged()
        assert git.unstaged() == []
        await daemon.verify()


async def test_the_takes_of_a_branch_go_and_come_with_it(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)

    async def check_out(branch: str) -> None:
        async def is_there() -> bool:
            return not git.run("checkout", "--quiet", branch).returncode

        await until(is_there)  # git refuses while the daemon has yet to commit what it has changed

    async with running_daemon(film, scan_every=0.3, git={"commit": "each"}) as daemon:
        await drop_all(daemon, still(1))
        git("branch", "before")
        await drop_all(daemon, still(2))
        await well(daemon)
        await check_out("before")
        await gone(daemon, 2)
        await check_out("main")

        async def is_back() -> bool:
            take = await daemon.take(2)
            return take is not None and not take["deleted"]

        await until(is_back)
        await well(daemon)
        assert film.media(2).read_bytes() == still(2)
        assert git("status", "--porcelain") == ""
        assert "take_002 of 001_Dawn is gone" not in git.subjects()
        await daemon.verify()
    check_clean(git)


async def put_back(git: Git, daemon: Daemon, branch: str) -> None:
    """Check a branch out and wait until its takes are there."""
    git("checkout", "--quiet", branch)

    async def are_back() -> bool:
        return not any(take["deleted"] for take in await daemon.takes())

    await until(are_back)
    await well(daemon)


@pytest.mark.parametrize("commit", ["each", "idle"])
async def test_a_branch_without_takes_gets_none_and_nothing_is_in_the_way_of_leaving_it(
    tmp_path: Path, commit: str
) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    git("commit", "--quiet", "--allow-empty", "-m", "begin")
    git("branch", "empty")
    async with running_daemon(film, scan_every=0.3, git={"commit": commit, "idle": 0.4}) as daemon:
        await drop_all(daemon, still(1), still(2), still(3))
        await daemon.activate(2)
        await well(daemon)

        async def is_clean() -> bool:
            return git("status", "--porcelain") == ""

        await until(is_clean)
        before = git.subjects()
        git("checkout", "--quiet", "empty")
        for number in (1, 2, 3):
            await gone(daemon, number)
        await well(daemon)
        assert git("status", "--porcelain") == ""
        await put_back(git, daemon, "main")
        await until(is_clean)
        await drop_all(daemon, still(4))
        await until(is_clean)
        assert git.subjects() == ["take_004 of 001_Dawn", *before]  # and nothing that nobody asked for
        assert git("rev-list", "--count", "empty").strip() == "1"
        assert git("status", "--porcelain") == ""
        assert film.link() == "takes/take_002"
        await daemon.verify()
    check_clean(git)


async def test_project_json_is_as_a_branch_has_it_that_lacks_some_takes(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, scan_every=0.3, git={"idle": 0.4}) as daemon:
        await drop_all(daemon, still(1))
        git("commit", "--quiet", "-m", "one")
        git("branch", "before")
        await drop_all(daemon, still(2))
        git("commit", "--quiet", "-m", "two")
        git("checkout", "--quiet", "before")
        await gone(daemon, 2)
        await well(daemon)
        assert git("status", "--porcelain") == ""
        await put_back(git, daemon, "main")
        assert git("status", "--porcelain") == ""
        await daemon.verify()


async def test_what_a_reset_takes_out_of_git_is_staged_again(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    media = film.media(2).relative_to(film.root).as_posix()

    async def is_well() -> bool:
        told = json.loads((film.root / "project.json").read_bytes())["takes"]["shots"][DAWN]
        return told["lastTake"] == 2 and media in git.staged() and git.unstaged() == []

    async with running_daemon(film, git={"idle": 0.4}) as daemon:
        await drop_all(daemon, still(1))
        git("commit", "--quiet", "-m", "a take")
        await drop_all(daemon, still(2))
        git("reset", "--quiet")
        await until(is_well)
        git("reset", "--quiet", "--hard")
        answer = await daemon.ask("POST", f"shots/{Path(DAWN).name}/takes/take_002/restore")
        assert answer.status_code == 200, answer.text
        await until(is_well)
        await daemon.verify()
        project = film.root / "project.json"
        was = json.loads(project.read_bytes())
    git("checkout", "HEAD", "--", "project.json")
    assert json.loads(project.read_bytes()) != was
    async with running_daemon(film, git={"idle": 0.4}):
        await until(is_well)
    assert json.loads(project.read_bytes()) == was


async def test_a_clone_that_was_not_pulled_leaves_project_json_as_it_came(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, git={"commit": "each"}) as daemon:
        await drop_all(daemon, still(1), video())
        await daemon.activate(2)
        await well(daemon)
    clone = await cloned(git, film, tmp_path, GIT_LFS_SKIP_SMUDGE="1")
    own = Git(clone.root, tmp_path)
    before = own.subjects()
    async with running_daemon(clone, git={"commit": "each"}) as daemon:
        await daemon.scanned()
        await daemon.at_rest()
        assert own("status", "--porcelain") == ""
        own("lfs", "pull")
        await daemon.finished(2)
        await well(daemon)
        assert own("status", "--porcelain") == ""
    assert own.subjects() == before


async def cloned(git: Git, film: Film, folder: Path, **env: str) -> Film:
    """A clone of the film, made a project."""
    work = folder / "work"
    work.mkdir()
    clone = Film(work)
    shutil.rmtree(clone.root)
    answer = Git(work, folder).run("clone", "--quiet", film.root.as_uri(), "MyFilm", **env)
    assert not answer.returncode, answer.stderr
    await asyncio.to_thread(init_project, clone.root)
    return clone


async def test_a_linked_worktree_with_its_takes_gets_no_commit(tmp_path: Path) -> None:
    main = await make_film(tmp_path, "Main")
    git = begin(main)
    async with running_daemon(main, git={"commit": "each"}) as daemon:
        daemon.project = "main"
        await drop_all(daemon, still(1), still(2))
        await well(daemon)
    film = Film(tmp_path)
    shutil.rmtree(film.root)
    git("worktree", "add", "--quiet", str(film.root))
    own = Git(film.root, tmp_path)
    await asyncio.to_thread(init_project, film.root)
    before = own.subjects()
    async with running_daemon(film, git={"commit": "each"}) as daemon:
        daemon.project = json.loads((film.root / "project.json").read_bytes()).get("id", "myfilm")
        await daemon.finished(2)
        await well(daemon)
    assert own.subjects() == before
    assert own("status", "--porcelain") == ""


async def test_a_clone_with_its_media_takes_the_room_once(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    content = video(2.0, (320, 180))
    async with running_daemon(film) as daemon:
        await drop_all(daemon, content)
    git("commit", "--quiet", "-m", "a take")
    clone = await cloned(git, film, tmp_path)
    sha256 = hashlib.sha256(content).hexdigest()
    stored = clone.root / ".git/lfs/objects" / sha256[:2] / sha256[2:4] / sha256
    media = clone.media(1, suffix=".mp4")
    assert not await asyncio.to_thread(is_shared, stored, media)
    async with running_daemon(clone) as daemon:
        await daemon.finished(1)

        async def are_one() -> bool:
            return await asyncio.to_thread(is_shared, stored, media)

        await until(are_one)
        await well(daemon)
        assert stored.read_bytes() == content
    check_clean(Git(clone.root, tmp_path))


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
