"""Migrations: the tables of a studio's database are made, and brought to what this release knows, in numbered steps."""

from importlib.resources import files

import anyio

from events.errors import LogFromTheFuture
from events.store.postgres.errors import StudioNotReady
from events.store.postgres.studio import Studio

STEPS = sorted(
    (one for one in files("events.store.postgres").joinpath("steps").iterdir() if one.name.endswith(".sql")),
    key=lambda one: one.name,
)
"""Each a file of SQL whose name begins with its number; none is ever changed once it was released."""

FORMAT = len(STEPS)
"""The number of the last step: what this release knows. A newer one is refused."""

BEGIN = "CREATE SCHEMA takes; CREATE TABLE takes.format (version int NOT NULL)"


async def migrate(studio: Studio) -> list[str]:
    """Make what is missing, each step in one transaction; the names of the steps that were taken.

    LogFromTheFuture where a newer release was here, StudioNotReady where the database cannot hold a log.
    """
    taken: list[str] = []
    async with studio.session() as db:
        (encoding,) = await (await db.execute("SHOW server_encoding")).fetchone() or ("",)
        if encoding != "UTF8":
            hint = "Make one: createdb --encoding=UTF8 --template=template0"
            raise StudioNotReady(f"the database has the encoding {encoding}, and a log is UTF-8", hint)
        while True:
            async with db.transaction():
                await db.execute("SELECT pg_advisory_xact_lock(hashtext('takes.format'))")  # one at a time
                if await (await db.execute("SELECT to_regclass('takes.format')")).fetchone() == (None,):
                    await db.execute(BEGIN)
                row = await (await db.execute("SELECT max(version) FROM takes.format")).fetchone()
                known = _check(row[0] or 0 if row else 0)
                if known == FORMAT:
                    return taken
                step = STEPS[known]
                await db.execute(await anyio.to_thread.run_sync(step.read_bytes))
                await db.execute("DELETE FROM takes.format")
                await db.execute("INSERT INTO takes.format VALUES (%s)", (known + 1,))
            taken.append(step.name.removesuffix(".sql"))


async def check_format(studio: Studio) -> int:
    """The format of the database: StudioNotReady where it has none, LogFromTheFuture where it is newer than we know."""
    found = await studio.rows("SELECT max(version) FROM takes.format")
    if not found or not found[0][0]:
        raise StudioNotReady("the database has no tables of takes")
    return _check(found[0][0])


def _check(found: int) -> int:
    if found > FORMAT:
        raise LogFromTheFuture(f"format {found} of the studio's database")
    return found
