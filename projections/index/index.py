"""The takes index: the shots and takes of a project as rows that can be asked for.

A pure fold of the event log. Rows and the position they stand for change in one transaction; the file can
be thrown away.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import msgspec

from events import EventLog, Identity, LogDamaged, Record, TakeKey
from events.database import Database, is_damage, open_database
from projections.files.threads import in_thread
from projections.index.queries import Queries
from projections.index.tables import TABLES, apply, begin, create, erase, erase_unless_file, read_head

BATCH = 10_000
"""Records folded at a time while replaying: enough to write each row once, few enough to keep memory flat."""


class Index(Queries):
    """The index of one project, in that folder. One that is damaged is made anew by the next opening."""

    def __init__(self, folder: Path, writer: Database, reader: Database, position: int) -> None:
        super().__init__(reader, position)
        self.folder = folder
        self._writer = writer
        self._folding = anyio.Lock()

    async def advance(self, log: EventLog) -> Sequence[Record]:
        """Fold the next batch of what the log has beyond the index; the records folded, none at the head."""
        async with self._folding:
            return await self._fold(log, log.head)

    async def rebuild(self, log: EventLog) -> None:
        """Erase and replay in one transaction: until it is done, whoever asks is answered from the old rows."""
        async with self._folding:
            await self._writer.run(lambda db: db.execute("BEGIN IMMEDIATE"))
            try:
                await self._writer.run(create)
                position = 0
                while records := await log.read(position, BATCH):
                    await self._writer.run(partial(apply, records))
                    position = records[-1].position
                await self._writer.run(lambda db: db.execute("COMMIT"))
            except BaseException:
                await self._writer.run(_roll_back)
                raise
            self.seen.rise(position)

    async def differences(self, log: EventLog, beside: Path) -> list[str]:
        """What is not as a replay from the beginning would have it, built in the folder `beside`."""
        async with self._folding:
            head = log.head
            async with (
                anyio.TemporaryDirectory[str](prefix="verify-", dir=str(beside)) as folder,
                _open(Path(folder) / "index.db", log) as fresh,
            ):
                while await fresh._fold(log, head) or await self._fold(log, head):  # noqa: SLF001 - one of us
                    pass
                return [table for table in TABLES if await self._dump(table) != await fresh._dump(table)]  # noqa: SLF001

    async def _fold(self, log: EventLog, head: int) -> Sequence[Record]:
        missing = head - self.seen.level
        records = await log.read(self.seen.level, min(BATCH, missing)) if missing > 0 else ()
        if records:
            await self._telling(self._writer.transact(partial(apply, records)))
            self.seen.rise(records[-1].position)
        return records

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

    async def _dump(self, table: str) -> list[tuple[Any, ...]]:
        return await self._fetch(
            f"SELECT rowid, * FROM {table}" if table == "search" else f"SELECT * FROM {table}"
        )


def _roll_back(db: sqlite3.Connection) -> None:
    if db.in_transaction:  # SQLite does it by itself where the disk fails
        db.execute("ROLLBACK")


@asynccontextmanager
async def open_index(path: Path, log: EventLog) -> AsyncIterator[Index]:
    """Open the index and bring it up to the log's head; one that is damaged, or not of this log, is made anew."""
    await in_thread(erase_unless_file, path)
    async with AsyncExitStack() as stack:
        try:
            index = await stack.enter_async_context(_open(path, log))
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            await in_thread(erase, path)
            index = await stack.enter_async_context(_open(path, log))
        try:
            with suppress(LogDamaged):  # what is known until there can still be asked for
                while await index.advance(log):
                    pass
            yield index
        finally:
            await stack.aclose()
            if index.damaged.is_set():
                await in_thread(erase, path)


@asynccontextmanager
async def _open(path: Path, log: EventLog) -> AsyncIterator[Index]:
    async with open_database(path, durable=False, alone=True) as writer:
        known = await writer.transact(read_head)
        if known is None or known.log != log.id or known.hash != await log.hash_at(known.position):
            known = await writer.transact(partial(begin, log.id))
        async with open_database(path, read_only=True, alone=True) as reader:
            yield Index(path.parent, writer, reader, known.position)
