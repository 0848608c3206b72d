"""What is under way: the takes that the runner is at, how far each is, and why others wait. No log knows it."""

import errno
from collections.abc import Sequence

from daemon.runners.runner import Progress
from events import TakeKey, TakesError, Watermark
from projections.board import Board

REMOVE = "Remove it yourself, or see to `output` under [runner] in the configuration."

COUNTED = 20
"""Takes before another one that are counted for a person."""


class UnderWay:
    """The work of one project's runner, as everybody may see it."""

    def __init__(self, board: Board) -> None:
        self.takes: set[TakeKey] = set()
        self.progress: dict[TakeKey, Progress] = {}
        self._said: str | None = None
        self._lacking: str | None = None
        self._line: Sequence[TakeKey] = ()
        self._hindered: dict[TakeKey, str] = {}
        self._board = board
        self._moves = Watermark()

    async def moved(self) -> None:
        """Return once something has got further, has begun or has ended."""
        await self._moves.reach(self._moves.level + 1)

    def line_up(self, takes: Sequence[TakeKey]) -> None:
        """Those are asked for and not made yet, in order, and no others."""
        self._line = takes
        known = set(takes)
        self.progress = {key: one for key, one in self.progress.items() if key in known | self.takes}
        self._hindered = {key: one for key, one in self._hindered.items() if key in known}
        self._report()

    def begin(self, key: TakeKey) -> None:
        """The runner is at that take."""
        self.takes.add(key)

    def tell(self, key: TakeKey, progress: Progress) -> None:
        """That take is so far."""
        self.progress[key] = progress
        self._move_on()

    def end(self, key: TakeKey) -> None:
        """The runner is not at that take any more."""
        self.takes.discard(key)
        self.progress.pop(key, None)
        self._line = [one for one in self._line if one != key]
        self._move_on()

    @property
    def problem(self) -> str | None:
        """Why nothing goes on; None where it does."""
        return self._said or self._lacking

    def say(self, problem: str | None) -> None:
        """What whoever makes the takes has met with; None where it goes on."""
        self._said = problem
        self._report()

    def lack(self, who: str | None) -> None:
        """Who is missing that would make what is asked for; None where nobody is."""
        if who != self._lacking:
            self._lacking = who
            self._report()

    def hinder(self, key: TakeKey, error: Exception) -> bool:
        """Something stands in the way of that take alone; whether that is news."""
        reason = why(error)
        is_news = self._hindered.get(key) != reason
        self._hindered[key] = reason
        self._report()
        return is_news

    def goes_on(self, key: TakeKey) -> None:
        """Nothing stands in the way of that take any more."""
        if self._hindered.pop(key, None):
            self._report()

    def stays(self, reason: str | None) -> None:
        """Why the last render that was to be removed from where it was made is still there; None where it is not."""
        self._board.report("runner", "left", *([reason] if reason else []), hint=REMOVE)

    def _report(self) -> None:
        problems = [f"no take is generated: {self.problem}"] if self.problem else []
        problems += [
            f"a take is not generated: {reason}" for reason in dict.fromkeys(self._hindered.values())
        ]
        self._board.report("runner", "", *problems)
        others = [key for key in self._line if key not in self._hindered]
        for before, key in enumerate(others):
            if key not in self.takes:
                self.progress[key] = Progress(None, self.problem or _turn(before), waits=True)
        for key, reason in self._hindered.items():
            self.progress[key] = Progress(None, reason, waits=True)
        self._move_on()

    def _move_on(self) -> None:
        self._moves.rise(self._moves.level + 1)


def why(error: Exception) -> str:
    """What stands in the way, and what to do about it, as a person reads it."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        where = f" ({error.filename})" if error.filename else ""
        return f"the disk is full{where}. Make room on it."
    hint = error.hint if isinstance(error, TakesError) else ""
    return f"{error}. {hint}" if hint else str(error)


def _turn(before: int) -> str:
    """Where a take stands in the queue of its film."""
    if before > COUNTED:
        return f"waits for its turn: more than {COUNTED} takes are before it"
    takes = {0: "it is the next", 1: "one take is before it"}.get(before, f"{before} takes are before it")
    return f"waits for its turn: {takes}"
