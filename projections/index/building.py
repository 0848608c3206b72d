"""Building: a whole index, made from a log at once, in a file of its own that is thrown away where it is cut short.

Records are read on the log's thread, folded on a second one and written on a third. What is folded is written
when it is much, in the order of its keys, and a take that still changes stays in memory.
"""

import sqlite3
from contextlib import suppress
from functools import partial
from pathlib import Path

import anyio
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from events import GENESIS, EventLog, Head, LogDamaged, Page, TakeEvent
from events.database import Database, open_database
from projections.files.threads import in_thread
from projections.index.folding import Choice, Fold
from projections.index.rows import ShotRow, TakeId, TakeRow
from projections.index.tables import (
    add_totals,
    begin,
    create_indexes,
    erase,
    note_head,
    take_out,
    write_places,
    write_shots,
    write_takes,
)

SIZE = 4000
"""Records that are read at a time."""

AHEAD = 2
"""Pages that are read while one is folded."""

MOST_HELD = 60_000
"""Takes in memory at which those are written that are made: some 60 MB."""

CACHE = 128
"""MB of the file in memory, so that what is written between other rows seldom goes to the disk for it."""

MOST_CHOICES = 100_000
"""The same for what people chose."""

Made = tuple[list[tuple[TakeId, TakeRow]], list[Choice]]
"""What is to be written: takes, in the order of their keys, and choices."""


async def build(path: Path, log: EventLog, until: int | None = None) -> Head:
    """Make the index of all that the log has, or had up to that position, in that file; where that ends.

    LogDamaged, once it is made of all before, where a record is not what was written.
    """
    await in_thread(erase, path)
    async with open_database(path, durable=False, journal="off", alone=True) as db:
        building = _Building(db, log, until)
        head = await building.run()
    if building.trouble:
        raise building.trouble
    return head


class _NotHereError(Exception):
    """Raised when a take is not in memory."""


class _Building:
    """An index that is being made; `trouble` is what stood in the way."""

    trouble: Exception | None = None

    def __init__(self, db: Database, log: EventLog, until: int | None) -> None:
        self._db = db
        self._log = log
        self._until = until
        self._sheet = Fold(self._begin_shot, _not_here)
        self._written = anyio.Event()
        self._written.set()

    async def run(self) -> Head:
        await self._db.run(partial(_begin, self._log.id))
        send, pages = anyio.create_memory_object_stream[Page](AHEAD)
        async with anyio.create_task_group() as group:
            group.start_soon(self._read, send)
            await self._fold_all(pages, group)
            await self._hand_over(group, (sorted(self._sheet.takes.items()), self._sheet.choices))
        if self.trouble and self._is_hopeless:
            raise self.trouble
        position = self._sheet.position
        head = Head(self._log.id, position, await self._log.hash_at(position) or GENESIS)
        await self._db.run(partial(_finish, self._sheet, head))
        return head

    @property
    def _is_hopeless(self) -> bool:
        """Whether nothing can come of it; of a damaged log, what is before the damage can."""
        return self.trouble is not None and not isinstance(self.trouble, LogDamaged)

    async def _read(self, pages: MemoryObjectSendStream[Page]) -> None:
        position = 0
        with pages, suppress(anyio.BrokenResourceError):  # nobody wants any more
            try:
                while (most := self._most(position)) and (page := await self._log.page(position, most)):
                    await pages.send(page)
                    position = page.positions[-1]
            except Exception as error:  # noqa: BLE001 - it is raised by whoever waits for all of it
                self.trouble = error

    def _most(self, position: int) -> int:
        """How many records that follow are read at once."""
        return SIZE if self._until is None else min(SIZE, self._until - position)

    async def _fold_all(self, pages: MemoryObjectReceiveStream[Page], group: TaskGroup) -> None:
        with pages:
            async for page in pages:
                if self._is_hopeless or not await self._fold_page(page):
                    return
                if len(self._sheet.takes) >= MOST_HELD or len(self._sheet.choices) >= MOST_CHOICES:
                    await self._hand_over(group, await in_thread(self._take_out))

    async def _fold_page(self, page: Page) -> bool:
        """Whether all of it is folded."""
        try:
            folded = await in_thread(self._fold, page, 0)
            while folded < len(page):
                await self._fetch(page, folded)
                folded = await in_thread(self._fold, page, folded)
        except Exception as error:  # noqa: BLE001 - as above
            self.trouble = self.trouble or error
            return False
        return True

    def _fold(self, page: Page, start: int) -> int:
        """Fold the records from there on; how many are folded: all, or those before one whose take is not in memory."""
        with suppress(_NotHereError):
            self._sheet.fold(page.entries(start))
        return self._sheet.position - page.positions[0] + 1

    async def _fetch(self, page: Page, start: int) -> None:
        """Have the takes in memory of which the records from there on speak."""
        shots, held = self._sheet.shots, self._sheet.takes
        wanted = [
            (shots[stream].id, event.take)
            for _, stream, _, _, event in page.entries(start)
            if isinstance(event, TakeEvent) and stream in shots
        ]
        await self._written.wait()
        held.update(await self._db.run(partial(take_out, {*wanted} - held.keys())))
        if wanted[0] not in held:
            damage = "it speaks of a take that was never created"
            raise LogDamaged(page.positions[start], damage, page.streams[start])

    def _begin_shot(self, stream: str) -> ShotRow:
        return ShotRow(len(self._sheet.shots) + 1, stream)

    def _take_out(self) -> Made:
        """Forget the takes that are made, in the order in which they are to be written, and what was chosen."""
        takes = {key: take for key, take in self._sheet.takes.items() if take.status != "generating"}
        for key in takes:
            del self._sheet.takes[key]
        choices, self._sheet.choices = self._sheet.choices, []
        return sorted(takes.items()), choices

    async def _hand_over(self, group: TaskGroup, made: Made) -> None:
        """Have these written, once those before them are."""
        await self._written.wait()
        self._written = anyio.Event()
        group.start_soon(self._write, made)

    async def _write(self, made: Made) -> None:
        try:
            await self._db.run(partial(_write_new, made))
        except Exception as error:  # noqa: BLE001 - as above
            self.trouble = error
        self._written.set()


def _not_here(_shot: int, _number: int) -> TakeRow:
    raise _NotHereError


def _write_new(made: Made, db: sqlite3.Connection) -> None:
    write_takes(*made, db, "INSERT")


def _begin(log: str, db: sqlite3.Connection) -> None:
    db.execute(f"PRAGMA cache_size = {-1024 * CACHE}")
    db.execute(
        "PRAGMA secure_delete = OFF"
    )  # else pages that are free again are filled with zeros, some builds say
    db.execute("BEGIN IMMEDIATE")
    begin(log, db)


def _finish(sheet: Fold, head: Head, db: sqlite3.Connection) -> None:
    write_shots(sheet.shots.values(), db)
    write_places(sheet.places, db)
    add_totals(sheet.totals(), db)
    create_indexes(db)
    note_head(head.position, head.hash, db)
    db.execute("COMMIT")
