"""`takes init` is killed or fails at any of its calls, and is run again: the film is a project, and nothing is lost."""

import errno
import shutil
from asyncio.subprocess import DEVNULL, create_subprocess_exec

import pytest

from tests.e2e.film import COMMAND
from tests.faults.calls import KILL
from tests.faults.row import Row
from tests.faults.world import World
from tests.film import environment

pytestmark = pytest.mark.needs("calls")

TRIED = 8
"""Calls at which it is killed, or fails, in a whole run."""

FAULTS = {"KILL": KILL, "EIO": errno.EIO, "ENOSPC": errno.ENOSPC}


async def init(world: World) -> int:
    """Run `takes init` on the film; the exit code."""
    command = [*COMMAND, "init", str(world.film.root)]
    env = environment(world.film.folder, **world.calls.env, **world.env)
    process = await create_subprocess_exec(
        *command, env=env, cwd=world.film.folder, stdout=DEVNULL, stderr=DEVNULL
    )
    return await process.wait()


@pytest.mark.share(2)
@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("anew", [False, True], ids=["first", "again"])
async def test_a_film_is_a_project_though_init_was_cut_short(row: Row, name: str, *, anew: bool) -> None:
    """The first time, or where `.takes` was lost of a film that has takes."""
    async with row.world() as world:
        if anew:
            await world.start()
            await world.taken()
        total = await without_own(world, at=None)
        for at in row.of(total, TRIED):
            await without_own(world, at=at, fault=FAULTS[name])
            row.say(f"{name} at {at} of {total}: {world.calls.last}")
            again = row.chance.randint(1, total)
            world.calls.reset()
            world.calls.arm(again, FAULTS[name])
            await init(world)
            world.calls.reset()
            assert await init(world) == 0
            await world.start()
            await world.taken()
            await world.check()
            row.survived()


async def without_own(world: World, *, at: int | None, fault: int = KILL) -> int:
    """Have a film without `.takes`, and run init with that fault; how many calls it made."""
    await world.gone()
    shutil.rmtree(world.film.log.parent)
    world.calls.reset()
    if at is None:
        world.calls.count()
    else:
        world.calls.arm(at, fault)
    await init(world)
    return world.calls.disarm()
