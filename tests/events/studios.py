"""Studios: the service that leads to the database of the tests, and films whose log is in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from events.store.postgres.films import enter
from events.store.postgres.log import PostgresLog, open_postgres_log
from events.store.postgres.studio import Studio

SERVICE = "takes"


@asynccontextmanager
async def opened(studio: Studio, id_: str | None = None) -> AsyncIterator[PostgresLog]:
    """A film's log, which is new where none is named."""
    if id_ is None:
        film = await enter(studio, id_ := uuid4().hex, "A film")
        await film.turn("moving", "open")
    async with open_postgres_log(studio, id_) as log:
        yield log
