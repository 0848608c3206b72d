"""The second names: the sums that the status tells are kept, and follow from what lies there."""

import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from daemon.disk.times import FRESH
from daemon.protection import second_names
from daemon.protection.second_names import SecondNames
from events import Event, Kept, MemoryLog, ShotRegistered, TakeCompleted, TakeCreated, TakeDeleted, TakePurged
from projections.artifacts.store import Store
from projections.index.index import Index, open_index
from tests.events.samples import DROP, append, media

OLD = FRESH
"""A time (ns) at which nothing was changed just now."""


class Told:
    """A film's objects and its log, and how often a folder of objects is looked through."""

    def __init__(self, root: Path, log: MemoryLog, index: Index) -> None:
        self.looked: list[str] = []
        self.store = Store(root)
        self.names = SecondNames(self.store, index)
        self._log = log
        self._index = index
        self._versions: dict[str, int] = {}

    async def tell(self, stream: str, *events: Event) -> None:
        await self._log.append(append(stream, *events, expected=self._versions.get(stream, 0)))
        self._versions[stream] = self._versions.get(stream, 0) + len(events)
        await self._index.advance(self._log)

    async def complete(self, stream: str, number: int, content: bytes, kept: Kept | None = "link") -> Path:
        """A take of those bytes, and its object."""
        sha256 = hashlib.sha256(content).hexdigest()
        what = media(number)
        told = type(what)(name=what.name, bytes=len(content), sha256=sha256, kind="video")
        created = TakeCreated(take=number, source=DROP)
        await self.tell(stream, created, TakeCompleted(take=number, media=told, kept=kept))
        path = self.store.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.age(path.parent)
        return path

    def age(self, folder: Path) -> None:
        """Nothing was changed there just now."""
        os.utime(folder, ns=(OLD, OLD + folder.stat().st_mtime_ns % 1000))

    async def sums(self) -> dict[str, int]:
        found = await self.names.protection("link")
        assert found.takes == found.reflink + found.link + found.copy + found.none
        return {way: number for way in ("reflink", "link", "copy", "none") if (number := getattr(found, way))}


@asynccontextmanager
async def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Told]:
    log = MemoryLog()
    async with open_index(tmp_path / "index.db", log) as index:
        film = Told(tmp_path, log, index)
        real = Store.objects_in

        def objects_in(store: Store, folder: str) -> object:
            film.looked.append(folder)
            return real(store, folder)

        monkeypatch.setattr(Store, "objects_in", objects_in)
        for stream in ("one", "two"):
            await film.tell(stream, ShotRegistered(path=stream))
        yield film


async def test_the_sums_follow_what_happens_to_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with told(tmp_path, monkeypatch) as film:
        assert await film.sums() == {}
        await film.complete("one", 1, b"one")
        await film.complete("two", 1, b"one", "reflink")
        await film.complete("two", 2, b"two", None)
        assert await film.sums() == {"link": 1, "reflink": 1, "copy": 1}
        await film.tell("two", TakeDeleted(take=1, why="asked"), TakePurged(take=1, bytes=3))
        assert await film.sums() == {"link": 1, "copy": 1}


async def test_what_comes_and_goes_among_the_objects_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with told(tmp_path, monkeypatch) as film:
        made = await film.complete("one", 1, b"one", None)
        assert await film.sums() == {"copy": 1}
        os.link(made, tmp_path / "take")
        film.age(made.parent)
        made.unlink()
        assert await film.sums() == {"none": 1}
        os.link(tmp_path / "take", made)
        assert await film.sums() == {"link": 1}


async def test_where_nothing_happens_only_some_folders_are_looked_through_and_each_in_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_names, "IN_TURNS", 1)
    async with told(tmp_path, monkeypatch) as film:
        made = [await film.complete("one", number, b"%d" % number) for number in range(1, 4)]
        assert await film.sums() == {"link": 3}
        assert len(film.looked) == 3
        os.truncate(made[1], 0)
        film.looked.clear()
        sums = [await film.sums() for _ in made]
        assert len(set(film.looked)) == len(film.looked) == 3
        assert sums[-1] == {"link": 2, "none": 1}


async def test_a_folder_that_was_changed_just_now_is_looked_through_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_names, "IN_TURNS", 0)
    async with told(tmp_path, monkeypatch) as film:
        made = await film.complete("one", 1, b"one")
        os.utime(made.parent)
        assert await film.sums() == {"link": 1}
        os.truncate(made, 0)
        assert await film.sums() == {"none": 1}
