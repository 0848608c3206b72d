"""The log on disk: what is appended to its file together, and what is read of it."""

import sqlite3
import uuid
from bisect import bisect_right
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from events.codec import CODEC, Codec, page_of
from events.errors import LogDamaged, StaleVersion
from events.log import COMMAND, Watermark, check, is_command
from events.record import GENESIS, Append, Page, Record, chain, event_id
from events.store.commits import Commits, Pending
from events.store.database import Database, Journal, open_database
from events.store.log_file import COLUMNS, INSERT, damage_told, last_of, prepare
from events.store.rows import Row, check_reached, checked, records_of
from events.store.tail import Tail

BY_COMMAND = f"SELECT {COLUMNS} FROM events WHERE cause = ? AND cause GLOB '{COMMAND}*' ORDER BY position"

PAGE = """SELECT '[' || group_concat(data) || ']', group_concat(stream, char(10)),
    group_concat(version, char(10)), group_concat(at, char(10)), max(schema), count(*),
    (SELECT hash FROM events WHERE position <= ?1 + ?2 ORDER BY position DESC LIMIT 1)
    FROM events WHERE position > ?1 AND position <= ?1 + ?2"""
"""Many records as a few texts: one step of SQLite, which looks at them in the order of their positions."""

STREAMS = """SELECT stream, count(*) FROM events NOT INDEXED WHERE position > ? AND position <= ?
    GROUP BY stream ORDER BY min(position)"""
"""The streams of some records: in the order in which they lie on the disk, where a cold log is read quickest."""

WALK = 20_000
"""Records that are walked through at a time, so that whoever else wants to read has a turn in between."""

HISTORY = """SELECT group_concat(data), group_concat(position, char(10)), group_concat(version, char(10)),
    group_concat(at, char(10)), max(schema), count(*) FROM events WHERE stream = ? AND +position <= ?"""

KNOWN_STREAMS = 4096
"""How many streams' versions are remembered between appends; the others are asked for again."""


