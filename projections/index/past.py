"""The past: a shot, or the whole film, as the log had it at a position, folded anew from its beginning.

A shot is folded from its own stream, in memory. A film becomes an index in a file that is thrown away.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
from cachetools import LRUCache

from events import EventLog, Page, TakeNotFound
from events.store.database import open_database
from projections.files.threads import in_thread
from projections.index.answers import AmbiguousShot, ShotNotFound
from projections.index.building import build
from projections.index.changes import ShotChange, changed
from projections.index.folding import Fold
from projections.index.index import PAST, Index
from projections.index.queries import Queries
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.index.tables import erase
from projections.layout import full_id

MOST_FILMS = 3
"""Films of the past that are kept; of more, the one that was not asked for longest is thrown away."""


class Past:
    """What a film was, by its log. Its shots are called as they were then."""

    def __init__(self, log: EventLog, index: Index) -> None:
        self._log = log
        self._index = index
        self._films = _Files(MOST_FILMS)
        self._turn = anyio.Lock()

    async def shot(self, stream: str, position: int) -> ShotTakes | None:
        """The shot of that stream with all its takes; None where it was not there yet."""
        page = await self._log.histories([stream], position)
        return await in_thread(folded, stream, page) if page else None

    async def find_shot(self, name: str, position: int) -> ShotTakes:
        """The shot that had that full id, path or short id then, with all its takes; ShotNotFound or AmbiguousShot."""
        path = name.replace(":", "/").strip("/")
        places = await self._index.places_named(path, position)
        same = [stream for stream, place in places.items() if place == path]
        found = [one for stream in same or places if (one := await self.shot(stream, position))]
        there = [one for one in found if _is_there(one)] or found
        if not there:
            raise ShotNotFound(name)
        if len(there) > 1 and not same:
            raise AmbiguousShot(name, [full_id(one.shot.path) for one in there])
        return there[0]

    async def changes(self, before: int, after: int, stream: str | None = None) -> list[ShotChange]:
        """What is otherwise at the second position than at the first, shot by shot, by path; or of that one shot."""
        streams = [stream] if stream else await self._index.touched_since(min(before, after))
        found = [await self._changes(one, before, after) for one in streams]
        return sorted((one for one in found if one), key=lambda one: one.shot.path)

    async def _changes(self, stream: str, before: int, after: int) -> ShotChange | None:
        was, become = [await self._log.histories([stream], end) for end in (before, after)]
        return None if len(was) == len(become) else await in_thread(_compared, stream, was, become)

    @asynccontextmanager
    async def film(self, position: int) -> AsyncIterator[Queries]:
        """The whole film, to be asked as the index of today is."""
        async with AsyncExitStack() as stack:
            async with self._turn:  # once it is open, its file may be thrown away
                path = await self._file(position)
                reader = await stack.enter_async_context(open_database(path, read_only=True, alone=True))
            yield Queries(reader, position)

    async def _file(self, position: int) -> Path:
        """The index of all up to there, which is made where it is not there yet."""
        if position not in self._films:
            path = self._index.folder / f"{PAST}{position}"
            await build(path, self._log, position)
            await in_thread(partial(self._films.__setitem__, position, path))
        return self._films[position]


class _Files(LRUCache[int, Path]):
    """Index files by position; one that falls out is thrown away."""

    def popitem(self) -> tuple[int, Path]:
        position, path = super().popitem()
        erase(path)
        return position, path


def folded(stream: str, page: Page) -> ShotTakes:
    """A shot and its takes as those records, all of its stream from the first one on, have made them."""
    sheet = Fold(lambda one: ShotRow(0, one), _never_created)
    sheet.fold(page.entries())
    return ShotTakes(sheet.shots[stream], [take for _, take in sorted(sheet.takes.items())])


def _never_created(_: int, number: int) -> TakeRow:
    raise TakeNotFound(number)


def _compared(stream: str, before: Page, after: Page) -> ShotChange | None:
    return changed(folded(stream, before) if before else None, folded(stream, after)) if after else None


def _is_there(one: ShotTakes) -> bool:
    """Whether it is not so that all its takes have gone missing."""
    return one.shot.takes > 0 or not any(take.deleted == "missing" for take in one.takes)
