"""Settling: whether anybody is still writing a file."""

import time
from collections.abc import Callable

from msgspec import Struct

from daemon.config import Settle
from events import Identity

AGAIN = 0.25
"""Seconds until a file that is open for writing is looked at again, where no event comes first."""


class _Watched(Struct):
    identity: Identity
    since: float
    moved: bool
    written: bool


class Settling:
    """Remembers since when each file has been as it is now; `clock` counts seconds and never goes back."""

    def __init__(self, settle: Settle, clock: Callable[[], float] = time.monotonic) -> None:
        self._settle = settle
        self._clock = clock
        self._watched: dict[str, _Watched] = {}

    def wait(self, path: str, identity: Identity, *, written: bool | None, moved: bool = False) -> float:
        """Seconds until the file at that path can be taken, 0 if now; `moved` says that it was renamed in."""
        now = self._clock()
        one = self._watched.get(path)
        if one is None or one.identity != identity or written or one.written:
            moved = moved or (one is not None and one.moved and one.identity.inode == identity.inode)
            one = self._watched[path] = _Watched(identity, now, moved, bool(written))
        one.moved = one.moved or moved
        if written:
            return AGAIN
        if one.moved:
            return 0.0
        needed = self._settle.still if written is None else self._settle.quiet
        return max(0.0, one.since + needed - now)

    def keep_only(self, below: str, names: set[str]) -> None:
        """Forget all files right below that path but those."""
        gone = [path for path in self._watched if path.startswith(below) and path[len(below) :] not in names]
        for path in gone:
            if "/" not in path[len(below) :]:
                del self._watched[path]

    def forget(self, path: str) -> None:
        """The file at that path was taken, or is gone."""
        self._watched.pop(path, None)
