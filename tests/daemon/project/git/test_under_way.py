"""In the midst of a merge, a rebase and the like: what git has brought stays, and counts as a wish at the end."""

import asyncio
import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from daemon.home.init import init_project
from tests.daemon.project.git.in_git import drop_all, well
from tests.e2e.repository import Git, begin
from tests.support.film import DAWN, NOON, Daemon, Film, make_film, still, until
from tests.support.inside import running_daemon

CHOICES = {"idle": 0.4}
LINK = f"{DAWN}/active_take"


def write_poem(git: Git, words: str) -> None:
    (git.worktree / "poem.txt").write_text(words + "\n")
    git("add", "poem.txt")
    git("commit", "--quiet", "-m", words)


async def chosen(daemon: Daemon, number: int) -> None:
    """Choose a take, and wait until git has it staged so."""
    await daemon.activate(number)
    git = Git(daemon.film.root, daemon.film.folder)

    async def is_staged() -> bool:
        told = json.loads(git("show", ":project.json"))["takes"]["shots"][DAWN]["activeTake"]
        link = git("show", f":{LINK}")
        return (told, link) == (f"take_{number:03d}", f"takes/take_{number:03d}") and git.unstaged() == []

    await until(is_staged)


async def branched(daemon: Daemon, git: Git) -> None:
    """On `main` take 1 is chosen and on `side` take 3; their poems differ. `main` is checked out."""
    await drop_all(daemon, still(1), still(2), still(3))
    await drop_all(daemon, still(9), shot=NOON)
    git("commit", "--quiet", "-m", "takes")
    git("checkout", "--quiet", "-b", "side")
    await chosen(daemon, 3)
    write_poem(git, "side")
    git("checkout", "--quiet", "main")
    await until(lambda: is_active(daemon, 1))
    write_poem(git, "main")
    await daemon.at_rest()


async def is_active(daemon: Daemon, number: int) -> bool:
    git = Git(daemon.film.root, daemon.film.folder)
    told = json.loads((git.worktree / "project.json").read_bytes())["takes"]["shots"][DAWN]
    said = [await daemon.active(), told["activeTake"], (daemon.film.link() or "").removeprefix("takes/")]
    return said == 3 * [f"take_{number:03d}"] and "takeCount" in told and git.unstaged() == []


async def looked_at(daemon: Daemon) -> None:
    """Wait until the shot has been looked at, and something new in it has been staged."""
    before = len(await daemon.takes())
    name = daemon.film.media(before + 1).relative_to(daemon.film.root).as_posix()
    daemon.film.drop(still(100 + before), "more.png")
    await daemon.finished(before + 1)
    git = Git(daemon.film.root, daemon.film.folder)

    async def is_staged() -> bool:
        return name in git.staged()

    await until(is_staged)
    await daemon.at_rest()


def brought(git: Git) -> tuple[str, str, bytes]:
    """What git has of the choice, in its index and on the disk."""
    entries = git("ls-files", "--stage", "--", LINK, "project.json")
    return entries, str((git.worktree / LINK).readlink()), (git.worktree / "project.json").read_bytes()


def merge(git: Git) -> None:
    assert git.run("merge", "--quiet", "side").returncode


def merge_cleanly(git: Git) -> None:
    write_poem(git, "side")
    git("merge", "--quiet", "--no-commit", "side")


def rebase(git: Git) -> None:
    assert git.run("rebase", "--quiet", "side").returncode


def cherry_pick(git: Git) -> None:
    assert git.run("cherry-pick", "side").returncode


def revert(git: Git) -> None:
    """The branch has chosen take 1 instead of 3; that is undone."""
    git("checkout", "--quiet", "-b", "undone", "side")
    git("checkout", "main", "--", LINK, "project.json")
    write_poem(git, "again")
    write_poem(git, "and again")
    assert git.run("revert", "HEAD~1").returncode


def bisect(git: Git) -> None:
    """Between a commit in which take 1 is chosen and another one there is one in which take 3 is."""
    git("checkout", "--quiet", "-b", "later", "side")
    git("checkout", "main", "--", LINK, "project.json")
    write_poem(git, "later")
    git("bisect", "start", "later", "main~1")


ENDS: dict[Callable[[Git], None], tuple[str, str]] = {
    merge: ("merge", "--continue"),
    merge_cleanly: ("merge", "--continue"),
    rebase: ("rebase", "--continue"),
    cherry_pick: ("cherry-pick", "--continue"),
    revert: ("revert", "--continue"),
}


async def test_a_command_in_the_midst_says_what_is_left_as_git_has_it(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, git=CHOICES) as daemon:
        await branched(daemon, git)
        merge(git)
        before = brought(git)[2]
        answer = await daemon.delete(2)
        assert (answer.status_code, "project-file" in answer.json()["behind"]) == (200, True)
        assert brought(git)[2] == before


