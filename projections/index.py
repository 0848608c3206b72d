"""The takes index: the shots and takes of a project as rows that can be asked for.

A pure fold of the event log. Rows and the position they stand for change in one transaction; the file can
be thrown away.
"""

import json
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import anyio
import msgspec
from msgspec import Struct, field
from msgspec.structs import astuple, fields

from events import EventLog, Identity, Kept, Media, NotFound, Record, Refused, Tide
from events.database import Database, is_damage, open_database
from projections.layout import TAKES, full_id, short_id, take_name
from projections.rows import Sheet, ShotRow, ShotTakes, TakeRow
from projections.threads import in_thread

T = TypeVar("T")

VERSION = 5
"""Raise it whenever the rows change their meaning: an index of another version rebuilds itself."""

NAME = "index"
BATCH = 10_000
"""Records folded at a time while replaying: enough to write each row once, few enough to keep memory flat."""

_SHOT_COLUMNS = ", ".join(field.name for field in fields(ShotRow))
_TAKE_COLUMNS = ", ".join(field.name for field in fields(TakeRow))

TABLES = {
    "shots": """CREATE TABLE shots (
        id INTEGER PRIMARY KEY, stream TEXT, path TEXT, device INTEGER, inode INTEGER,
        version INTEGER, position INTEGER, active INTEGER, takes INTEGER, making INTEGER,
        given INTEGER, hidden TEXT)""",
    "takes": """CREATE TABLE takes (
        shot INTEGER, number INTEGER, created TEXT, status TEXT, deleted TEXT, purged INTEGER, origin TEXT,
        error TEXT, name TEXT, media TEXT, params TEXT, resources TEXT, source TEXT,
        started TEXT, ended TEXT, hidden TEXT, file TEXT, kept TEXT, PRIMARY KEY (shot, number)) WITHOUT ROWID""",
    "search": "CREATE VIRTUAL TABLE search USING fts5(words)",
}
_AWAITED = "source = 'request' AND status = 'generating'"
INDEXES = (
    "CREATE UNIQUE INDEX shots_by_stream ON shots (stream)",
    "CREATE INDEX shots_by_path ON shots (path)",
    "CREATE INDEX shots_by_inode ON shots (inode)",
    f"CREATE INDEX takes_awaited ON takes (created) WHERE {_AWAITED}",
)
_THERE = "(takes > 0 OR NOT EXISTS (SELECT 1 FROM takes WHERE shot = shots.id AND deleted = 'missing'))"
FILES = """CREATE TABLE IF NOT EXISTS files
    (stream, number, identity, PRIMARY KEY (stream, number)) WITHOUT ROWID"""
"""No fold: the files that were found to hold what the log says, though they are others than it speaks of."""

POSITIONS = "CREATE TABLE IF NOT EXISTS positions (name PRIMARY KEY, version, position) WITHOUT ROWID"

TakeKey = tuple[str, int]
"""A shot's stream, and a take's number in it."""

ALL = 0
"""Stands for every take of a shot, where numbers of takes are asked for."""

MOST_TAKES = 1_000_000_000
"""A shot's rows in the search table have its id times this, plus the take's number, as their rowid."""

_WORDS = re.compile(r"[\w\u0300-\u036f]+")
"""A word, with accents that stand for themselves; all else only parts words, as it does in the table."""

_SEARCH = f"""SELECT {", ".join(f"shots.{field.name}" for field in fields(ShotRow))},
    {", ".join(f"takes.{field.name}" for field in fields(TakeRow))}
    FROM search JOIN shots ON shots.id = search.rowid / {MOST_TAKES}
    JOIN takes ON takes.shot = shots.id AND takes.number = search.rowid % {MOST_TAKES}
    WHERE search MATCH ? AND takes.deleted IS NULL AND NOT takes.purged
    ORDER BY search.rank, search.rowid DESC LIMIT ?"""

_HOLDERS = """SELECT path, number, media FROM takes JOIN shots ON shots.id = takes.shot
    WHERE NOT purged AND media IS NOT NULL
    AND json_extract(media, '$.sha256') IN (SELECT value FROM json_each(?))"""


