"""The second names: how many takes have their bytes under one. The sums are kept from one asking to the next.

They follow from what lies there: a shot's takes are read again once something happened to it in the log, and a folder
of objects once something came there or went. A file that is cut short changes no folder, so some of them are looked
through at each asking all the same, in turns.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain, islice

import anyio
from msgspec import Struct

from daemon.disk.times import Times
from events import Kept
from projections.artifacts.store import Store, Way
from projections.files.threads import in_thread
from projections.index.answers import KeptHash
from projections.index.index import Index

IN_TURNS = 2
"""Folders of objects, of 256, that are looked through at each asking though nothing says that anything happened."""


class Protection(Struct, frozen=True):
    """How many takes have a second name for their bytes, by how they have it, and how many have none.

    `objects` is what the configuration wants done for that, `disk` the best that this disk can do; None for nothing.
    """

    takes: int
    reflink: int
    link: int
    copy: int
    none: int
    objects: Way
    disk: Kept | None


class _Folder(Struct, frozen=True):
    """A folder of objects: since when it is as it is (ns), None where that is not sure; of each object whether it is linked.

    An object is known by the hash of its name and size.
    """

    changed: int | None
    objects: dict[int, bool]


class SecondNames:
    """Those of one film's takes."""

    def __init__(self, store: Store, index: Index) -> None:
        self._store = store
        self._index = index
        self._counting = anyio.Lock()
        self._known = _Known(store)

    async def protection(self, disk: Kept | None) -> Protection:
        """How well the takes are protected, on a disk that can do that."""
        async with self._counting:
            try:
                sums = await self._sums(disk)
            except BaseException:
                self._known = _Known(self._store)  # a thread may be at the other one still
                raise
        return Protection(
            takes=sum(sums.values()),
            reflink=sums["reflink"],
            link=sums["link"],
            copy=sums["copy"],
            none=sums[None],
            objects=self._store.way,
            disk=disk,
        )

    async def _sums(self, disk: Kept | None) -> Counter[Kept | None]:
        known, position = self._known, self._index.seen.level
        changed = await self._index.kept_hashes(known.position) if position != known.position else ()
        sums = await in_thread(known.count, changed, disk)
        known.position = position
        return sums


class _Known:
    """What is known of takes and objects, and the sums; `position` is the log's up to which takes are known."""

    def __init__(self, store: Store) -> None:
        self.position = -1
        self._store = store
        self._times = Times(store.root)
        self._takes: dict[Kept | None, dict[str, array[int]]] = defaultdict(dict)
        self._folders: dict[str, _Folder] = {}
        self._sums: Counter[Kept | None] | None = None
        self._sums_for: Kept | None = None

    def count(self, changed: Sequence[KeptHash], disk: Kept | None) -> Counter[Kept | None]:
        """The takes by how they are kept, after those shots have changed."""
        if changed:
            self._note_takes(changed)
        is_same = self._look()
        if self._sums is None or not is_same or disk != self._sums_for:
            self._sums, self._sums_for = self._sum(disk), disk
        return self._sums

    def _note_takes(self, found: Sequence[KeptHash]) -> None:
        """Those are the takes of the shots that they are of; of one without any, the hash is None."""
        shots: dict[str, dict[Kept | None, array[int]]] = {}
        for stream, sha256, size, kept in found:
            takes = shots.setdefault(stream, {})
            if sha256:
                takes.setdefault(kept, array("q")).append(hash((sha256, size)))
        for stream, takes in shots.items():
            for shown in self._takes.values():
                shown.pop(stream, None)
            for kept, keys in takes.items():
                self._takes[kept][stream] = keys
        self._sums = None

    def _sum(self, disk: Kept | None) -> Counter[Kept | None]:
        """The takes by how they are kept; where the log does not say, by what their object looks like."""
        there = dict(chain.from_iterable(folder.objects.items() for folder in self._folders.values()))
        sums: Counter[Kept | None] = Counter()
        for kept, shots in self._takes.items():
            for is_linked, number in Counter(map(there.get, chain.from_iterable(shots.values()))).items():
                made: Kept = "link" if is_linked else "reflink" if disk == "reflink" else "copy"
                sums[None if is_linked is None else kept or made] += number
        return sums

    def _look(self) -> bool:
        """See which objects there are; whether they are those that there were."""
        there, before = self._store.folders(), self._folders
        in_turns = set(islice(before, IN_TURNS))
        kept = {
            name: folder
            for name, folder in before.items()
            if name not in in_turns and folder.changed == there.get(name)
        }
        looked = {name: self._look_into(name, there[name]) for name in there.keys() - kept.keys()}
        self._folders = {**kept, **looked}  # those that were looked into are the last in turn
        return self._folders.keys() == before.keys() and all(
            folder.objects == before[name].objects for name, folder in looked.items()
        )

    def _look_into(self, name: str, changed: int) -> _Folder:
        is_sure = self._times.are_sure(changed)
        objects = {
            hash((sha256, size)): is_linked for sha256, size, is_linked in self._store.objects_in(name)
        }
        return _Folder(changed if is_sure else None, objects)
