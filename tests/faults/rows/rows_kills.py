"""The daemon is killed at a durable call of each operation, and once more while it recovers."""

import pytest

from tests.faults.operations import OPERATIONS, Operation, calls_of, done, is_over
from tests.faults.row import Row

pytestmark = pytest.mark.needs("calls")

TRIED = 20
"""Calls of an operation at which it is killed in a whole run."""

RECOVERY = 40
"""The call, up to so many, at which the daemon dies again while it starts."""


@pytest.mark.parametrize("name", OPERATIONS)
async def test_an_operation_survives_a_kill_and_another_one_in_the_recovery(row: Row, name: str) -> None:
    kind = OPERATIONS[name]
    async with row.world(**kind.choices) as world:
        operation = kind(world)
        await world.start()
        await operation.once()
        for at in row.of(await calls_of(operation), TRIED):
            await killed(row, operation, at)
            await done(operation)
            await world.check()
            row.survived()


async def killed(row: Row, operation: Operation, at: int) -> None:
    """Have the daemon die at that call, and again while it recovers; after that one goes on."""
    world, again = operation.world, row.chance.randint(1, RECOVERY)
    await operation.prepare()
    world.calls.arm(at)
    await operation.begin()
    if await world.lives_until(lambda: is_over(operation)) and world.calls.disarm() < at:
        return
    row.say(f"killed at {at}: {world.calls.last}")
    await world.begin(at=again)
    if not await world.lives_until(world.rests):
        row.say(f"killed again at {again}: {world.calls.last}")
    await world.start()
