"""The log on disk keeps the contract, and what only a disk can break."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from enum import Enum
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from events import (
    Append,
    EventLog,
    LogDamaged,
    LogFromTheFuture,
    Record,
    SqliteLog,
    StaleVersion,
    open_log,
)
from events.codec import Codec
from events.errors import DiskRefused
from events.store.database import Journal
from events.store.rows import Row
from events.store.tail import Tail
from events.vocabulary import AnyEvent
from tests.events.samples import A_LIFE, append, some
from tests.events.store.cancelling import Way, cancel_at
from tests.events.store.contract import UNWRITABLE, LogContract
from tests.support.deadline import DEADLINE

MAPS = Path("/proc/self/maps")
"""What this process has in its memory of files."""


class Fault(Enum):
    """Where a commit may fail."""

    BEGIN = "BEGIN"
    WRITE = "INSERT"
    COMMIT = "COMMIT"
    ROLLED_BACK = "COMMIT, when SQLite has rolled back by itself"
    ROLLBACK = "COMMIT, and then it cannot be rolled back either"


class TestSqliteLog(LogContract):
    """Every promise there is."""

    @pytest.fixture
    async def log(self, tmp_path: Path) -> AsyncIterator[EventLog]:
        async with open_log(tmp_path / "log.db") as log:
            yield log

    @pytest.fixture
    async def other(self, tmp_path: Path) -> AsyncIterator[EventLog]:
        async with open_log(tmp_path / "other.db") as log:
            yield log


class TestLogOfATruncatedJournal(LogContract):
    """The same where nothing may be mapped into memory; and all that is read is read of the file."""

    @pytest.fixture(autouse=True)
    def _nothing_in_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("events.store.tail.ROWS", 0)

    @pytest.fixture
    async def log(self, tmp_path: Path) -> AsyncIterator[EventLog]:
        async with open_log(tmp_path / "log.db", journal="truncate") as log:
            yield log

    @pytest.fixture
    async def other(self, tmp_path: Path) -> AsyncIterator[EventLog]:
        async with open_log(tmp_path / "other.db", journal="truncate") as log:
            yield log


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
async def log(path: Path) -> AsyncIterator[SqliteLog]:
    async with open_log(path) as log:
        yield log


@pytest.fixture
async def written(path: Path) -> Path:
    """A log of one life and a second stream, closed."""
    async with open_log(path) as log:
        await log.append(append("a", *A_LIFE, cause="request:1"))
        await log.append(append("b"))
    return path


# What was appended is on disk, and a little of it in memory, too.


async def test_what_was_just_appended_is_not_read_of_the_file_again(log: SqliteLog, path: Path) -> None:
    appended = await log.append(append("a", *A_LIFE))
    with closing(sqlite3.connect(path)) as other:
        for trigger in ("events_no_update", "events_no_delete"):
            other.execute(f"DROP TRIGGER {trigger}")
        other.execute("UPDATE events SET data = 'no event'")
        other.commit()
    assert list(await log.read()) == list(appended)
    assert len(await log.page(1, 100)) == len(A_LIFE) - 1


@pytest.mark.parametrize(("name", "most"), [("ROWS", 7), ("BYTES", 1500)])
async def test_of_what_is_in_memory_the_oldest_goes_and_the_file_has_it(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    monkeypatch.setattr(f"events.store.tail.{name}", most)
    appended = [one for number in range(20) for one in await log.append(append(f"{number}", some(number)))]
    for after in range(20):
        assert list(await log.read(after, 5)) == appended[after : after + 5]
        assert [*(await log.page(after, 5)).positions] == [*range(after + 1, min(after + 6, 21))]


def test_in_memory_no_record_is_missing_between_two_others() -> None:
    tail = Tail()
    one, two, five = (row(position) for position in (1, 2, 5))
    tail.add([one, two])
    tail.add([five])
    assert [*tail.after(0, 9), *tail.after(1, 9)] == []
    assert tail.after(4, 9) == [five]


def row(position: int) -> Row:
    return (position, "a", position, "", "", "", None, 1, "{}", "")


async def test_what_was_appended_is_there_after_closing_and_opening(path: Path) -> None:
    async with open_log(path) as log:
        identity, appended = log.id, await log.append(append("a", *A_LIFE))
    async with open_log(path) as log:
        assert list(await log.read()) == list(appended)
        assert (log.id, log.head) == (identity, len(A_LIFE))


async def test_the_chain_goes_on_after_opening(written: Path) -> None:
    async with open_log(written) as log:
        await log.append(append("b", expected=1))
        assert await verified(log) == len(A_LIFE) + 2


async def test_a_command_is_appended_once_across_a_restart(written: Path) -> None:
    async with open_log(written) as log:
        again = await log.append(append("a", cause="request:1"))
        assert [record.event for record in again] == list(A_LIFE)
        assert log.head == len(A_LIFE) + 1


async def test_a_copy_taken_while_the_log_is_open_has_every_append(
    log: SqliteLog, path: Path, tmp_path: Path
) -> None:
    appended = await log.append(append("a", *A_LIFE))
    for file in path.parent.glob("log.db*"):  # as a killed process would leave them
        (tmp_path / file.name.replace("log", "copy")).write_bytes(file.read_bytes())
    async with open_log(tmp_path / "copy.db") as copy:
        assert list(await copy.read()) == list(appended)


async def test_a_commit_is_flushed_to_disk(log: SqliteLog) -> None:
    assert await pragma(log, "journal_mode") == "wal"
    assert await pragma(log, "synchronous") == 2
    assert await pragma(log, "fullfsync") == 1


def is_mapped(path: str) -> bool | None:
    """Whether that file is in this process's memory; None where the system does not tell."""
    return path in MAPS.read_text() if MAPS.exists() else None


