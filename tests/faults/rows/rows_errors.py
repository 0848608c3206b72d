"""A durable call of each operation fails, and then the power is cut.

EIO is said once. A disk that is full, or read-only, says so of every call for a while.
"""

import errno
import os

import anyio
import pytest

from tests.faults.calls import MANY, Kind
from tests.faults.operations import OPERATIONS, Operation, calls_of, done, is_over
from tests.faults.row import Row

pytestmark = [pytest.mark.needs("calls", "a disk"), pytest.mark.share(8)]

ERRORS = {"EIO": 1, "ENOSPC": MANY, "EDQUOT": MANY, "EROFS": MANY}
"""What fails, and how many calls from the first one on."""

TRIED = 5
"""Calls of an operation that fail in a whole run."""

FILES_OF_TAKES = ("/shot_001_take_", "/objects/")
"""Parts of the paths of what is a take's, and of its second names."""

FOR = 1.0
"""Seconds for which a disk is full."""


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", OPERATIONS)
async def test_an_operation_survives_a_call_that_fails_and_a_power_cut(
    row: Row, name: str, error: str
) -> None:
    kind = OPERATIONS[name]
    with row.disk() as disk:
        async with row.world(place=disk.place, **kind.choices) as world:
            operation = kind(world)
            await world.start()
            await operation.once()
            for at in row.of(await calls_of(operation), TRIED):
                await failing(row, operation, at, error)
                await done(operation)
                await world.check(closely=False)
                await disk.cut(world)
                await world.start()
                await done(operation)
                await world.check()
                row.survived()


@pytest.mark.needs("ext4")
async def test_a_sync_that_failed_is_final(row: Row) -> None:
    """No sync of a take's file reaches the disk for a while; the power is cut as soon as all is said to be done."""
    with row.disk("ext4") as cut_off:  # where no blocks are shared, which would write them, too
        async with row.world(place=cut_off.place) as world:
            operation = OPERATIONS["drop"](world)
            await world.start()
            for many in (MANY, 1, 2, 3, MANY)[: row.some(TRIED)]:
                world.calls.arm(1, errno.EIO, many=many, kinds=Kind.SYNC, parts=FILES_OF_TAKES)
                await operation.begin()
                with anyio.move_on_after(FOR):
                    await world.lives_until(lambda: is_over(operation))
                world.calls.disarm()
                assert await world.lives_until(lambda: is_over(operation))
                await cut_off.cut(world)
                await world.start()
                await world.check()
                row.survived()


async def failing(row: Row, operation: Operation, at: int, error: str) -> None:
    """Have that call fail while the operation is done; after that all is well again."""
    calls = operation.world.calls
    await operation.prepare()
    calls.arm(at, getattr(errno, error), many=ERRORS[error])
    await operation.begin()
    with anyio.move_on_after(FOR):
        await operation.world.lives_until(lambda: is_over(operation))
    calls.disarm()
    row.say(f"{error} at {at}, {calls.hits} times: {calls.last}")
    if error == "EIO" and "sync" in calls.last:  # which is to be told: the disk may be failing
        operation.world.ledger.excused = os.strerror(errno.EIO)
