"""Settling: how a file came, and whether anybody is still writing it."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Literal

from msgspec import Struct

from daemon.config import Settle
from events import Identity
from projections.files.fingerprint import is_likely

AGAIN = 0.25
"""Seconds until a file that is open for writing is looked at again, where no event comes first."""


class Arrival(Struct, frozen=True):
    """How a file came to its path: `renamed` to there, and so it was whole, or `written` there.

    `identity` is which file it is, None while it was heard of and nobody has looked; `since` is when it began to be
    as it is, and `is_open` says that somebody had it open for writing then.
    """

    identity: Identity | None
    came: Literal["renamed", "written"]
    since: float
    is_open: bool = False

    def is_still(self, found: Identity) -> bool:
        """Whether nothing has happened to it: that file is it, and is as it was."""
        return self.identity == found and not self.is_open

    def vouches_for(self, found: Identity) -> bool:
        """Whether that file was renamed in: another one that has come into its place since was not."""
        return self.came == "renamed" and (self.identity is None or is_likely(found, self.identity))


class Settling:
    """Remembers how and when each file came; `clock` counts seconds and never goes back."""

    def __init__(self, settle: Settle, clock: Callable[[], float] = time.monotonic) -> None:
        self._settle = settle
        self._clock = clock
        self._arrivals: defaultdict[str, dict[str, Arrival]] = defaultdict(dict)

    def renamed_in(self, paths: Iterable[str]) -> None:
        """Files were renamed to these paths, so they were whole when they came."""
        arrival = Arrival(None, "renamed", self._clock())
        for path in paths:
            folder, _, name = path.rpartition("/")
            self._arrivals[folder][name] = arrival

    def wait(self, folder: str, name: str, found: Identity, *, is_open: bool | None) -> float:
        """Seconds until that file is whole, 0 if it is.

        `is_open` says whether somebody has it open for writing, None where that cannot be known.
        """
        arrival = self._look(folder, name, found, is_open=bool(is_open))
        if arrival.is_open:
            return AGAIN
        if arrival.came == "renamed":
            return 0.0
        needed = self._settle.still if is_open is None else self._settle.quiet
        return max(0.0, arrival.since + needed - self._clock())

    def _look(self, folder: str, name: str, found: Identity, *, is_open: bool) -> Arrival:
        before = self._arrivals[folder].get(name)
        if before and before.is_still(found) and not is_open:
            return before
        is_renamed = before is not None and before.vouches_for(found)
        now = Arrival(found, "renamed" if is_renamed else "written", self._clock(), is_open)
        self._arrivals[folder][name] = now
        return now

    def keep_only(self, folder: str, names: set[str]) -> None:
        """Forget all files in that folder but those."""
        arrivals = self._arrivals.pop(folder, {})
        if left := {name: arrival for name, arrival in arrivals.items() if name in names}:
            self._arrivals[folder] = left

    def forget(self, folder: str, name: str) -> None:
        """That file was taken, or is gone."""
        self.keep_only(folder, self._arrivals[folder].keys() - {name})
