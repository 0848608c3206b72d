"""The mirror: a copy of a studio's log on this machine, checked as it is made, which is read in place of that log.

It is the file that the film had before, with another format number: no release appends to it. It is read when the
database is away, it is a backup, and it is the way back.
"""

import asyncio
import sqlite3
from asyncio import Lock
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from events.codec import CODEC, Codec
from events.errors import LogDamaged, LogFromTheFuture, LogWentBack, StaleVersion, StudioAway, TakesError
from events.record import Append, Record
from events.store.database import Database, Journal, open_database
from events.store.log_file import FORMAT, INSERT, MIRROR, damage_told, last_of, prepare
from events.store.postgres.bell import LOOK
from events.store.postgres.log import PostgresLog
from events.store.rows import Row, checked, rows_of
from events.store.sqlite import SqliteLog
from events.store.tasks import end, to_its_end

PIECE = 2000
"""Records that are copied at a time."""


class Mirror(SqliteLog):
    """An EventLog: what is appended goes to the studio, and what is read comes from this machine's copy of its log."""

    is_shared = True

    def __init__(self, writer: Database, reader: Database, codec: Codec, remote: PostgresLog) -> None:
        super().__init__(writer, reader, codec)
        self.remote = remote
        self._copying = Lock()

    @property
    def end(self) -> tuple[int, str]:
        """The position and the hash of the last record."""
        return self._end

    async def load(self) -> None:
        await super().load()
        self.remote.known = self._end

    async def append(self, append: Append, *more: Append) -> Sequence[Record]:
        """The same; StudioAway where the database does not answer. What it has done is here when this returns."""
        if self.damage:
            raise self.damage
        try:
            records = await self.remote.append(append, *more)
        except StaleVersion:
            await self.catch_up()  # or whoever looks again would see what he saw
            raise
        await self._show(records)
        return records

    async def _show(self, records: Sequence[Record]) -> None:
        async with self._copying:
            if records[0].position == self.head + 1:
                with suppress(LogDamaged):  # of another release, which writes it another way
                    await self.take_in(rows_of(records, self._codec))
        if self.head < records[-1].position:
            await self.catch_up()

    async def catch_up(self) -> None:
        """Copy what the studio's log has beyond; LogWentBack where it does not go on from where this ends."""
        async with self._copying:
            position, digest = self._end
            if await self.remote.hash_at(position) != digest:
                raise LogWentBack(position, await self.remote.end())
            while rows := await self.remote.rows(self.head, PIECE):
                await self.take_in(rows)

    async def take_in(self, rows: Sequence[Row]) -> None:
        """Add records that follow, as they are; LogDamaged where one does not follow, or is not what was written."""
        await to_its_end(self._take_in(rows, checked(rows, *self._end)))

    async def _take_in(self, rows: Sequence[Row], reached: tuple[int, str]) -> None:
        def work(db: sqlite3.Connection) -> None:
            db.executemany(INSERT, rows)

        await self._writer.transact(work)
        self._end = self.remote.known = reached
        self._watermark.rise(reached[0])

    async def follow(self) -> None:
        """Copy what others append, for ever."""
        while not self.remote.damage:
            try:
                await self.remote.wait(self.head + 1)
                await self.catch_up()
            except LogDamaged as damage:
                self.remote.close_for(damage)
            except TakesError:  # it is away, or closed to us, which the bell tells
                await asyncio.sleep(LOOK)

    async def verify(self, after: int = 0, batch: int = 2000) -> AsyncIterator[int]:
        if self.remote.damage:
            raise self.remote.damage
        async for position in super().verify(after, batch):
            yield position

    def close_for(self, damage: LogDamaged) -> None:
        super().close_for(damage)
        self.remote.close_for(damage)


@asynccontextmanager
async def open_mirror(
    path: Path, remote: PostgresLog, codec: Codec = CODEC, *, journal: Journal = "wal"
) -> AsyncIterator[Mirror]:
    """Open the mirror of that log in that file, or begin it; the film's own log is one from now on."""
    async with AsyncExitStack() as stack:
        with damage_told():
            # what a power cut takes back is copied again
            writer = await stack.enter_async_context(open_database(path, durable=False, journal=journal))
            await writer.transact(partial(_prepare, path, remote.id))
            reader = writer
            if journal == "wal":
                reader = await stack.enter_async_context(open_database(path, read_only=True))
            mirror = Mirror(writer, reader, codec, remote)
            await mirror.load()
        yield mirror


def _prepare(path: Path, log: str, db: sqlite3.Connection) -> None:
    if db.execute("PRAGMA user_version").fetchone()[0] == MIRROR:
        return
    prepare(path, log, db)
    if last_of(db).log == log:
        db.execute(f"PRAGMA user_version = {MIRROR}")


@asynccontextmanager
async def following(mirror: Mirror) -> AsyncIterator[None]:
    """Have the mirror follow the studio's log meanwhile. A database that does not answer is waited for beside.

    FilmNotInStudio and FilmNotOpen where it answers that.
    """
    try:
        await mirror.remote.load()
        await mirror.catch_up()
    except StudioAway as away:
        mirror.remote.away = away
    except LogDamaged as damage:
        mirror.remote.close_for(damage)
    async with mirror.remote.rings():
        copying = asyncio.create_task(mirror.follow())
        try:
            yield
        finally:
            await end(copying)


async def is_mirror(path: Path) -> bool:
    """Whether that file is a mirror, and no log to which is appended."""
    with damage_told():
        async with open_database(path, read_only=True) as db:
            found = await db.run(lambda one: one.execute("PRAGMA user_version").fetchone()[0])
    return bool(found == MIRROR)


async def make_log_of(path: Path, *, journal: Journal = "wal") -> None:
    """Have the mirror in that file be a log to which is appended, as it was before the film went into the studio."""

    def work(db: sqlite3.Connection) -> None:
        found = db.execute("PRAGMA user_version").fetchone()[0]
        if found not in (MIRROR, FORMAT):
            raise LogFromTheFuture(f"format {found} of {path}")
        db.execute(f"PRAGMA user_version = {FORMAT}")

    with damage_told():
        async with open_database(path, journal=journal) as db:
            await db.transact(work)
