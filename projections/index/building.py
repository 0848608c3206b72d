"""Building: a whole index, made from a log at once, in a file of its own that is thrown away where it is cut short.

The log is read shot by shot, in the order in which they began, so each row is made once, and written behind the one before.
Records are read on the log's thread, folded on a second one and written on a third.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from events import GENESIS, EventLog, Head, LogDamaged, Page
from events.store.database import Database, open_database
from projections.files.threads import in_thread
from projections.index.folding import Fold
from projections.index.meanings import Choice
from projections.index.rows import ShotRow, TakeId, TakeRow
from projections.index.tables import (
    add_totals,
    apply,
    begin,
    create_indexes,
    erase,
    note_head,
    write_named,
    write_places,
    write_shots,
    write_takes,
)
from projections.memory import give_back_freed

SIZE = 4000
"""Records that are read at a time, or those of one shot where it has more."""

AHEAD = 2
"""Pages that are read while one is folded, and that are folded while one is written."""

CACHE = 64
"""MB of the file in memory: what takes are found by lies all over it while it grows."""

Made = tuple[list[tuple[TakeId, TakeRow]], list[Choice]]
"""What is to be written: takes, in the order of their keys, and choices."""


async def build(path: Path, log: EventLog, until: int | None = None) -> Head:
    """Make the index of all that the log has, or had up to that position, in that file; where that ends.

    LogDamaged, once it is made of all before, where a record is not what was written.
    """
    until = log.head if until is None else until
    await in_thread(erase, path)
    try:
        async with open_database(path, durable=False, journal="off", alone=True) as db:
            head = await _Building(db, log, until).run()
        await in_thread(give_back_freed)
    except LogDamaged:
        await in_thread(erase, path)
        await _follow(path, log, until)
        raise
    return head


async def _follow(path: Path, log: EventLog, until: int) -> None:
    """Make the index as one that is there follows the log, page by page, up to the first one that is damaged."""
    async with open_database(path, durable=False, journal="truncate", alone=True) as db:
        await db.transact(partial(_begin, log.id))
        position = 0
        with suppress(LogDamaged):
            while page := await log.page(position, min(SIZE, until - position)):
                await db.transact(partial(apply, page))
                position = page.positions[-1]


class _Building:
    """An index that is being made."""

    def __init__(self, db: Database, log: EventLog, until: int) -> None:
        self._db = db
        self._log = log
        self._until = until
        self._sheet = Fold(self._begin_shot, _never_created)
        self._trouble: Exception | None = None

    async def run(self) -> Head:
        await self._db.run(partial(_set_up, self._log.id))
        send_pages, pages = anyio.create_memory_object_stream[Page](AHEAD)
        send_made, made = anyio.create_memory_object_stream[Made](AHEAD)
        async with anyio.create_task_group() as group:
            group.start_soon(self._read, send_pages)
            group.start_soon(self._fold_all, pages, send_made)
            group.start_soon(self._write_all, made)
        if self._trouble:
            raise self._trouble
        head = Head(self._log.id, self._until, await self._log.hash_at(self._until) or GENESIS)
        await self._db.run(partial(_finish, self._sheet, head))
        return head

    @contextmanager
    def _trouble_noted(self) -> Iterator[None]:
        """What stands in the way of one is noted, and ends the other two."""
        try:
            yield
        except anyio.BrokenResourceError:
            pass
        except Exception as error:  # noqa: BLE001 - it is raised by whoever waits for all of it
            self._trouble = self._trouble or error

    async def _read(self, pages: MemoryObjectSendStream[Page]) -> None:
        with pages, self._trouble_noted():
            for streams in _parts(await self._log.streams(self._until)):
                await pages.send(await self._log.histories(streams, self._until))

    async def _fold_all(
        self, pages: MemoryObjectReceiveStream[Page], made: MemoryObjectSendStream[Made]
    ) -> None:
        with pages, made, self._trouble_noted():
            async for page in pages:
                await made.send(await in_thread(self._fold, page))

    def _fold(self, page: Page) -> Made:
        sheet = self._sheet
        sheet.fold(page.entries())
        made = sorted(sheet.takes.items()), sheet.choices
        sheet.takes, sheet.choices = {}, []
        return made

    async def _write_all(self, made: MemoryObjectReceiveStream[Made]) -> None:
        with made, self._trouble_noted():
            async for one in made:
                await self._db.run(partial(_write_new, one))

    def _begin_shot(self, stream: str) -> ShotRow:
        return ShotRow(len(self._sheet.shots) + 1, stream)


def _parts(streams: Iterable[tuple[str, int]]) -> Iterator[list[str]]:
    """Streams that have about as many records together as are read at a time."""
    part, size = list[str](), 0
    for stream, records in streams:
        if part and size + records > SIZE:
            yield part
            part, size = [], 0
        part.append(stream)
        size += records
    if part:
        yield part


def _never_created(_shot: int, number: int) -> TakeRow:
    raise KeyError(number)


def _write_new(made: Made, db: sqlite3.Connection) -> None:
    write_takes(*made, db, "INSERT")


def _begin(log: str, db: sqlite3.Connection) -> None:
    begin(log, db)
    create_indexes(db)


def _set_up(log: str, db: sqlite3.Connection) -> None:
    db.execute(f"PRAGMA cache_size = {-1024 * CACHE}")
    # Else pages that are free again are filled with zeros, in some builds.
    db.execute("PRAGMA secure_delete = OFF")
    db.execute("BEGIN IMMEDIATE")
    begin(log, db)


def _finish(sheet: Fold, head: Head, db: sqlite3.Connection) -> None:
    write_shots(sheet.shots.values(), db)
    write_places(sheet.places, db)
    write_named("searches", sheet.searches, db)
    write_named("people", sheet.people, db)
    add_totals(sheet.totals(), db)
    create_indexes(db)
    note_head(head.position, head.hash, db)
    db.execute("COMMIT")
