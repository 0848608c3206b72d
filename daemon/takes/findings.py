"""Findings: what came of looking at a shot, and what is said of it that no log tells."""

import os

from msgspec import Struct, field

from daemon.takes.admission import Ignore, NotTaken, Wait
from projections.layout import takes_path

CROWD = "{} files wait until those that came before them are takes"
"""Why most of very many drops wait: told of their folder, and not of each."""


def shown(name: str) -> str:
    """A file's name as it can be written down, with the bytes that are no UTF-8 in hexadecimal."""
    return os.fsencode(name).decode(errors="backslashreplace")


class Notes(Struct):
    """What no log tells, by path: the drops that wait, what was not taken, and what lies astray, each with the reason.

    `since` says of those that wait since when they do (seconds of the clock), `left` how many drops of a shot a word about
    its folder stands for.
    """

    waiting: dict[str, str] = field(default_factory=dict)
    not_taken: dict[str, str] = field(default_factory=dict)
    strays: dict[str, str] = field(default_factory=dict)
    since: dict[str, float] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    _said: dict[str, set[str]] = field(default_factory=dict)

    def shots(self) -> set[str]:
        """The shots of which something is said."""
        return set(self._said)

    @property
    def waits(self) -> int:
        """How many drops wait."""
        return len(self.waiting) - len(self.left) + sum(self.left.values())

    def write(
        self, shot: str, waiting: dict[str, str], not_taken: dict[str, str], now: float, left: int = 0
    ) -> None:
        """Replace what was said of that shot; it is that late now, and so many drops are `left` for the next look."""
        below = f"{takes_path(shot)}/"
        self.left.pop(shot, None)
        if left:
            self.left[shot] = left
            waiting = {**waiting, "": CROWD.format(left)}
        before = self._said.pop(shot, set())
        for path in before:
            self.waiting.pop(path, None)
            self.not_taken.pop(path, None)
        for notes, said in ((self.waiting, waiting), (self.not_taken, not_taken)):
            found = {f"{below}{shown(name)}": reason for name, reason in said.items()}
            notes.update(found)
            if found:
                self._said.setdefault(shot, set()).update(found)
        for path in before | self._said.get(shot, set()):
            if path in self.waiting:
                self.since.setdefault(path, now)
            else:
                self.since.pop(path, None)


class Findings(Struct):
    """What came of looking at a shot: by name, why things are not taken or wait, and in how many seconds to look again.

    `arrived` are the takes that were asked for and whose file lies in their folder, whole. So many drops are `left` for
    the next look.
    """

    not_taken: dict[str, str]
    waiting: dict[str, str] = field(default_factory=dict)
    again: list[float] = field(default_factory=list)
    arrived: set[int] = field(default_factory=set)
    left: int = 0

    def wait(self, name: str, seconds: float) -> None:
        """That file is still being written."""
        self.note(name, Wait(seconds))

    def note(self, name: str, decision: NotTaken | Wait | Ignore) -> None:
        """That was decided of a file or of a take's folder: it is no take, not yet at least."""
        match decision:
            case NotTaken():
                self.not_taken[name] = decision.reason
            case Wait():
                self.waiting[name] = decision.reason
        if decision.again is not None:
            self.again.append(decision.again)

    def leave(self, count: int, again: float) -> None:
        """So many drops are left for the next look, which is in so many seconds at the latest."""
        self.left = count
        self.again.append(again)

    @property
    def soonest(self) -> float | None:
        """In how many seconds to look again; None where there is no need."""
        return min(self.again, default=None)
