"""`takes init` and `takes recover` are cut short at any of their calls, and run again: the film is one, and whole."""

import errno
import shutil
from asyncio.subprocess import DEVNULL, create_subprocess_exec
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.film import COMMAND
from tests.faults.calls import KILL
from tests.faults.row import Row
from tests.faults.world import World
from tests.support.film import environment

pytestmark = pytest.mark.needs("calls")

TRIED = 8
"""Calls at which a command is killed, or fails, in a whole run."""

FAULTS = {"KILL": KILL, "EIO": errno.EIO, "ENOSPC": errno.ENOSPC}


def without_own(own: Path) -> None:
    """Lose the whole `.takes`."""
    shutil.rmtree(own)


def without_log(own: Path) -> None:
    """Lose the log alone."""
    for one in own.glob("log.db*"):
        one.unlink()


WAYS: dict[str, tuple[str, bool, Callable[[Path], None]]] = {
    "init": ("init", False, without_own),
    "init again": ("init", True, without_own),
    "recover": ("recover", True, without_log),
}
"""By name: the command, whether the film has a take before, and what is lost of it each time."""


@pytest.mark.share(3)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "way", [pytest.param(way, marks=pytest.mark.needs(f"takes {WAYS[way][0]}")) for way in WAYS]
)
async def test_a_film_is_whole_though_a_command_was_cut_short(row: Row, way: str, fault: str) -> None:
    command, has_takes, lose = WAYS[way]
    async with row.world() as world:
        if has_takes:
            await world.start()
            await world.taken()
        await world.gone()
        lose(world.film.log.parent)
        world.calls.reset()
        world.calls.count()
        assert await run(world, command) == 0
        total = world.calls.disarm()
        for at in row.of(total, TRIED):
            lose(world.film.log.parent)
            for one in (at, row.chance.randint(1, total)):
                world.calls.reset()
                world.calls.arm(one, FAULTS[fault])
                await run(world, command)
                row.say(f"{fault} at {one} of {total}: {world.calls.last}")
            world.calls.reset()
            assert await run(world, command) == 0
            await world.start()
            await world.taken()
            await world.check()
            await world.gone()
            row.survived()


async def run(world: World, command: str) -> int:
    """Run that command on the film; the exit code."""
    env = environment(world.film.folder, **world.calls.env, **world.env)
    process = await create_subprocess_exec(
        *COMMAND,
        command,
        str(world.film.root),
        env=env,
        cwd=world.film.folder,
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    return await process.wait()
