"""The project: it goes away, comes back, cannot be opened, or is another one, and nobody else notices."""

import os
import shutil
from pathlib import Path

import anyio
import pytest

from tests.daemon.takes.by_hand.taken import OFTEN, with_takes
from tests.support.film import Film, bytes_of, hashes, make_film, still, until
from tests.support.inside import Daemon, running_daemon


async def is_in_state(daemon: Daemon, state: str) -> None:
    """Wait until the project is in that state."""

    async def so() -> bool:
        return bool((await daemon.get(f"/api/projects/{daemon.project}"))["state"] == state)

    await until(so)


OURS_GONE = ("without its hidden folder", "without its log")


@pytest.mark.parametrize("how", ["renamed", "replaced by an empty folder", *OURS_GONE])
async def test_a_project_that_goes_away_is_suspended_and_goes_on_when_it_is_back(
    tmp_path: Path, how: str
) -> None:
    film = await make_film(tmp_path)
    gone = dict(zip(OURS_GONE, (film.log.parent, film.log), strict=True)).get(how, film.root)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await with_takes(daemon, 2)
        before = [one["type"] for one in await daemon.events()]
        gone.rename(tmp_path / "away")
        if how == "replaced by an empty folder":
            film.root.mkdir()
        await is_in_state(daemon, "suspended")
        answer = await daemon.ask("GET", "shots/001_Dawn/takes")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        hint = "takes init" if how in OURS_GONE else "goes on by itself"
        assert hint in answer.json()["hint"]
        assert (await daemon.get("/api/health"))["status"] == "degraded"
        if how == "replaced by an empty folder":
            assert not list(film.root.iterdir())
            film.root.rmdir()
        (tmp_path / "away").rename(gone)
        await is_in_state(daemon, "live")
        await daemon.verify()
        assert [one["type"] for one in await daemon.events()] == before
        film.drop(still(3))
        assert len(await daemon.finished(3)) == 3


async def test_a_project_that_is_away_at_the_start_is_waited_for(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    film.drop(still())
    film.root.rename(tmp_path / "away")
    async with running_daemon(film) as daemon:
        await is_in_state(daemon, "suspended")
        (tmp_path / "away").rename(film.root)
        await is_in_state(daemon, "live")
        await daemon.finished(1)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lock", "is a folder, not a file: move it away"),
        ("index.db", "is a folder, not a file: move it away"),
        ("index.db-wal", "is a folder, not a file: move it away"),
        ("work", "a file where a folder should be: move it away"),
    ],
)
async def test_what_lies_in_the_place_of_what_is_ours_is_left_and_named_with_what_to_do(
    tmp_path: Path, name: str, said: str
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 1)
    ours, aside = film.root / ".takes" / name, tmp_path / "aside"
    if ours.exists():
        ours.rename(aside)
    if aside.is_dir():
        ours.write_text("of the user")
    else:
        ours.mkdir()
    async with running_daemon(film) as daemon:
        await is_in_state(daemon, "suspended")
        detail = (await daemon.ask("GET", "shots/001_Dawn/takes")).json()["detail"]
        assert str(ours) in detail
        assert said in detail
        ours.rename(tmp_path / "of the user")
        if aside.exists():
            aside.rename(ours)
        await is_in_state(daemon, "live")
        film.drop(still(2))
        assert len(await daemon.finished(2)) == 2


async def test_another_film_in_the_place_of_the_film_is_not_mixed_up_with_it(tmp_path: Path) -> None:
    film, other = await make_film(tmp_path), await make_film(tmp_path, "Other")
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await with_takes(daemon, 2)
        log = film.log.read_bytes()
        film.root.rename(tmp_path / "away")
        other.root.rename(film.root)
        film.drop(still(9))

        async def is_the_other() -> bool:
            projects = (await daemon.get("/api/projects"))["projects"]
            return [(one["id"], one["state"]) for one in projects] == [("other", "live")]

        await until(is_the_other)
        daemon.project = "other"
        (take,) = await daemon.finished(1)
        assert bytes_of([take]) == hashes(still(9))
        assert log[:100] == (tmp_path / "away" / ".takes" / "log.db").read_bytes()[:100]


async def test_one_project_that_is_away_holds_up_no_other(tmp_path: Path) -> None:
    film, other = await make_film(tmp_path), await make_film(tmp_path, "Other")
    async with running_daemon(film, other, scan_every=OFTEN) as daemon:
        film.root.rename(tmp_path / "away")
        await is_in_state(daemon, "suspended")
        daemon.project = "other"
        other.drop(still())
        await daemon.finished(1)


