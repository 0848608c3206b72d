"""Logs with a record that is not what was written."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from events import open_log
from tests.events.samples import append, some
from tests.support.film import Film

LOOSE = "DROP TRIGGER events_no_update", "DROP TRIGGER events_no_delete"


def change(
    path: Path, position: int, *, column: str = "at", value: str = "2020-01-01T00:00:00.000000Z"
) -> str:
    """Change a record behind the database's back; the stream that it is of."""
    with closing(sqlite3.connect(path)) as db:
        triggers = [
            row[0] for row in db.execute("SELECT sql FROM sqlite_schema WHERE name GLOB 'events_no_*'")
        ]
        for statement in LOOSE:
            db.execute(statement)
        db.execute(f"UPDATE events SET {column} = ? WHERE position = ?", (value, position))
        for statement in triggers:
            db.execute(statement)
        db.commit()
        (stream,) = db.execute("SELECT stream FROM events WHERE position = ?", (position,)).fetchone()
    return str(stream)


async def lengthen(film: Film, count: int) -> None:
    """Have so many more records in the film's log, of a shot that is nowhere."""
    async with open_log(film.log) as log:
        await log.append(append("elsewhere", *map(some, range(count))))


def extend(film: Film, count: int) -> None:
    """The same, where no loop runs."""
    asyncio.run(lengthen(film, count))
