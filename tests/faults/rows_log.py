"""The log is replaced behind the daemon's back: no number is ever given twice, and nothing that was taken is lost."""

import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.faults.invariants import Violated
from tests.faults.row import Row
from tests.faults.world import World
from tests.film import DAWN, until

BEHIND = "a log that is behind what it has given is not noticed yet"
REFUSED = "a log that is not the film's is not refused yet"
DAMAGED = "a damaged record is not noticed at the start yet"


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


@pytest.mark.parametrize("has_project_file", [True, False], ids=["with project.json", "without project.json"])
@pytest.mark.parametrize("name", SURGERIES)
async def test_no_number_is_given_twice_whatever_becomes_of_the_log(
    row: Row, name: str, *, has_project_file: bool
) -> None:
    async with row.world() as world:
        surgery = Surgery(world, row)
        await world.start()
        await world.taken()
        surgery.save("older")
        for _ in range(3):
            await world.taken()
        await world.gone()
        await SURGERIES[name](surgery)
        if not has_project_file:
            (world.film.root / "project.json").unlink()
        await world.begin()
        if await world.lives_until(lambda: decided(world)) and await is_live(world):
            await world.taken()
            await check_numbers(world)
        await world.gone()
        row.survived()


async def decided(world: World) -> bool:
    return (await state(world)) != "starting"


async def is_live(world: World) -> bool:
    return (await state(world)) == "live"


async def state(world: World) -> str:
    (project,) = (await world.daemon.get("/api/projects"))["projects"]
    return str(project["state"])


async def check_numbers(world: World) -> None:
    """Violated where a number that was given before is another take's now."""
    for one in await world.daemon.takes(DAWN):
        if broken := world.ledger.heard(DAWN, one):
            raise Violated(broken)
