"""A SQLite database that one task at a time may change, each change one function on the database's own thread."""

import asyncio
import errno
import sqlite3
import stat
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from io import FileIO
from itertools import count
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import aiosqlite

from events.errors import DiskRefused
from events.store.tasks import to_its_end

T = TypeVar("T")

Journal = Literal["wal", "truncate", "off"]
"""How a commit is made whole. A write-ahead log costs one sync, and maps a file, `-shm`, into memory that others see.

Where the disk does not take what is written to such memory, the kernel kills whoever has written it. `off` is
for a file that is thrown away where a commit is cut short.
"""

CALL = "SELECT call(?)"
"""Runs the function of that number on the database's thread."""

E = TypeVar("E", bound=BaseException)

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

_SEEK_DATA = 4 if sys.platform == "darwin" else 3
"""How lseek(2) is asked for the next bytes that are no hole."""

_REFUSALS = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_CANTOPEN: errno.EIO,
    sqlite3.SQLITE_BUSY: errno.EBUSY,
}
"""What SQLite says where not it but the disk, or who else has the file, stands in the way."""


class _Call(Generic[T]):
    """A function that is to run on the database's thread, and what came of it."""

    result: T
    error: BaseException | None = None

    def __init__(self, work: Callable[[sqlite3.Connection], T]) -> None:
        self.work = work

    def outcome(self) -> T:
        if self.error:
            raise self.error
        return self.result


class Database:
    """One connection. A transaction is a synchronous function, so that no task can come in between.

    aiosqlite hops to its thread for a statement, and has no call for a function. SQLite has: a query may
    call a function of ours, and that may do with the same connection whatever it likes but close or VACUUM it.
    """

    _thread: threading.Thread
    _db: sqlite3.Connection

    def __init__(self, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._path = path
        self._connect = connect
        self._connection = aiosqlite.Connection(self._begin, iter_chunk_size=64)
        self._numbers = count()
        self._calls: dict[int, _Call[Any]] = {}

    def _begin(self) -> sqlite3.Connection:
        self._thread = threading.current_thread()
        try:
            self._db = self._connect()
        except sqlite3.Error as error:
            raise self.told(error)  # noqa: B904 - which has it for its cause, or is it
        self._db.create_function("call", 1, self._do)
        return self._db

    def _do(self, number: int) -> None:
        call = self._calls[number]
        try:
            call.result = call.work(self._db)
        except BaseException as error:  # noqa: BLE001 - it is raised where the work was asked for
            call.error = self.told(error)

    def told(self, error: E) -> E | DiskRefused:
        """That error, or DiskRefused where it is one of those; on the database's thread.

        A file that the disk does not give is called damaged by SQLite, too.
        """
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _DAMAGE:
            refused = _read_refused(self._path)
        else:
            refused = DiskRefused(_REFUSALS[code], str(error)) if code in _REFUSALS else None
        if refused is None:
            return error
        refused.__cause__ = error
        return refused

    async def open(self) -> None:
        """Connect, on a thread of its own."""
        await to_its_end(self._connection)

    async def close(self) -> None:
        """Close the connection, and wait for the end of its thread."""
        await to_its_end(self._connection.close())
        while self._thread.is_alive():  # noqa: ASYNC110 - where it did not open, it says so late
            await asyncio.sleep(0.001)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on the database's thread; a caller who is cancelled still waits for its end."""
        number, call = next(self._numbers), _Call(work)
        self._calls[number] = call
        try:
            await self._connection.execute_fetchall(CALL, (number,))
        except asyncio.CancelledError:
            await to_its_end(self._connection.execute_fetchall("SELECT 1"))  # the thread takes them in turn
            raise
        finally:
            del self._calls[number]
        return call.outcome()

    async def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` inside BEGIN IMMEDIATE and COMMIT; whatever it raises rolls back."""
        return await self.run(partial(_within, "BEGIN IMMEDIATE", work))

    async def snapshot(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work`, which only reads: all that it reads is of one moment."""
        return await self.run(partial(_within, "BEGIN", work))


@asynccontextmanager
async def open_database(
    path: Path,
    *,
    read_only: bool = False,
    durable: bool = True,
    journal: Journal = "wal",
    alone: bool = False,
) -> AsyncIterator[Database]:
    """Open the database file; `durable` means that a commit survives a power cut.

    Who has it `alone`, shares it with no other process, and a write-ahead log maps no file into memory then.
    """

    def connect() -> sqlite3.Connection:
        _check_files(path)
        uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        uri += "&vfs=unix-excl" if alone else ""
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, cached_statements=64)
        try:
            _configure(connection, read_only=read_only, durable=durable, journal=journal)
        except BaseException:
            connection.close()
            raise
        return connection

    database = Database(path, connect)
    try:
        await database.open()
        yield database
    finally:
        await database.close()


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether it says that the file does not hold what a database holds."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


def _check_files(path: Path) -> None:
    """DiskRefused where something else lies in the place of a database, or of what SQLite has beside it.

    A pipe would be waited for, a link be followed, and of all else SQLite does not say what it is about.
    """
    for suffix in ("", "-wal", "-shm", "-journal"):
        one = path.with_name(path.name + suffix)
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(one.lstat().st_mode):
                raise DiskRefused(errno.EINVAL, f"{one} is not a file: move it away")


def _read_refused(path: Path) -> DiskRefused | None:
    """What the disk says where it does not give all of a database."""
    try:
        for file in (path, path.with_name(f"{path.name}-wal")):
            if not file.is_file():  # a pipe would be waited for
                continue
            with suppress(FileNotFoundError), file.open("rb", buffering=0) as opened:
                while _is_before_data(opened) and opened.read(1 << 20):
                    pass
    except OSError as error:
        return DiskRefused(error.errno, error.strerror)
    return None


def _is_before_data(file: FileIO) -> bool:
    """Whether the disk has more of a file, which is at the first byte of that then: nothing is read of a hole."""
    try:
        file.seek(file.tell(), _SEEK_DATA)
    except OSError as error:
        return error.errno != errno.ENXIO  # a filesystem that does not tell has it all read
    return True


def _within(begin: str, work: Callable[[sqlite3.Connection], T], connection: sqlite3.Connection) -> T:
    connection.execute(begin)
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite rolls back by itself where the disk fails
            connection.execute("ROLLBACK")
        raise
    return result


def _configure(connection: sqlite3.Connection, *, read_only: bool, durable: bool, journal: Journal) -> None:
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA mmap_size = 0")  # amplified the WAL-reset race of SQLite before 3.51.3
    if read_only:
        connection.execute("PRAGMA query_only = ON")
        return
    if journal != "wal":
        # A write-ahead log that was there is not mapped then.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute(f"PRAGMA journal_mode = {journal}")
    connection.execute("PRAGMA locking_mode = NORMAL")  # from the next look on
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.execute("PRAGMA fullfsync = ON")  # on macOS a plain fsync stops at the drive's cache
    connection.execute("PRAGMA checkpoint_fullfsync = ON")
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if durable and (mode, synchronous) != (journal, 2):
        raise sqlite3.OperationalError(
            f"journal_mode is {mode} and synchronous is {synchronous}, not {journal} and 2"
        )
