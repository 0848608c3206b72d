"""The tables of the jobs, and which takes have one: procrastinate's own, in a schema of their own, made by its own steps.

A job is the shadow of a take that was asked for. The log alone says what waits.
"""

import re
from importlib.resources import files

import anyio

from events.record import TakeKey
from events.store.postgres.errors import StudioNotReady
from events.store.postgres.migrations import check_format
from events.store.postgres.studio import Studio

SCHEMA = "takes_jobs"

SINCE = 3
"""The format of the database from which on there are jobs."""

AS_OWNER = f"SET LOCAL ROLE takes_owner; SET LOCAL search_path = {SCHEMA}, pg_temp"

_STEP = re.compile(r"\d\d\.\d\d\.\d\d_\d\d_.+\.sql")


async def make_tables(studio: Studio) -> list[str]:
    """Make procrastinate's tables, or bring them to the release of it that is installed; the steps that were taken."""
    whole, steps = await anyio.to_thread.run_sync(_read)
    taken: list[str] = []
    async with studio.session() as db:
        while True:
            async with db.transaction():
                await db.execute("SELECT pg_advisory_xact_lock(hashtext('takes.format'))")  # one at a time
                await db.execute(AS_OWNER.encode())
                rows = await (await db.execute("SELECT name FROM steps")).fetchall()
                known = {name for (name,) in rows}
                missing = [name for name in steps if name not in known]
                if not missing:
                    return taken
                done = [missing[0]] if known else missing
                await db.execute(steps[missing[0]] if known else whole)
                await db.execute("INSERT INTO steps SELECT unnest(%s::text[])", (done,))
            taken.append(done[-1].removesuffix(".sql"))


def _read() -> tuple[bytes, dict[str, bytes]]:
    """All of it for a database that has nothing, and each step by its name, in order."""
    sql = files("procrastinate") / "sql"
    found = [one for one in (sql / "migrations").iterdir() if _STEP.fullmatch(one.name)]
    steps = {one.name: one.read_bytes() for one in sorted(found, key=lambda one: one.name)}
    return (sql / "schema.sql").read_bytes(), steps


async def hand_out(studio: Studio, film: int, queue: str | None) -> None:
    """Have what is asked for in that film be found there by workers, or be nothing for them; StudioNotReady."""
    if await check_format(studio) >= SINCE:
        await studio.rows("SELECT takes.hand_out(%s, %s)", film, queue)
    elif queue:
        raise StudioNotReady(
            "the database has no tables for workers", "Bring it to this release: `takes studio init`."
        )


async def defer(studio: Studio, film: int, take: TakeKey) -> None:
    """Have there be a job for that take, unless one waits already."""
    await studio.rows("SELECT takes.defer(%s, %s, %s)", film, *take)
