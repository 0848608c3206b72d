"""Tasks: work that goes on to its end though nobody waits for it any more, and work that is ended whatever it does."""

import asyncio
from asyncio import Task
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

import anyio

T = TypeVar("T")

AGAIN = 1.0
"""Seconds until a task is cancelled once more: a question to a database that is taken back needs some of them."""


async def to_its_end(work: Awaitable[T]) -> T:
    """Await the work; a caller who is cancelled meanwhile, even twice, still waits for its end."""
    running = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        with anyio.CancelScope(shield=True):
            while not running.done():
                with suppress(asyncio.CancelledError):  # the shield holds off anyio's, not a second cancel()
                    await asyncio.wait([running])
        raise


async def end(task: Task[None]) -> None:
    """Cancel it until it is done: what waits below it may swallow a cancellation, as asyncio's `wait_for` did until 3.12."""
    with anyio.CancelScope(shield=True):
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=AGAIN)
    if not task.cancelled() and (error := task.exception()):
        raise error
