"""Commits with the real git: as it was asked for, by the user, and with nothing in them that is not ours."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.daemon.project.git.in_git import check_clean, drop_all, problem, well
from tests.e2e.repository import Git, begin
from tests.support.film import DAWN, make_film, still, until
from tests.support.inside import running_daemon


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
