"""Shots in memory: as many as were used last, and each as the log has it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import NoneType

import anyio
import pytest

from daemon.shots import shots as module
from daemon.shots.shots import FILESYSTEM, Origin, Rule, Shots
from events import (
    Append,
    Media,
    MemoryLog,
    Record,
    Shot,
    StaleVersion,
    TakeActivated,
    TakeIsSettled,
    TakeKey,
    TakeNoted,
    fold,
)
from events.shot import complete, create
from projections.index.index import open_index
from tests.events.samples import DROP, append


class HeldLog(MemoryLog):
    """Says when an append begins, and writes it once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = anyio.Event()
        self.may_write = anyio.Event()

    async def append(self, append: Append, *more: Append) -> Sequence[Record]:
        self.begun.set()
        await self.may_write.wait()
        return await super().append(append, *more)


async def test_a_shot_that_fell_out_of_memory_while_it_was_changed_is_the_changed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FOLDED", 1)
    log = HeldLog()
    async with open_index(tmp_path / "index.db", log) as index:
        shots = Shots(log, index)
        async with anyio.create_task_group() as group:
            group.start_soon(shots.change, "dawn", partial(create, sources=[DROP]), FILESYSTEM)
            await log.begun.wait()
            await shots.load("dusk")
            assert not (await shots.load("dawn")).takes
            log.may_write.set()
        assert list((await shots.load("dawn")).takes) == [1]


class CountingLog(MemoryLog):
    """Counts how often a shot is read from its beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.whole = 0

    async def stream(self, stream: str, after: int = 0, limit: int | None = None) -> Sequence[Record]:
        self.whole += after == 0
        return await super().stream(stream, after, limit)


async def test_shots_of_very_many_takes_stay_in_memory_as_far_as_those_are_few_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TAKES", 10)
    monkeypatch.setattr(module, "FOLDED", 2)
    log = CountingLog()
    async with open_index(tmp_path / "index.db", log) as index:
        shots = Shots(log, index)

        async def reads(*streams: str) -> int:
            before = log.whole
            for stream in streams:
                await shots.load(stream)
            return log.whole - before

        async def grow(stream: str, takes: int) -> None:
            await shots.change(stream, partial(create, sources=[DROP] * takes), FILESYSTEM)

        await grow("dawn", 4)
        await grow("dusk", 4)
        assert await reads("dawn", "dusk") == 0
        await grow("dusk", 4)
        assert await reads("dusk", "dawn", "dawn", "dusk") == 2  # never both
        await grow("dusk", 20)
        assert await reads("dusk", "dusk") == 0


MEDIA = Media(name="a.png", bytes=1, sha256="0" * 64, kind="image")


def completing(stream: str, number: int) -> tuple[TakeKey, Rule, Origin]:
    return TakeKey(stream, number), partial(complete, number=number, media=MEDIA), FILESYSTEM


async def test_takes_that_are_changed_together_are_each_decided_after_those_before(tmp_path: Path) -> None:
    log = MemoryLog()
    async with open_index(tmp_path / "index.db", log) as index:
        shots = Shots(log, index)
        for stream in ("dawn", "dusk"):
            await shots.change(stream, partial(create, sources=[DROP] * 3), FILESYSTEM)
        await shots.change_all({"dawn": partial(complete, number=2, media=MEDIA)}, FILESYSTEM)
        changes = [completing("dawn", 2), completing("dusk", 1), completing("dawn", 1), completing("dawn", 3)]
        came = await shots.change_each(changes)
        assert [type(one) for one in came] == [TakeIsSettled, NoneType, NoneType, NoneType]
        for stream in ("dawn", "dusk"):
            shot, again = await shots.load(stream), Shot(stream)
            fold(again, await log.stream(stream))
            assert (shot, shot.active) == (again, 1)
        activated = [one.stream for one in await log.read() if isinstance(one.event, TakeActivated)]
        assert sorted(activated) == ["dawn", "dusk"]


async def test_a_take_whose_shot_has_moved_on_meanwhile_is_not_changed_with_the_others(
    tmp_path: Path,
) -> None:
    log = MemoryLog()
    async with open_index(tmp_path / "index.db", log) as index:
        shots = Shots(log, index)
        for stream in ("dawn", "dusk"):
            await shots.change(stream, partial(create, sources=[DROP]), FILESYSTEM)
        await log.append(append("dawn", TakeNoted(take=1, note=1, text="?", by="1"), expected=1))
        came = await shots.change_each([completing("dawn", 1), completing("dusk", 1)])
        assert [type(one) for one in came] == [StaleVersion, NoneType]
        assert [(await shots.load(stream)).version for stream in ("dawn", "dusk")] == [1, 3]
