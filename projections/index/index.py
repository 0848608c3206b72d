"""The takes index: the shots and takes of a project as rows that can be asked for.

A pure fold of the event log. Rows and the position they stand for change in one transaction; the file can
be thrown away.
"""

import hashlib
import marshal
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import anyio
import msgspec

from events import EventLog, Head, Identity, LogDamaged, Page, TakeKey
from events.store.database import Database, is_damage, open_database
from projections.files.threads import in_thread
from projections.index.building import build
from projections.index.queries import Queries
from projections.index.tables import (
    TABLES,
    apply,
    erase,
    erase_unless_file,
    put_in_place,
    read_head,
    replace_by,
)

BATCH = 10_000
"""Records folded at a time while catching up: enough to write each row once, few enough to keep memory flat."""

AS_VALUES = 2
"""The format of marshal in which what is equal has the same bytes, however it was made."""

BESIDE = "index.db.new"
"""The file in which an index is built, in the folder of the one that it will be."""

PAST = "index.db-past-"
"""How files are called in which films of the past lie, before the position: there while they are asked for."""


class Index(Queries):
    """The index of one project, in that folder. One that is damaged is made anew by the next opening."""

    def __init__(self, folder: Path, writer: Database, reader: Database, position: int) -> None:
        super().__init__(reader, position)
        self.folder = folder
        self._writer = writer
        self._folding = anyio.Lock(fast_acquire=True)

    async def advance(self, log: EventLog) -> Page:
        """Fold the next batch of what the log has beyond the index; what was folded, nothing at the head."""
        async with self._folding:
            return await self._fold(log, log.head)

    async def rebuild(self, log: EventLog) -> None:
        """Build beside, then replace all rows at once: until it is done, whoever asks is answered from the old rows."""
        async with self._folding, _built_beside(self.folder / BESIDE, log) as (path, head):
            await self._telling(self._writer.run(partial(replace_by, path)))
            self.seen.rise(head.position)

    async def differences(self, log: EventLog, beside: Path) -> list[str]:
        """What is not as a replay from the beginning would have it, built in the folder `beside`."""
        async with (
            self._folding,
            anyio.TemporaryDirectory[str](prefix="verify-", dir=str(beside)) as folder,
            _built_beside(Path(folder) / "index.db", log) as (path, head),
            _opened(path) as (writer, reader),
        ):
            fresh = Index(path.parent, writer, reader, head.position)
            until = log.head
            while await fresh._fold(log, until) or await self._fold(log, until):
                pass
            return [table for table in TABLES if await self._digest(table) != await fresh._digest(table)]

    async def _fold(self, log: EventLog, head: int) -> Page:
        page = await log.page(self.seen.level, min(BATCH, max(0, head - self.seen.level)))
        if page:
            last = page.positions[-1]
            await self._telling(self._writer.transact(partial(apply, page)))
            self.seen.rise(last)
        return page

    async def save_position(self, projection: str, version: int, position: int) -> None:
        """Note how far that projection has come."""
        values = (projection, version, position)
        await self._writer.run(lambda db: db.execute("REPLACE INTO positions VALUES (?, ?, ?)", values))

    async def save_away(self, projection: str, gone: Iterable[TakeKey], back: Iterable[TakeKey]) -> None:
        """Note what that projection has yet to look at, since it is gone, and what not any more, since it is back."""

        def work(db: sqlite3.Connection) -> None:
            for statement, keys in (
                ("REPLACE INTO away VALUES (?, ?, ?)", gone),
                ("DELETE FROM away WHERE name = ? AND stream = ? AND number = ?", back),
            ):
                db.executemany(statement, [(projection, *key) for key in keys])

        await self._writer.transact(work)

    async def note_file(self, key: TakeKey, file: Identity) -> None:
        """Note that this file holds what the log says of that take."""
        values = (*key, msgspec.json.encode(file).decode())
        await self._writer.run(lambda db: db.execute("REPLACE INTO files VALUES (?, ?, ?)", values))

    async def note_colours(self, colours: Mapping[TakeKey, str]) -> None:
        """Note the mean colours of these takes' pictures."""
        rows = [(*key, colour) for key, colour in colours.items()]
        await self._writer.transact(lambda db: db.executemany("REPLACE INTO colours VALUES (?, ?, ?)", rows))

    async def _digest(self, table: str) -> bytes:
        """A hash of all rows of a table, of which one is held at a time."""
        columns = "rowid, *" if table == "search" else "*"

        def work(db: sqlite3.Connection) -> bytes:
            digest = hashlib.sha256()
            for row in db.execute(f"SELECT {columns} FROM {table}"):
                digest.update(marshal.dumps(row, AS_VALUES))
            return digest.digest()

        return await self._telling(self._reader.run(work))


@asynccontextmanager
async def _built_beside(path: Path, log: EventLog) -> AsyncIterator[tuple[Path, Head]]:
    """An index of the whole log in that file, and where it ends; the file is gone afterwards."""
    try:
        yield path, await build(path, log)
    finally:
        await in_thread(erase, path)


@asynccontextmanager
async def open_index(path: Path, log: EventLog) -> AsyncIterator[Index]:
    """Open the index and bring it up to the log's head; one that is damaged, or not of this log, is made anew."""
    beside = path.with_name(BESIDE)
    await in_thread(erase_unless_file, path)
    await in_thread(erase, beside)  # of a building that was cut short
    for left in await in_thread(list[Path], path.parent.glob(f"{PAST}*")):
        await in_thread(erase, left)
    if not await _is_of(path, log):
        with suppress(LogDamaged):  # what is known until there can still be asked for
            await build(beside, log)
        await in_thread(put_in_place, beside, path)
    index = None
    try:
        async with _opened(path) as (writer, reader):
            known = await writer.transact(read_head)
            index = Index(path.parent, writer, reader, known.position if known else 0)
            with suppress(LogDamaged):
                while await index.advance(log):
                    pass
            yield index
    finally:
        if index and index.damaged.is_set():
            await in_thread(erase, path)


async def _is_of(path: Path, log: EventLog) -> bool:
    """Whether an index of that log is in that file, by today's tables."""
    if not await in_thread(path.exists):
        return False
    try:
        async with open_database(path, durable=False, alone=True) as db:
            known = await db.transact(read_head)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return False
    return known is not None and known.log == log.id and known.hash == await log.hash_at(known.position)


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[tuple[Database, Database]]:
    async with (
        open_database(path, durable=False, alone=True) as writer,
        open_database(path, read_only=True, alone=True) as reader,
    ):
        yield writer, reader
