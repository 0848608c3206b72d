"""Turns: who waits to be served, and of whom there may be a crowd, lets others in between.

What one has asked for is done in the order in which it was asked.
"""

from collections import deque
from typing import Generic, TypeVar

import anyio

T = TypeVar("T")


class Turns(Generic[T]):
    """What is asked for, by whose it is."""

    def __init__(self) -> None:
        self._asked: dict[str, deque[T]] = {}
        self._there = anyio.Semaphore(0)

    def add(self, whose: str, what: T) -> None:
        """Have that done, after all that came before of theirs."""
        self._asked.setdefault(whose, deque()).append(what)
        self._there.release()

    def waiting(self, whose: str) -> int:
        """How much of theirs is yet to be done."""
        return len(self._asked.get(whose, ()))

    async def next(self) -> T:
        """What is to be done next: the first of whoever has waited longest for a turn."""
        await self._there.acquire()
        whose = next(iter(self._asked))
        asked = self._asked.pop(whose)
        first = asked.popleft()
        if asked:
            self._asked[whose] = asked
        return first
