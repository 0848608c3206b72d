"""A durable call of each operation fails, and then the power is cut.

EIO is said once. A disk that is full, or read-only, says so of every call for a while.
"""

import errno

import anyio
import pytest

from tests.faults.calls import MANY
from tests.faults.operations import OPERATIONS, Operation, calls_of, done, is_over
from tests.faults.row import Row

pytestmark = [pytest.mark.needs("calls", "a disk"), pytest.mark.share(4)]

ERRORS = {"EIO": 1, "ENOSPC": MANY, "EDQUOT": MANY, "EROFS": MANY}
"""What fails, and how many calls from the first one on."""

TRIED = 5
"""Calls of an operation that fail in a whole run."""

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
