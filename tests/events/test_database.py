"""The database: a transaction is whole or it never was, whoever breaks it off."""

import sqlite3
from pathlib import Path

import pytest

from events.database import open_database


async def test_what_raises_is_rolled_back_and_the_next_one_works(tmp_path: Path) -> None:
    def begin_and_fail(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE half (done TEXT)")
        raise KeyError

    async with open_database(tmp_path / "any.db") as database:
        with pytest.raises(KeyError):
            await database.transact(begin_and_fail)
        assert await database.transact(tables) == []


async def test_the_error_is_told_where_sqlite_has_rolled_back_by_itself(tmp_path: Path) -> None:
    def fail(db: sqlite3.Connection) -> None:
        db.execute("ROLLBACK")
        raise sqlite3.OperationalError("disk I/O error")

    async with open_database(tmp_path / "any.db") as database:
        with pytest.raises(sqlite3.OperationalError, match="disk I/O error"):
            await database.transact(fail)
        assert await database.transact(tables) == []


async def test_a_file_that_is_no_database_is_refused_and_nothing_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "any.db"
    write(path, b"not a database " * 100)
    with pytest.raises(sqlite3.DatabaseError):
        async with open_database(path):
            pass
    path.unlink()


async def test_a_database_that_can_only_be_read_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        async with open_database(tmp_path / "any.db", read_only=True):
            pass


def tables(db: sqlite3.Connection) -> list[str]:
    return [str(name) for (name,) in db.execute("SELECT name FROM sqlite_schema")]


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
