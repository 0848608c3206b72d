"""Unchanged shots: those in which nothing has changed since all in them was as the log has it.

Their folders' times of change tell of what comes and goes, and the log's position of what it says of them. A take that
is saved over changes neither, so its media is looked at, too: a stat for each, and of a large film a part in each scan.
"""

import math
import os
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from msgspec import Struct

from daemon.watching.scan import Known, Seen
from daemon.watching.tree import Found
from projections.layout import take_name, takes_path

MOST = 20_000
"""Media files that one scan looks at in unchanged shots: a tenth of a second, also where a film has more."""


class Remembered(Struct, gc=False, array_like=True):
    """How a shot was found: its stamp, its last event, its media by path below `takes/`, and which files those were.

    `guarded` are the takes whose folders are to be watched, `round` the one in which the media were looked at last.
    """

    stamp: int
    position: int
    media: str
    files: int
    guarded: tuple[int, ...]
    round: int = 0


class Unchanged:
    """The unchanged shots of one project; their media is looked at after so many seconds of the clock again."""

    def __init__(self, root: Path, every: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.shots: dict[str, Remembered] = {}
        self._root = str(root)
        self._every = every
        self._clock = clock
        self._round = self._left = 0
        self._began = -math.inf
        self._is_due = False

    def recall(self, shots: dict[str, Remembered]) -> None:
        """That is what an earlier run has known; the media are yet to be looked at."""
        for one in shots.values():
            one.round = -1
        self.shots = shots

    def begin(self, most: int | None = None) -> None:
        """A scan begins, which may look at so many media files."""
        now = self._clock()
        self._is_due = now - self._began >= self._every
        if not self._is_due:
            return
        if self._left > 0:  # all were looked at: again from the first one
            self._round += 1
        self._began, self._left = now, MOST if most is None else most

    def has(self, found: Found, position: int | None) -> bool:
        """Whether nothing in that shot has changed, as far as can be seen at no great cost; the log has come so far there."""
        known = self.shots.get(found.path)
        if known is None or known.position != position or known.stamp != _digest(found):
            return False
        is_due = self._is_due and self._left > 0 and known.round != self._round
        if not is_due or not known.media:
            return True
        names = known.media.split("\n")
        self._left -= len(names)
        known.round = self._round
        return self._files(found.path, names) == known.files

    def note(self, found: Found, seen: Seen, live: Known, position: int, guarded: Collection[int]) -> None:
        """All in that shot is as it should be."""
        if found.stamp is None:
            self.forget(found.path)
            return
        made = [(number, name) for number, name in live if name]
        media = "\n".join(f"{take_name(number)}/{name}" for number, name in made)
        looked = [seen.media[number] for number, _ in made]
        files = hash(tuple([(one.inode, one.size, one.mtime_ns) for one in looked]))
        self.shots[found.path] = Remembered(
            _digest(found), position, media, files, tuple(guarded), self._round
        )

    def guarded(self, path: str) -> Sequence[int]:
        """The takes of an unchanged shot whose folders are to be watched."""
        known = self.shots.get(path)
        return known.guarded if known else ()

    def forget(self, path: str) -> None:
        """That shot is to be looked at."""
        self.shots.pop(path, None)

    def _files(self, shot: str, names: Sequence[str]) -> int | None:
        """Which files those are: not on which device, since a disk that is mounted anew has another number."""
        takes = f"{self._root}/{takes_path(shot)}/"
        try:
            found = [os.lstat(takes + name) for name in names]
        except OSError:
            return None
        return hash(tuple([(one.st_ino, one.st_size, one.st_mtime_ns) for one in found]))


def _digest(found: Found) -> int:
    """The times of a shot's folders as one number, the same in each process."""
    return hash(found.stamp)
