"""The log on disk keeps the contract, and what only a disk can break."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from events import EventLog, LogDamaged, LogFromTheFuture, SqliteLog, open_log
from events.codec import Codec
from events.errors import DiskRefused
from events.store.database import Journal
from events.store.tail import Tail
from events.vocabulary import AnyEvent
from tests.events.samples import A_LIFE, append, some
from tests.events.store.contract import LogContract
from tests.events.store.sqlite_logs import foreign, log, path, pragma, row, verified, written

__all__ = ["log", "path", "written"]


MAPS = Path("/proc/self/maps")
"""What this process has in its memory of files."""


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
