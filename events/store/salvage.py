"""Salvage: what can still be read of a log, whatever has happened to its file, and a new log made of records.

A record is whole if its hash is that of its fields and of the hash before it, also where the record of that is not.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from events.codec import CODEC
from events.errors import LogDamaged, LogFromTheFuture
from events.record import GENESIS, Head, Record, chain
from events.store.log_file import COLUMNS, FORMAT, INSERT, prepare, refusals_told
from events.store.rows import Row, is_whole

BATCH = 2000
"""Records that are read together, where nothing is in the way."""

SMALLEST = 300
"""Bytes that a record takes in a file, at least."""


class Remains:
    """A log's file, as far as it can be read: `id` is the log's, `last` the highest position that it may have.

    LogFromTheFuture where a newer release has made it.
    """

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self._db = db
        id_, last = self._one("SELECT id FROM log"), self._one("SELECT max(position) FROM events")
        self.id = id_ if isinstance(id_, str) else None
        version = self._one("PRAGMA user_version")
        if self.id and isinstance(version, int) and version > FORMAT:
            raise LogFromTheFuture(f"format {version} of {path}")
        self.last = last if isinstance(last, int) else path.stat().st_size // SMALLEST

    def _one(self, query: str) -> object:
        with suppress(sqlite3.Error):
            row = self._db.execute(query).fetchone()
            return row[0] if row and row[0] is not None else 0
        return None

    def rows(self, first: int, last: int) -> list[Row]:
        """The records from there to there, but for those that cannot be read at all."""
        query = f"SELECT {COLUMNS} FROM events WHERE position BETWEEN ? AND ? ORDER BY position"
        try:
            return self._db.execute(query, (first, last)).fetchall()
        except sqlite3.Error:
            if first >= last:
                return []
        middle = (first + last) // 2
        return self.rows(first, middle) + self.rows(middle + 1, last)

    def hash_at(self, position: int) -> str:
        """The hash in the record there, GENESIS before the first; nothing where none can be read."""
        return next((row[9] for row in self.rows(position, position)), "") if position else GENESIS

    def numbers(self) -> dict[str, int]:
        """By stream, the highest number of a take in any record that can be read, whole or not."""
        found: dict[str, int] = {}
        for start in range(1, self.last + 1, BATCH):
            for row in self.rows(start, start + BATCH - 1):
                with suppress(ValueError, TypeError, AttributeError):
                    number = int(json.loads(row[8]).get("take", 0))
                    found[row[1]] = max(found.get(row[1], 0), number)
        return found


@contextmanager
def opened(path: Path) -> Iterator[Remains]:
    """The log in that file, which nobody writes to; what is beside it (`-wal`) is not read. It is not changed."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        yield Remains(path, db)


def merge(path: Path) -> None:
    """Have in a log's file what is in its write-ahead log, and nothing that was not committed, as far as that can be."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as db:
        db.execute("SELECT count(*) FROM log").fetchone()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Salvage:
    """The whole records of the first log and, where those are not, of the others.

    Once they are through, `end` is where they end, `filled` how many came from others than the first, and `lost` has
    the positions of which no log has a whole record.
    """

    def __init__(self, logs: Sequence[Remains]) -> None:
        self._logs = logs
        self.filled = 0
        self.lost: list[int] = []
        self.end = Head((logs[0].id if logs else None) or "", 0, GENESIS)

    def records(self) -> Iterator[Record]:
        """All of them, in order; LogFromTheFuture where a newer release has written one."""
        gap: list[int] = []
        before: str | None = GENESIS
        for position, found in self._rows():
            record = self._whole(position, found, before)
            before = record.hash if record else None
            if record is None:
                gap.append(position)
            else:
                self.lost += gap
                gap = []
                self.end = Head(self.end.log, position, record.hash)
                yield record
        self.lost += [position for position in gap if self._is_there(position)]

    def _rows(self) -> Iterator[tuple[int, list[dict[int, Row]]]]:
        """Each position, and what each log has around it."""
        last = max((log.last for log in self._logs), default=0)
        for start in range(1, last + 1, BATCH):
            end = min(start + BATCH - 1, last)
            found = [{row[0]: row for row in log.rows(start - 1, end)} for log in self._logs]
            yield from ((position, found) for position in range(start, end + 1))

    def _whole(self, position: int, found: Sequence[dict[int, Row]], before: str | None) -> Record | None:
        """The record that follows that hash; where that is not known, the one that its own log has before it."""
        for number, rows in enumerate(found):
            row = rows.get(position)
            stands = before or (rows[position - 1][9] if position - 1 in rows else None)
            if row and stands and is_whole(row, stands):
                with suppress(LogDamaged):  # one of a newer release is not for this one to leave out
                    record = Record(*row[:7], CODEC.decode(row[8], row[7], position), row[9])
                    self.filled += number > 0
                    return record
        return None

    def _is_there(self, position: int) -> bool:
        """Whether the first log has something there; what another one has behind its end may be of another way."""
        return bool(self._logs[0].rows(position, position))


def write_log(path: Path, log: str, records: Iterable[Record]) -> Head:
    """Make a log of that id in a new file, of these records, each in its place; where it ends. It is not on disk yet."""
    end = Head(log, 0, GENESIS)
    with refusals_told(), closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        prepare(path, log, db)
        for row in _rows(records):
            db.execute(INSERT, row)
            end = Head(log, row[0], row[9])
        db.execute("COMMIT")
    return end


def _rows(records: Iterable[Record]) -> Iterator[Row]:
    digest, versions = GENESIS, dict[str, int]()
    for position, one in enumerate(records, 1):
        version = versions[one.stream] = versions.get(one.stream, 0) + 1
        data, schema = CODEC.encode(one.event), CODEC.schema(one.event)
        fields = (position, one.stream, version, one.id, one.at, one.actor)
        digest = chain(digest, *fields, one.cause or "", schema, data)
        yield (*fields, one.cause, schema, data, digest)