class SqliteLog:
    """An EventLog in a SQLite file. One process writes to it; `reader` is a connection that can only look."""

    is_shared = False

    def __init__(self, writer: Database, reader: Database, codec: Codec) -> None:
        self.id = ""
        self.damage: LogDamaged | None = None
        self._writer = writer
        self._reader = reader
        self._codec = codec
        self._end = (0, GENESIS)
        self._is_end_sure = True
        self._versions: dict[str, int] = {}
        self._watermark = Watermark()
        self._tail = Tail()
        self._added: Sequence[Row] = ()
        self._commits = Commits(self._flush)

    @property
    def head(self) -> int:
        return self._watermark.level

    async def load(self) -> None:
        """Learn the log's id and where it ends."""
        end = await self._writer.run(last_of)
        self.id, self._end = end.log, (end.position, end.hash)
        self._watermark.rise(self._end[0])

    async def append(self, append: Append, *more: Append) -> Sequence[Record]:
        check(append, *more)
        if self.damage:
            raise self.damage
        return await self._commits.append((append, *more))

    async def _flush(self, batch: list[Pending]) -> None:
        try:
            await self._writer.run(partial(self._commit, batch))
        finally:  # also for a caller who was cancelled: the commit is done by now
            added, self._added = self._added, ()
            self._tail.add(added)
            self._watermark.rise(self._end[0])

    def _commit(self, batch: list[Pending], db: sqlite3.Connection) -> None:
        """Write the batch in one transaction, on the database's thread; one stale append hurts no other."""
        added, rows = list[Row](), list[Row]()
        try:
            _roll_back(db)
            db.execute("BEGIN IMMEDIATE")
            end = self._end if self._is_end_sure else _end_after_refusal(db)
            for pending in batch:
                if is_command(pending.appends[0].cause):  # it may be among those of this batch
                    db.executemany(INSERT, rows)
                    rows = []
                made = self._answer(pending, end, db)
                end = (made[-1][0], made[-1][9]) if made else end
                rows += made
                added += made
            db.executemany(INSERT, rows)
            db.execute("COMMIT")
            self._end, self._is_end_sure, self._added = end, True, added
        except Exception as error:  # noqa: BLE001 - each of those who wait must hear of it
            with suppress(sqlite3.Error):  # or the next commit does
                _roll_back(db)
            self._versions.clear()
            self._is_end_sure = False
            for pending in batch:
                pending.error, pending.records = self._writer.told(error), ()
        for pending in batch:
            pending.done = True

    def _answer(self, pending: Pending, end: tuple[int, str], db: sqlite3.Connection) -> Sequence[Row]:
        """Note what becomes of the appends; the rows that they add."""
        appends, cause = pending.appends, pending.appends[0].cause
        if is_command(cause) and (earlier := db.execute(BY_COMMAND, (cause,)).fetchall()):
            pending.records = self._records(earlier)
            return ()
        rows = list[Row]()
        try:
            for one in appends:
                version = self._version(one.stream, db)
                if version != one.expected:
                    raise StaleVersion(one.stream, one.expected, version)
                rows += self._rows(one, *((rows[-1][0], rows[-1][9]) if rows else end))
        except Exception as error:  # noqa: BLE001 - text that is no UTF-8, say: it hurts no other append
            pending.error = error
            return ()
        events = (event for one in appends for event in one.events)
        pending.records = [Record(*row[:7], event, row[9]) for row, event in zip(rows, events, strict=True)]
        self._versions |= {one.stream: one.expected + len(one.events) for one in appends}
        return rows

    def _version(self, stream: str, db: sqlite3.Connection) -> int:
        if stream not in self._versions:
            if len(self._versions) >= KNOWN_STREAMS:
                self._versions.clear()
            self._versions[stream] = _last_version(stream, db)
        return self._versions[stream]

    def _rows(self, append: Append, position: int, digest: str) -> Iterator[Row]:
        stream, at, actor, cause = append.stream, append.at, append.actor, append.cause
        for version, event in enumerate(append.events, append.expected + 1):
            position, one = position + 1, event_id(at)
            data, schema = self._codec.encode(event), self._codec.schema(event)
            digest = chain(digest, position, stream, version, one, at, actor, cause or "", schema, data)
            yield position, stream, version, one, at, actor, cause, schema, data, digest

    async def read(self, after: int = 0, limit: int = 1000) -> Sequence[Record]:
        return self._records(await self.rows(after, limit))

    async def rows(self, after: int, limit: int) -> Sequence[Row]:
        """The same, as they are stored."""
        if found := self._tail.after(after, limit):
            return found
        return await self._fetch(f"SELECT {COLUMNS} FROM events WHERE position > ? LIMIT ?", after, limit)

    async def page(self, after: int, limit: int) -> Page:
        def work(db: sqlite3.Connection) -> Page | None:
            return self._page(after, *db.execute(PAGE, (after, limit)).fetchone())

        if (rows := self._tail.after(after, limit)) and (page := self._page_of(rows)):
            return page
        with damage_told():
            found = await self._reader.run(work)
        if found is not None and len(found) >= min(limit, self.head - after):
            return found
        return page_of(await self.read(after, limit), self._codec)  # or what is wrong, and where

    def _page_of(self, rows: Sequence[Row]) -> Page | None:
        """A page of these; None where they are to be decoded one by one."""
        positions, streams, versions, _, times, _, _, schemas, data, digests = zip(*rows, strict=True)
        events = self._codec.brief(f"[{','.join(data)}]", max(schemas))
        return Page(positions, streams, versions, times, events, digests[-1]) if events else None

    def _page(
        self,
        after: int,
        data: str,
        streams: str,
        versions: str,
        times: str,
        schema: int,
        count: int,
        digest: str,
    ) -> Page | None:
        if not count:
            return page_of((), self._codec)
        positions = range(after + 1, after + count + 1)
        events = self._codec.brief(data, schema)
        if events is None or len(events) != count:
            return None
        lines = streams.split("\n"), [*map(int, versions.split("\n"))], times.split("\n")
        return Page(positions, *lines, events, digest)

    async def stream(self, stream: str, after: int = 0, limit: int | None = None) -> Sequence[Record]:
        query = f"SELECT {COLUMNS} FROM events WHERE stream = ? AND version > ? ORDER BY version LIMIT ?"
        return self._records(await self._fetch(query, stream, after, -1 if limit is None else limit))

    async def version_at(self, stream: str, position: int) -> int:
        def work(db: sqlite3.Connection) -> int:
            versions = range(1, _last_version(stream, db) + 1)
            return bisect_right(versions, position, key=lambda version: _place_of(stream, version, db))

        with damage_told():
            return await self._reader.run(work)

    async def streams(self, until: int) -> Sequence[tuple[str, int]]:
        counts: Counter[str] = Counter()
        for after in range(0, until, WALK):
            counts.update(dict(await self._fetch(STREAMS, after, min(until, after + WALK))))
        return [*counts.items()]

    async def histories(self, streams: Sequence[str], until: int) -> Page:
        def work(db: sqlite3.Connection) -> Page | None:
            found = [(one, *db.execute(HISTORY, (one, until)).fetchone()) for one in streams]
            return self._joined([one for one in found if one[-1]])

        with damage_told():
            found = await self._reader.run(work)
        if found is not None:
            return found
        records = [one for stream in streams for one in await self.stream(stream) if one.position <= until]
        return page_of(records, self._codec)  # or what is wrong, and where

    def _joined(self, parts: Sequence[tuple[str, str, str, str, str, int, int]]) -> Page | None:
        """The histories of streams as one page; None where they are to be read record by record."""
        if not parts:
            return page_of((), self._codec)
        streams, data, positions, versions, times, schemas, counts = zip(*parts, strict=True)
        events = self._codec.brief(f"[{','.join(data)}]", max(schemas))
        if events is None or len(events) != sum(counts):
            return None
        return Page(
            _numbers(positions),
            [stream for stream, count in zip(streams, counts, strict=True) for _ in range(count)],
            _numbers(versions),
            "\n".join(times).split("\n"),
            events,
            "",
        )

    async def position_at(self, at: str) -> int:
        head = self.head

        def work(db: sqlite3.Connection) -> int:
            return bisect_right(range(1, head + 1), at, key=lambda position: _time_of(position, db))

        with damage_told():
            return await self._reader.run(work)

    async def hash_at(self, position: int) -> str | None:
        if not position:
            return GENESIS
        rows = await self._fetch("SELECT hash FROM events WHERE position = ?", position)
        return str(rows[0][0]) if rows else None

    async def wait(self, position: int) -> None:
        await self._watermark.reach(position)

    async def ready(self) -> None:
        async with self._commits.turn:
            await self._writer.run(lambda db: db.execute("SELECT 1").fetchone())

    def close_for(self, damage: LogDamaged) -> None:
        self.damage = damage

    async def verify(self, after: int = 0, batch: int = 2000) -> AsyncIterator[int]:
        head, position, digest = self.head, after, await self.hash_at(after) or ""
        query = f"SELECT {COLUMNS} FROM events WHERE position > ? LIMIT {batch}"
        while rows := await self._fetch(query, position):
            position, digest = checked(rows, position, digest)
            self._records(rows)
            yield position
        check_reached(position, head)

    async def command(self, cause: str) -> Sequence[Record]:
        return self._records(await self._fetch(BY_COMMAND, cause))

    async def _fetch(self, query: str, *parameters: object) -> list[Any]:
        def work(db: sqlite3.Connection) -> list[Any]:
            return db.execute(query, parameters).fetchall()

        with damage_told():
            return await self._reader.run(work)

    def _records(self, rows: Sequence[Row]) -> Sequence[Record]:
        return records_of(rows, self._codec)


