"""The scanner: looks at all shots of a project, and says which of them are not as the log has them.

What has not changed since it was seen to be so is passed over, from one run of the daemon to the next.
"""

import math
import sys
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from heapq import nlargest
from itertools import cycle
from pathlib import Path

import anyio
from msgspec import Struct

from daemon.clock import Clock
from daemon.config.table import Config
from daemon.disk.marker import Marker
from daemon.protection.overwrites import Overwrites
from daemon.takes.findings import Notes
from daemon.watching.memory import recall, remember
from daemon.watching.scan import Seen, find_media, look_without_media
from daemon.watching.tree import Found, Tree, chunks
from daemon.watching.unchanged import Unchanged
from daemon.watching.watch import Watch
from events import EventLog, Head, TakesError
from projections.files.threads import in_thread
from projections.index.answers import OnDisk
from projections.index.index import Index
from projections.keeping import EVERYTHING, Keeping
from projections.layout import take_path

CHUNK = 200
"""Shots compared with the index at a time in a scan."""

CLOSELY = 60
"""Every so many scans look into each shot, a part in each of them, also where nothing says that anything happened."""

GUARDED = 500
"""Shots of which the folders of takes are watched that somebody may well save over: those in which something happened last.

In any other a save is found by a scan, and its shot is guarded as soon as anything happens in it. A film with fewer shots
has all of them guarded.
"""

SECONDS = 5.0
"""For which the end of a run waits until what is known is written down: a disk may never take it."""


class LastScan(Struct, frozen=True):
    """A look at everything: when it ended (monotonic seconds), how long it took, how many shots it found."""

    ended: float
    seconds: float
    shots: int


