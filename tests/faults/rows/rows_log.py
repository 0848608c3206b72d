"""The log is replaced behind the daemon's back: no number is ever given twice, and nothing that was taken is lost."""

import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.faults.row import Row
from tests.faults.world import World
from tests.support.film import until

DAMAGED, OLDER = "damaged", "is an older one"
"""Words of what is said of a log to which nothing is added, and of one that goes on."""


class Surgery:
    """A film with a past, of which parts can be brought back; its daemon has ended."""

    def __init__(self, world: World, row: Row) -> None:
        self.world = world
        self.row = row
        self.log = world.film.log

    def save(self, name: str, log: Path | None = None) -> Path:
        """Keep a copy of a log as it is now."""
        kept = self.world.film.folder / f"{name}.db"
        with sqlite3.connect(log or self.log) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        shutil.copyfile(log or self.log, kept)
        return kept

    def put(self, log: Path) -> None:
        """Have that log be the film's."""
        for name in ("log.db", "log.db-wal", "log.db-shm"):
            self.log.with_name(name).unlink(missing_ok=True)
        shutil.copyfile(log, self.log)


async def older(surgery: Surgery) -> None:
    """An older copy is put back."""
    surgery.put(surgery.world.film.folder / "older.db")


async def diverged(surgery: Surgery) -> None:
    """Another history has followed the same beginning."""
    async with surgery.row.world() as twin:
        twin.film.root.rename(twin.film.folder / "made")
        shutil.copytree(surgery.world.film.root, twin.film.root, symlinks=True)
        twin_log = Surgery(twin, surgery.row)
        twin_log.put(surgery.world.film.folder / "older.db")
        await twin.start()
        twin.film.drop(twin.fresh(size=100), "other.png")
        await until(twin.rests)
        await twin.gone()
        surgery.put(twin_log.save("diverged"))


async def foreign(surgery: Surgery) -> None:
    """The log of another film lies there."""
    async with surgery.row.world() as stranger:
        await stranger.start()
        await stranger.taken(stranger.fresh(size=100))
        await stranger.gone()
        surgery.put(Surgery(stranger, surgery.row).save("foreign"))


async def cut_off(surgery: Surgery) -> None:
    """The last records are missing, as where the end of a log was not copied along."""
    log = surgery.save("cut")
    with sqlite3.connect(log) as db:
        db.execute("DROP TRIGGER events_no_delete")
        db.execute("DELETE FROM events WHERE position > (SELECT max(position) - 4 FROM events)")
    db.close()
    surgery.put(log)


async def flipped(surgery: Surgery) -> None:
    """A bit of a record has changed."""
    log = surgery.save("flipped")
    content = bytearray(log.read_bytes())
    at = content.rindex(b"shot_001_take_002")
    content[at] ^= 1
    log.write_bytes(content)
    surgery.put(log)


async def gone(surgery: Surgery) -> None:
    """There is none."""
    for name in ("log.db", "log.db-wal", "log.db-shm"):
        surgery.log.with_name(name).unlink(missing_ok=True)


SURGERIES: dict[str, Callable[[Surgery], Awaitable[None]]] = {
    one.__name__: one for one in (older, diverged, foreign, cut_off, flipped, gone)
}


@pytest.mark.share(2)
@pytest.mark.parametrize("has_project_file", [True, False], ids=["with project.json", "without project.json"])
@pytest.mark.parametrize("name", SURGERIES)
async def test_no_number_is_given_twice_whatever_becomes_of_the_log(
    row: Row, name: str, *, has_project_file: bool
) -> None:
    """Either the film goes on, and nothing is missing, or it says what is wrong until the right log is back."""
    async with row.world() as world:
        surgery = Surgery(world, row)
        await world.start()
        await world.taken()
        surgery.save("older")
        for _ in range(3):
            await world.taken()
        await world.gone()
        right = surgery.save("right")
        await SURGERIES[name](surgery)
        world.ledger.excused = OLDER
        if not has_project_file:
            world.film.project_file.unlink()
            world.ledger.keys = {}
        await world.begin()
        content = world.drop()
        became = await until(lambda: outcome(world, content))
        row.say(f"{name}: {became}")
        if became != "taken":
            await world.gone()
            surgery.put(right)
            await world.start()
        await world.check()
        row.survived()


async def outcome(world: World, content: bytes) -> str | None:
    """Whether the drop was taken, or the film or the status says what is wrong."""
    with suppress(httpx.TransportError, AssertionError, KeyError):
        if await world.is_suspended():
            return "suspended"
        if await world.take_of(content):
            return "taken"
        damaged = [one["what"] for one in (await world.daemon.status())["problems"] if DAMAGED in one["what"]]
        return damaged[0] if damaged else None
    return None
