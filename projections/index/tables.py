"""The index's file: its tables, and how the events of a log are folded into their rows.

Each function runs on the database's own thread, within a transaction.
"""

import sqlite3
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import astuple, fields, replace

from events import GENESIS, Head, Record
from projections.index.rows import Fold, ShotRow, TakeRow

VERSION = 11
"""Raise it whenever the rows change their meaning: an index of another version rebuilds itself."""

NAME = "index"
SHOT_COLUMNS = ", ".join(field.name for field in fields(ShotRow))
TAKE_COLUMNS = ", ".join(field.name for field in fields(TakeRow))

TABLES = {
    "shots": """CREATE TABLE shots (
        id INTEGER PRIMARY KEY, stream TEXT, path TEXT, device INTEGER, inode INTEGER,
        version INTEGER, position INTEGER, active INTEGER, takes INTEGER, making INTEGER,
        given INTEGER, deleted_numbers TEXT, chosen TEXT)""",
    "takes": """CREATE TABLE takes (
        shot INTEGER, number INTEGER, created TEXT, status TEXT, deleted TEXT, purged TEXT, origin TEXT,
        error TEXT, name TEXT, media TEXT, params TEXT, resources TEXT, source TEXT,
        started TEXT, ended TEXT, deleted_at TEXT, file TEXT, kept TEXT, cancelled TEXT,
        left_out TEXT, recipe_error TEXT, numbered TEXT,
        PRIMARY KEY (shot, number)) WITHOUT ROWID""",
    "search": "CREATE VIRTUAL TABLE search USING fts5(words)",
    "totals": "CREATE TABLE totals (name TEXT PRIMARY KEY, total INTEGER) WITHOUT ROWID",
}
MAKING = "status = 'generating'"
AWAITED = f"source = 'request' AND {MAKING}"
INDEXES = (
    "CREATE UNIQUE INDEX shots_by_stream ON shots (stream)",
    "CREATE INDEX shots_by_path ON shots (path)",
    "CREATE INDEX shots_by_inode ON shots (inode)",
    f"CREATE INDEX takes_making ON takes (created) WHERE {MAKING}",
)
FILES = """CREATE TABLE IF NOT EXISTS files
    (stream, number, identity, PRIMARY KEY (stream, number)) WITHOUT ROWID"""
"""No fold: the files that were found to hold what the log says, though they are others than it speaks of."""

POSITIONS = "CREATE TABLE IF NOT EXISTS positions (name PRIMARY KEY, version, position) WITHOUT ROWID"

HEAD = "CREATE TABLE IF NOT EXISTS head (version, log, position, hash)"
"""How far the index knows which log, with the hash of the last record that it knows."""

AWAY = """CREATE TABLE IF NOT EXISTS away
    (name, stream, number, PRIMARY KEY (name, stream, number)) WITHOUT ROWID"""
"""No fold: by projection, the takes that it has yet to look at, since something of theirs was not there."""

ADD = """INSERT INTO totals VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET total = total + excluded.total"""

MOST_TAKES = 10_000_000_000
"""A shot's rows in the search table have its id times this, plus the take's number, as their rowid."""


def erase(path: Path) -> None:
    """Throw an index away."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def erase_unless_file(path: Path) -> None:
    """Throw away what lies in the place of an index and is no file: SQLite would make one where a link leads."""
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            erase(path)


def read_head(db: sqlite3.Connection) -> Head | None:
    """How far the tables know which log; None where they are not there, or not those of today."""
    for table in (POSITIONS, FILES, AWAY, HEAD):
        db.execute(table)
    row = db.execute("SELECT log, position, hash FROM head WHERE version = ?", (VERSION,)).fetchone()
    return Head(*row) if row else None


def begin(log: str, db: sqlite3.Connection) -> Head:
    """Make the tables anew, for that log."""
    create(db)
    for table in ("positions", "away", "head"):
        db.execute(f"DELETE FROM {table}")
    db.execute("INSERT INTO head VALUES (?, ?, 0, ?)", (VERSION, log, GENESIS))
    return Head(log, 0, GENESIS)


def create(db: sqlite3.Connection) -> None:
    """Make the tables that are folded from the log, empty."""
    for table, statement in TABLES.items():
        db.execute(f"DROP TABLE IF EXISTS {table}")
        db.execute(statement)
    for statement in INDEXES:
        db.execute(statement)


def apply(records: Sequence[Record], db: sqlite3.Connection) -> None:
    """Fold the records into the rows, and note the position they bring them to."""
    ids = _Ids(db)
    sheet = Fold(ids.load_shot, partial(load_take, db))
    for record in records:
        sheet.fold(record)
    _write(db, "shots", map(_as_stored, sheet.shots.values()))
    _write(db, "takes", map(astuple, sheet.takes.values()))
    found = [(shot * MOST_TAKES + number, text) for (shot, number), text in sheet.words.items()]
    db.executemany("REPLACE INTO search (rowid, words) VALUES (?, ?)", found)
    db.executemany(ADD, sheet.totals.items())
    db.execute("UPDATE head SET position = ?, hash = ?", (records[-1].position, records[-1].hash))


def _as_stored(shot: ShotRow) -> tuple[Any, ...]:
    return astuple(replace(shot, device=signed(shot.device), inode=signed(shot.inode)))


def signed(number: int | None) -> int | None:
    """A number of 64 bits as SQLite can hold it: some filesystems give inodes that use all of them."""
    return number if number is None or number < 2**63 else number - 2**64


def _write(db: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * (len(fields(ShotRow)) if table == "shots" else len(fields(TakeRow))))
    db.executemany(f"REPLACE INTO {table} VALUES ({marks})", rows)


class _Ids:
    """Finds a shot's row, or begins one under the next id."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._last = db.execute("SELECT coalesce(max(id), 0) FROM shots").fetchone()[0]

    def load_shot(self, stream: str) -> ShotRow:
        row = self._db.execute(f"SELECT {SHOT_COLUMNS} FROM shots WHERE stream = ?", (stream,)).fetchone()
        if row:
            return ShotRow(*row)
        self._last += 1
        return ShotRow(self._last, stream)


def load_take(db: sqlite3.Connection, shot: int, number: int) -> TakeRow:
    """The row of a take that is there."""
    query = f"SELECT {TAKE_COLUMNS} FROM takes WHERE shot = ? AND number = ?"
    return TakeRow(*db.execute(query, (shot, number)).fetchone())