async def test_two_projects_of_one_id_are_told_apart_for_as_long_as_they_are_kept(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    (tmp_path / "copies").mkdir()
    await anyio.to_thread.run_sync(lambda: shutil.copytree(film.root, tmp_path / "copies" / "MyFilm"))
    copy = Film(tmp_path / "copies", "MyFilm", "003_Only_Here")
    async with running_daemon(film, copy, scan_every=OFTEN) as daemon:

        async def ids() -> dict[str, str]:
            return {one["path"]: one["id"] for one in (await daemon.get("/api/projects"))["projects"]}

        known = {str(film.root): "myfilm", str(copy.root): "myfilm-2"}
        assert await ids() == known
        copy.root.rename(tmp_path / "away")
        daemon.project = "myfilm-2"
        await is_in_state(daemon, "suspended")
        (tmp_path / "away").rename(copy.root)

        async def both_live() -> bool:
            return all(one["state"] == "live" for one in (await daemon.get("/api/projects"))["projects"])

        await until(both_live)
        assert await ids() == known
        copy.drop(still(), shot="003_Only_Here")
        await daemon.finished(1, "003_Only_Here")


async def test_a_film_that_cannot_be_opened_is_told_and_the_others_are_served(tmp_path: Path) -> None:
    bad, good = await make_film(tmp_path, "BadFilm"), await make_film(tmp_path)
    lock = bad.root / ".takes/lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    async with running_daemon(bad, good) as daemon:
        states = {one["id"]: one["state"] for one in (await daemon.get("/api/projects"))["projects"]}
        assert states == {"badfilm": "suspended", "myfilm": "live"}
        (problem,) = (await daemon.get("/api/health"))["projects"][0]["problems"]
        assert str(lock) in problem["what"]


async def test_a_film_whose_own_folder_was_removed_is_made_a_project_again(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 1)
        (film.root / ".takes").rename(tmp_path / "gone")  # in one step: the daemon may be writing into it

        async def is_advised() -> bool | None:
            answer = await daemon.ask("GET", "status")  # for a moment it is away, and nobody knows why
            return (answer.status_code == 503 and "`takes init`" in answer.json()["hint"]) or None

        await until(is_advised)
        made = await daemon.ask("POST", "/api/projects", {"path": str(film.root)})
        assert made.is_success
        assert [one["status"] for one in await daemon.finished(1)] == ["complete"]


async def test_a_log_with_nothing_in_it_is_damaged_and_no_other_one_is_begun_in_it(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 2)
    film.log.write_bytes(b"")
    async with running_daemon(film) as daemon:
        await is_in_state(daemon, "suspended")
        told = (await daemon.ask("GET", "status")).json()
        assert "it is empty" in told["detail"]
        assert "takes recover" in told["hint"]
        assert film.log.read_bytes() == b""
        made = await daemon.ask("POST", "/api/projects", {"path": str(film.root)})
        assert made.is_success
        assert [one["status"] for one in await daemon.finished(2)] == ["complete"] * 2


@pytest.mark.parametrize("left", [0, 4096])
async def test_a_log_that_is_cut_short_under_the_daemon_is_written_to_no_more(
    tmp_path: Path, left: int
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 2)
    async with running_daemon(film) as daemon:
        os.truncate(film.log, left)
        dropped = film.drop(still())

        async def is_told() -> bool:
            found = (await daemon.get("/api/health"))["projects"][0]["problems"]
            return any("takes recover" in one["hint"] and "is damaged" in one["what"] for one in found)

        await until(is_told)
        assert [one["status"] for one in await daemon.finished(2)] == ["complete"] * 2
        assert dropped.exists()
        assert film.log.stat().st_size == left


async def test_an_index_that_is_cut_short_under_the_daemon_is_made_anew_and_says_so_meanwhile(
    tmp_path: Path,
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 2)
    async with running_daemon(film) as daemon:
        os.truncate(film.root / ".takes/index.db", 4096)
        film.drop(still())
        told = set[tuple[int, str]]()

        async def all_taken() -> bool:
            answer = await daemon.ask("GET", "shots/001_Dawn/takes")
            said = answer.json()
            told.add((answer.status_code, "" if answer.is_success else said["detail"]))
            return answer.is_success and [one["status"] for one in said["takes"]] == ["complete"] * 3

        await until(all_taken)
    assert {status for status, _ in told} <= {200, 503}
    assert not any("malformed" in detail for _, detail in told)


async def test_a_folder_that_a_disk_is_to_be_mounted_on_is_no_film_to_begin_anew(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    film.root.rename(tmp_path / "away")
    film.root.mkdir()
    async with running_daemon(film) as daemon:
        hint = (await daemon.ask("GET", "status")).json()["hint"]
        assert "Mount the disk" in hint
        assert "init" not in hint


async def test_the_daemon_ends_well_in_the_moment_in_which_a_film_goes_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        assert daemon.projects
        project = daemon.projects.find("myfilm")
        assert project.state == "live"
        monkeypatch.setattr(project, "_parts", None)  # it is closed, and not yet called suspended