class ShotNotFound(NotFound):
    """Raised when the project has no shot of that name."""

    hint = "`takes ls` lists the shots; a folder becomes one when it holds a folder named takes."

    def __init__(self, shot: str) -> None:
        super().__init__(f"there is no shot {shot!r} in this project")
        self.shot = shot


class AmbiguousShot(Refused):
    """Raised when a short id is the name of more than one shot; `candidates` are their full ids."""

    def __init__(self, shot: str, candidates: Sequence[str]) -> None:
        super().__init__(f"{shot!r} is the name of {len(candidates)} shots")
        self.candidates = candidates
        self.hint = f"Use the full id: {', '.join(candidates)}."


class Counts(Struct, frozen=True):
    """How much a project holds: shots, and takes that are not deleted."""

    shots: int
    takes: int


class Awaited(Struct, frozen=True):
    """A take that was asked for and is not made yet; `started` when a runner last began with it."""

    stream: str
    number: int
    started: str | None


class OnDisk(Struct):
    """What the disk should hold of a shot: `live` takes with their media's name, `numbers` ever given.

    `missing` takes are those that somebody removed, `making` says that one is not finished yet. `files` are
    those of the complete ones, by shot and number, as far as the log has which they are.
    """

    active: int | None
    live: list[tuple[int, str | None]] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)
    missing: set[int] = field(default_factory=set)
    making: bool = False
    files: dict[TakeKey, Identity | None] = field(default_factory=dict)

    def add(
        self,
        key: TakeKey,
        name: str | None,
        status: str,
        deleted: str | None,
        purged: bool,  # noqa: FBT001 - a row, in the order of its columns
        file: str | None,
    ) -> None:
        """Add one take."""
        number = key[1]
        self.numbers.add(number)
        if purged:
            return
        if deleted == "missing":
            self.missing.add(number)
        elif status == "generating":
            self.making = True
        elif name and not deleted:
            self.live.append((number, name))
            if status == "complete":
                self.files[key] = msgspec.json.decode(file, type=Identity) if file else None


