"""The power is cut: as soon as all was said to be done, in the midst of it, and on a disk that has refused to write."""

from contextlib import suppress

import anyio
import pytest

from tests.faults.disks import KINDS, thin_disk
from tests.faults.operations import OPERATIONS, is_over
from tests.faults.row import Row
from tests.faults.world import SHOTS

TRIED = 3
"""Cuts of an operation on one disk in a whole run."""

BURST = 12
"""Drops that are under way when the power goes."""

ROOM, SIZE, DROPS = 6 << 20, 500_000, 24
"""Bytes that a thin disk has, and twice as many in drops."""


@pytest.mark.needs("calls")
@pytest.mark.share(6)
@pytest.mark.parametrize("disk", KINDS)
@pytest.mark.parametrize("name", OPERATIONS)
async def test_what_was_said_to_be_done_is_so_after_a_power_cut(row: Row, name: str, disk: str) -> None:
    kind = OPERATIONS[name]
    with row.disk(disk) as cut_off:
        async with row.world(place=cut_off.place, **kind.choices) as world:
            operation = kind(world)
            await world.start()
            await operation.once()
            for _ in range(row.some(TRIED)):
                await operation.prepare()
                await operation.begin()
                assert await world.lives_until(lambda: is_over(operation))
                told = world.film.project_file.read_bytes()
                await cut_off.cut(world)
                assert world.film.project_file.read_bytes() == told
                await world.start()
                assert await world.lives_until(operation.is_done)
                await world.check()
                row.survived()


@pytest.mark.share(3)
@pytest.mark.parametrize("disk", KINDS)
async def test_drops_under_way_survive_a_power_cut(row: Row, disk: str) -> None:
    with row.disk(disk) as cut_off:
        async with row.world(place=cut_off.place) as world:
            await world.start()
            for _ in range(row.some(12)):
                whole = [world.lay(row.chance.choice(SHOTS)) for _ in range(BURST)]
                for one in whole:
                    world.let_go(one)
                await anyio.sleep(row.chance.random() / 2)  # the moment is the fault
                await cut_off.cut(world)
                for one in whole:
                    world.let_go(one)
                await world.start()
                await world.check()
                row.survived()


@pytest.mark.share(3)
@pytest.mark.parametrize("disk", KINDS)
async def test_what_a_thin_disk_has_refused_is_never_called_complete(row: Row, disk: str) -> None:
    with thin_disk(disk, ROOM) as thin:
        async with row.world(place=thin.disk.place) as world:
            await world.start()
            for _ in range(DROPS):
                with suppress(OSError):  # what its own program cannot write is no drop
                    world.drop(world.fresh(size=SIZE), row.chance.choice(SHOTS))
            with anyio.move_on_after(5.0):  # the fault lasts
                await world.lives_until(world.rests)
            complete = await world.complete()
            thin.widen()
            await thin.disk.cut(world)
            await world.start()
            world.check_bytes(complete)
            row.survived()
