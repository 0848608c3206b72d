"""Turns: who waits to be served, and of whom there may be a crowd, lets others in between.

What one has asked for is done in the order in which it was asked.
"""

from collections import deque
from collections.abc import Callable
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
        if not self._asked:
            self._there.release()
        self._asked.setdefault(whose, deque()).append(what)

    def waiting(self, whose: str) -> int:
        """How much of theirs is yet to be done."""
        return len(self._asked.get(whose, ()))

    async def some(self, most: int, fits: Callable[[T], bool]) -> list[T]:
        """What is to be done next: the first of whoever has waited longest for a turn. Where that fits, what else does of
        theirs, and of those whose turn it is then, so many at most.
        """
        await self._there.acquire()  # one at a time is let through, for as long as there is something
        some = list[T]()
        while self._asked and len(some) < most:
            whose, asked = next(iter(self._asked.items()))
            if some and not (fits(some[-1]) and fits(asked[0])):
                break
            del self._asked[whose]
            some.append(asked.popleft())
            while asked and len(some) < most and fits(some[-1]) and fits(asked[0]):
                some.append(asked.popleft())
            if asked:
                self._asked[whose] = asked
        if self._asked:
            self._there.release()
        return some
