"""The agenda: which shots of a project are to be looked at, and when; each by one task at a time."""

import math
from itertools import islice

from daemon.watching.mailbox import Mailbox

AT_ONCE = 16
"""Shots looked at at the same time."""


class Agenda:
    """The shots that are to be looked at, by when; whoever starts that is woken through the mailbox."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._clock = mailbox.clock
        self._due: dict[str, float] = {}
        self._under_way: set[str] = set()

    def look_soon(self, path: str, seconds: float = 0.0) -> None:
        """Have that shot looked at in so many seconds, or sooner."""
        self.note(path, self._clock() + seconds)
        self._mailbox.ring()

    def note(self, path: str, due: float) -> None:
        """Have that shot looked at by then, or sooner, without waking anybody."""
        self._due[path] = min(due, self._due.get(path, math.inf))

    def has(self, path: str) -> bool:
        """Whether that shot is being looked at, or will be."""
        return path in self._due or path in self._under_way

    @property
    def under_way(self) -> int:
        """How many shots are being looked at."""
        return len(self._under_way)

    @property
    def next_due(self) -> float:
        """By when the next look is to begin, in monotonic seconds; never while no more may be under way."""
        if self.under_way >= AT_ONCE:
            return math.inf
        return min((due for path, due in self._due.items() if path not in self._under_way), default=math.inf)

    def begin(self) -> list[str]:
        """Those that are due and may be looked at now, until each of them has been ended."""
        now, free = self._clock(), AT_ONCE - self.under_way
        waiting = (path for path, due in self._due.items() if due <= now and path not in self._under_way)
        begun = [*islice(waiting, free)]
        for path in begun:
            del self._due[path]
        self._under_way.update(begun)
        return begun

    def end(self, path: str, again: float | None) -> None:
        """That shot has been looked at, and is to be again in so many seconds, unless that is None."""
        self._under_way.discard(path)
        if again is not None:
            self.note(path, self._clock() + again)
        self._mailbox.ring()
