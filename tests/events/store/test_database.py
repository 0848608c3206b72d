"""The database: a transaction is whole or it never was, whoever breaks it off."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from events.errors import DiskRefused
from events.store.database import open_database
from tests.support.deadline import DEADLINE


async def test_what_raises_is_rolled_back_and_the_next_one_works(tmp_path: Path) -> None:
    def begin_and_fail(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE half (done TEXT)")
        raise KeyError

    async with open_database(tmp_path / "any.db") as database:
        with pytest.raises(KeyError):
            await database.transact(begin_and_fail)
        assert await database.transact(tables) == []


async def test_what_a_snapshot_reads_is_of_one_moment_whatever_is_written_meanwhile(tmp_path: Path) -> None:
    path, query = tmp_path / "any.db", "SELECT count(*) FROM one"

    def read(db: sqlite3.Connection) -> list[int]:
        before = db.execute(query).fetchone()[0]
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("INSERT INTO one VALUES (1)")
        return [before, db.execute(query).fetchone()[0]]

    async with open_database(path) as database:
        await database.transact(lambda db: db.execute("CREATE TABLE one (number)"))
        async with open_database(path, read_only=True) as reader:
            assert await reader.snapshot(read) == [0, 0]
            assert await reader.snapshot(read) == [1, 1]


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
    with pytest.raises(DiskRefused):
        async with open_database(tmp_path / "any.db", read_only=True):
            pass


async def test_all_functions_run_in_turn_on_one_thread_that_ends_with_the_database(tmp_path: Path) -> None:
    ran: list[tuple[int, threading.Thread]] = []
    async with open_database(tmp_path / "any.db") as database:
        works = [partial(told, ran, number) for number in range(100)]
        await asyncio.gather(*map(database.run, works))
    assert [number for number, _ in ran] == list(range(100))
    (thread,) = {thread for _, thread in ran}
    assert thread is not threading.current_thread()
    assert not thread.is_alive()


async def test_a_database_that_does_not_open_leaves_no_thread(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with pytest.raises(DiskRefused):
        async with open_database(tmp_path / "no folder" / "any.db"):
            pass
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_caller_who_is_cancelled_still_waits_for_the_end_of_its_function(
    tmp_path: Path, times: int
) -> None:
    began, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def work(_: sqlite3.Connection) -> None:
        began.set()
        may_end.wait(DEADLINE)
        ended.set()

    async with open_database(tmp_path / "any.db") as database:
        running = asyncio.create_task(database.run(work))
        await anyio.to_thread.run_sync(began.wait, DEADLINE)
        for _ in range(times):
            running.cancel()
            await turns()
        assert not running.done()
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert ended.is_set()


async def test_a_function_that_nobody_waits_for_any_more_runs_all_the_same(tmp_path: Path) -> None:
    """Those who share a commit must not learn from the cancelling of one that it was never made."""
    ran: list[tuple[int, threading.Thread]] = []
    gate = threading.Event()
    async with open_database(tmp_path / "any.db") as database:
        first = asyncio.create_task(database.run(lambda _: gate.wait(DEADLINE)))
        second = asyncio.create_task(database.run(partial(told, ran, 2)))
        await turns()
        second.cancel()
        await turns()
        gate.set()
        await first
        with pytest.raises(asyncio.CancelledError):
            await second
    assert [number for number, _ in ran] == [2]


async def test_a_transaction_may_make_and_drop_tables_and_give_them_up_again(tmp_path: Path) -> None:
    def make(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE one (x)")
        db.execute("CREATE TABLE two (x)")
        db.executemany("INSERT INTO two VALUES (?)", [(n,) for n in range(1000)])

    def drop(db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE one")
        db.execute("CREATE INDEX two_x ON two (x)")

    def drop_and_fail(db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE two")
        raise KeyError

    async with open_database(tmp_path / "any.db") as database:
        await database.transact(make)
        await database.transact(drop)
        with pytest.raises(KeyError):
            await database.transact(drop_and_fail)
        assert await database.run(tables) == ["two", "two_x"]
        assert await database.run(lambda db: db.in_transaction) is False
    with closing(sqlite3.connect(tmp_path / "any.db")) as other:
        assert other.execute("SELECT count(*) FROM two").fetchone() == (1000,)


def told(ran: list[tuple[int, threading.Thread]], number: int, _: sqlite3.Connection) -> None:
    ran.append((number, threading.current_thread()))


async def turns() -> None:
    """Let every task run until it waits for something."""
    for _ in range(10):
        await asyncio.sleep(0)


def tables(db: sqlite3.Connection) -> list[str]:
    return [str(name) for (name,) in db.execute("SELECT name FROM sqlite_schema")]


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
