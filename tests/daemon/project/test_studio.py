"""A film whose log is in a studio's database: it moves in and out, is kept there, and outlives whatever is cut short."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import anyio
import pytest

from daemon.cli.main import main
from daemon.disk.crash_points import StudioPoint
from daemon.home.holding import ProjectInUse
from daemon.home.home import CopyOfFilm, find_home, folder_of
from daemon.home.init import init_project
from daemon.home.recovering import LogInStudio, recover_project
from daemon.project import studio_moves
from daemon.project.parts import Parts
from daemon.project.studio_moves import FilmIsKept, InStudioAlready, NotInStudio, Standing
from events import GENESIS, LogFromTheFuture, LogWentBack, TakeActivated, TakeRated, open_log
from events.store.log_file import FORMAT, MIRROR
from events.store.postgres.errors import FilmKnownOtherwise, FilmNotOpen
from events.store.postgres.log import open_postgres_log
from events.store.postgres.studio import open_studio
from projections.files.threads import in_thread
from tests.daemon.takes.test_order import until_later
from tests.events.samples import A_LIFE, append, some
from tests.support.filesystems import SHARE
from tests.support.film import CODE, NOON, Film, environment, make_film, still, until
from tests.support.inside import Daemon, running_daemon, surroundings
from tests.support.postgres import make_database, own_server, server, write_services

SERVICE = "takes"


@pytest.fixture
def database() -> str:
    return make_database(server())


@pytest.fixture
def services(tmp_path: Path, database: str) -> dict[str, str]:
    return write_services(tmp_path / "services", server(), takes=database)


@pytest.fixture
def film(tmp_path: Path, services: dict[str, str]) -> Iterator[Film]:
    """A film, in an environment that knows an empty database for it."""
    with surroundings(environment(tmp_path, **services)):
        film = Film(tmp_path)
        init_project(film.root)
        yield film


async def fill(film: Film) -> tuple[str, int, str]:
    """Some records in the log of the film, which nobody keeps; where it ends."""
    async with open_log(film.log) as log:
        await log.append(append("a", *A_LIFE, cause="request:1"))
        await log.append(
            append("b", *map(some, range(studio_moves.PIECE)))
        )  # so that it takes more than one piece
    return end(film)


def here(film: Film) -> Path:
    """What there is of the film's log on this machine: the mirror, or the log itself."""
    said = film.root / ".takes" / "film.json"
    return folder_of(json.loads(said.read_bytes())["log"]) / "log.db" if said.exists() else film.log


def end(film: Film) -> tuple[str, int, str]:
    """Which log is the film's on this machine, and where it ends."""
    with closing(sqlite3.connect(here(film))) as db:
        (log,) = db.execute("SELECT id FROM log").fetchone()
        last = db.execute("SELECT position, hash FROM events ORDER BY position DESC LIMIT 1").fetchone()
    return log, *(last or (0, GENESIS))


def ended(found: Standing) -> tuple[str, int, str]:
    return found.log, found.position, found.hash


