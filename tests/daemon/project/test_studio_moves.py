"""A film moves into a studio and out of it, whatever cuts that short, and comes back where the database has lost it."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest

from daemon.disk.crash_points import StudioPoint
from daemon.home.holding import ProjectInUse
from daemon.home.home import CopyOfFilm, find_home
from daemon.home.init import init_project
from daemon.home.recovering import LogInStudio, recover_project
from daemon.project import studio_moves
from daemon.project.studio_moves import InStudioAlready, NotInStudio, Standing
from events import LogFromTheFuture, LogWentBack, open_log
from events.store.log_file import FORMAT, MIRROR
from events.store.postgres.errors import FilmKnownOtherwise, FilmNotOpen
from projections.files.threads import in_thread
from tests.daemon.project.in_studio import (
    SERVICE,
    database,
    end,
    fill,
    film,
    rows,
    rows_there,
    services,
    told_of,
)
from tests.events.samples import append
from tests.support.filesystems import SHARE
from tests.support.film import CODE, Film, environment, still, until
from tests.support.inside import Daemon, running_daemon, surroundings
from tests.support.postgres import server

__all__ = ["database", "film", "services"]


def ended(found: Standing) -> tuple[str, int, str]:
    return found.log, found.position, found.hash


def file_format(film: Film) -> int:
    with closing(sqlite3.connect(film.log)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


# Into the studio, and out of it.


async def test_a_film_goes_in_and_comes_back_with_the_same_records(film: Film, database: str) -> None:
    before, written = await fill(film), rows(film)
    await studio_moves.make_ready(SERVICE)
    found = await studio_moves.join(film.root, SERVICE)
    assert (ended(found), found.state) == (before, "open")
    assert rows_there(database) == written
    assert (file_format(film), end(film)) == (MIRROR, before)
    said = json.loads((film.root / ".takes" / "film.json").read_bytes())
    assert (said["service"], said["log"], "film" in said) == (SERVICE, before[0], False)

    found = await studio_moves.leave(film.root)
    assert (ended(found), found.state) == (before, "left")
    assert (file_format(film), rows(film)) == (FORMAT, written)
    assert not (film.root / ".takes" / "film.json").exists()
    async with open_log(film.log) as log:
        await log.append(append("c"))
    back = await studio_moves.join(film.root, SERVICE)
    assert (ended(back), back.state) == (end(film), "open")
    assert rows_there(database) == rows(film)


async def test_in_a_studio_nothing_is_appended_on_this_machine(film: Film) -> None:
    await fill(film)
    await studio_moves.make_ready(SERVICE)
    await studio_moves.join(film.root, SERVICE)
    with pytest.raises(LogFromTheFuture):
        async with open_log(film.log):
            pass
    with pytest.raises(LogInStudio):
        await in_thread(recover_project, film.root)
    assert (await in_thread(init_project, film.root)).log == end(film)[0]


async def test_doing_it_again_changes_nothing(film: Film) -> None:
    before = await fill(film)
    await studio_moves.make_ready(SERVICE)
    for _ in range(2):
        assert ended(await studio_moves.join(film.root, SERVICE)) == before
    assert ended(await studio_moves.mend(film.root)) == before
    await studio_moves.leave(film.root)
    with pytest.raises(NotInStudio):
        await studio_moves.leave(film.root)


async def test_a_film_that_is_kept_does_not_move(film: Film) -> None:
    await studio_moves.make_ready(SERVICE)
    async with running_daemon(film):
        with pytest.raises(ProjectInUse):
            await studio_moves.join(film.root, SERVICE)


async def test_a_film_that_is_there_from_elsewhere_is_not_brought_in_again(
    film: Film, tmp_path: Path
) -> None:
    await fill(film)
    shutil.copytree(film.root, tmp_path / "Copy")
    await studio_moves.make_ready(SERVICE)
    await studio_moves.join(film.root, SERVICE)
    with pytest.raises(InStudioAlready):
        await studio_moves.join(tmp_path / "Copy", SERVICE)
    shutil.copytree(film.root, tmp_path / "Second")
    with pytest.raises(CopyOfFilm):
        await in_thread(find_home, tmp_path / "Second")


async def test_another_machine_has_a_mirror_of_its_own(
    film: Film, tmp_path: Path, services: dict[str, str]
) -> None:
    before = await fill(film)
    await studio_moves.make_ready(SERVICE)
    await studio_moves.join(film.root, SERVICE)
    with surroundings(environment(tmp_path / "other", **services)):
        assert (await in_thread(init_project, film.root)).log == before[0]
        other = await in_thread(find_home, film.root)
        assert not other.folder.is_relative_to(film.folder / "state")
        async with running_daemon(film, env={**os.environ}) as daemon:
            await daemon.scanned()
        assert end(film)[:1] == before[:1]
        found = await studio_moves.leave(film.root)
        assert (found.log, file_format(film)) == (before[0], FORMAT)
    assert end(film) == ended(found)


@pytest.mark.parametrize("disk", [SHARE], indirect=True)
async def test_a_film_on_a_share_has_its_mirror_on_this_machine(
    disk: Path, tmp_path: Path, services: dict[str, str]
) -> None:
    with surroundings(environment(tmp_path, **services)):
        film = Film(disk)
        await in_thread(init_project, film.root)
        folder = (await in_thread(find_home, film.root)).folder
        await studio_moves.make_ready(SERVICE)
        before = await studio_moves.join(film.root, SERVICE)
        here = await in_thread(find_home, film.root)
        assert (here.folder, here.studio is None) == (folder, False)
        assert not film.log.exists()
        after = await studio_moves.leave(film.root)
        assert ended(after) == ended(before)
        back = await in_thread(find_home, film.root)
        assert (back.folder, back.studio, back.is_on_share) == (folder, None, False)
        async with open_log(back.log) as log:
            await log.append(append("a"))


# Killed at any moment.


FORTH = ("piece", "copied", "bound", "mirrored", "brought in")


BACK = ("left", "unmarked")


def run(film: Film, *args: str, fault: str = "") -> "subprocess.CompletedProcess[str]":
    code = "import sys; from daemon.cli.main import main; sys.exit(main())"
    env = environment(film.folder, PGSERVICEFILE=os.environ["PGSERVICEFILE"], TAKES_FAULT=fault)
    command = [sys.executable, "-c", code, "studio", *args]
    return subprocess.run(command, env=env, capture_output=True, text=True, cwd=CODE, check=False)


def test_every_point_at_which_it_can_be_killed_is_tried() -> None:
    assert {*FORTH, *BACK, "closed"} == {*get_args(StudioPoint)}


def is_appended_to(film: Film) -> bool:
    """Whether a release that knows no studio would go on with the log on this machine."""
    return file_format(film) == FORMAT and not (film.root / ".takes" / "film.json").exists()


def is_open(database: str) -> bool:
    return server().execute("SELECT state FROM takes.films", database) == [("open",)]


@pytest.mark.parametrize("point", FORTH)
async def test_a_film_that_was_killed_on_its_way_in_is_in_one_log_and_goes_on(
    film: Film, database: str, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, written = await fill(film), rows(film)
    await studio_moves.make_ready(SERVICE)
    killed = await in_thread(lambda: run(film, "join", str(film.root), fault=point))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert is_appended_to(film) + is_open(database) <= 1
    if (film.root / ".takes" / "film.json").exists():
        env = {"PGSERVICEFILE": os.environ["PGSERVICEFILE"]}
        async with running_daemon(film, env=env) as daemon:
            assert await is_suspended(daemon)
            assert "on its way into the studio's database" in await reason_of(daemon)
    found = await studio_moves.join(film.root, SERVICE)
    assert (ended(found), found.state) == (before, "open")
    assert rows_there(database) == written
    assert not is_appended_to(film)


@pytest.mark.parametrize("point", BACK)
async def test_a_film_that_was_killed_on_its_way_out_is_in_one_log_and_goes_on(
    film: Film, database: str, point: str
) -> None:
    before, written = await fill(film), rows(film)
    await studio_moves.make_ready(SERVICE)
    await studio_moves.join(film.root, SERVICE)
    killed = await in_thread(lambda: run(film, "leave", str(film.root), fault=point))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert is_appended_to(film) + is_open(database) <= 1
    with pytest.raises(FilmNotOpen) as refused:
        await studio_moves.join(film.root, SERVICE)
    assert "takes studio leave" in refused.value.hint
    found = await studio_moves.leave(film.root)
    assert (ended(found), found.state) == (before, "left")
    assert (rows(film), is_appended_to(film)) == (written, True)


# A database that went back.


def go_back(database: str, position: int) -> None:
    """As a backup has it that was made then."""
    server().execute(
        f"""SET session_replication_role = replica;
        DELETE FROM takes.events WHERE position > {position};
        UPDATE takes.films SET head = {position},
            hash = (SELECT hash FROM takes.events WHERE position = {position})""",
        database,
    )


async def test_a_film_that_a_restored_database_does_not_know_is_brought_back(
    film: Film, services: dict[str, str], database: str
) -> None:
    await studio_moves.make_ready(SERVICE)
    await studio_moves.join(film.root, SERVICE)
    async with running_daemon(film, env=services) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await daemon.at_rest()
        gone = "SET session_replication_role = replica; DELETE FROM takes.events; DELETE FROM takes.films"
        await in_thread(server().execute, gone, database)
        await until(lambda: told_of(daemon, "and it ends at 0"))
    before, written = end(film), rows(film)
    found = await studio_moves.mend(film.root)
    assert (ended(found), found.added) == (before, before[1])
    assert rows_there(database) == written


@pytest.mark.parametrize("is_killed", [False, True])
async def test_what_a_restored_database_lacks_is_brought_back(
    film: Film,
    database: str,
    is_killed: bool,  # noqa: FBT001
) -> None:
    before, written = await fill(film), rows(film)
    await studio_moves.make_ready(SERVICE)
    await studio_moves.join(film.root, SERVICE)
    await in_thread(go_back, database, 20)
    with pytest.raises(LogWentBack, match="and it ends at 20"):
        await studio_moves.leave(film.root)
    if is_killed:
        killed = await in_thread(lambda: run(film, "mend", str(film.root), fault="closed"))
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert not is_open(database)
    found = await studio_moves.mend(film.root)
    assert (ended(found), found.added, found.state) == (before, before[1] - 20, "open")
    assert rows_there(database) == written


async def test_where_others_have_gone_on_from_there_nothing_is_changed(film: Film, database: str) -> None:
    await fill(film)
    await studio_moves.make_ready(SERVICE)
    await studio_moves.join(film.root, SERVICE)
    await in_thread(go_back, database, 20)
    batch = (
        '[{"appends": [{"stream": "z", "expected": 0, "at": "t", "actor": "x", "events": [["i", 1, "{}"]]}]}]'
    )
    append_there = f"SELECT takes.append((SELECT film FROM takes.films), '{batch}', 0)"
    await in_thread(server().execute, append_there, database)
    there = rows_there(database)
    with pytest.raises(FilmKnownOtherwise, match="at position 21"):
        await studio_moves.mend(film.root)
    assert rows_there(database) == there
    assert is_open(database)


async def test_a_daemon_that_meets_a_log_that_went_back_takes_nothing_in_and_says_so(
    film: Film, services: dict[str, str], database: str
) -> None:
    await studio_moves.make_ready(SERVICE)
    await studio_moves.join(film.root, SERVICE)
    async with running_daemon(film, env=services) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await daemon.at_rest()
        await in_thread(go_back, database, 1)
        await until(lambda: told_of(daemon, "the studio's log went back"))
        film.drop(still(2))
        assert (await daemon.ask("DELETE", "shots/001_Dawn/takes/take_001")).status_code == 503
        assert len(await daemon.takes()) == 1
    await studio_moves.mend(film.root)
    async with running_daemon(film, env=services) as daemon:
        await daemon.finished(2)
        await daemon.verify()


async def reason_of(daemon: Daemon) -> str:
    """What stands in the way of the film."""
    (told,) = (await daemon.ask("GET", "/api/projects")).json()["projects"]
    return str(told)


async def is_suspended(daemon: Daemon) -> bool:
    return "'suspended'" in await reason_of(daemon)