def _numbers(lines: Iterable[str]) -> list[int]:
    return [*map(int, "\n".join(lines).split("\n"))]


@asynccontextmanager
async def open_log(path: Path, codec: Codec = CODEC, *, journal: Journal = "wal") -> AsyncIterator[SqliteLog]:
    """Open the log in that file, or begin it. LogFromTheFuture where a newer release wrote it.

    Others may look into it meanwhile, whatever the journal. Without a write-ahead log a commit waits for all who read.
    """
    async with AsyncExitStack() as stack:
        with damage_told():
            writer = await stack.enter_async_context(open_database(path, journal=journal))
            await writer.transact(partial(prepare, path, uuid.uuid4().hex))
            reader = writer
            if journal == "wal":
                reader = await stack.enter_async_context(open_database(path, read_only=True))
            log = SqliteLog(writer, reader, codec)
            await log.load()
        yield log


def _roll_back(db: sqlite3.Connection) -> None:
    if db.in_transaction:  # SQLite rolls back by itself where the disk fails
        db.execute("ROLLBACK")


def _end_after_refusal(db: sqlite3.Connection) -> tuple[int, str]:
    """Where the log ends after a commit that the disk refused, and which may have come about all the same.

    A journal that is cut off ends a commit, and then its folder or its length is put on disk, which may fail.
    Something is written, so that the commit at hand puts on disk what that one has left, though it adds nothing.
    """
    version = db.execute("PRAGMA user_version").fetchone()[0]
    db.execute(f"PRAGMA user_version = {version}")
    found = last_of(db)
    return found.position, found.hash


def _last_version(stream: str, db: sqlite3.Connection) -> int:
    query = "SELECT coalesce(max(version), 0) FROM events WHERE stream = ?"
    return int(db.execute(query, (stream,)).fetchone()[0])


def _place_of(stream: str, version: int, db: sqlite3.Connection) -> int:
    query = "SELECT position FROM events WHERE stream = ? AND version = ?"
    row = db.execute(query, (stream, version)).fetchone()
    return row[0] if row else 0  # it is missing, which whoever reads it is told


def _time_of(position: int, db: sqlite3.Connection) -> str:
    row = db.execute("SELECT at FROM events WHERE position = ?", (position,)).fetchone()
    return str(row[0]) if row else ""  # it is missing, which whoever reads it is told
