"""The index's file: its tables, and how the events of a log are folded into their rows.

Each function that is given a database runs on that one's own thread, and all but `replace_by` within a transaction.
"""

import sqlite3
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from msgspec.structs import astuple, fields, replace

from events import GENESIS, Head, Page
from projections.files import writing
from projections.index.facts import Facts, Texts, read
from projections.index.folding import Fold
from projections.index.meanings import Choice, Place
from projections.index.rows import PersonRow, SearchRow, ShotRow, TakeId, TakeRow

VERSION = 24
"""Raise it whenever the rows change their meaning: an index of another version rebuilds itself."""

NAME = "index"
SHOT_COLUMNS = ", ".join(field.name for field in fields(ShotRow))
TAKE_COLUMNS = ", ".join(field.name for field in fields(TakeRow))

_FACTS = [field.name for field in fields(Facts)]
TEXTS = [field.name for field in fields(Texts)]

TABLES = {
    "shots": """CREATE TABLE shots (
        id INTEGER PRIMARY KEY, stream TEXT, path TEXT, device INTEGER, inode INTEGER,
        version INTEGER, position INTEGER, active INTEGER, takes INTEGER, making INTEGER,
        given INTEGER, deleted_numbers TEXT, chosen TEXT, stage TEXT, notes TEXT, received INTEGER)""",
    "takes": """CREATE TABLE takes (
        shot INTEGER, number INTEGER, created TEXT, status TEXT, source TEXT, origin TEXT, name TEXT,
        media TEXT, params TEXT, ended TEXT, file TEXT, kept TEXT, numbered TEXT, position INTEGER,
        deleted TEXT, purged TEXT, error TEXT, resources TEXT, started TEXT, deleted_at TEXT,
        cancelled TEXT, left_out TEXT, recipe_error TEXT,
        rating INTEGER, mark TEXT, tags TEXT, notes TEXT, open_notes INTEGER, workflow TEXT, accepted TEXT,
        companions TEXT, superseded INTEGER, again TEXT, people TEXT,
        left TEXT, unheard INTEGER,
        PRIMARY KEY (shot, number)) WITHOUT ROWID""",
    "facts": f"CREATE TABLE facts (take INTEGER PRIMARY KEY, {', '.join(_FACTS[1:])})",
    "search": f"CREATE VIRTUAL TABLE search USING fts5({', '.join(TEXTS)}, columnsize=0)",
    "places": """CREATE TABLE places (
        shot INTEGER, position INTEGER, path TEXT, PRIMARY KEY (shot, position)) WITHOUT ROWID""",
    "searches": "CREATE TABLE searches (name TEXT PRIMARY KEY, query TEXT, by TEXT, at TEXT) WITHOUT ROWID",
    "people": "CREATE TABLE people (name TEXT PRIMARY KEY, role TEXT, by TEXT, at TEXT) WITHOUT ROWID",
    "choices": """CREATE TABLE choices (
        by TEXT, position INTEGER, PRIMARY KEY (by, position)) WITHOUT ROWID""",
    "totals": "CREATE TABLE totals (name TEXT PRIMARY KEY, total INTEGER) WITHOUT ROWID",
}
MAKING = "status = 'generating'"
UNREAD = "recipe_error IS NOT NULL"
UNHEARD = "unheard IS NOT NULL"
LEFT = "left IS NOT NULL"
AWAITED = f"source = 'request' AND {MAKING} AND accepted IS NULL"
INDEXES = (
    "CREATE UNIQUE INDEX shots_by_stream ON shots (stream)",
    "CREATE INDEX shots_by_path ON shots (path)",
    "CREATE INDEX shots_by_inode ON shots (inode)",
    f"CREATE INDEX takes_making ON takes (created) WHERE {MAKING}",
    "CREATE INDEX facts_by_age ON facts (hidden, created)",
    "CREATE INDEX facts_by_common ON facts (hidden, common, kind, status, codec)",
    "CREATE INDEX facts_by_seed ON facts (seed)",
    "CREATE INDEX facts_by_prompt ON facts (prompted) WHERE prompted IS NOT NULL",
    "CREATE INDEX facts_by_inputs ON facts (fed) WHERE fed IS NOT NULL",
    f"CREATE INDEX takes_unread ON takes (ended) WHERE {UNREAD}",
    f"CREATE INDEX takes_unheard ON takes (ended) WHERE {UNHEARD}",
    f"CREATE INDEX takes_left ON takes (ended) WHERE {LEFT}",
)
FILES = """CREATE TABLE IF NOT EXISTS files
    (stream, number, identity, PRIMARY KEY (stream, number)) WITHOUT ROWID"""
"""No fold: the files that were found to hold what the log says, though they are others than it speaks of."""

