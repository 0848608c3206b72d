"""Cancelling a coroutine exactly where it waits for the n-th time."""

import asyncio
import itertools
from collections.abc import Callable, Collection, Coroutine, Generator
from enum import Enum
from typing import Any

import anyio


class Way(Enum):
    """The two ways in which a task can be cancelled."""

    TASK = "task.cancel()"
    SCOPE = "an anyio scope"


async def cancel_at(
    awaits: Collection[int], work: Callable[[], Coroutine[Any, Any, object]], way: Way
) -> None:
    """Run `work` in a task of its own, cancelled each time it waits for the n-th time, for each n in `awaits`."""

    async def run() -> None:
        with anyio.CancelScope() as scope:
            cancel = scope.cancel if way is Way.SCOPE else _current_task().cancel
            await _Interrupted(work(), awaits, cancel)

    await asyncio.wait([asyncio.create_task(run())])


class _Interrupted:
    """An awaitable that passes on what the coroutine waits for, and calls `cancel` first where it should."""

    def __init__(
        self, work: Coroutine[Any, Any, object], awaits: Collection[int], cancel: Callable[[], object]
    ) -> None:
        self._work = work
        self._awaits = awaits
        self._cancel = cancel

    def __await__(self) -> Generator[Any, Any, object]:
        error: BaseException | None = None
        for count in itertools.count(1):
            try:
                waits_for = self._work.throw(error) if error else self._work.send(None)
            except StopIteration as end:
                return end.value
            if count in self._awaits:
                self._cancel()
            error = None
            try:
                yield waits_for
            except BaseException as thrown:  # noqa: BLE001 - the coroutine decides what to do about it
                error = thrown
        return None


def _current_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task
    return task
