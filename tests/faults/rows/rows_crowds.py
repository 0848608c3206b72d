"""Very many at once: nothing is lost, and memory and open files are as they were."""

import shutil
import signal

import anyio
import pytest

from tests.faults.row import Row
from tests.faults.world import World

SHOTS = tuple(f"01_Chapter/{scene:02d}_Scene/{shot:03d}_Shot" for scene in (1, 2) for shot in range(1, 5))

FILES, STOPPED, COPIED = 50_000, 20_000, 3_000
"""Files at once, files while the daemon stands still, and shots that are copied in, in a thorough run."""

TENTH = 10
"""What a whole run does of that."""

GROWTH = 150 << 20
"""Bytes that a daemon may take more than at its start, whatever it was given to do."""


@pytest.mark.share(2)
async def test_very_many_files_at_once(row: Row) -> None:
    async with row.world(shots=SHOTS) as world:
        await world.start()
        before = world.weight()
        drop_many(world, row.up_to(FILES // TENTH, FILES))
        await has_digested(row, world, before)


@pytest.mark.share(2)
async def test_very_many_files_while_the_daemon_stands_still(row: Row) -> None:
    async with row.world(shots=SHOTS) as world:
        await world.start()
        before = world.weight()
        world.daemon.say(signal.SIGSTOP)
        drop_many(world, row.up_to(STOPPED // TENTH, STOPPED))
        world.daemon.say(signal.SIGCONT)
        await has_digested(row, world, before)


@pytest.mark.share(2)
async def test_very_many_shots_that_are_copied_in(row: Row) -> None:
    async with row.world() as world:
        await world.start()
        before, shots = world.weight(), row.up_to(COPIED // TENTH, COPIED)
        made, copied = world.film.folder / "elsewhere", "02_Copied"
        for number in range(shots):
            content, takes = world.fresh(), made / f"{number:04d}_Shot" / "takes"
            takes.mkdir(parents=True)
            takes.joinpath("render.png").write_bytes(content)
            world.ledger.dropped(content, f"{copied}/{number:04d}_Shot")
        await anyio.to_thread.run_sync(shutil.copytree, made, world.film.root / copied)
        await has_digested(row, world, before)


def drop_many(world: World, count: int) -> None:
    for number in range(count):
        world.drop(shot=SHOTS[number % len(SHOTS)])


async def has_digested(row: Row, world: World, before: tuple[int, int]) -> None:
    """All is taken, and the daemon is about as large as before."""
    await world.digests()
    await world.check()
    memory, files = world.weight()
    row.say(f"{memory - before[0]} bytes and {files - before[1]} open files more than before")
    assert memory - before[0] < GROWTH
    assert files - before[1] < 30
    row.survived()
