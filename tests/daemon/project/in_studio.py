"""A film whose log is in a studio's database, and what that has of it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from daemon.home.home import folder_of
from daemon.home.init import init_project
from daemon.project import studio_moves
from events import GENESIS, open_log
from tests.events.samples import A_LIFE, append, some
from tests.support.film import Film, environment
from tests.support.inside import Daemon, surroundings
from tests.support.postgres import make_database, server, write_services

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


def rows(film: Film) -> list[Any]:
    with closing(sqlite3.connect(here(film))) as db:
        return db.execute("SELECT * FROM events ORDER BY position").fetchall()


def rows_there(database: str) -> list[Any]:
    columns = "position, stream, version, id, at, actor, cause, schema, data, hash"
    return server().execute(f"SELECT {columns} FROM takes.events ORDER BY film, position", database)


async def told_of(daemon: Daemon, what: str) -> bool:
    return any(what in one["what"] for one in (await daemon.status())["problems"])