COLOURS = """CREATE TABLE IF NOT EXISTS colours
    (stream, number, colour, PRIMARY KEY (stream, number)) WITHOUT ROWID"""
"""No fold: the mean colour of each take's picture, as it was when that was made; empty where its picture does not say."""

POSITIONS = "CREATE TABLE IF NOT EXISTS positions (name PRIMARY KEY, version, position) WITHOUT ROWID"

HEAD = "CREATE TABLE IF NOT EXISTS head (version, log, position, hash)"
"""How far the index knows which log, with the hash of the last record that it knows."""

AWAY = """CREATE TABLE IF NOT EXISTS away
    (name, stream, number, PRIMARY KEY (name, stream, number)) WITHOUT ROWID"""
"""No fold: by projection, the takes that it has yet to look at, since something of theirs was not there."""

ADD = """INSERT INTO totals VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET total = total + excluded.total"""

PLAIN, PLAIN_BEFORE = 14, 5
"""Of a take's columns those that most takes have no more of, and those of them that all have."""

NOTHING = (None,) * (len(fields(TakeRow)) - PLAIN)
_PLAIN_COLUMNS = ", ".join(field.name for field in fields(TakeRow)[:PLAIN])
_PLAIN_MARKS = ", ".join(["?"] * PLAIN_BEFORE + ["nullif(?, '')"] * (PLAIN - PLAIN_BEFORE))
"""None is dear to hand over, of all things: Python looks each time for a way to adapt it."""

AT_ONCE, PART = 250, 5000
"""Rows that are written with one statement, and that are made ready for it in one go."""

Verb = Literal["INSERT", "REPLACE"]
"""How rows are written: an INSERT knows that they are not there, and does not look."""

KEPT = (POSITIONS, FILES, COLOURS, AWAY, HEAD)
"""What is no fold, and the note of how far the fold has come."""

MOST_TAKES = 10_000_000_000
"""A take's facts and texts have the id of its shot times this, plus its number, as their key."""


def erase(path: Path) -> None:
    """Throw an index away."""
    for one in _files_of(path):
        one.unlink(missing_ok=True)


def erase_unless_file(path: Path) -> None:
    """Throw an index away that is no file, or whose log or map is none: SQLite would make one where a link leads."""
    for one in _files_of(path):
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(one.lstat().st_mode):
                erase(path)


def _files_of(path: Path) -> Iterator[Path]:
    """An index, and what SQLite has beside it."""
    return (path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm"))


def put_in_place(fresh: Path, path: Path) -> None:
    """Have the index in that file be the one at that path; nobody has either of them open."""
    if path.exists():
        with suppress(sqlite3.DatabaseError), closing(_connect(path)) as old, closing(_connect(fresh)) as new:
            _carry_over(old, new, ("files", "colours"))
    for suffix in ("-wal", "-shm"):  # there where it is damaged, and of that one only
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    writing.put_in_place(fresh, path)


def replace_by(fresh: Path, db: sqlite3.Connection) -> None:
    """Replace all that the tables hold by those of that file, at once, but for what is no fold."""
    with closing(_connect(fresh)) as new:
        _carry_over(db, new, ("positions", "files", "colours", "away"))
        new.backup(db)


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)


def _carry_over(old: sqlite3.Connection, new: sqlite3.Connection, tables: Iterable[str]) -> None:
    new.execute("BEGIN IMMEDIATE")
    for table in tables:
        rows = old.execute(f"SELECT * FROM {table}").fetchall()
        new.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", rows)
    new.execute("COMMIT")


def read_head(db: sqlite3.Connection) -> Head | None:
    """How far the tables know which log; None where they are not there, or not those of today."""
    for statement in KEPT:
        db.execute(statement)
    row = db.execute("SELECT log, position, hash FROM head WHERE version = ?", (VERSION,)).fetchone()
    return Head(*row) if row else None


def begin(log: str, db: sqlite3.Connection) -> None:
    """Make the tables, for that log."""
    for statement in (*KEPT, *TABLES.values()):
        db.execute(statement)
    db.execute("INSERT INTO head VALUES (?, ?, 0, ?)", (VERSION, log, GENESIS))


def create_indexes(db: sqlite3.Connection) -> None:
    """Make what finds rows by other columns than their key: at once is quicker than row by row."""
    for statement in INDEXES:
        db.execute(statement)


def apply(page: Page, db: sqlite3.Connection) -> None:
    """Fold the records into the rows, and note the position they bring them to, with the hash of the last one."""
    ids = _Ids(db)
    sheet = Fold(ids.load_shot, partial(load_take, db))
    sheet.fold(page.entries())
    write_shots(sheet.shots.values(), db)
    write_takes(sorted(sheet.takes.items()), sheet.choices, db)
    write_places(sheet.places, db)
    write_named("searches", sheet.searches, db)
    write_named("people", sheet.people, db)
    add_totals(sheet.totals(), db)
    note_head(page.positions[-1], page.hash, db)


