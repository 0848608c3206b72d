"""Threads: where work that waits for a disk is done, so that nothing else waits for it."""

import asyncio
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

Args = TypeVarTuple("Args")
T = TypeVar("T")


async def in_thread(work: Callable[[*Args], T], *args: *Args) -> T:
    """Run the work in a thread. Where this is cancelled, the work goes on to its end unheard.

    anyio's own way waits for that end, and costs three times as much, which a burst of drops feels.
    """
    return await asyncio.get_running_loop().run_in_executor(None, work, *args)
