"""A SQLite database that one task at a time may change, each change one function on the database's own thread."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import aiosqlite
import anyio

T = TypeVar("T")


class Database:
    """One connection. A transaction is a synchronous function, so that no task can come in between."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on the database's thread; a caller who is cancelled still waits for its end."""
        connection = self._connection
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        # aiosqlite's public calls are a hop to the thread for each statement, and start one turn of the loop
        # later where they are to outlive their caller; this is one hop, at once, for all statements.
        connection._tx.put_nowait((done, partial(work, connection._conn)))  # noqa: SLF001
        return await _to_its_end(done)

    async def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` inside BEGIN IMMEDIATE and COMMIT; whatever it raises rolls back."""

        def transaction(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite rolls back by itself where the disk fails
                    connection.execute("ROLLBACK")
                raise
            return result

        return await self.run(transaction)


@asynccontextmanager
async def open_database(
    path: Path, *, read_only: bool = False, durable: bool = True
) -> AsyncIterator[Database]:
    """Open the database file, in WAL mode; `durable` means that a commit survives a power cut."""

    def connect() -> sqlite3.Connection:
        uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, cached_statements=64)
        try:
            _configure(connection, read_only=read_only, durable=durable)
        except BaseException:
            connection.close()
            raise
        return connection

    connection = aiosqlite.Connection(connect, iter_chunk_size=64)
    try:
        await _to_its_end(connection)
        yield Database(connection)
    finally:
        await _to_its_end(connection.close())
        while connection._thread.is_alive():  # noqa: ASYNC110, SLF001 - where it did not open, it says so late
            await asyncio.sleep(0.001)


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether it says that the file does not hold what a database holds."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


async def _to_its_end(work: Awaitable[T]) -> T:
    """Await the work; a caller who is cancelled meanwhile, even twice, still waits for its end."""
    running = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        with anyio.CancelScope(shield=True):
            while not running.done():
                with suppress(asyncio.CancelledError):  # the shield holds off anyio's, not a second cancel()
                    await asyncio.wait([running])
        raise


def _configure(connection: sqlite3.Connection, *, read_only: bool, durable: bool) -> None:
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA mmap_size = 0")  # amplified the WAL-reset race of SQLite before 3.51.3
    if read_only:
        connection.execute("PRAGMA query_only = ON")
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.execute("PRAGMA fullfsync = ON")  # on macOS a plain fsync stops at the drive's cache
    connection.execute("PRAGMA checkpoint_fullfsync = ON")
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if durable and (mode, synchronous) != ("wal", 2):
        raise sqlite3.OperationalError(
            f"journal_mode is {mode} and synchronous is {synchronous}, not wal and 2"
        )
