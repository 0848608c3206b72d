"""The home of a film: on a share it is a folder of this machine's own, and the film is for this machine only."""

import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import anyio
import pytest

from daemon.home import home
from daemon.home.home import (
    CopyOfFilm,
    KeptElsewhere,
    LogAway,
    NoOwnDisk,
    find_home,
    read_binding,
)
from daemon.home.init import init_project
from daemon.home.moving import put_aside
from daemon.home.recovering import recover_project
from daemon.recovery.standing import AnotherLog
from events import ShotRegistered, open_log
from tests.events.samples import append
from tests.support.filesystems import SHARE
from tests.support.film import Film, make_film, put, still, until
from tests.support.inside import running_daemon

on_share = pytest.mark.parametrize("disk", [SHARE], indirect=True)

QUICK = {"quiet": 0.05, "still": 0.2, "still_shared": 0.2}


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def state(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path / "state")}


def films(tmp_path: Path) -> list[Path]:
    """Where this machine has logs of films on shares."""
    return sorted(tmp_path.glob("state/takes/films/*"))


def own(film: Film) -> set[str]:
    """What lies in the film's own folder, but for the folders in it, the head and what a database is through with."""
    files = [one for one in (film.root / ".takes").iterdir() if one.is_file() and one.stat().st_size]
    return {one.name for one in files} - {".gitignore", "head"}


def begun(disk: Path, name: str = "MyFilm") -> Film:
    """A film that is a project already."""
    film = Film(disk, name)
    init_project(film.root)
    return film


@contextmanager
def another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """For a while, this is a machine of another id, with a state of its own."""
    with monkeypatch.context() as there:
        (tmp_path / "id").write_text("b" * 32 + "\n")
        there.setattr(home, "MACHINE_IDS", (str(tmp_path / "id"),))
        there.setenv("XDG_STATE_HOME", str(tmp_path / "there"))
        yield


@on_share
async def test_on_a_share_the_log_the_index_and_the_lock_are_on_this_machine(
    disk: Path, tmp_path: Path
) -> None:
    film = await make_film(disk)
    async with running_daemon(film, env=state(tmp_path), settle=QUICK) as daemon:
        film.drop(still(1))
        (take,) = await daemon.finished(1)
        assert take["status"] == "complete"
        (folder,) = films(tmp_path)
        assert {"log.db", "index.db", "lock"} <= {one.name for one in folder.iterdir()}
        assert own(film) == {"film.json"}
        said = json.loads((film.root / ".takes" / "film.json").read_bytes())
        assert (said["film"], said["host"]) == (folder.name, socket.gethostname())
        usage = await daemon.get("du")
        assert usage["kinds"]["log"] > 0
        assert usage["kinds"]["index"] > 0
        await daemon.verify()


@on_share
async def test_status_and_doctor_say_that_it_is_a_share_and_for_one_machine_only(
    disk: Path, tmp_path: Path
) -> None:
    film = await make_film(disk)
    async with running_daemon(film, env=state(tmp_path), settle=QUICK) as daemon:
        (folder,) = films(tmp_path)
        says = f"a share (fuse.share), kept by this machine only; its log is in {folder}"
        status = await daemon.status()
        assert status["share"] == {"filesystem": "fuse.share", "log": str(folder), "says": says}
        assert status["problems"] == []
        checks = (await daemon.get("doctor"))["checks"]
        assert {"share": f"the film lies on {says}"}.items() <= {
            one["name"]: one["what"] for one in checks
        }.items()


