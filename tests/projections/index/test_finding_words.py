"""What is found by its words, and what is not."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from events import (
    Append,
    Event,
    MemoryLog,
    Request,
    ShotRegistered,
    Source,
    TakeCompleted,
    TakeCreated,
    TakeDeleted,
    TakePurged,
    TakeRestored,
)
from projections.index.index import Index, open_index
from projections.index.search.conditions import Asker
from tests.events.samples import media

NOW = datetime.now().astimezone()
AT = "2026-11-23T12:53:00.000000Z"
DROP = Source(kind="drop", name="a.mp4")


class Told:
    """An index of one shot, to which things happen."""

    def __init__(self, log: MemoryLog, index: Index) -> None:
        self.log = log
        self.index = index

    async def tell(self, *events: Event) -> None:
        version = len(await self.log.stream("s"))
        await self.log.append(Append(stream="s", events=events, expected=version, at=AT, actor="cli"))
        while await self.index.advance(self.log):
            pass

    async def take(self, number: int, **params: Any) -> None:
        """A dropped take with that recipe."""
        await self.tell(
            TakeCreated(take=number, source=DROP),
            TakeCompleted(take=number, media=media(number), params=params or None),
        )

    async def found(self, text: str, limit: int = 100) -> list[int]:
        return [take.number for _, take in (await self.index.find(text, Asker(NOW), limit=limit)).takes]


@asynccontextmanager
async def told(folder: Path, takes: Sequence[str] = ()) -> AsyncIterator[Told]:
    log = MemoryLog()
    async with open_index(folder / "index.db", log) as index:
        one = Told(log, index)
        await one.tell(ShotRegistered(path="01_A/001_Dawn"))
        for number, prompt in enumerate(takes, 1):
            await one.take(number, prompt=prompt)
        yield one


@pytest.mark.parametrize(
    "text",
    ["gull", "gulls", "GULLS", "pier gull", "gul pi", "gulls, pier!", "  gulls ", "gulls-pier", "gülls"],
)
async def test_a_take_is_found_by_the_beginnings_of_its_words(tmp_path: Path, text: str) -> None:
    async with told(tmp_path, ["gulls over a pier", "a lighthouse"]) as film:
        assert await film.found(text) == [1]


@pytest.mark.parametrize("text", ["ulls", "gulls lighthouse", "overture", "gulls x"])
async def test_what_has_not_all_the_words_is_not_found(tmp_path: Path, text: str) -> None:
    async with told(tmp_path, ["gulls over a pier", "a lighthouse"]) as film:
        assert await film.found(text) == []


@pytest.mark.parametrize("text", ['"', "*", "()", "''", "^", ":", "\0", "{}+", "…—„“", "\u0301"])
async def test_a_search_for_nothing_finds_nothing(tmp_path: Path, text: str) -> None:
    async with told(tmp_path, ["gulls over a pier"]) as film:
        assert await film.found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        '"gulls',
        "gulls*",
        "gulls OR",
        "NOT gulls",
        "gulls NEAR/2",
        "{gulls}",
        "gulls\0",
        "(gulls",
        "+gulls^",
    ],
)
async def test_what_would_mean_something_to_a_database_means_nothing_here(tmp_path: Path, text: str) -> None:
    async with told(tmp_path, ["gulls over a pier, or near the words, but not 2"]) as film:
        assert await film.found(text) == [1]


async def test_words_of_other_alphabets_are_found(tmp_path: Path) -> None:
    async with told(tmp_path, ["чайки над пирсом", "Möwen über dem Pier", "cafe\u0301s at noon"]) as film:
        assert await film.found("чайк") == [1]
        assert (
            await film.found("möwen") == await film.found("mowen") == await film.found("mo\u0308wen") == [2]
        )
        assert await film.found("cafés") == await film.found("cafe") == [3]


async def test_no_more_are_found_than_are_asked_for(tmp_path: Path) -> None:
    async with told(tmp_path, ["gulls"] * 5) as film:
        assert await film.found("gulls", 3) == [5, 4, 3]


async def test_deleted_and_purged_takes_are_not_found_and_a_restored_one_is(tmp_path: Path) -> None:
    async with told(tmp_path, ["gulls"] * 4) as film:
        await film.tell(TakeDeleted(take=1), TakeDeleted(take=2, why="missing"), TakeDeleted(take=3))
        await film.tell(
            TakePurged(take=3, bytes=1), TakeRestored(take=3), TakeDeleted(take=4), TakeRestored(take=4)
        )
        assert await film.found("gulls") == [4]


async def test_a_take_comes_with_its_shot(tmp_path: Path) -> None:
    async with told(tmp_path, ["gulls"]) as film:
        ((shot, take),) = (await film.index.find("gulls", Asker(NOW))).takes
        assert (shot.path, take.shot, take.read_params()) == ("01_A/001_Dawn", shot.id, {"prompt": "gulls"})


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_request_is_found_at_once_and_only_once_when_it_is_done(
    tmp_path: Path, *, at_once: bool
) -> None:
    asked = TakeCreated(
        take=1, source=Source(kind="request"), request=Request(params={"prompt": "gulls, terns"})
    )
    done = TakeCompleted(take=1, media=media(1), params={"prompt": "gulls, puffins"})
    async with told(tmp_path) as film:
        if at_once:
            await film.tell(asked, done)
        else:
            await film.tell(asked)
            assert await film.found("terns") == [1]
            await film.tell(done)
        assert await film.found("gulls") == await film.found("puffins") == [1]
        assert await film.found("terns") == []
        assert await film.index.differences(film.log, tmp_path) == []


async def test_a_request_whose_media_says_nothing_is_found_by_what_was_asked(tmp_path: Path) -> None:
    async with told(tmp_path) as film:
        request = Request(params={"prompt": "gulls"})
        await film.tell(TakeCreated(take=1, source=Source(kind="request"), request=request))
        await film.tell(TakeCompleted(take=1, media=media(1)))
        assert await film.found("gulls") == [1]


async def test_a_rebuilt_index_finds_the_same(tmp_path: Path) -> None:
    async with told(tmp_path, ["gulls", "gulls at noon"]) as film:
        before = await film.found("gulls")
        await film.index.rebuild(film.log)
        assert await film.found("gulls") == before == [2, 1]
