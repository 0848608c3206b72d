"""The log's file: one SQLite database in which rows are only ever added, how it is begun, copied, and where it ends.

The database itself refuses to change or remove a row, and to add one anywhere but at the end.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from events.errors import DiskRefused, LogDamaged, LogFromTheFuture
from events.log import COMMAND
from events.record import GENESIS, Head
from events.store.database import is_damage

FORMAT = 1
"""The file's format, kept as SQLite's user_version; a newer one is refused."""

MIRROR = 1000 + FORMAT
"""The format number of a copy of a studio's log: it tells every release that this is no log to append to."""

SCHEMA = (
    """CREATE TABLE log (id TEXT NOT NULL) STRICT""",
    """CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream   TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    id       TEXT    NOT NULL,
    at       TEXT    NOT NULL,
    actor    TEXT    NOT NULL,
    cause    TEXT,
    schema   INTEGER NOT NULL,
    data     TEXT    NOT NULL,
    hash     TEXT    NOT NULL,
    UNIQUE (stream, version)
) STRICT""",
    f"""CREATE INDEX commands ON events (cause) WHERE cause GLOB '{COMMAND}*'""",
    """CREATE TRIGGER events_end_only BEFORE INSERT ON events
    WHEN NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM events)
      OR NEW.version <> (SELECT coalesce(max(version), 0) + 1 FROM events WHERE stream = NEW.stream)
    BEGIN SELECT raise(ABORT, 'records are added at the end of the log only'); END""",
    """CREATE TRIGGER events_no_update BEFORE UPDATE ON events
    BEGIN SELECT raise(ABORT, 'a record is never changed'); END""",
    """CREATE TRIGGER events_no_delete BEFORE DELETE ON events
    BEGIN SELECT raise(ABORT, 'a record is never removed'); END""",
    """CREATE TRIGGER log_one_row BEFORE INSERT ON log
    WHEN EXISTS (SELECT 1 FROM log)
    BEGIN SELECT raise(ABORT, 'a log keeps its id'); END""",
    """CREATE TRIGGER log_no_update BEFORE UPDATE ON log
    BEGIN SELECT raise(ABORT, 'a log keeps its id'); END""",
    """CREATE TRIGGER log_no_delete BEFORE DELETE ON log
    BEGIN SELECT raise(ABORT, 'a log keeps its id'); END""",
    f"""PRAGMA user_version = {FORMAT}""",
)

COLUMNS = "position, stream, version, id, at, actor, cause, schema, data, hash"
"""Those of a record, in every log."""

INSERT = f"INSERT INTO events ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

LAST = "SELECT position, hash FROM events ORDER BY position DESC LIMIT 1"

STEP = 1024

PAUSE = 0.02
"""Pages that are copied at a time, and the seconds between, so that a large log holds up nobody."""


@contextmanager
def refusals_told() -> Iterator[None]:
    """Tell what SQLite says of a file as LogDamaged, or, where it is no more than that, as what the disk says."""
    try:
        with damage_told():
            yield
    except sqlite3.Error as error:
        raise DiskRefused(errno.EIO, str(error)) from error


@contextmanager
def damage_told() -> Iterator[None]:
    """Tell a file that SQLite cannot make sense of from one that is only busy, full or read-only."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            raise LogDamaged(0, str(error)) from error
        raise


def prepare(path: Path, log: str, db: sqlite3.Connection) -> None:
    """Make an empty log of that id, unless there is one; LogFromTheFuture where that is of a newer format."""
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found > FORMAT:
        raise LogFromTheFuture(f"format {found} of {path}")
    if found == 0:
        for statement in SCHEMA:
            db.execute(statement)
        db.execute("INSERT INTO log (id) VALUES (?)", (log,))


def copy_log(path: Path, copy: Path) -> Head:
    """Copy the log in that file, as it is at this moment, into a new one; where it ends. It is not on disk yet.

    Whoever writes to the log goes on meanwhile.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with (
        refusals_told(),
        closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.execute("BEGIN")
        end = last_of(source)  # from here on it stays at that moment
        is_wal = source.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        source.backup(target, pages=STEP if is_wal else -1, sleep=PAUSE)  # else a commit would wait for it
        target.execute("PRAGMA journal_mode = DELETE")
        if target.execute("PRAGMA user_version").fetchone()[0] == MIRROR:
            target.execute(f"PRAGMA user_version = {FORMAT}")  # which is a log, wherever it is put
    return end


def end_of(path: Path) -> Head:
    """Where the log in a file ends that nobody writes to."""
    with (
        refusals_told(),
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as db,
    ):
        return last_of(db)


def last_of(db: sqlite3.Connection) -> Head:
    """The log's id, and its last record; 0 and the beginning of all hashes where there is none."""
    last = db.execute(LAST).fetchone()
    return Head(db.execute("SELECT id FROM log").fetchone()[0], *(last or (0, GENESIS)))
