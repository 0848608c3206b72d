"""A film that git takes elsewhere and brings back: clones, worktrees, branches and resets, with the real git."""

import asyncio
import getpass
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from daemon.home.init import init_project
from events import ShotRegistered, open_log
from projections.files.sharing import is_shared
from tests.daemon.project.git.in_git import check_clean, drop_all, files, known, well
from tests.e2e.repository import Git, begin
from tests.support.film import DAWN, NOON, Film, make_film, still, until, video
from tests.support.inside import Daemon, running_daemon


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


async def said_of(daemon: Daemon, shot: str = DAWN) -> tuple[Any, ...]:
    """The stage and the notes of a shot; by whom, but not when."""
    found = await daemon.get(f"shots/{shot.replace('/', ':')}")
    notes = [(one["text"], one["by"], one["state"], one["answers"]) for one in found["notes"]]
    return found["stage"], notes


async def say(daemon: Daemon, git: Git, text: str, stage: str, **more: Any) -> None:
    """Write a note on the shot, and commit what follows."""
    body = {"stage": stage, "note": {"text": text, **more}}
    answer = await daemon.ask("PATCH", f"shots/{DAWN.replace('/', ':')}", body)
    assert answer.is_success, answer.text
    await commit(daemon, git)


async def commit(daemon: Daemon, git: Git) -> None:
    """Commit `project.json`, once it is staged as it is on the disk."""

    async def is_staged() -> bool:
        return git("status", "--porcelain", "project.json").startswith("M ")

    await until(is_staged)
    await well(daemon)
    git("commit", "--quiet", "-m", "said")


def pushed_and_cloned(git: Git, folder: Path) -> tuple[Film, Git]:
    """A clone of that film, which both push to and pull from."""
    origin, work = folder / "origin.git", folder / "work"
    work.mkdir()
    git("init", "--quiet", "--bare", str(origin))
    git("remote", "add", "origin", origin.as_uri())
    git("push", "--quiet", "-u", "origin", "main")
    clone = Film(work)
    shutil.rmtree(clone.root)
    Git(work, folder)("clone", "--quiet", origin.as_uri(), "MyFilm")
    copy = Git(clone.root, folder)
    copy("lfs", "pull")
    copy("config", "user.name", "Jo")
    copy("config", "user.email", "jo@example.org")
    init_project(clone.root)
    return clone, copy


async def test_stage_and_notes_of_a_shot_come_with_a_clone_and_with_a_pull(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    me = getpass.getuser()
    async with running_daemon(film, git={"idle": 0.4}) as daemon:
        await drop_all(daemon, still(1))
        git("commit", "--quiet", "-m", "a take")
        await say(daemon, git, "wider", "review")
        await daemon.ask("PUT", "searches/night", {"query": "prompt:night"})
        await say(daemon, git, "why?", "review", answers=1)
    clone, copy = await asyncio.to_thread(pushed_and_cloned, git, tmp_path)
    async with running_daemon(clone, git={"idle": 0.4}) as daemon:
        await daemon.finished(1)
        await well(daemon)
        assert await said_of(daemon) == ("review", [("wider", me, "open", None), ("why?", me, "open", 1)])
        assert copy("status", "--porcelain") == ""
        assert (await daemon.get("searches"))["searches"][0]["query"] == "prompt:night"
        await daemon.ask("PUT", "searches/day", {"query": "prompt:day"})
        note = f"shots/{DAWN.replace('/', ':')}/notes/1"
        assert (await daemon.ask("PATCH", note, {"state": "resolved"})).is_success
        await say(daemon, copy, "it is", "approved", answers=2)
        await drop_all(daemon, still(7), shot=NOON)
        body = {"stage": "in work", "note": {"text": "new"}}
        await daemon.ask("PATCH", f"shots/{NOON.replace('/', ':')}", body)
        await commit(daemon, copy)
    copy("push", "--quiet")
    async with running_daemon(film, git={"idle": 0.4}) as daemon:
        await say(daemon, git, "darker", "review")
        git("pull", "--quiet", "--no-rebase", "--no-edit")
        git("lfs", "pull")

        async def has_come() -> bool:
            return bool((await said_of(daemon))[0] == "approved")

        await until(has_come)
        assert await said_of(daemon) == (
            "approved",
            [
                ("wider", me, "resolved", None),
                ("why?", me, "open", 1),
                ("darker", me, "open", None),
                ("it is", me, "open", 2),
            ],
        )
        assert [one["name"] for one in (await daemon.get("searches"))["searches"]] == ["day", "night"]
        await daemon.finished(1, NOON)
        await well(daemon)
        assert await said_of(daemon, NOON) == ("in work", [("new", me, "open", None)])
        await daemon.verify()
        assert git("status", "--porcelain") == ""
    check_clean(git)


async def test_the_number_of_a_take_that_no_clone_has_is_not_given_again(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    begin(film)
    async with running_daemon(film, scan_every=0.3) as daemon:
        await drop_all(daemon, still(1), still(2), still(3))
        film.remove_by_hand(3)

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
        return told.get("lastTake") == 2 and media in git.staged() and git.unstaged() == []

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
    project.unlink()
    git("checkout", "HEAD", "--", "project.json")
    assert json.loads(project.read_bytes())["takes"]["shots"] == {DAWN: {"activeTake": "take_001"}}
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
