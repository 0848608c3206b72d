"""The commits of the log on disk: shared by many appends, and failed."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from events import Append, Record, SqliteLog, StaleVersion, open_log
from events.errors import DiskRefused
from events.store.database import Journal
from tests.events.samples import append, some
from tests.events.store.contract import UNWRITABLE
from tests.events.store.sqlite_logs import foreign, gated, log, path, pragma, turns, verified, written

__all__ = ["log", "path", "written"]


class Fault(Enum):
    """Where a commit may fail."""

    BEGIN = "BEGIN"
    WRITE = "INSERT"
    COMMIT = "COMMIT"
    ROLLED_BACK = "COMMIT, when SQLite has rolled back by itself"
    ROLLBACK = "COMMIT, and then it cannot be rolled back either"


# Commits that are shared.


async def test_many_producers_share_commits(log: SqliteLog) -> None:
    async with statements(log) as seen:
        await asyncio.gather(*(log.append(append(f"shot_{number}")) for number in range(200)))
    assert log.head == 200
    assert 1 <= seen.count("COMMIT") <= 10


async def test_a_stale_append_hurts_no_other_in_its_commit(log: SqliteLog) -> None:
    asked = [append("a", cause="request:1"), append("a"), append("b", expected=7), append("c")]
    outcomes, commits = await together(log, *asked)
    assert [isinstance(outcome, StaleVersion) for outcome in outcomes] == [False, False, True, True, False]
    assert commits == 2
    assert [record.stream for record in await log.read()] == ["first", "a", "c"]


async def test_an_unwritable_append_hurts_no_other_in_its_commit(log: SqliteLog) -> None:
    outcomes, _ = await together(log, append("a"), append("b", some(1), UNWRITABLE), append("b"))
    assert [type(outcome) for outcome in outcomes] == [list, list, UnicodeEncodeError, list]
    assert await verified(log) == 3


async def test_appends_to_one_stream_can_follow_each_other_in_one_commit(log: SqliteLog) -> None:
    outcomes, commits = await together(
        log, *(append("a", some(version), expected=version) for version in range(5))
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert (commits, log.head) == (2, 6)
    assert await verified(log) == 6


async def test_more_streams_than_are_remembered_keep_their_versions(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events.store.sqlite.KNOWN_STREAMS", 3)
    for version in range(3):
        for stream in "abcde":
            await log.append(append(stream, expected=version))
    assert log.head == 15


# Commits that fail.


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("commit", [1, 2])
async def test_a_commit_that_fails_is_heard_of_by_everyone_in_it(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch, fault: Fault, commit: int
) -> None:
    break_commit(log, fault, commit, monkeypatch)
    outcomes, _ = await together(log, *(append(f"shot_{number}") for number in range(5)))
    lost = [isinstance(outcome, sqlite3.OperationalError) for outcome in outcomes]
    assert lost == [commit == 1, *[commit == 2] * 5]
    await assert_goes_on(log, outcomes)


@pytest.mark.parametrize("fault", Fault)
async def test_what_was_lost_with_a_commit_can_be_appended_again(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    await log.append(append("a"))
    break_commit(log, fault, 1, monkeypatch)
    lost = append("a", some(2), expected=1, cause="request:1")
    with pytest.raises(sqlite3.OperationalError):
        await log.append(lost)
    (record,) = await log.append(lost)
    assert (record.position, record.version) == (2, 2)
    assert await verified(log) == 2


@pytest.mark.parametrize("journal", ["wal", "truncate"])
async def test_a_commit_that_came_about_though_the_disk_refused_it_is_gone_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journal: Journal
) -> None:
    """As where a rollback journal is cut off, which commits, and then cannot be put on disk."""
    async with open_log(tmp_path / "log.db", journal=journal) as log:
        await log.append(append("a"))
        with monkeypatch.context() as patch:
            break_after_commit(log, patch)
            refused = append("a", expected=1, cause="request:1")
            with pytest.raises(sqlite3.OperationalError):
                await log.append(refused)
        assert log.head == 1
        with pytest.raises(StaleVersion):
            await log.append(append("a", expected=1))
        assert log.head == 2
        (record,) = await log.append(refused)
        assert record.position == 2
        (record,) = await log.append(append("b"))
        assert record.position == log.head == await verified(log) == 3


async def test_a_full_disk_is_heard_of_by_everyone_and_the_log_goes_on(log: SqliteLog) -> None:
    await log.append(append("a"))
    large = [some(number) for number in range(2000)]
    pages = await pragma(log, "page_count")
    await pragma(log, f"max_page_count = {pages}")
    outcomes, _ = await together(log, *(append(f"shot_{number}", *large) for number in range(4)))
    assert {str(outcome) for outcome in outcomes[1:]} == {"database or disk is full"}
    await pragma(log, "max_page_count = 100000")
    await assert_goes_on(log, outcomes)


async def test_a_write_that_the_system_refuses_is_heard_of_by_everyone(log: SqliteLog, path: Path) -> None:
    resource = pytest.importorskip("resource")
    await log.append(append("a"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    room = path.with_name("log.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        asked = [append(f"shot_{number}", *map(some, range(50))) for number in range(5)]
        outcomes = await asyncio.gather(*map(log.append, asked), return_exceptions=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {type(outcome) for outcome in outcomes} == {DiskRefused}
    await assert_goes_on(log, outcomes)


async def test_a_log_that_someone_else_holds_is_refused_and_goes_on(log: SqliteLog, path: Path) -> None:
    await pragma(log, "busy_timeout = 0")
    with foreign(path) as db:
        db.execute("BEGIN IMMEDIATE")
        outcomes, _ = await together(log, append("a"), append("b"), append("c"))
        assert {str(outcome) for outcome in outcomes} == {"database is locked"}
    await assert_goes_on(log, outcomes)


# Machinery.


Outcome = Sequence[Record] | BaseException


async def together(log: SqliteLog, *asked: Append) -> tuple[list[Outcome], int]:
    """Append something, and all these while it is being written; what became of each, and the commits it took."""
    async with statements(log) as seen:
        async with gated(log):
            tasks = [asyncio.create_task(log.append(each)) for each in (append("first"), *asked)]
            await turns()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    return outcomes, seen.count("COMMIT")


async def assert_goes_on(log: SqliteLog, outcomes: Sequence[Outcome]) -> None:
    """What succeeded is in the log, what failed is not, and the next append works."""
    kept = {record for outcome in outcomes if not isinstance(outcome, BaseException) for record in outcome}
    found = {record for record in await log.read() if record.stream.startswith(("first", "shot_"))}
    assert found == kept
    (record,) = await log.append(append("afterwards"))
    assert record.position == log.head == await verified(log)


class Faulty:
    """A connection with one fault in its n-th commit."""

    def __init__(self, fault: Fault, commit: int) -> None:
        self.db: Any = None
        self._fault = fault
        self._left = commit
        self._is_to_stay = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.db, name)

    def execute(self, query: str, *parameters: Any) -> Any:
        self._left -= query.startswith("BEGIN")
        self._fail(query)
        return self.db.execute(query, *parameters)

    def executemany(self, query: str, *parameters: Any) -> Any:
        self._fail(query)
        return self.db.executemany(query, *parameters)

    def _fail(self, query: str) -> None:
        if self._left == 0 and query.startswith(self._fault.value[:6].rstrip(",")):
            self._left = -1
            if self._fault is Fault.ROLLED_BACK:
                self.db.execute("ROLLBACK")
            self._is_to_stay = self._fault is Fault.ROLLBACK
            raise sqlite3.OperationalError("disk I/O error")
        if self._is_to_stay and query == "ROLLBACK":
            self._is_to_stay = False
            raise sqlite3.OperationalError("disk I/O error")


def break_commit(log: SqliteLog, fault: Fault, commit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the log's n-th commit from now on fail."""
    faulty, run = Faulty(fault, commit), log._writer.run

    def broken(work: Callable[[Any], object]) -> Awaitable[object]:
        def with_fault(db: sqlite3.Connection) -> object:
            faulty.db = db
            return work(faulty)

        return run(with_fault)

    monkeypatch.setattr(log._writer, "run", broken)


def break_after_commit(log: SqliteLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each commit of the log fail from now on, once it has come about."""
    run = log._writer.run

    def broken(work: Callable[[Any], object]) -> Awaitable[object]:
        def refused(db: sqlite3.Connection) -> object:
            return work(_Refusing(db))

        return run(refused)

    monkeypatch.setattr(log._writer, "run", broken)


class _Refusing:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def execute(self, query: str, *parameters: Any) -> Any:
        done = self._db.execute(query, *parameters)
        if query == "COMMIT":
            raise sqlite3.OperationalError("disk I/O error")
        return done


@asynccontextmanager
async def statements(log: SqliteLog) -> AsyncIterator[list[str]]:
    """The statements that the writer runs in the meantime."""
    seen: list[str] = []
    # What a function does that a query has called is traced as a comment.
    await log._writer.run(
        lambda db: db.set_trace_callback(lambda text: seen.append(text.removeprefix("-- ")))
    )
    yield seen
    await log._writer.run(lambda db: db.set_trace_callback(None))
