"""Findings: what came of looking at a shot, and what is said of it that no log tells."""

import os

from msgspec import Struct, field

from daemon.takes.admission import Ignore, NotTaken, Wait
from projections.layout import takes_path


def shown(name: str) -> str:
    """A file's name as it can be written down, with the bytes that are no UTF-8 in hexadecimal."""
    return os.fsencode(name).decode(errors="backslashreplace")


class Notes(Struct):
    """What no log tells, by path: the drops that wait, what was not taken, and what lies astray, each with the reason.

    `since` says of those that wait since when they do (seconds of the clock).
    """

    waiting: dict[str, str] = field(default_factory=dict)
    not_taken: dict[str, str] = field(default_factory=dict)
    strays: dict[str, str] = field(default_factory=dict)
    since: dict[str, float] = field(default_factory=dict)
    _said: dict[str, set[str]] = field(default_factory=dict)

    def shots(self) -> set[str]:
        """The shots of which something is said."""
        return set(self._said)

    def write(self, shot: str, waiting: dict[str, str], not_taken: dict[str, str], now: float) -> None:
        """Replace what was said of that shot; it is that late now."""
        below = f"{takes_path(shot)}/"
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

    `arrived` are the takes that were asked for and whose file lies in their folder, whole.
    """

    not_taken: dict[str, str]
    waiting: dict[str, str] = field(default_factory=dict)
    again: list[float] = field(default_factory=list)
    arrived: set[int] = field(default_factory=set)

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

    @property
    def soonest(self) -> float | None:
        """In how many seconds to look again; None where there is no need."""
        return min(self.again, default=None)
