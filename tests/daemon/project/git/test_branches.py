"""Branches stay usable: with the real git, films are taken from one to another, merged, stashed and pulled."""

import asyncio
import json
import shutil
from pathlib import Path

from daemon.home.init import init_project
from tests.daemon.project.git.in_git import check_clean, drop_all, well
from tests.e2e.repository import Git, begin
from tests.support.film import DAWN, NOON, Film, make_film, still, until
from tests.support.inside import Daemon, running_daemon

QUICKLY = {"idle": 0.4}


def choices(git: Git, where: str = "") -> dict[str, object]:
    """What git has of the shots in `project.json`."""
    shots: dict[str, object] = json.loads(git("show", f"{where}:project.json"))["takes"]["shots"]
    return shots


async def numbers(daemon: Daemon) -> list[int]:
    return [take["number"] for take in await daemon.takes() if not take["deleted"]]


async def has(daemon: Daemon, *expected: int) -> None:
    """Wait until just those takes are there, and `project.json` says what the log does."""

    async def are_there() -> bool:
        told = json.loads((daemon.film.root / "project.json").read_bytes())["takes"]["shots"][DAWN]
        return await numbers(daemon) == [*expected] and told.get("takeCount") == len(expected)

    await until(are_there)
    await well(daemon)


async def check_sound(daemon: Daemon, git: Git) -> None:
    """Nothing is wrong, and the next take gets a number that none had."""
    await well(daemon)
    await daemon.verify()
    before = [take["number"] for take in await daemon.takes()]
    await drop_all(daemon, still(90))
    assert (await daemon.takes())[-1]["number"] == max(before) + 1
    assert [line for line in git("status", "--porcelain").splitlines() if not line.startswith("A ")] == []


async def test_branches_that_each_took_takes_are_left_merged_and_go_on(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, scan_every=0.3, git=QUICKLY) as daemon:
        await drop_all(daemon, still(1), still(2))
        git("commit", "--quiet", "-m", "takes")
        git("branch", "other")
        await drop_all(daemon, still(3))
        git("commit", "--quiet", "-m", "main")
        await drop_all(daemon, still(4))
        assert {line[:2] for line in git("status", "--porcelain").splitlines()} == {"A "}
        git("checkout", "--quiet", "other")
        await has(daemon, 1, 2, 4)
        await drop_all(daemon, still(5))
        git("commit", "--quiet", "-m", "other")
        git("checkout", "--quiet", "main")
        await has(daemon, 1, 2, 3)
        git("merge", "--quiet", "-m", "merged", "other")
        await has(daemon, 1, 2, 3, 4, 5)
        assert git("status", "--porcelain") == ""
        assert choices(git) == {DAWN: {"activeTake": "take_001"}}
        await check_sound(daemon, git)
    check_clean(git)


async def test_choices_and_shots_of_two_branches_become_one(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)

    async def is_staged(shot: str, said: object) -> bool:
        return choices(git).get(shot) == said and git.unstaged() == []

    async with running_daemon(film, scan_every=0.3, git=QUICKLY) as daemon:
        await drop_all(daemon, still(1), still(2))
        git("commit", "--quiet", "-m", "takes")
        git("checkout", "--quiet", "-b", "other")
        await drop_all(daemon, still(9), shot=NOON)
        git("commit", "--quiet", "-m", "noon")
        git("checkout", "--quiet", "main")
        await daemon.at_rest()
        await daemon.activate(2)
        await daemon.delete(1)
        await until(lambda: is_staged(DAWN, {"activeTake": "take_002", "hidden": ["take_001"]}))
        await daemon.at_rest()
        git("commit", "--quiet", "-m", "dawn")
        git("merge", "--quiet", "-m", "merged", "other")
        both = {
            DAWN: {"activeTake": "take_002", "hidden": ["take_001"]},
            NOON: {"activeTake": "take_001"},
        }
        assert choices(git, "HEAD") == both
        await until(lambda: is_staged(NOON, {"activeTake": "take_001"}))
        await well(daemon)
        assert choices(git) == both
        assert git("status", "--porcelain") == ""
        await check_sound(daemon, git)