@pytest.mark.parametrize("start", [*ENDS, bisect], ids=lambda one: one.__name__)
async def test_what_git_has_brought_stays_and_is_a_wish_at_the_end(
    tmp_path: Path, start: Callable[[Git], None]
) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, scan_every=0.3, git=CHOICES) as daemon:
        await branched(daemon, git)
        start(git)
        before = brought(git)
        assert before[1] == "takes/take_003"
        await looked_at(daemon)
        assert await daemon.active() == "take_001"
        assert brought(git)[:2] == before[:2]
        assert brought(git)[2] == before[2]
        if end := ENDS.get(start):
            (film.root / "poem.txt").write_text("settled\n")
            git("add", "poem.txt")
            ended = git.run(*end, GIT_EDITOR="true")
            assert not ended.returncode, ended.stderr
        else:
            git("bisect", "reset", "side")
        await until(lambda: is_active(daemon, 3))
        await well(daemon)
        await daemon.verify()
    assert film.link() == "takes/take_003"


async def test_what_was_given_up_is_no_wish(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, scan_every=0.3, git=CHOICES) as daemon:
        await branched(daemon, git)
        merge(git)
        assert film.link() == "takes/take_003"
        git("merge", "--abort")
        await looked_at(daemon)
        await until(lambda: is_active(daemon, 1))
        chosen = [one for one in await daemon.events(DAWN) if one["type"] == "take.activated"]
        assert [one["data"]["take"] for one in chosen][-2:] == [3, 1]  # as before the merge
        await well(daemon)


async def test_who_chooses_a_take_in_the_midst_of_a_merge_has_it(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, scan_every=0.3, git=CHOICES) as daemon:
        await branched(daemon, git)
        merge(git)
        await looked_at(daemon)
        await daemon.activate(2)

        async def is_linked() -> bool:
            return film.link() == "takes/take_002" and git("show", f":{LINK}") == "takes/take_002"

        await until(is_linked)
        (film.root / "poem.txt").write_text("settled\n")
        git("add", "poem.txt")
        git("commit", "--quiet", "-m", "merged")
        await until(lambda: is_active(daemon, 2))
        await well(daemon)
        await daemon.verify()


async def test_a_take_that_a_bisect_took_along_is_not_gone(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, scan_every=0.3, git=CHOICES) as daemon:
        await drop_all(daemon, still(1))
        git("commit", "--quiet", "-m", "one")
        await drop_all(daemon, still(2))
        await chosen(daemon, 2)
        git("commit", "--quiet", "-m", "two")
        git("bisect", "start")
        git("checkout", "--quiet", "main~1")
        assert not film.media(2).exists()
        await until(lambda: scans(daemon, 3))
        assert [take["deleted"] for take in await daemon.takes()] == [False, False]
        assert film.link() == "takes/take_001"
        git("bisect", "reset", "main")
        await until(lambda: is_active(daemon, 2))
        assert not [one for one in await daemon.events(DAWN) if one["type"] == "take.deleted"]
        await well(daemon)


async def scans(daemon: Daemon, count: int) -> bool:
    """Wait for so many scans from now on."""
    ages: list[float] = []

    async def enough() -> bool:
        ages.append((await daemon.status())["lastScan"]["ago"])
        return sum(later < earlier for earlier, later in pairwise(ages)) >= count

    return await until(enough)


@pytest.mark.parametrize("commit", [True, False], ids=["committed", "not committed"])
async def test_a_choice_that_comes_with_its_take_stays(tmp_path: Path, *, commit: bool) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, git=CHOICES) as daemon:
        await drop_all(daemon, still(1), still(2))
    git("commit", "--quiet", "-m", "takes")
    other = await cloned(film, git)
    own = Git(other.root, tmp_path)
    async with running_daemon(other, git=CHOICES) as daemon:
        await daemon.finished(2)
        await drop_all(daemon, still(3))
        await chosen(daemon, 3)
    own("commit", "--quiet", "-m", "another choice")
    async with running_daemon(film, git=CHOICES) as daemon:
        write_poem(git, "ours")
        git("remote", "add", "origin", other.root.as_uri())
        git("fetch", "--quiet", "origin")
        git("merge", "--quiet", "-m", "theirs", *(() if commit else ("--no-commit",)), "origin/main")
        await daemon.finished(3)
        if not commit:
            assert film.link() == "takes/take_003"
            git("commit", "--quiet", "-m", "theirs")
        await until(lambda: is_active(daemon, 3))

        async def is_clean() -> bool:
            await well(daemon)
            return git("status", "--porcelain") == ""

        await until(is_clean)
        await daemon.verify()


async def cloned(film: Film, git: Git) -> Film:
    work = film.folder / "work"
    work.mkdir()
    other = Film(work)
    shutil.rmtree(other.root)
    Git(work, film.folder)("clone", "--quiet", film.root.as_uri(), "MyFilm")
    await asyncio.to_thread(init_project, other.root)
    return other