class Index:
    """The index of one project.

    `seen` is the position up to which it knows the log; `damaged` is set once the file turns out to be
    broken: the next opening makes it anew.
    """

    def __init__(self, writer: Database, reader: Database, log: str, position: int) -> None:
        self._writer = writer
        self._reader = reader
        self._log = log
        self._folding = anyio.Lock()
        self.seen = Tide(position)
        self.damaged = anyio.Event()
        self._found: dict[str, ShotRow] = {}
        self._found_at = position

    async def advance(self, log: EventLog) -> Sequence[Record]:
        """Fold the next batch of what the log has beyond the index; the records folded, none at the head."""
        async with self._folding:
            return await self._fold(log, log.head)

    async def rebuild(self, log: EventLog) -> None:
        """Erase and replay in one transaction: until it is done, whoever asks is answered from the old rows."""
        async with self._folding:
            await self._writer.run(lambda db: db.execute("BEGIN IMMEDIATE"))
            try:
                await self._writer.run(_create)
                position = 0
                while records := await log.read(position, BATCH):
                    await self._writer.run(partial(_apply, self._log, records))
                    position = records[-1].position
                await self._writer.run(lambda db: db.execute("COMMIT"))
            except BaseException:
                await self._writer.run(lambda db: db.execute("ROLLBACK"))
                raise
            self.seen.rise(position)

    async def differences(self, log: EventLog, beside: Path) -> list[str]:
        """What is not as a replay from the beginning would have it, built in the folder `beside`."""
        async with self._folding:
            head = log.head
            async with (
                anyio.TemporaryDirectory[str](prefix="verify-", dir=str(beside)) as folder,
                _open(Path(folder) / "index.db", self._log, head) as fresh,
            ):
                while await fresh._fold(log, head) or await self._fold(log, head):  # noqa: SLF001 - one of us
                    pass
                return [table for table in TABLES if await self._dump(table) != await fresh._dump(table)]  # noqa: SLF001

    async def _fold(self, log: EventLog, head: int) -> Sequence[Record]:
        missing = head - self.seen.level
        records = await log.read(self.seen.level, min(BATCH, missing)) if missing > 0 else ()
        if records:
            await self._telling(self._writer.transact(partial(_apply, self._log, records)))
            self.seen.rise(records[-1].position)
        return records

    async def load(self, touched: Mapping[str, Collection[int]]) -> list[ShotTakes]:
        """The shots of those streams, with the takes of those numbers, or with every take for the number ALL."""
        return await self._telling(self._reader.run(partial(_load, touched)))

    async def position_of(self, projection: str, version: int) -> int:
        """How far that projection has come; 0 where it was never run, or in another version."""
        rows = await self._fetch(
            "SELECT position FROM positions WHERE name = ? AND version = ?", projection, version
        )
        return int(rows[0][0]) if rows else 0

    async def save_position(self, projection: str, version: int, position: int) -> None:
        """Note how far that projection has come."""
        values = (projection, version, position)
        await self._writer.run(lambda db: db.execute("REPLACE INTO positions VALUES (?, ?, ?)", values))

    async def noted_files(self) -> dict[TakeKey, Identity]:
        """The files, by shot and number, that were found to be what the log says."""
        rows = await self._fetch("SELECT stream, number, identity FROM files")
        return {(stream, number): msgspec.json.decode(one, type=Identity) for stream, number, one in rows}

    async def note_file(self, stream: str, number: int, file: Identity) -> None:
        """Note that this file holds what the log says of that take."""
        values = (stream, number, msgspec.json.encode(file).decode())
        await self._writer.run(lambda db: db.execute("REPLACE INTO files VALUES (?, ?, ?)", values))

    async def counts(self) -> Counts:
        (row,) = await self._fetch(f"SELECT count(*), coalesce(sum(takes), 0) FROM shots WHERE {_THERE}")
        return Counts(*row)

    async def shots(self, *, gone: bool = False) -> list[ShotRow]:
        """Every shot, by path; those whose takes have all gone missing only where they are asked for."""
        query = f"SELECT {_SHOT_COLUMNS} FROM shots WHERE {'true' if gone else _THERE} ORDER BY path"
        return [ShotRow(*row) for row in await self._fetch(query)]

    async def shot(self, stream: str) -> ShotRow | None:
        return await self._one_shot("stream = ?", stream)

    async def shot_at(self, path: str) -> ShotRow | None:
        """The shot at that path; where one folder followed another, the one with takes."""
        return await self._one_shot("path = ? ORDER BY takes = 0, id DESC", path)

    async def shots_with_inode(self, inode: int) -> list[ShotRow]:
        """The shots whose folder had that inode when the log last spoke of it; devices change their numbers."""
        query = f"SELECT {_SHOT_COLUMNS} FROM shots WHERE inode = ?"
        return [ShotRow(*row) for row in await self._fetch(query, inode)]

    async def find_shot(self, name: str) -> ShotRow:
        """The shot with that full id, path or short id; ShotNotFound or AmbiguousShot otherwise."""
        level = self.seen.level
        if self._found_at != level:
            self._found, self._found_at = {}, level
        found = self._found
        if name not in found:
            found[name] = await self._find(name.replace(":", "/").strip("/"))
        return found[name]

    async def _find(self, path: str) -> ShotRow:
        if shot := await self.shot_at(path):
            return shot
        found = await self._named(path, _THERE) or await self._named(path, "TRUE")
        if len(found) > 1:
            raise AmbiguousShot(short_id(path), [full_id(shot.path) for shot in found])
        if not found:
            raise ShotNotFound(path)
        return found[0]

    async def _named(self, path: str, condition: str) -> list[ShotRow]:
        """The shots whose path ends so; those that are gone can still be asked for, to have their takes back."""
        query = (
            f"SELECT {_SHOT_COLUMNS} FROM shots"
            f" WHERE {condition} AND substr('/' || replace(path, ':', '/'), -length(?1) - 1) = '/' || ?1"
        )
        return [ShotRow(*row) for row in await self._fetch(query + " ORDER BY path", path)]

    async def takes(self, shot: int) -> list[TakeRow]:
        """Every take of a shot, by number, deleted ones too."""
        query = f"SELECT {_TAKE_COLUMNS} FROM takes WHERE shot = ? ORDER BY number"
        return [TakeRow(*row) for row in await self._fetch(query, shot)]

    async def take(self, shot: int, number: int) -> TakeRow | None:
        query = f"SELECT {_TAKE_COLUMNS} FROM takes WHERE shot = ? AND number = ?"
        rows = await self._fetch(query, shot, number)
        return TakeRow(*rows[0]) if rows else None

    async def awaited(self) -> list[Awaited]:
        """The takes that were asked for and are not made yet, in the order in which they were asked for."""
        query = f"""SELECT stream, number, started FROM takes JOIN shots ON shots.id = takes.shot
            WHERE {_AWAITED} AND takes.deleted IS NULL ORDER BY created, takes.shot, number"""
        return [Awaited(*row) for row in await self._fetch(query)]

    async def holders(self, hashes: Collection[str]) -> dict[str, list[str]]:
        """By hash, the paths of the media that have those bytes, of all takes but the purged ones."""
        held: dict[str, list[str]] = {}
        for path, number, media in await self._fetch(_HOLDERS, json.dumps(list(hashes))):
            found = msgspec.json.decode(media, type=Media)
            held.setdefault(found.sha256, []).append(f"{path}/{TAKES}/{take_name(number)}/{found.name}")
        return held

    async def kept_hashes(self) -> list[tuple[str, Kept | None]]:
        """Of every complete take that is not purged its hash, and how the log says that its bytes are kept twice."""
        query = (
            "SELECT json_extract(media, '$.sha256'), kept FROM takes WHERE media IS NOT NULL AND NOT purged"
        )
        return [(sha256, kept) for sha256, kept in await self._fetch(query)]

    async def search(self, text: str, limit: int = 100) -> list[tuple[ShotRow, TakeRow]]:
        """The takes, each with its shot, whose recipe has words that begin with all of those, best first.

        Deleted and purged takes are not found.
        """
        terms = " ".join(f'"{word}"*' for word in _WORDS.findall(text))
        rows = await self._fetch(_SEARCH, terms, limit) if terms else []
        width = len(fields(ShotRow))
        return [(ShotRow(*row[:width]), TakeRow(*row[width:])) for row in rows]

    async def on_disk(self, paths: Sequence[str]) -> Mapping[str, OnDisk]:
        """What the disk should hold of the shots at those paths."""
        marks = ", ".join("?" * len(paths))
        query = f"""SELECT path, active, stream, number, name, status, deleted, purged, file FROM shots
            LEFT JOIN takes ON takes.shot = shots.id WHERE path IN ({marks})"""
        known: dict[str, OnDisk] = {}
        for path, active, stream, number, *take in await self._fetch(query, *paths):
            one = known.setdefault(path, OnDisk(active))
            if number is not None:
                one.add((stream, number), *take)
        return known

    async def _one_shot(self, condition: str, value: str) -> ShotRow | None:
        rows = await self._fetch(f"SELECT {_SHOT_COLUMNS} FROM shots WHERE {condition} LIMIT 1", value)
        return ShotRow(*rows[0]) if rows else None

    async def _fetch(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        return await self._telling(self._reader.run(lambda db: db.execute(query, parameters).fetchall()))

    async def _telling(self, work: Awaitable[T]) -> T:
        """Await the work; where it shows that the file is damaged, say so to whoever can make it anew."""
        try:
            return await work
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                self.damaged.set()
            raise

    async def _dump(self, table: str) -> list[tuple[Any, ...]]:
        return await self._fetch(
            f"SELECT rowid, * FROM {table}" if table == "search" else f"SELECT * FROM {table}"
        )


@asynccontextmanager
async def open_index(path: Path, log: EventLog) -> AsyncIterator[Index]:
    """Open the index and bring it up to the log's head; one that is damaged, or not of this log, is made anew."""
    async with AsyncExitStack() as stack:
        try:
            index = await stack.enter_async_context(_open(path, log.id, log.head))
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            await in_thread(erase, path)
            index = await stack.enter_async_context(_open(path, log.id, log.head))
        try:
            while await index.advance(log):
                pass
            yield index
        finally:
            await stack.aclose()
            if index.damaged.is_set():
                await in_thread(erase, path)


def erase(path: Path) -> None:
    """Throw an index away."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@asynccontextmanager
async def _open(path: Path, log: str, head: int) -> AsyncIterator[Index]:
    async with open_database(path, durable=False) as writer:
        position = await writer.transact(partial(_prepare, log, head))
        async with open_database(path, read_only=True) as reader:
            yield Index(writer, reader, log, position)


def _name(log: str) -> str:
    """The name under which an index notes how far it knows that log."""
    return f"{NAME} {log}"


def _prepare(log: str, head: int, db: sqlite3.Connection) -> int:
    """Make the tables, unless they are there and know this log; the position that they know."""
    db.execute(POSITIONS)
    db.execute(FILES)
    query = "SELECT position FROM positions WHERE name = ? AND version = ?"
    row = db.execute(query, (_name(log), VERSION)).fetchone()
    if row and row[0] <= head:
        return int(row[0])
    _create(db)
    db.execute("DELETE FROM positions")
    db.execute("INSERT INTO positions VALUES (?, ?, 0)", (_name(log), VERSION))
    return 0


def _create(db: sqlite3.Connection) -> None:
    for table, statement in TABLES.items():
        db.execute(f"DROP TABLE IF EXISTS {table}")
        db.execute(statement)
    for statement in INDEXES:
        db.execute(statement)


def _apply(log: str, records: Sequence[Record], db: sqlite3.Connection) -> None:
    """Fold the records into the rows, and note the position they bring them to."""
    ids = _Ids(db)
    sheet = Sheet(ids.load_shot, partial(_load_take, db))
    for record in records:
        sheet.fold(record)
    _write(db, "shots", map(astuple, sheet.shots.values()))
    _write(db, "takes", map(astuple, sheet.takes.values()))
    found = [(shot * MOST_TAKES + number, text) for (shot, number), text in sheet.words.items()]
    db.executemany("REPLACE INTO search (rowid, words) VALUES (?, ?)", found)
    db.execute("UPDATE positions SET position = ? WHERE name = ?", (records[-1].position, _name(log)))


def _write(db: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * (len(fields(ShotRow)) if table == "shots" else len(fields(TakeRow))))
    db.executemany(f"REPLACE INTO {table} VALUES ({marks})", rows)


class _Ids:
    """Finds a shot's row, or begins one under the next id."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._last = db.execute("SELECT coalesce(max(id), 0) FROM shots").fetchone()[0]

    def load_shot(self, stream: str) -> ShotRow:
        row = self._db.execute(f"SELECT {_SHOT_COLUMNS} FROM shots WHERE stream = ?", (stream,)).fetchone()
        if row:
            return ShotRow(*row)
        self._last += 1
        return ShotRow(self._last, stream)


def _load(touched: Mapping[str, Collection[int]], db: sqlite3.Connection) -> list[ShotTakes]:
    loaded = []
    for stream, numbers in touched.items():
        row = db.execute(f"SELECT {_SHOT_COLUMNS} FROM shots WHERE stream = ?", (stream,)).fetchone()
        if row:
            shot = ShotRow(*row)
            chosen = _numbers(db, shot.id) if ALL in numbers else sorted(numbers)
            loaded.append(ShotTakes(shot, [_load_take(db, shot.id, number) for number in chosen]))
    return loaded


def _numbers(db: sqlite3.Connection, shot: int) -> list[int]:
    rows = db.execute("SELECT number FROM takes WHERE shot = ? ORDER BY number", (shot,))
    return [number for (number,) in rows]


def _load_take(db: sqlite3.Connection, shot: int, number: int) -> TakeRow:
    query = f"SELECT {_TAKE_COLUMNS} FROM takes WHERE shot = ? AND number = ?"
    return TakeRow(*db.execute(query, (shot, number)).fetchone())