def write_places(places: Iterable[Place], db: sqlite3.Connection) -> None:
    """Write where shots came to be."""
    db.executemany("REPLACE INTO places VALUES (?, ?, ?)", places)


def write_named(
    table: Literal["searches", "people"],
    rows: Mapping[str, SearchRow | PersonRow | None],
    db: sqlite3.Connection,
) -> None:
    """Write what is kept under which name, and forget what is not any more."""
    for name, row in rows.items():
        if row:
            db.execute(f"REPLACE INTO {table} VALUES (?, ?, ?, ?)", astuple(row))
        else:
            db.execute(f"DELETE FROM {table} WHERE name = ?", (name,))


def add_totals(totals: Mapping[str, int], db: sqlite3.Connection) -> None:
    """Add to what there ever was."""
    db.executemany(ADD, totals.items())


def note_head(position: int, digest: str, db: sqlite3.Connection) -> None:
    """Note that the rows are those of the log up to there."""
    db.execute("UPDATE head SET position = ?, hash = ?", (position, digest))


def write_shots(shots: Iterable[ShotRow], db: sqlite3.Connection) -> None:
    """Write these rows, whether they were there or not."""
    rows = [astuple(replace(shot, device=signed(shot.device), inode=signed(shot.inode))) for shot in shots]
    db.executemany(f"REPLACE INTO shots VALUES ({_marks(len(fields(ShotRow)))})", rows)


def write_takes(
    takes: Sequence[tuple[TakeId, TakeRow]],
    choices: Sequence[Choice],
    db: sqlite3.Connection,
    verb: Verb = "REPLACE",
) -> None:
    """Write these rows and what they are found by, in the order of their numbers, and what was chosen."""
    for start in range(0, len(takes), PART):
        part = takes[start : start + PART]
        _write_part(db, verb, [astuple(take) for _, take in part])
        found = [read(shot * MOST_TAKES + number, take) for (shot, number), take in part]
        _write(db, f"{verb} INTO facts", _marks(len(_FACTS)), [astuple(facts) for facts, _ in found])
        texts = [(facts.take, *astuple(texts)) for facts, texts in found]
        _write(db, f"{verb} INTO search (rowid, {', '.join(TEXTS)})", _marks(1 + len(TEXTS)), texts)
    db.executemany("REPLACE INTO choices VALUES (?, ?)", choices)


def _write_part(db: sqlite3.Connection, verb: Verb, rows: Sequence[tuple[Any, ...]]) -> None:
    plain = [
        (
            *key,
            origin or "",
            name or "",
            media or "",
            params or "",
            ended or "",
            file or "",
            kept or "",
            numbered,
            position,
        )
        for *key, origin, name, media, params, ended, file, kept, numbered, position in [
            row[:PLAIN] for row in rows if row[PLAIN:] == NOTHING
        ]
    ]
    _write(db, f"{verb} INTO takes ({_PLAIN_COLUMNS})", _PLAIN_MARKS, plain)
    if len(plain) < len(rows):
        odd = [row for row in rows if row[PLAIN:] != NOTHING]
        db.executemany(f"{verb} INTO takes ({TAKE_COLUMNS}) VALUES ({_marks(len(fields(TakeRow)))})", odd)


def signed(number: int | None) -> int | None:
    """A number of 64 bits as SQLite can hold it: some filesystems give inodes that use all of them."""
    return number if number is None or number < 2**63 else number - 2**64


def _write(db: sqlite3.Connection, into: str, marks: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows, many with each statement: while SQLite is at one, other threads have Python."""
    whole = len(rows) // AT_ONCE * AT_ONCE
    statement = f"{into} VALUES ({marks})"
    many = statement + f", ({marks})" * (AT_ONCE - 1)
    for start in range(0, whole, AT_ONCE):
        db.execute(many, tuple(chain.from_iterable(rows[start : start + AT_ONCE])))
    db.executemany(statement, rows[whole:])


def _marks(count: int) -> str:
    return ", ".join("?" * count)


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
    return load_takes([(shot, number)], db)[shot, number]


def load_takes(takes: Iterable[TakeId], db: sqlite3.Connection) -> dict[TakeId, TakeRow]:
    """The rows of those takes that are there."""
    query = f"SELECT {TAKE_COLUMNS} FROM takes WHERE shot = ? AND number = ?"
    rows = (db.execute(query, key).fetchone() for key in takes)
    return {(row[0], row[1]): TakeRow(*row) for row in rows if row}
