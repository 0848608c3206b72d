"""The meter: how loud takes are, which is measured once they are complete, so that none of them waits for it."""

from functools import partial
from pathlib import Path
from typing import Protocol

import anyio

from daemon.shots.shots import WATCHER, Shots
from events import TakeKey, TakesError
from events.shot import measure
from projections.index.index import Index
from projections.keeping import EVERYTHING, Keeping, NotKept
from projections.layout import media_path

AT_ONCE = 64
"""Takes that are lined up at a time: what is complete meanwhile goes before those that have waited longest."""

PAUSE = 0.25
"""Seconds between two looks at what is new: in a burst of stills there is none that has a sound."""


class Hears(Protocol):
    """Measures the sound of a file."""

    async def loudness(self, path: Path, sha256: str) -> float | None:
        """How loud it is, in LUFS; OSError where the file cannot be had."""


class Meter:
    """Measures the takes of one project. What cannot be had now is measured by the next daemon."""

    def __init__(
        self, root: Path, index: Index, shots: Shots, hears: Hears, keeping: Keeping = EVERYTHING
    ) -> None:
        self._root = root
        self._index = index
        self._shots = shots
        self._hears = hears
        self._keeping = keeping
        self._away: set[TakeKey] = set()

    async def run(self) -> None:
        """Measure all that is complete, for ever."""
        while True:
            level = self._index.seen.level
            lined_up = await self._index.unheard(AT_ONCE + len(self._away))
            for key in [one for one in lined_up if one not in self._away]:
                await self._measure(key)
            await self._index.seen.reach(max(level + 1, self._shots.head if lined_up else 0))
            if not lined_up:
                await anyio.sleep(PAUSE)

    async def _measure(self, key: TakeKey) -> None:
        loaded = await self._index.load({key.stream: [key.number]})
        media = loaded[0].takes[0].read_media()
        if media is None:
            return
        path = self._root / media_path(loaded[0].shot.path, key.number, media.name)
        try:
            if not self._keeping.keeps(key.stream):
                raise NotKept
            found = await self._hears.loudness(path, media.sha256)
            await self._shots.change(key.stream, partial(measure, number=key.number, loudness=found), WATCHER)
        except (OSError, TakesError):  # nobody waits for it
            self._away.add(key)
