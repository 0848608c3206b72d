"""The mailbox: what a watch has heard, gathered on its thread until somebody on the loop asks.

Hints say too much or too little; they only ever choose what is looked at, and how soon.
"""

import threading
import time
from asyncio import AbstractEventLoop
from collections.abc import Callable

from msgspec import Struct, field

from projections.layout import ACTIVE, TAKES, is_junk, is_picture, kind_of, take_number

MOST_NAMES = 10_000
"""How many renamed-in files are remembered between two looks; one that is forgotten only settles more slowly."""

OURS = 1.0
"""Seconds in which the events of what we did ourselves arrive."""


class Hints(Struct):
    """What happened since somebody last asked, by path relative to the project.

    `shots` something happened in that shot; `trees` a folder of that path came, went or moved; `moved`
    files that were renamed into a shot's `takes/`; `lost` why hints may be missing.
    """

    shots: set[str] = field(default_factory=set)
    trees: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)


class Mailbox:
    """Gathers hints on the watcher's thread, and calls `wake` on the loop once for all that have gathered."""

    def __init__(self, loop: AbstractEventLoop, wake: Callable[[], None]) -> None:
        self._loop = loop
        self._wake = wake
        self._lock = threading.Lock()
        self._hints = Hints()
        self._told = False
        self._ours: dict[str, float] = {}
        self._awaiting: set[str] = set()

    def ours(self, *paths: str) -> None:
        """These folders come, and these files go, by our own hand: nobody need look because of it."""
        now = time.monotonic()
        with self._lock:
            if len(self._ours) > MOST_NAMES:
                self._ours = {path: until for path, until in self._ours.items() if until > now}
            self._ours.update(dict.fromkeys(paths, now + OURS))

    def await_in(self, folder: str) -> None:
        """A file is awaited in that take folder; what happens in the others is nobody's concern."""
        with self._lock:
            self._awaiting.add(folder)

    def take(self) -> Hints:
        """The hints so far; the next ones gather anew."""
        with self._lock:
            hints, self._hints, self._told = self._hints, Hints(), False
        return hints

    def happened(
        self, folder: str, name: str, *, is_folder: bool, moved_in: bool = False, gone: bool = False
    ) -> None:
        """Something happened to that name in that folder: it was renamed to there, it went, or anything else."""
        if is_junk(name):
            return
        shot, _, last = folder.rpartition("/")
        with self._lock:
            if (is_folder or gone) and self._ours.get(f"{folder}/{name}", 0) > time.monotonic():
                return
            if last == TAKES:
                self._hints.shots.add(shot)
                if moved_in and not is_folder and len(self._hints.moved) < MOST_NAMES:
                    self._hints.moved.add(f"{folder}/{name}")
            elif folder in self._awaiting or (_is_take(folder) and kind_of(name) and not is_picture(name)):
                self._hints.shots.add(shot.removesuffix(f"/{TAKES}"))
            elif name.startswith(ACTIVE):
                self._hints.shots.add(folder)
            elif is_folder:
                self._hints.trees.add(folder if name == TAKES else f"{folder}/{name}".lstrip("/"))
            else:
                return
        self._tell()

    def lost(self, why: str) -> None:
        """Hints may be missing."""
        with self._lock:
            self._hints.lost.add(why)
        self._tell()

    def _tell(self) -> None:
        with self._lock:
            told, self._told = self._told, True
        if not told:
            self._loop.call_soon_threadsafe(self._wake)


def _is_take(folder: str) -> bool:
    shot, _, name = folder.rpartition("/")
    return shot.endswith(f"/{TAKES}") and take_number(name) is not None