@pytest.mark.parametrize("before", ["wal", "truncate"])
@pytest.mark.parametrize("journal", ["wal", "truncate"])
async def test_a_log_goes_on_with_another_journal_than_it_was_left_with(
    path: Path, before: Journal, journal: Journal
) -> None:
    async with open_log(path, journal=before) as log:
        await log.append(append("a", *A_LIFE))
        for file in path.parent.glob("log.db*"):  # as a killed process would leave them
            path.with_name(file.name.replace("log", "copy")).write_bytes(file.read_bytes())
    copy = path.with_name("copy.db")
    async with open_log(copy, journal=journal) as log:
        await log.append(append("b"))
        assert await pragma(log, "journal_mode") == journal
        assert await pragma(log, "synchronous") == 2
        assert is_mapped(f"{copy}-shm") in (None, journal == "wal")
        with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)) as other:  # as other programs do
            assert other.execute("SELECT count(*) FROM events").fetchone() == (len(A_LIFE) + 1,)
        await log.append(append("b", expected=1))
        assert await verified(log) == len(A_LIFE) + 2


async def test_the_database_trusts_no_file(log: SqliteLog) -> None:
    assert await pragma(log, "trusted_schema") == 0
    assert await pragma(log, "mmap_size") == 0
    assert await pragma(log, "cell_size_check") == 1


async def test_the_reader_can_only_look(log: SqliteLog) -> None:
    with pytest.raises(DiskRefused, match="readonly"):
        await log._reader.run(lambda db: db.execute("DELETE FROM events"))


# The database itself refuses.


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET data = '{}'",
        "UPDATE OR REPLACE events SET position = 1 WHERE position = 2",
        "DELETE FROM events WHERE position = LAST",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE position = 1",
        "INSERT OR REPLACE INTO events SELECT NEXT, 'a', 15, id, at, actor, cause, schema, data, hash FROM events",
        "INSERT INTO events SELECT NEXT + 1, 'c', 1, id, at, actor, cause, schema, data, hash FROM events LIMIT 1",
        "INSERT INTO events SELECT 0, 'c', 1, id, at, actor, cause, schema, data, hash FROM events LIMIT 1",
        "INSERT INTO events SELECT NULL, 'c', 1, id, at, actor, cause, schema, data, hash FROM events LIMIT 1",
        "INSERT INTO events SELECT NEXT, 'b', 3, id, at, actor, cause, schema, data, hash FROM events LIMIT 1",
        "INSERT OR IGNORE INTO events SELECT LAST, 'c', 2, id, at, actor, cause, schema, data, hash FROM events LIMIT 1",
        "UPDATE log SET id = 'another'",
        "DELETE FROM log",
        "INSERT INTO log (rowid, id) VALUES (0, 'another')",
        "INSERT OR REPLACE INTO log (rowid, id) VALUES (1, 'another')",
    ],
)
async def test_the_database_refuses_to_change_what_is_written(written: Path, statement: str) -> None:
    before, last = dump(written), len(A_LIFE) + 1
    statement = statement.replace("LAST", str(last)).replace("NEXT", str(last + 1))
    with foreign(written) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)
    assert dump(written) == before


