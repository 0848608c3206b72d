"""The soak: a film is worked on for as long as was chosen, at first in peace, and then with a fault at any moment."""

import time

import pytest

from tests.faults.operations import OPERATIONS, Operation, done
from tests.faults.row import Row
from tests.faults.rows.rows_errors import failing
from tests.faults.rows.rows_kills import killed
from tests.faults.world import World

NAMES = ("drop", "recipe", "overwrite", "delete", "restore", "dedupe", "adopt", "rebuild")
CALLS = 150
"""The call, up to so many, that is a fault: about what an operation takes."""

GROWTH, FILES = 48 << 20, 10
"""Bytes and open files that a daemon in peace may have more at the end than after a third of its time."""

OFTEN = 20
"""Operations between two looks at all of the film."""


@pytest.mark.needs("calls")
async def test_a_film_is_worked_on_for_long(row: Row, minutes: float) -> None:
    async with row.world() as world:
        await world.start()
        works = [OPERATIONS[name](world) for name in NAMES]
        for work in works:
            await work.once()
        half = minutes * 60 / 2
        await in_peace(row, world, works, half / 3)
        before = world.weight()
        await in_peace(row, world, works, half * 2 / 3)
        after = world.weight()
        row.say(f"memory {before[0]}, then {after[0]}; open files {before[1]}, then {after[1]}")
        assert after[0] - before[0] < GROWTH
        assert after[1] - before[1] < FILES
        await with_faults(row, world, works, half)


async def in_peace(row: Row, world: World, works: list[Operation], seconds: float) -> None:
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        work = row.chance.choice(works)
        await work.prepare()
        await work.begin()
        await done(work)
        count += 1
        if not count % OFTEN:
            await world.check()
    await world.check()


async def with_faults(row: Row, world: World, works: list[Operation], seconds: float) -> None:
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        work, at = row.chance.choice(works), row.chance.randint(1, CALLS)
        if row.chance.random() < 0.5:
            await killed(row, work, at)
        else:
            await failing(row, work, at, row.chance.choice(["EIO", "ENOSPC", "EDQUOT", "EROFS"]))
        await done(work)
        row.survived()
        count += 1
        if not count % OFTEN:
            await world.check()
    await world.check()
