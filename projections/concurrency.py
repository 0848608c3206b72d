"""Doing the same with many things, some of them at a time."""

from collections.abc import Awaitable, Callable, Iterable
from itertools import islice
from typing import TypeVar

import anyio

T = TypeVar("T")

AT_ONCE = 64
"""Things that are worked on at a time: a task takes some kilobytes, and fifty thousand files may come at once."""


async def for_each(things: Iterable[T], do: Callable[[T], Awaitable[None]], at_once: int = AT_ONCE) -> None:
    """Do it with each; they are begun in their order. What one raises ends all."""
    waiting = iter(things)

    async def work(thing: T) -> None:
        await do(thing)
        for one in waiting:
            await do(one)

    async with anyio.create_task_group() as group:
        for thing in islice(waiting, at_once):  # a thing that is alone takes one task
            group.start_soon(work, thing)