# Verify.


async def test_a_sound_log_verifies_and_says_how_far_it_has_come(written: Path) -> None:
    async with open_log(written) as log:
        assert [position async for position in log.verify()][-1] == len(A_LIFE) + 1


async def test_a_log_of_several_pages_verifies(log: SqliteLog) -> None:
    await log.append(append("a", *map(some, range(5000))))
    told = [position async for position in log.verify()]
    assert told == sorted(told)
    assert len(told) > 1
    assert told[-1] == 5000


async def test_streams_are_counted_as_one_however_often_the_walk_through_them_pauses(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events.store.sqlite.WALK", 2)
    for turn in range(3):
        for stream in "ba":
            await log.append(append(stream, expected=turn))
    assert await log.streams(5) == [("b", 3), ("a", 2)]


async def test_an_empty_log_verifies(log: SqliteLog) -> None:
    assert await verified(log) == 0


@pytest.mark.parametrize(
    ("damage", "position", "reason"),
    [
        (
            "UPDATE events SET data = replace(data, 'Dawn', 'Dusk') WHERE position = 1",
            1,
            "not what was written",
        ),
        ("UPDATE events SET actor = 'api' WHERE position = 5", 5, "not what was written"),
        ("UPDATE events SET cause = NULL WHERE position = 5", 5, "not what was written"),
        ("UPDATE events SET schema = 2 WHERE position = 5", 5, "not what was written"),
        ("UPDATE events SET hash = upper(hash) WHERE position = 5", 5, "not what was written"),
        ("DELETE FROM events WHERE position = 1", 1, "missing"),
        ("DELETE FROM events WHERE position = 6", 6, "missing"),
        ("DELETE FROM events WHERE position BETWEEN 3 AND 6", 3, "missing"),
        (
            """UPDATE events SET position = -4 WHERE position = 4;
            UPDATE events SET position = 4 WHERE position = 5;
            UPDATE events SET position = 5 WHERE position = -4""",
            4,
            "not what was written",
        ),
    ],
)
async def test_verify_names_the_record_that_was_tampered_with(
    written: Path, damage: str, position: int, reason: str
) -> None:
    tamper(written, damage)
    async with open_log(written) as log:
        with pytest.raises(LogDamaged, match=reason) as found:
            await verified(log)
    assert found.value.position == position


async def test_verify_notices_that_the_end_was_cut_off_while_the_log_is_open(
    log: SqliteLog, path: Path
) -> None:
    await log.append(append("a", some(1), some(2), some(3)))
    tamper(path, "DELETE FROM events WHERE position > 1")
    with pytest.raises(LogDamaged, match="up to 3 are missing") as found:
        await verified(log)
    assert found.value.position == 2


async def test_what_is_appended_while_verify_walks_is_no_damage(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    await log.append(append("a"))
    fetch = log._fetch

    async def fetch_and_append(query: str, *parameters: object) -> object:
        rows = await fetch(query, *parameters)
        if not rows:
            await log.append(append("late"))
        return rows

    monkeypatch.setattr(log, "_fetch", fetch_and_append)
    assert await verified(log) == 1


# What this release cannot read.


async def test_a_file_of_a_newer_format_is_refused_and_left_alone(written: Path) -> None:
    tamper(written, "PRAGMA user_version = 2")
    before = content(written)
    with pytest.raises(LogFromTheFuture, match="format 2"):
        async with open_log(written):
            pass
    assert content(written) == before


@pytest.mark.parametrize(
    "change",
    [
        """UPDATE events SET data = '{"type":"take.dreamt","take":1}' WHERE position = 3""",
        "UPDATE events SET schema = 2 WHERE position = 3",
    ],
)
async def test_an_event_of_a_newer_release_stops_the_reader(written: Path, change: str) -> None:
    tamper(written, change)
    async with open_log(written) as log:
        assert len(await log.read(0, 2)) == 2
        with pytest.raises(LogFromTheFuture):
            await log.read()
        with pytest.raises(LogFromTheFuture):
            await log.stream("a")


async def test_data_that_is_no_event_is_damage_at_its_position(written: Path) -> None:
    tamper(written, """UPDATE events SET data = '{"type":"take.created"}' WHERE position = 3""")
    async with open_log(written) as log:
        with pytest.raises(LogDamaged) as found:
            await log.read()
    assert found.value.position == 3


async def test_a_schema_is_written_with_its_number(path: Path) -> None:
    lift = Codec(AnyEvent, {("shot.registered", 1): dict, ("shot.registered", 2): dict})
    async with open_log(path, lift) as log:
        await log.append(append("a"))
        assert (await log.read())[0].event == some(1)
    with foreign(path) as db:
        assert db.execute("SELECT schema FROM events").fetchall() == [(3,)]


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


# Appends that are cancelled.


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("company", [0, 1, 3])
@pytest.mark.parametrize("awaits", [(1,), (2,), (3,), (1, 2), (1, 2, 3)])
async def test_a_cancelled_append_is_wholly_there_or_wholly_absent(
    log: SqliteLog, way: Way, company: int, awaits: tuple[int, ...]
) -> None:
    others = [asyncio.create_task(log.append(append(f"shot_{number}"))) for number in range(company)]
    await asyncio.sleep(0)  # they go first, so that the cancelled one has to wait for them
    await cancel_at(awaits, lambda: log.append(append("cancelled", some(1), some(2))), way)
    await asyncio.gather(*others)
    with anyio.fail_after(DEADLINE):
        found = await log.stream("cancelled")
        assert len(found) in {0, 2}
        await log.append(append("cancelled", some(3), expected=len(found)))
        assert log.head == await verified(log) == company + len(found) + 1
        await log.wait(log.head)


async def test_an_append_that_is_cancelled_while_it_is_written_is_seen_by_those_who_wait(
    log: SqliteLog,
) -> None:
    waiting = asyncio.create_task(log.wait(1))
    async with gated(log) as opened:
        cancelled = asyncio.create_task(log.append(append("a")))
        await turns()
        cancelled.cancel()
        await turns()
        cancelled.cancel()
        await turns()
        assert not cancelled.done()
        opened()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
    await asyncio.wait_for(waiting, DEADLINE)
    assert log.head == 1


async def test_an_append_that_is_cancelled_before_its_turn_is_never_written(log: SqliteLog) -> None:
    async with gated(log):
        first = asyncio.create_task(log.append(append("a")))
        twins = [asyncio.create_task(log.append(append("b", cause="request:1"))) for _ in range(2)]
        cancelled = asyncio.create_task(log.append(append("c", some(1))))
        await turns()
        cancelled.cancel()
        twins[1].cancel()
        await asyncio.wait([cancelled, twins[1]])
    await asyncio.gather(first, twins[0])
    await log.append(append("c", some(2)))
    assert [(record.stream, record.event) for record in await log.read()] == [
        ("a", some(1)),
        ("b", some(1)),
        ("c", some(2)),
    ]


async def test_a_log_that_is_closed_in_a_cancelled_scope_is_closed_when_that_ends(path: Path) -> None:
    with anyio.CancelScope() as scope:
        async with open_log(path) as log:
            await log.append(append("a"))
            scope.cancel()
            await anyio.lowlevel.checkpoint()
    assert [file.name for file in path.parent.iterdir()] == ["log.db"]  # the last to close removes the others
    async with open_log(path) as log:
        assert await verified(log) == 1


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


async def verified(log: SqliteLog) -> int:
    """The number of records, all of which are what was written."""
    return max([position async for position in log.verify()], default=0)


async def pragma(log: SqliteLog, text: str) -> object:
    """What the log's writer answers to the pragma."""

    def work(db: sqlite3.Connection) -> object:
        row = db.execute(f"PRAGMA {text}").fetchone()
        return row[0] if row else None

    return await log._writer.run(work)


async def turns() -> None:
    """Let every task run until it waits for something."""
    for _ in range(10):
        await asyncio.sleep(0)


@contextmanager
def foreign(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that is none of the log's own."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        yield db


def dump(path: Path) -> list[str]:
    with foreign(path) as db:
        return list(db.iterdump())


def content(path: Path) -> bytes:
    return path.read_bytes()


def tamper(path: Path, script: str) -> None:
    """Change the file as only somebody who first takes the triggers away can."""
    with foreign(path) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.executescript(script)


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


@asynccontextmanager
async def gated(log: SqliteLog) -> AsyncIterator[Callable[[], None]]:
    """Hold the writer's thread, so that what is appended meanwhile has to wait for it."""
    gate = threading.Event()
    held = asyncio.create_task(log._writer.run(lambda _: gate.wait(DEADLINE)))
    await turns()
    try:
        yield gate.set
    finally:
        gate.set()
        await held