async def test_a_film_on_a_disk_of_this_machine_has_all_of_it_in_its_own_folder(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        assert (await daemon.status())["share"] is None
        assert {"log.db", "index.db"} <= own(film)
    assert films(tmp_path) == []


@on_share
async def test_a_film_may_have_its_own_folder_on_a_disk_of_this_machine(disk: Path, tmp_path: Path) -> None:
    film = Film(disk)
    (tmp_path / "own").mkdir()
    (film.root / ".takes").symlink_to(tmp_path / "own")
    await anyio.to_thread.run_sync(init_project, film.root)
    async with running_daemon(film, env=state(tmp_path), settle=QUICK) as daemon:
        assert (await daemon.status())["share"]["log"] == str(film.root / ".takes")
        assert "log.db" in own(film)


@on_share
def test_another_machine_is_refused_until_somebody_has_it_take_over(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = begun(disk)
    here = find_home(film.root)
    with another_machine(tmp_path, monkeypatch):
        for refused in (lambda: find_home(film.root), lambda: init_project(film.root)):
            with pytest.raises(
                KeptElsewhere, match=f"kept by {socket.gethostname()}, not by this machine"
            ) as why:
                refused()
            assert "for one machine only" in why.value.hint
            assert "takes init --here" in why.value.hint
        with pytest.raises(LogAway):
            init_project(film.root, here=True)
        shutil.copytree(here.folder, home.folder_of(here.folder.name))
        init_project(film.root, here=True)
        assert find_home(film.root).folder == home.folder_of(here.folder.name)
    with pytest.raises(KeptElsewhere):
        find_home(film.root)


@on_share
async def test_a_machine_stops_keeping_a_film_that_another_one_has_taken_over(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_over() -> None:
        here = find_home(film.root)
        with another_machine(tmp_path, monkeypatch):
            shutil.copytree(here.folder, home.folder_of(here.folder.name))
            init_project(film.root, here=True)

    film = await make_film(disk)
    async with running_daemon(film, env=state(tmp_path), settle=QUICK) as daemon:
        await anyio.to_thread.run_sync(take_over)

        async def refused() -> bool:
            (project,) = (await daemon.get("/api/health"))["projects"]
            return any("not by this machine" in one["what"] for one in project["problems"])

        await until(refused)


@on_share
def test_a_film_on_a_share_whose_log_is_away_is_not_begun_anew(disk: Path, tmp_path: Path) -> None:
    film = begun(disk)
    (folder,) = films(tmp_path)
    folder.rename(tmp_path / "away")
    for refused in (lambda: find_home(film.root), lambda: init_project(film.root)):
        with pytest.raises(LogAway):
            refused()
    (tmp_path / "away").rename(folder)
    assert find_home(film.root).folder == folder


@on_share
async def test_a_film_on_a_share_that_has_lost_its_log_and_where_it_was_has_the_new_one_on_this_machine(
    disk: Path, tmp_path: Path
) -> None:
    film = await make_film(disk)
    async with running_daemon(film, env=state(tmp_path), settle=QUICK) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await daemon.stop()
    (lost,) = films(tmp_path)
    shutil.rmtree(lost)
    (film.root / ".takes" / "film.json").unlink()
    await anyio.to_thread.run_sync(partial(recover_project, film.root, dry_run=True))
    assert (films(tmp_path), own(film)) == ([], set())
    await anyio.to_thread.run_sync(recover_project, film.root)
    (folder,) = films(tmp_path)
    assert own(film) == {"film.json"}
    assert (await anyio.to_thread.run_sync(find_home, film.root)).folder == folder
    async with running_daemon(film, env=state(tmp_path), settle=QUICK) as daemon:
        film.drop(still(2))
        takes = await daemon.finished(2)
        assert [one["number"] for one in takes if one["status"] == "complete"] == [1, 2]
        await daemon.verify()


@on_share
def test_a_copy_of_a_film_does_not_get_into_its_log(disk: Path, tmp_path: Path) -> None:
    film = begun(disk)
    shutil.copytree(film.root, disk / "Copy")
    with pytest.raises(CopyOfFilm, match=r"Copy is a copy of .*MyFilm"):
        find_home(disk / "Copy")
    (disk / "Copy" / ".takes" / "film.json").unlink()
    init_project(disk / "Copy")
    assert find_home(disk / "Copy").folder != find_home(film.root).folder
    film.root.rename(disk / "Moved")
    assert find_home(disk / "Moved").log.exists()


@on_share
def test_a_log_of_another_film_is_refused(disk: Path, tmp_path: Path) -> None:
    film, other = begun(disk), begun(disk, "Other")
    mine = find_home(film.root)
    theirs = read_binding(other.root)
    assert theirs is not None
    with pytest.raises(AnotherLog):
        mine.check(theirs.log)


@on_share
def test_no_log_is_begun_where_the_state_lies_on_a_share_too(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(disk / "state"))
    with pytest.raises(NoOwnDisk, match=r"lies on a share, too \(fuse.share\)"):
        begun(disk)


# A film that an earlier release has kept on a share.


async def earlier(disk: Path) -> Film:
    """A film with a take, whose log lies on the share."""
    film = Film(disk)
    await anyio.to_thread.run_sync(lambda: init_project(film.root, share=False))
    async with running_daemon(film, share=False) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
    assert "log.db" in own(film)
    return film


@on_share
async def test_a_log_that_lies_on_a_share_is_moved_to_this_machine(disk: Path, tmp_path: Path) -> None:
    film = await earlier(disk)
    before = film.log.read_bytes()
    async with running_daemon(film, env=state(tmp_path), settle=QUICK) as daemon:
        assert [one["status"] for one in await daemon.finished(1)] == ["complete"]
        put(film.takes() / "more.png", still(2))
        assert [one["number"] for one in await daemon.finished(2)] == [1, 2]
    assert own(film) == {"film.json", "log.db.moved-1"}
    assert film.log.with_name("log.db.moved-1").read_bytes() == before


@on_share
async def test_what_was_committed_and_lies_beside_the_log_only_comes_along(
    disk: Path, tmp_path: Path
) -> None:
    film = await earlier(disk)
    async with open_log(film.log) as log:  # while somebody has it open, its last records are in another file
        head = log.head
        await log.append(append("another", ShotRegistered(path="nowhere")))
        for name in ("log.db", "log.db-wal"):
            shutil.copy(film.root / ".takes" / name, tmp_path / name)
    for name in ("log.db", "log.db-wal"):
        shutil.copy(tmp_path / name, film.root / ".takes" / name)
    async with running_daemon(film, env=state(tmp_path), settle=QUICK) as daemon:
        assert (await daemon.status())["position"] > head


@on_share
async def test_a_log_with_a_bad_record_is_moved_as_it_is_and_told_of(disk: Path, tmp_path: Path) -> None:
    film = await earlier(disk)
    content = film.log.read_bytes()
    where = content.index(b"shot_001_take_001")
    film.log.write_bytes(content[:where] + b"S" + content[where + 1 :])
    async with running_daemon(film, env=state(tmp_path), settle=QUICK) as daemon:

        async def told() -> bool:
            return any("record" in one["what"] for one in (await daemon.status())["problems"])

        await until(told)
        assert (await daemon.take(1) or {})["status"] == "complete"
    assert "log.db.moved-1" in own(film)


@on_share
async def test_what_is_no_log_is_left_where_it_is(disk: Path, tmp_path: Path) -> None:
    film = await earlier(disk)
    film.log.write_bytes(b"no log at all" * 1000)
    async with running_daemon(film, env=state(tmp_path), settle=QUICK) as daemon:

        async def refused() -> bool:
            (project,) = (await daemon.get("/api/health"))["projects"]
            return any("log" in one["what"] for one in project["problems"])

        await until(refused)
    assert "film.json" not in own(film)
    assert "log.db" in own(film)
    assert films(tmp_path) == []


@on_share
async def test_another_log_in_the_home_of_a_film_is_noticed_while_it_is_kept(
    disk: Path, tmp_path: Path
) -> None:
    film = await make_film(disk)
    async with running_daemon(film, env=state(tmp_path), settle=QUICK) as daemon:
        (folder,) = films(tmp_path)
        await anyio.to_thread.run_sync(folder.rename, tmp_path / "away")

        async def suspended() -> bool:
            (project,) = (await daemon.get("/api/health"))["projects"]
            return bool(project["state"] == "suspended" and "is not in" in project["problems"][0]["what"])

        await until(suspended)
        await anyio.to_thread.run_sync((tmp_path / "away").rename, folder)

        async def back() -> bool:
            (project,) = (await daemon.get("/api/health"))["projects"]
            return bool(project["state"] == "live")

        await until(back)


@on_share
async def test_what_a_kill_has_left_of_a_move_is_put_aside(disk: Path, tmp_path: Path) -> None:
    film = await earlier(disk)
    async with running_daemon(film, env=state(tmp_path), settle=QUICK) as daemon:
        await daemon.finished(1)
    film.log.with_name("log.db.moved-1").rename(film.log)  # the film says already where its log is
    async with running_daemon(film, env=state(tmp_path), settle=QUICK) as daemon:
        assert len(await daemon.finished(1)) == 1
    assert "log.db" not in own(film)
    film.log.write_bytes(b"of an earlier release that was run again")
    await anyio.to_thread.run_sync(put_aside, film.root)
    assert len([one for one in own(film) if one.startswith("log.db.moved-")]) == 2
