"""The mailbox: what wakes the scheduler, posted from any thread and gathered until it is collected.

What is posted says too much or too little; it only ever chooses what is looked at, and how soon.
"""

import math
import threading
from asyncio import AbstractEventLoop
from collections.abc import Iterable, Iterator, Mapping

from cachetools import TTLCache
from msgspec import Struct, field

from daemon.clock import CLOCK, Clock
from events import Identity, Signal
from projections.files.fingerprint import COARSE
from projections.layout import (
    ACTIVE,
    TAKES,
    is_junk,
    is_picture,
    is_set_aside,
    kind_of,
    shot_of_take,
    shot_of_takes,
)

MOST_NAMES = 10_000
"""How many files are remembered that came whole, or were moved by us; one that is forgotten is only looked at more."""

OURS = 1.0
"""Seconds in which the events of what we did ourselves arrive."""


class Told(Struct, frozen=True):
    """What another machine has seen of a file that was put into a shot there: it was `moved` in, or its writer has closed it.

    `size` is in bytes, and `mtime_ns` in ns since 1970, as that machine has found them.
    """

    moved: bool
    size: int
    mtime_ns: int

    def is_of(self, found: Identity) -> bool:
        """Whether the file that is found is as that machine has told: then nobody has written it since."""
        return self.size == found.size and abs(self.mtime_ns - found.mtime_ns) <= COARSE


class Mail(Struct):
    """What was posted since it was last collected, by path relative to the project.

    `shots` something happened in that shot; `trees` a folder of that path came, went or moved; `moved`
    files and folders that were renamed into a shot's `takes/`; `closed` files in it that their writer has closed; `beside` the
    folders in which something may have been put that was meant for one; `lost` why hints may be missing; `due` the
    shots that somebody wants looked at, and when (seconds of the clock); `told` files of which another machine tells.
    """

    due: dict[str, float] = field(default_factory=dict)
    shots: set[str] = field(default_factory=set)
    trees: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    beside: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    told: dict[str, Told] = field(default_factory=dict)

    def add_seen(self, other: "Mail") -> None:
        """Add what was seen in the film's folder, and what may have been missed."""
        self.trees |= other.trees
        self.moved |= other.moved
        self.closed |= other.closed
        self.lost |= other.lost


class Mailbox:
    """The mailbox of one project's scheduler."""

    def __init__(self, loop: AbstractEventLoop, clock: Clock = CLOCK) -> None:
        self.clock = clock
        self._loop = loop
        self._signal = Signal()
        self._lock = threading.Lock()
        self._mail = Mail()
        self._told = False
        self._ours: TTLCache[str, None] = TTLCache(MOST_NAMES, OURS, timer=clock)
        self._awaiting: set[str] = set()
        self._second: Mailbox | None = None

    def second(self) -> "Mailbox":
        """A mailbox for somebody else who wants to know what is seen in the film's folder, from now on."""
        self._second = Mailbox(self._loop, self.clock)
        return self._second

    def ours(self, *paths: str) -> None:
        """These folders come, and these files go, by our own hand: nobody need look because of it."""
        with self._lock:
            self._ours.update(dict.fromkeys(paths))

    def await_in(self, folder: str) -> None:
        """A file is awaited in that take folder; what happens in the others is nobody's concern."""
        with self._lock:
            self._awaiting.add(folder)

    def look_at(self, shot: str, seconds: float = 0.0) -> None:
        """Have that shot looked at in so many seconds, or sooner."""
        due = self.clock() + seconds
        with self._lock:
            self._mail.due[shot] = min(due, self._mail.due.get(shot, math.inf))
        self.ring()

    def brought(self, folder: str, names: Iterable[str]) -> None:
        """We have put these into that folder, whole: on a share nobody hears of what came by a second name."""
        for name in names:
            self.happened(folder, name, is_folder=False, moved_in=True)

    def tell(self, told: Mapping[str, Told], shots: Iterable[str]) -> None:
        """Another machine tells of those files, by path, and these are the shots of which some of them are."""
        with self._lock:
            self._mail.told.update(told)
            self._mail.shots.update(shots)
        self.ring()

    def collect(self) -> Mail:
        """What was posted so far; the next mail gathers anew."""
        with self._lock:
            mail, self._mail, self._told = self._mail, Mail(), False
        if self._second:
            self._second.pass_on(mail)
        return mail

    def pass_on(self, mail: Mail) -> None:
        """All that somebody else has collected was seen."""
        with self._lock:
            self._mail.add_seen(mail)
        self.ring()

    async def wait(self, until: float = math.inf) -> None:
        """Return once something was posted since this last returned, or at that time."""
        with self.clock.until(until):
            await self._signal.wait()

    def happened(
        self,
        folder: str,
        name: str,
        *,
        is_folder: bool,
        moved_in: bool = False,
        closed: bool = False,
        gone: bool = False,
    ) -> None:
        """Something happened to that name in that folder: it came by a rename, was closed, went, or anything else."""
        if is_junk(name) or (is_folder and is_set_aside(name)):
            return
        with self._lock:
            if (is_folder or gone) and f"{folder}/{name}" in self._ours:
                return
            for gathered, path in (concerned := list(self._concerned(folder, name, is_folder=is_folder))):
                gathered.add(path)
            if not concerned:
                return
            if moved_in and shot_of_takes(folder) and len(self._mail.moved) < MOST_NAMES:
                self._mail.moved.add(f"{folder}/{name}")
            if closed and len(self._mail.closed) < MOST_NAMES:
                self._mail.closed.add(f"{folder}/{name}")
        self.ring()

    def _concerned(self, folder: str, name: str, *, is_folder: bool) -> Iterator[tuple[set[str], str]]:
        """What is to be looked at because of that name, and where it is gathered."""
        is_media = kind_of(name) is not None and not is_picture(name)
        if shot := shot_of_takes(folder):
            yield self._mail.shots, shot
        elif shot := shot_of_take(folder):
            if is_media or folder in self._awaiting:
                yield self._mail.shots, shot
        elif name.startswith(ACTIVE):
            yield self._mail.shots, folder
        else:
            if is_folder:
                yield self._mail.trees, folder if name == TAKES else f"{folder}/{name}".lstrip("/")
            if is_media or "." not in name:  # what has no extension may be a link to a folder
                yield self._mail.beside, folder

    def lost(self, why: str) -> None:
        """Hints may be missing."""
        with self._lock:
            self._mail.lost.add(why)
        self.ring()

    def ring(self) -> None:
        """Wake the scheduler, once for all that has gathered."""
        with self._lock:
            told, self._told = self._told, True
        if not told:
            self._loop.call_soon_threadsafe(self._signal.give)