async def test_what_a_branch_hides_goes_and_comes_with_it(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)

    project = film.root / "project.json"

    async def is_on(active: int, *hidden: int) -> bool:
        takes = await daemon.takes()
        told = json.loads(git("show", "HEAD:project.json"))["takes"]["shots"][DAWN]
        names = [f"take_{number:03d}" for number in (active, *hidden)]
        assert [told["activeTake"], *told.get("hidden", ())] == names
        are_hidden = [
            one["number"] for one in takes if one["deleted"] and (film.take(one["number"])).exists()
        ]
        is_whole = (
            "takeCount" in json.loads((film.root / "project.json").read_bytes())["takes"]["shots"][DAWN]
        )
        return is_whole and await daemon.active() == names[0] and are_hidden == [*hidden]

    async def commit(**said: object) -> None:
        async def is_staged() -> bool:
            return choices(git)[DAWN] == said and git.unstaged() == []

        await until(is_staged)
        await daemon.at_rest()
        git("commit", "--quiet", "-m", "chosen")

    async def check_out(branch: str, active: int, *hidden: int) -> None:
        git("checkout", "--quiet", branch)
        await until(lambda: is_on(active, *hidden))
        await well(daemon)
        assert git("status", "--porcelain") == ""

    async with running_daemon(film, scan_every=0.3, git=QUICKLY) as daemon:
        await drop_all(daemon, still(1), still(2), still(3))
        git("commit", "--quiet", "-m", "takes")
        git("branch", "other")
        await drop_all(daemon, still(4))
        git("commit", "--quiet", "-m", "another")
        stale = project.read_bytes()
        await daemon.delete(3)
        await daemon.delete(4)
        await commit(activeTake="take_001", hidden=["take_003", "take_004"])
        await check_out("other", 1)
        await daemon.activate(2)
        await daemon.delete(1)
        await commit(activeTake="take_002", hidden=["take_001"])
        await check_out("main", 1, 3, 4)
        await check_out("other", 2, 1)
        await check_out("main", 1, 3, 4)
        project.write_bytes(stale)  # as somebody's editor had it; git did not bring that
        await until(lambda: is_on(1, 3, 4))
        await until(lambda: _is_told(project, "hidden", ["take_003", "take_004"]))
        await daemon.verify()


async def test_counts_are_no_change_for_whoever_looks(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    project = film.root / "project.json"
    async with running_daemon(film, scan_every=0.3, git=QUICKLY) as daemon:
        await drop_all(daemon, still(1))
        git("commit", "--quiet", "-m", "a take")
        film.drop(b"no picture", "broken.png")
        await until(lambda: _is_told(project, "lastTake", 2))
        await daemon.at_rest()
        project.touch()
        assert git("status", "--porcelain", "--untracked-files=no") == ""
        assert "No local changes" in git("stash")
        git("reset", "--quiet", "--hard")
        assert await _is_told(project, "lastTake", 2)
        await drop_all(daemon, still(3))
        git("commit", "--quiet", "-am", "another take")
        assert "project.json" not in git("show", "--stat", "HEAD")
        project.write_text(project.read_text().replace("{", '{\n  "fps": 24,', 1))
        git("stash")
        assert json.loads(project.read_bytes()).get("fps") is None
        git("stash", "pop")
        await until(lambda: _is_told(project, "lastTake", 3))
        assert json.loads(project.read_bytes())["fps"] == 24
        await daemon.at_rest()
        assert git("status", "--porcelain", "--untracked-files=no") == " M project.json\n"
        assert "takeCount" not in git("diff")


async def _is_told(project: Path, key: str, value: object) -> bool:
    told = await asyncio.to_thread(project.read_bytes)
    return bool(json.loads(told)["takes"]["shots"][DAWN].get(key) == value)


async def test_two_clones_that_each_took_takes_pull_from_each_other(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film, git=QUICKLY) as daemon:
        await drop_all(daemon, still(1))
    git("commit", "--quiet", "-m", "a take")
    work = tmp_path / "work"
    work.mkdir()
    other = Film(work)
    shutil.rmtree(other.root)
    Git(work, tmp_path)("clone", "--quiet", film.root.as_uri(), "MyFilm")
    own = Git(other.root, tmp_path)
    await asyncio.to_thread(init_project, other.root)
    assert "git-clean" in own("config", "filter.takes.clean")
    async with running_daemon(film, git=QUICKLY) as daemon:
        await drop_all(daemon, still(2))
        await drop_all(daemon, still(8), shot=NOON)
        git("commit", "--quiet", "-m", "here")
    async with running_daemon(other, git=QUICKLY) as daemon:
        await daemon.finished(1)
        folder = other.take(3)
        folder.mkdir()
        (folder / "shot_001_take_003.png").write_bytes(still(3))
        await until(lambda: _has_finished(daemon, 3))
        await daemon.activate(3)
        await well(daemon)
        own("commit", "--quiet", "-m", "there")
        own("pull", "--quiet", "--no-rebase", "--no-edit")
        await has(daemon, 1, 2, 3)
        assert choices(own) == {DAWN: {"activeTake": "take_003"}, NOON: {"activeTake": "take_001"}}
        assert own("status", "--porcelain") == ""
        await check_sound(daemon, own)
    git("remote", "add", "there", other.root.as_uri())
    git("pull", "--quiet", "there", "main")
    async with running_daemon(film, git=QUICKLY) as daemon:
        await until(lambda: _is_active(daemon, 3))
        await has(daemon, 1, 2, 3)
        await check_sound(daemon, git)
        assert film.link() == "takes/take_003"


async def _is_active(daemon: Daemon, number: int) -> bool:
    return await daemon.active() == f"take_{number:03d}"


async def _has_finished(daemon: Daemon, number: int) -> bool:
    take = await daemon.take(number)
    return take is not None and bool(take["status"] == "complete")