class Scanner:
    """Compares what lies in one project's shots with the index, in bulk; by `due` it is to go on, or to begin."""

    def __init__(
        self,
        root: Path,
        config: Config,
        clock: Clock,
        tree: Tree,
        watch: Watch,
        marker: Marker,
        log: EventLog,
        index: Index,
        notes: Notes,
        overwrites: Overwrites,
        keeping: Keeping = EVERYTHING,
    ) -> None:
        self.last: LastScan | None = None
        self.due = math.inf
        self.at_work = anyio.Lock()
        self._root = root
        self._clock = clock
        self._tree = tree
        self._watch = watch
        self._marker = marker
        self._log = log
        self._index = index
        self._notes = notes
        self._overwrites = overwrites
        self._keeping = keeping
        self._others: Mapping[str, int | None] = {}
        self._unchanged = Unchanged(root, config.scan_every, clock)
        self._recent = 0
        self._standing: tuple[int, Sequence[tuple[str, int, int]]] = -1, ()
        self._parts = cycle(range(CLOSELY))

    async def scan(self, tell: Callable[[Iterable[str]], None], *, closely: bool) -> None:
        """Look at every shot, and tell of those that differ.

        Unless closely, those in which nothing has changed are passed over.
        """
        async with self.at_work:
            self.due, shots = self._clock(), 0
            began = self.due
            part = await self._begin(closely=closely)
            standings = await self._standings()
            positions = {path: position for path, position, _ in standings}
            self._recent = min(nlargest(GUARDED, positions.values()), default=0)
            ours = await self._divide()
            unseen = {path for path, _, is_there in standings if is_there and path not in self._others}
            parts = chunks(self._tree.shots() if self._keeping.keeps_film else self._tree.at(ours), CHUNK)
            while found := await in_thread(next, parts, None):
                await self._compare(await in_thread(self._stirred, found, positions, part), tell)
                shots += len(found)
                self.due = self._clock()
                unseen.difference_update(one.path for one in found)
            await in_thread(self._marker.check)
            self._tell(unseen, tell)  # should one come back, nothing in it will have changed
            self.last = LastScan(self._clock(), self._clock() - began, shots)

    async def _standings(self) -> Sequence[tuple[str, int, int]]:
        """Where each shot stands in the log; asked for where that says more than at the last scan."""
        position = self._index.seen.level
        if self._standing[0] != position:
            self._standing = position, await self._index.standings()
        return self._standing[1]

    async def _divide(self) -> Sequence[str]:
        """The paths of the shots that are ours; those of others are looked at no more than to see which folder lies there."""
        if self._keeping is EVERYTHING:
            return ()
        shots = await self._index.shots(gone=True)
        ours = {one.path for one in shots if self._keeping.keeps(one.stream)}
        self._others = {one.path: one.inode for one in shots if one.path not in ours}
        return sorted(ours)

    async def _begin(self, *, closely: bool) -> int | None:
        """Which part of the shots is looked into closely; None for all of them."""
        is_first = self.last is None
        if is_first:
            closely = not await self._recall()
        self._unchanged.begin(sys.maxsize if is_first else None)
        return None if closely else -1 if is_first else next(self._parts)

    async def _recall(self) -> bool:
        """Remember what the run before has known, unless that is of another log, or was cut short in the midst of something."""
        memory = await in_thread(recall, self._index.folder)
        if memory is None or self._overwrites.has_left_anything:
            return False
        log, position, digest = memory.head.log, memory.head.position, memory.head.hash
        if (log, digest) != (self._log.id, await self._log.hash_at(position)):
            return False
        self._tree.known = memory.folders
        self._unchanged.recall(memory.shots)
        return True

    async def remember(self) -> None:
        """Write down what is known, for the next start; nothing waits for a disk that does not take it."""
        position = self._index.seen.level
        if self.last is None:
            return
        with anyio.move_on_after(SECONDS, shield=True), suppress(TakesError):
            if digest := await self._log.hash_at(position):
                folders, shots = dict(self._tree.known), dict(self._unchanged.shots)
                head = Head(self._log.id, position, digest)
                await in_thread(remember, self._index.folder, self._marker, head, folders, shots)

    def _stirred(
        self, found: Sequence[Found], positions: Mapping[str, int], part: int | None
    ) -> Sequence[Found]:
        """Those that are to be compared; those of that part are in any case."""
        return found if part is None else [one for one in found if self._may_differ(one, positions, part)]

    def _may_differ(self, found: Found, positions: Mapping[str, int], part: int) -> bool:
        path = found.path
        is_close = zlib.crc32(path.encode()) % CLOSELY == part
        position = positions.get(path, 0)
        if is_close or not self._unchanged.has(found, position):
            return True
        if position >= self._recent:
            self.guard(path, *self._unchanged.guarded(path))
        return False

    async def _compare(self, found: Sequence[Found], tell: Callable[[Iterable[str]], None]) -> None:
        """Tell of those of the shots in which something may not be as the index has it."""
        if found:
            known = await self._index.on_disk([one.path for one in found])
            self._tell(await in_thread(self._different, found, known), tell)

    def _tell(self, different: Collection[str], tell: Callable[[Iterable[str]], None]) -> None:
        tell(different)
        for path in different:
            self._unchanged.forget(path)

    def _different(self, found: Sequence[Found], known: Mapping[str, OnDisk]) -> list[str]:
        told = self._notes.shots()  # what is said of them may have become untrue
        return [
            one.path
            for one in found
            if one.path in told or one.path not in known or not self._is_as_known(one, known[one.path])
        ]

    def _is_as_known(self, found: Found, known: OnDisk) -> bool:
        path = found.path
        try:
            if path in self._others:
                return self._root.joinpath(path).lstat().st_ino == self._others[path]
            seen = look_without_media(self._root, path)
            if seen is None or known.making or _has_news(seen):
                return False
            find_media(self._root, known.live, seen)
        except OSError:
            return False  # whoever looks closely says what is wrong there
        if seen.absent or self._is_overwritten(seen, known):
            return False
        newest = max((number for number, _ in known.live), default=None)
        guarded = {number for number in (known.active, newest, *known.failed) if number}
        if known.position >= self._recent:
            self.guard(path, *guarded)
        if seen.active != known.active or seen.folders - known.numbers or seen.folders & known.missing:
            return False
        if not known.files.keys() & self._overwrites.damaged.keys():  # which the next run has to tell anew
            self._unchanged.note(found, seen, known.live, known.position, guarded)
        return True

    def _is_overwritten(self, seen: Seen, known: OnDisk) -> bool:
        """Whether a file is another one than the log speaks of, or one was being put in its place when a run ended."""
        return bool(
            self._overwrites.written_over(known.failed, seen.media)
            or self._overwrites.strange(known.files, seen.media)
            or any(self._overwrites.has_left(stream) for stream, _ in known.files)
        )

    def guard(self, shot: str, *numbers: int | None) -> bool:
        """Watch the folders of a shot's takes that somebody may well save over; whether one of them was not before."""
        before = self._watch.folders
        for number in {one for one in numbers if one}:
            self._watch.arm(take_path(shot, number))
        return self._watch.folders > before


def _has_news(seen: Seen) -> bool:
    """Whether something lies there that may become a take, or is told of."""
    return bool(seen.drops or seen.recipes or seen.not_taken or seen.sequences)
