"""A folder is away while the daemon works in it: it is stopped before a durable call, and the folder is moved meanwhile."""

import signal
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from tests.faults.calls import STOP
from tests.faults.invariants import Violated
from tests.faults.operations import OPERATIONS, Operation, calls_of, done, is_over
from tests.faults.row import Row
from tests.support.film import Film

pytestmark = pytest.mark.needs("calls")

FOLDERS: dict[str, Callable[[Film, int], Path]] = {
    "film": lambda film, _: film.root,
    "scene": lambda film, _: film.shot().parent,
    "shot": lambda film, _: film.shot(),
    "take": lambda film, number: film.take(number),
}
"""What is moved away; a take's folder is that of the take which is worked on."""

TRIED = 6
"""Calls of a drop, and of what else is done to a take, before which a folder goes away."""

FOR = 1.5
"""Seconds for which it is away."""


@pytest.mark.share(3)
@pytest.mark.parametrize("name", ["drop", "delete", "overwrite"])
@pytest.mark.parametrize("folder", FOLDERS)
async def test_an_operation_goes_on_when_a_folder_that_was_away_is_back(
    row: Row, folder: str, name: str
) -> None:
    kind = OPERATIONS[name]
    async with row.world(**kind.choices) as world:
        operation = kind(world)
        await world.start()
        await operation.once()
        for at in row.of(await calls_of(operation), TRIED):
            await operation.prepare()
            number = max((one["number"] for one in await world.daemon.takes()), default=0)
            path = FOLDERS[folder](world.film, number + (name != "delete"))
            await away(row, operation, at, path)
            await done(operation)
            await world.check()
            row.survived()


async def away(row: Row, operation: Operation, at: int, path: Path) -> None:
    """Move that folder away before that call, if it is there by then, and back again."""
    world = operation.world
    place = Place(path, world.film.folder / "elsewhere")
    world.calls.arm(at, STOP)
    async with anyio.create_task_group() as group:
        group.start_soon(operation.begin)
        await world.lives_until(lambda: stopped_or_over(operation))
        row.say(f"{path.name} away before {at}: {world.calls.last}")
        place.leave()
        world.calls.disarm()
        world.daemon.say(signal.SIGCONT)
    with anyio.move_on_after(FOR):
        await world.lives_until(lambda: is_over(operation))
    place.come_back()


async def stopped_or_over(operation: Operation) -> bool:
    """Whether the daemon stands still before that call, or never came to it."""
    with anyio.move_on_after(0.5):  # one that stands still answers nobody
        if await is_over(operation):
            return True
    return bool(operation.world.calls.hits)


class Place:
    """A folder that can be elsewhere for a while."""

    def __init__(self, path: Path, elsewhere: Path) -> None:
        self._path = path
        self._elsewhere = elsewhere

    def leave(self) -> None:
        if self._path.exists():
            self._path.rename(self._elsewhere)

    def come_back(self) -> None:
        """Violated where something was made in its place meanwhile."""
        if not self._elsewhere.exists():
            return
        if self._path.exists() and not any(self._elsewhere.iterdir()):
            self._elsewhere.rmdir()  # it was empty, and so nothing of it is missing
        elif self._path.exists():
            raise Violated(
                f"{self._path} was made anew while it was away: {sorted(self._path.rglob('*'))[:5]}"
            )
        else:
            self._elsewhere.rename(self._path)
