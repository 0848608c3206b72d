"""Unchanged shots: those in which nothing has changed since all in them was as the index has it.

Their folders' times of change tell of what comes and goes. A take that is saved over changes neither, so its
media is looked at, too: a stat for each, and of a large film a part in each scan.
"""

import math
import os
import time
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from daemon.watching.scan import Known, Seen
from daemon.watching.tree import FolderTimes, Found
from projections.files.fingerprint import identity
from projections.layout import media_path

MOST = 20_000
"""Media files that one scan looks at in unchanged shots: a tenth of a second, also where a film has more."""


class _Shot(Struct):
    """How a shot was found: its media by path below `takes/`, which files those were, and in which round."""

    stamp: FolderTimes
    media: str
    files: int
    round: int


class Unchanged:
    """The unchanged shots of one project; their media is looked at after so many seconds of the clock again."""

    def __init__(self, root: Path, every: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._root = root
        self._every = every
        self._clock = clock
        self._shots: dict[str, _Shot] = {}
        self._round = self._left = 0
        self._began = -math.inf
        self._is_due = False

    def begin(self) -> None:
        """A scan begins."""
        now = self._clock()
        self._is_due = now - self._began >= self._every
        if not self._is_due:
            return
        if self._left > 0:  # all were looked at: again from the first one
            self._round += 1
        self._began, self._left = now, MOST

    def has(self, found: Found) -> bool:
        """Whether nothing in that shot has changed, as far as can be seen at no great cost."""
        known = self._shots.get(found.path)
        if known is None or known.stamp != found.stamp:
            return False
        is_due = self._is_due and self._left > 0 and known.round != self._round
        if not is_due or not known.media:
            return True
        names = known.media.split("/")
        self._left -= len(names) // 2
        known.round = self._round
        return self._files(found.path, names) == known.files

    def note(self, found: Found, seen: Seen, live: Known) -> None:
        """All in that shot is as it should be."""
        if found.stamp is None:
            self.forget(found.path)
            return
        made = [(number, name) for number, name in live if name]
        media = "/".join(f"{number}/{name}" for number, name in made)
        files = hash(tuple(seen.media[number] for number, _ in made))
        self._shots[found.path] = _Shot(found.stamp, media, files, self._round)

    def forget(self, path: str) -> None:
        """That shot is to be looked at."""
        self._shots.pop(path, None)

    def _files(self, shot: str, names: list[str]) -> int | None:
        pairs = zip(names[::2], names[1::2], strict=True)
        try:
            return hash(
                tuple(
                    identity(os.lstat(f"{self._root}/{media_path(shot, int(number), name)}"))
                    for number, name in pairs
                )
            )
        except OSError:
            return None
