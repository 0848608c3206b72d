"""Many at once: who decides upon what is not so any more is refused, and only one is heard."""

import anyio

from projections.layout import full_id, take_name
from tests.faults.row import Row
from tests.faults.world import World
from tests.support.film import DAWN

CHOICES = 40


async def test_of_many_choices_upon_the_same_version_one_is_made(row: Row) -> None:
    async with row.world() as world:
        await world.start()
        for _ in range(3):
            await world.taken()
        for turn in range(row.some(10)):
            seen = (await world.daemon.ask("GET", f"shots/{full_id(DAWN)}/takes")).headers["ETag"]
            codes: list[int] = []
            async with anyio.create_task_group() as group:
                for _ in range(CHOICES):
                    group.start_soon(choose, world, 2 + turn % 2, seen, codes)
            assert (codes.count(200), codes.count(412)) == (1, CHOICES - 1), codes
            row.survived()
        await world.check()


async def choose(world: World, number: int, etag: str, codes: list[int]) -> None:
    """Make that take the active one, if the shot is still as it was."""
    path, body = f"shots/{full_id(DAWN)}/active-take", {"takeId": take_name(number)}
    codes.append((await world.daemon.ask("PUT", path, body, {"If-Match": etag})).status_code)
