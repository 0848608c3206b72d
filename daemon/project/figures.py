"""The figures: what is asked of a film and its disk again and again, each so cheap that it may be asked every few seconds."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from msgspec import Struct

from projections.files.threads import in_thread
from projections.index.answers import Making
from projections.index.index import Index

T = TypeVar("T")

ANSWER = 1.0
"""Seconds for which a question waits for its answer."""


class Figures(Struct, frozen=True):
    """What there ever was of a film, by name; what is being made; bytes that its disk has, and has left for us."""

    totals: Mapping[str, int]
    making: Sequence[Making]
    size: int
    left: int


class Question(Generic[T]):
    """Something to be asked of a disk that may never answer: never twice at a time, and not waited for to the end."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asked: asyncio.Future[T] | None = None

    async def answer(self) -> T | None:
        """The answer; None where it takes long."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.ensure_future(self._ask())
            self._asked.add_done_callback(_heard)
        await asyncio.wait([self._asked], timeout=ANSWER)
        return self._asked.result() if self._asked.done() else None


def _heard(asked: asyncio.Future[T]) -> None:
    """Nobody may be there any more who would hear of its error."""
    if not asked.cancelled():
        asked.exception()


async def figures_of(root: Path, index: Index) -> Figures:
    """The figures of the film in that folder."""
    disk = await in_thread(shutil.disk_usage, root)
    return Figures(
        totals=await index.totals(),
        making=await index.making(),
        size=disk.total,
        left=disk.free,
    )
