"""The connection to a studio's database: its driver, and what is said when it is away or not as it should be.

This is the one module that imports the driver, which comes only with the extra `studio`.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from events.errors import StudioAway
from events.store.postgres.bell import CHANNELS, LOOK, Bell
from events.store.postgres.errors import StudioForbids, StudioNotInstalled, StudioNotReady, StudioOlder

try:
    import psycopg
    import psycopg_pool
    from psycopg.conninfo import make_conninfo
except ImportError as error:
    raise StudioNotInstalled from error

PATIENCE = 10.0
"""Seconds that a question waits for its answer, with all that it takes to reach the database."""

CONNECT = 3
"""Seconds for which a connection is tried."""

SOON = 1.0
"""Seconds for which a connection of the pool is waited for before it is asked why there is none."""

AT_ONCE = 4
"""Connections that a process may have for the questions of all its films; the one that listens comes beside."""

LISTEN = "; ".join(f"LISTEN {channel}" for channel in CHANNELS)

_SETTINGS: dict[str, Any] = {
    "connect_timeout": CONNECT,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}

_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError, OSError)
"""What the driver says where the database cannot be asked, or has not answered."""


def conninfo_of(service: str, name: str, **more: str) -> str:
    """How the database of that service is reached, and what it is told that asks."""
    return make_conninfo(service=service, application_name=name, **_SETTINGS, **more)


class Studio:
    """A database that has the logs of films; `bell` tells them what others append."""

    def __init__(self, service: str, name: str) -> None:
        self.service = service
        self._conninfo = conninfo_of(service, name)
        self._pool = psycopg_pool.AsyncConnectionPool(
            self._conninfo,
            kwargs={"autocommit": True, "prepare_threshold": None},  # or a pooler in between fails
            min_size=1,
            max_size=AT_ONCE,
            timeout=SOON,
            reconnect_timeout=CONNECT,
            open=False,
        )
        self.bell = Bell(self)

    async def open(self) -> None:
        """Begin to connect; it is not waited for."""
        await self._pool.open()

    async def close(self) -> None:
        """Let go of all connections."""
        await self._pool.close(CONNECT)

    async def rows(self, query: str, *parameters: object) -> list[Any]:
        """What the database answers. StudioAway where it does not; then the question may have been heard, or not.

        It is asked once more where a connection turns out to be dead: what is asked can be asked twice.
        """
        with told():
            try:
                return await self._ask(query, parameters)
            except psycopg_pool.PoolTimeout:
                async with self._connected():  # which says why
                    pass
            except (psycopg.OperationalError, psycopg.InterfaceError):
                async with asyncio.timeout(PATIENCE):
                    await self._pool.check()
            return await self._ask(query, parameters)

    async def _ask(self, query: str, parameters: Sequence[object]) -> list[Any]:
        async with asyncio.timeout(PATIENCE), self._pool.connection() as db:
            return await (await db.execute(query.encode(), parameters)).fetchall()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """A connection that is not of the pool."""
        async with asyncio.timeout(PATIENCE):
            db = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
        async with db:
            yield db

    async def one(self, query: str, *parameters: object) -> Any:
        """The first field of the first row of the answer."""
        return (await self.rows(query, *parameters))[0][0]

    async def listen(self) -> AsyncIterator[tuple[str, str] | None]:
        """What is told to all who listen, by channel, for as long as the connection lives, and None every second."""
        with told():
            async with self._connected() as db:
                await db.execute(LISTEN.encode())
                while True:
                    yield None
                    async for heard in db.notifies(timeout=LOOK):
                        yield heard.channel, heard.payload

    @asynccontextmanager
    async def session(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """A connection of its own, for what is done in one transaction."""
        with told():
            async with self._connected() as db:
                yield db


@contextmanager
def told() -> Iterator[None]:
    """Tell what the driver says as an error of ours, unless it is a mistake of ours."""
    try:
        yield
    except _AWAY as error:
        raise StudioAway(_first_line(error)) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise StudioForbids(_first_line(error), error.diag.message_hint) from error
    except psycopg.errors.ReadOnlySqlTransaction as error:
        raise StudioAway("it is a copy that takes nothing in") from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        raise StudioNotReady("the database has no tables of takes") from error
    except psycopg.errors.UndefinedFunction as error:
        raise StudioOlder from error


def _first_line(error: Exception) -> str:
    """What happened, in one line; of a connection's address only what a person needs, and never a password."""
    said = " ".join(str(error).split("\n")[0].split()) or "it took too long"
    return re.sub(r"password=\S+", "password=***", said)


class Studios:
    """The databases that one process has open: each once, however many films are in it."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[Studio, int]] = {}

    @asynccontextmanager
    async def connected(self, service: str, name: str) -> AsyncIterator[Studio]:
        """The database of that service, for one more; the last one closes it."""
        studio, count = self._open.get(service) or (Studio(service, name), 0)
        self._open[service] = studio, count + 1
        try:
            await studio.open()
            yield studio
        finally:
            studio, count = self._open.pop(service)
            if count > 1:
                self._open[service] = studio, count - 1
            else:
                await studio.close()


@asynccontextmanager
async def open_studio(service: str, name: str = "takes") -> AsyncIterator[Studio]:
    """The database of that libpq service, which need not answer yet; `name` is what it is told that asks."""
    studio = Studio(service, name)
    await studio.open()
    try:
        yield studio
    finally:
        await studio.close()
