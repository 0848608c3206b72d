"""Logs on the disk for tests, and what is done to one behind its back."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest

from events import SqliteLog, open_log
from events.store.rows import Row
from tests.events.samples import A_LIFE, append
from tests.support.deadline import DEADLINE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
async def log(path: Path) -> AsyncIterator[SqliteLog]:
    async with open_log(path) as log:
        yield log


@pytest.fixture
async def written(path: Path) -> Path:
    """A log of one life and a second stream, closed."""
    async with open_log(path) as log:
        await log.append(append("a", *A_LIFE, cause="request:1"))
        await log.append(append("b"))
    return path


def row(position: int) -> Row:
    return (position, "a", position, "", "", "", None, 1, "{}", "")


async def verified(log: SqliteLog) -> int:
    """The number of records, all of which are what was written."""
    return max([position async for position in log.verify()], default=0)


async def pragma(log: SqliteLog, text: str) -> object:
    """What the log's writer answers to the pragma."""

    def work(db: sqlite3.Connection) -> object:
        row = db.execute(f"PRAGMA {text}").fetchone()
        return row[0] if row else None

    return await log._writer.run(work)


async def turns() -> None:
    """Let every task run until it waits for something."""
    for _ in range(10):
        await asyncio.sleep(0)


@contextmanager
def foreign(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that is none of the log's own."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        yield db


@asynccontextmanager
async def gated(log: SqliteLog) -> AsyncIterator[Callable[[], None]]:
    """Hold the writer's thread, so that what is appended meanwhile has to wait for it."""
    gate = threading.Event()
    held = asyncio.create_task(log._writer.run(lambda _: gate.wait(DEADLINE)))
    await turns()
    try:
        yield gate.set
    finally:
        gate.set()
        await held