def file_format(film: Film) -> int:
    with closing(sqlite3.connect(film.log)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def rows(film: Film) -> list[Any]:
    with closing(sqlite3.connect(here(film))) as db:
        return db.execute("SELECT * FROM events ORDER BY position").fetchall()


def rows_there(database: str) -> list[Any]:
    columns = "position, stream, version, id, at, actor, cause, schema, data, hash"
    return server().execute(f"SELECT {columns} FROM takes.events ORDER BY film, position", database)


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


async def told_of(daemon: Daemon, what: str) -> bool:
    return any(what in one["what"] for one in (await daemon.status())["problems"])


# Kept as any other film.


async def test_a_film_in_a_studio_is_kept_as_any_other(
    film: Film, services: dict[str, str], database: str
) -> None:
    async with running_daemon(film) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
    await studio_moves.make_ready(SERVICE)
    await studio_moves.join(film.root, SERVICE)
    async with running_daemon(film, env=services) as daemon:
        for number in (2, 3):
            film.drop(still(number), f"{number}.png")
            film.drop(still(number + 10), f"{number}.png", shot=NOON)
        await daemon.finished(3)
        await daemon.finished(2, NOON)
        assert (await daemon.activate(2)).status_code == 200
        await daemon.verify()
        assert film.link() == "takes/take_002"
        assert (await daemon.status())["problems"] == []
    assert rows_there(database) == rows(film)
    async with running_daemon(film, env=services) as daemon:  # again, after a restart
        film.drop(still(4))
        await daemon.finished(4)
    await studio_moves.leave(film.root)
    async with running_daemon(film) as daemon:
        film.drop(still(5))
        assert [one["number"] for one in await daemon.finished(5)] == [1, 2, 3, 4, 5]
        await daemon.verify()
    assert rows(film)[: len(rows_there(database))] == rows_there(database)


async def test_while_the_database_is_away_the_film_is_shown_and_drops_wait(tmp_path: Path) -> None:
    with own_server() as running:
        services = write_services(tmp_path / "services", running, takes="postgres")
        with surroundings(environment(tmp_path, **services)):
            film = await make_film(tmp_path)
            await studio_moves.make_ready(SERVICE)
            await studio_moves.join(film.root, SERVICE)
        async with running_daemon(film, env=services) as daemon:
            film.drop(still(1))
            await daemon.finished(1)
            await daemon.at_rest()
            await in_thread(running.stop)
            await until(lambda: told_of(daemon, "the studio's log does not answer"))
            film.drop(still(2))
            assert len(await daemon.takes()) == 1
            refused = await daemon.delete(1)
            assert (refused.status_code, refused.json()["title"]) == (503, "Studio away")
            assert film.takes().joinpath("render.png").read_bytes() == still(2)
            await in_thread(running.start)
            await daemon.finished(2)
            await until(lambda: is_well(daemon))
            await in_thread(running.stop)
        async with running_daemon(film, env=services) as daemon:  # and where it is away from the start
            assert len(await daemon.takes()) == 2
            await in_thread(running.start)
            film.drop(still(3))
            await daemon.finished(3)
            await daemon.verify()


async def test_drops_that_came_while_the_database_was_away_are_numbered_in_the_order_of_their_time(
    tmp_path: Path,
) -> None:
    names = [f"{letter}.png" for letter in "kbxaqdzcmeyf"]  # in no order that a name could tell
    with own_server() as running:
        services = write_services(tmp_path / "services", running, takes="postgres")
        with surroundings(environment(tmp_path, **services)):
            film = await make_film(tmp_path)
            await studio_moves.make_ready(SERVICE)
            await studio_moves.join(film.root, SERVICE)
        async with running_daemon(film, env=services) as daemon:
            film.drop(still(99))
            await daemon.finished(1)
            await in_thread(running.stop)
            await until(lambda: told_of(daemon, "the studio's log does not answer"))
            for count, name in enumerate(names[:6]):
                await drop_later(film, count, name)
        async with running_daemon(film, env=services) as daemon:  # which is begun anew while it is away
            for count, name in enumerate(names[6:], 6):
                await drop_later(film, count, name)
            await daemon.scanned()
            assert len(await daemon.takes()) == 1
            await in_thread(running.start)
            await daemon.finished(13)
            numbered = [
                one["data"]["source"]["name"]
                for one in await daemon.events()
                if one["type"] == "take.created"
            ]
            assert numbered == ["render.png", *names]
            await daemon.verify()
            film.drop(still(98))
            takes = await daemon.finished(14)
            assert [one["number"] for one in takes] == [*range(1, 15)]
            sums = {one["number"]: one["media"]["sha256"] for one in takes}
            assert [sums[2 + count] for count in range(12)] == [
                sha256(still(count)).hexdigest() for count in range(12)
            ]


async def drop_later(film: Film, count: int, name: str) -> None:
    """Drop a file that is written an hour later than the one before, and comes later by the disk's own clock."""
    path = film.drop(still(count), name)
    os.utime(path, (count * 3600, count * 3600))
    await until_later(film.folder / "clock", path)


async def test_what_another_one_says_of_a_film_is_known_here_at_once(
    film: Film, services: dict[str, str]
) -> None:
    await studio_moves.make_ready(SERVICE)
    log_id = (await studio_moves.join(film.root, SERVICE)).log
    async with running_daemon(film, env=services) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await daemon.at_rest()
        async with open_studio(SERVICE) as studio, open_postgres_log(studio, log_id) as log:
            (stream,) = {one.stream for one in await log.read() if isinstance(one.event, TakeActivated)}
            version = len(await log.stream(stream))
            rated = append(stream, TakeRated(take=1, rating=4), expected=version, cause="request:anna")
            await log.append(rated)

        async def is_rated() -> bool:
            take = await daemon.take(1)
            return take is not None and take["rating"] == 4

        await until(is_rated)
        assert (await daemon.delete(1)).status_code == 200
        await daemon.verify()


async def is_well(daemon: Daemon) -> bool:
    return not (await daemon.status())["problems"]


# Of several machines each does its part.

FILM = "(SELECT film FROM takes.films)"


async def leave_elsewhere(film: Film) -> None:
    """As from another machine that has the film."""
    with surroundings({**os.environ, "XDG_STATE_HOME": str(film.folder / "elsewhere")}):
        await studio_moves.leave(film.root)


async def test_what_another_one_has_claimed_waits_until_that_lets_go(
    film: Film, services: dict[str, str], database: str
) -> None:
    await studio_moves.make_ready(SERVICE)
    await studio_moves.join(film.root, SERVICE)
    claim = f"SELECT takes.keep({FILM}, 'berlin/7', 'all', 'berlin', '{{}}', '{{}}', 0, 3600)"
    await in_thread(server().execute, claim, database)
    async with running_daemon(film, env=services) as daemon:
        await daemon.scanned()
        film.drop(still(1))
        await parts_of(daemon).scheduler.scan()
        assert film.takes().joinpath("render.png").read_bytes() == still(1)
        with pytest.raises(FilmIsKept, match="berlin"):
            await leave_elsewhere(film)
        await in_thread(server().execute, f"SELECT takes.depart({FILM}, 'berlin/7')", database)
        await daemon.finished(1)
        await daemon.verify()
    held = "SELECT count(*) FROM takes.claims WHERE until > now()"
    assert server().execute(held, database) == [(0,)]  # the next one need not wait


async def test_nothing_of_a_keeper_that_was_overtaken_comes_into_the_log(
    film: Film, services: dict[str, str], database: str
) -> None:
    await studio_moves.make_ready(SERVICE)
    await studio_moves.join(film.root, SERVICE)
    async with running_daemon(film, env=services) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await daemon.at_rest()
        overtaken = "UPDATE takes.claims SET owner = 'berlin/7', epoch = epoch + 1, until = now() + '1h'"
        await in_thread(server().execute, overtaken, database)
        before = rows_there(database)
        film.drop(still(2))

        async def is_known() -> bool:
            return not parts_of(daemon).keeping.keeps_film

        await until(is_known)
        assert film.takes().joinpath("render.png").read_bytes() == still(2)
        assert rows_there(database) == before
        assert (await daemon.delete(1)).status_code == 200  # which anybody may ask for
        free = "UPDATE takes.claims SET until = '-infinity'"
        await in_thread(server().execute, free, database)
        await daemon.finished(2)
        await daemon.verify()


def parts_of(daemon: Daemon) -> Parts:
    assert daemon.projects
    return daemon.projects.all[0].parts


async def reason_of(daemon: Daemon) -> str:
    """What stands in the way of the film."""
    (told,) = (await daemon.ask("GET", "/api/projects")).json()["projects"]
    return str(told)


async def is_suspended(daemon: Daemon) -> bool:
    return "'suspended'" in await reason_of(daemon)


# On the command line.


def test_the_commands_say_what_they_have_done(film: Film, capsys: pytest.CaptureFixture[str]) -> None:
    anyio.run(fill, film)
    log, position, _ = end(film)

    def said(*args: str, code: int = 0) -> str:
        assert main(["studio", *args]) == code
        told = capsys.readouterr()
        return told.out + told.err

    assert "takes studio init" in said("join", str(film.root), code=4)
    assert "GRANT takes_keeper" in said("init")
    assert "ready already" in said("init")
    assert "no film in it yet" in said("status")
    assert f"up to position {position}" in said("join", str(film.root))
    films, server_line = said("status").splitlines()
    assert films.split()[1:] == ["open", str(position), log]
    assert re.match(r"PostgreSQL \d+.*clock [+-]\d+\.\d s.*no synchronous standby", server_line)
    assert said("mend", str(film.root)).startswith("Nothing is missing")
    assert f"on this machine, up to position {position}" in said("leave", str(film.root))
    answer = json.loads(said("status", "--json"))
    assert not answer["server"]["synchronousStandby"]
    (told,) = answer["films"]
    assert (told["log"], told["state"], told["position"]) == (log, "left", position)


def test_a_service_that_is_not_known_or_does_not_answer_is_told_with_no_password(
    film: Film, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "[takes]\nhost=/nowhere\ndbname=x\nuser=anna\npassword=secret7\n"
    (tmp_path / "services").write_text(lines)
    for service in ("takes", "other"):
        assert main(["studio", "status", "--service", service]) == 1
        said = capsys.readouterr().err
        assert "does not answer" in said
        assert "secret7" not in said
