"""Settling: how a file came, and whether anybody is still writing it."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from cachetools import TTLCache
from msgspec import Struct

from daemon.config.table import Settle
from daemon.watching.mailbox import MOST_NAMES, Told
from events import Identity
from projections.files.fingerprint import has_same_inode, is_likely, is_written_over

AGAIN = 0.25
"""Seconds until a file that is open for writing is looked at again, where no event comes first."""

TOLD = 60.0
"""Seconds for which it is remembered what another machine has told of a file, which may not be seen here yet."""

LATE = 1.0
"""Seconds until a file is looked at again that is not as another machine has told: what a share shows may be older."""

SERVED = ("nfs", "cifs", "smb")
"""Shares, by the beginning of their names, where it is the server that grants a lease."""


class Arrival(Struct, frozen=True):
    """How a file came to its path: `renamed` to there, and so it was whole, `closed` by its writer, or `written` there.

    `identity` is which file it is, None while it was heard of and nobody has looked; `since` is when it began to be
    as it is, and `is_open` says that somebody had it open for writing then.
    """

    identity: Identity | None
    came: Literal["renamed", "closed", "written"]
    since: float
    is_open: bool = False

    def is_still(self, found: Identity) -> bool:
        """Whether nothing has happened to it: that file is it, and is as it was."""
        return self.identity == found and not self.is_open

    def is_heard(self, after: float) -> bool:
        """Whether it was heard of since then, and nobody has looked."""
        return self.identity is None and self.since >= after

    def vouches_for(self, found: Identity) -> bool:
        """Whether what was heard is still so: another file may have come into its place, or somebody writes again.

        The server of a share may set another time of change after the writer has closed the file.
        """
        if self.identity is None or self.came == "written":
            return True
        if self.came == "renamed":
            return is_likely(found, self.identity)
        return has_same_inode(found, self.identity) and not is_written_over(found, self.identity)


class Settling:
    """Remembers how and when each file came; `clock` counts seconds and never goes back.

    `share` is the filesystem that they lie on, where other machines write there, too.
    """

    def __init__(
        self, settle: Settle, clock: Callable[[], float] = time.monotonic, share: str | None = None
    ) -> None:
        self._settle = settle
        self.clock = clock
        self._share = share
        self._still = settle.still_shared if share else settle.still
        self._arrivals: defaultdict[str, dict[str, Arrival]] = defaultdict(dict)
        self._told: TTLCache[str, Told] = TTLCache(MOST_NAMES, TOLD, timer=clock)

    def renamed_in(self, paths: Iterable[str]) -> None:
        """Files were renamed to these paths, so they were whole when they came."""
        self._came(paths, "renamed")

    def closed(self, paths: Iterable[str]) -> None:
        """A process of this machine has closed these files. On its own disk a lease tells more than that."""
        if self._share:
            self._came(paths, "closed")

    def told(self, told: Mapping[str, Told]) -> None:
        """Another machine has seen these files come, by path: each is whole as soon as it is found so here, too."""
        self._told.update(told)

    def _came(self, paths: Iterable[str], came: Literal["renamed", "closed"]) -> None:
        arrival = Arrival(None, came, self.clock())
        for path in paths:
            folder, _, name = path.rpartition("/")
            self._arrivals[folder][name] = arrival

    def wait(
        self, folder: str, name: str, found: Identity, *, is_open: bool | None, asked: float | None = None
    ) -> float:
        """Seconds until that file is whole, 0 if it is.

        `is_open` says whether somebody has it open for writing, None where that cannot be known; `asked` is when the
        disk was asked for all that, by the clock, now by default.
        """
        arrival = self._look(folder, name, found, asked, is_open=bool(is_open))
        if arrival.is_open:
            return AGAIN
        told = self._told.get(f"{folder}/{name}")
        is_as_told = told is not None and told.is_of(found)
        if arrival.came == "renamed" or (told and told.moved and is_as_told):
            return 0.0
        is_closed = arrival.came == "closed" or (is_open is False and self._hears_of_all()) or is_as_told
        needed = self._settle.quiet if is_closed else self._still
        left = max(0.0, arrival.since + needed - self.clock())
        return min(left, LATE) if told and not is_as_told else left

    def wait_for_frames(self, folder: str, name: str, found: Identity, *, is_open: bool = False) -> float:
        """The same of a folder of frames, which is whole as it came until anything in it is another than it was."""
        before = self._arrivals[folder].get(name)
        if before and before.identity not in (None, found):
            self.forget(folder, name)
        arrival = self._look(folder, name, found, None, is_open=is_open)
        if arrival.came == "renamed" and not is_open:
            return 0.0
        needed = max(self._settle.sequence, self._still if self._share else 0.0)
        return needed if is_open else max(0.0, arrival.since + needed - self.clock())

    def _hears_of_all(self) -> bool:
        """Whether a lease that is granted says that no process of any machine writes the file."""
        return self._share is None or self._share.startswith(SERVED)

    def _look(
        self, folder: str, name: str, found: Identity, asked: float | None, *, is_open: bool
    ) -> Arrival:
        before = self._arrivals[folder].get(name)
        if before and before.came == "closed" and asked is not None and asked < before.since:
            return before  # what was found is older than what was heard
        if before and before.is_still(found) and not is_open:
            return before
        came = before.came if before and before.vouches_for(found) else "written"
        now = Arrival(found, came, self.clock(), is_open)
        self._arrivals[folder][name] = now
        return now

    def is_open(self, folder: str, name: str) -> bool:
        """Whether somebody had that file open for writing when it was last asked about."""
        arrival = self._arrivals[folder].get(name)
        return arrival is not None and arrival.is_open

    def age(self, folder: str, name: str) -> float:
        """Seconds for which that file has been as it is."""
        arrival = self._arrivals[folder].get(name)
        return self.clock() - arrival.since if arrival else 0.0

    def keep_only(self, folder: str, names: set[str], began: float) -> None:
        """Forget all files in that folder but those, and those heard of since the look began, which has missed them."""
        arrivals = self._arrivals.pop(folder, {})
        if left := {name: one for name, one in arrivals.items() if name in names or one.is_heard(began)}:
            self._arrivals[folder] = left

    def forget(self, folder: str, name: str) -> None:
        """That file was taken, or is gone."""
        self._told.pop(f"{folder}/{name}", None)
        arrivals = self._arrivals[folder]
        arrivals.pop(name, None)
        if not arrivals:
            del self._arrivals[folder]
