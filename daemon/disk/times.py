"""The times of folders, and whether such a time tells of all that came there and went."""

import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from daemon.disk.mounts import filesystem_of

FRESH = 2_000_000_000
"""Nanoseconds for which a folder that was just changed is not trusted: it may change again in the same tick."""


class Times:
    """What the times of the folders below that one are worth; `clock` says what time it is on the disk (ns)."""

    def __init__(self, root: Path, clock: Callable[[], int] = time.time_ns) -> None:
        self._root = root
        self._clock = clock

    def are_sure(self, *changed: int) -> bool:
        """Whether folders that were changed then hold the names that they were seen to hold, until another time is theirs."""
        return self._are_kept and self._clock() - max(changed) > FRESH

    @cached_property
    def _are_kept(self) -> bool:
        """Whether the time of a folder changes with the names in it: on exFAT by FUSE, a rename leaves it as it was."""
        return filesystem_of(self._root) != "fuseblk"
