"""A film whose log is in a studio's database: kept as any other, and by several machines."""

import json
import os
import re
from hashlib import sha256
from pathlib import Path

import anyio
import pytest

from daemon.cli.main import main
from daemon.project import studio_moves
from daemon.project.parts import Parts
from daemon.project.studio_moves import FilmIsKept
from events import TakeActivated, TakeRated
from events.store.postgres.log import open_postgres_log
from events.store.postgres.studio import open_studio
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
from tests.daemon.takes.test_order import until_later
from tests.events.samples import append
from tests.support.film import NOON, Film, environment, make_film, still, until
from tests.support.inside import Daemon, running_daemon, surroundings
from tests.support.postgres import own_server, server, write_services

__all__ = ["database", "film", "services"]


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
