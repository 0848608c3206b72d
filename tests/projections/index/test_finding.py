"""The query language: what each field finds, what is counted, and what is said of a query that cannot be understood."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from events import (
    Append,
    Event,
    Media,
    MemoryLog,
    Params,
    Request,
    ShotRegistered,
    Source,
    TakeActivated,
    TakeCompleted,
    TakeCreated,
    TakeDeleted,
    TakeFailed,
)
from projections.index.index import Index, open_index
from projections.index.search.conditions import FIELDS, TEXTS, Asker
from projections.index.search.finding import Found
from projections.index.search.language import WrongQuery, parse
from tests.events.samples import media

LARGEST_SEED = 2**64 - 1

WAN = {
    "model": "wan2.1_t2v_14B_fp16.safetensors",
    "seed": 7,
    "prompt": "gulls over the pier at dawn",
    "negativePrompt": "blurry",
    "loras": [{"name": "film_grain.safetensors", "strength": 0.8}],
    "sampler": "euler",
    "scheduler": "karras",
    "steps": 20,
    "cfg": 6.5,
    "inputs": [{"as": "start_image", "name": "harbour_042.png"}],
    "nodes": {"seed": "hidden_node"},
    "graph": "eJyrVkrOSCxSslJQ",
}
FLUX = {"model": ["flux1-dev.safetensors", "merged.gguf"], "seed": LARGEST_SEED, "prompt": "a pier, and fog"}


def still(number: int) -> Media:
    return replace(media(number), kind="image", codec="png", width=512, height=512, duration=None)


class Film:
    """A film to which things are told, and of which takes are found: `010/3` is the third of shot 010."""

    def __init__(self, log: MemoryLog, index: Index) -> None:
        self.log, self.index = log, index

    async def tell(self, shot: str, *events: Event, at: str = "2026-11-02T12:00:00.000000Z") -> None:
        version = len(await self.log.stream(shot))
        await self.log.append(Append(stream=shot, events=events, expected=version, at=at, actor="cli"))
        while await self.index.advance(self.log):
            pass

    async def drop(self, shot: str, found: Media, params: Params | None, name: str, at: str) -> None:
        number = int(found.name.split("_")[-1][:3])
        source = Source(kind="drop", name=name)
        done = TakeCompleted(take=number, media=found, params=params)
        await self.tell(shot, TakeCreated(take=number, source=source), done, at=at)

    async def find(
        self, query: str, limit: int = 100, offset: int = 0, seen: int | None = None, order: str = "newest"
    ) -> Found:
        asker = Asker(datetime.now().astimezone(), seen)
        return await self.index.find(query, asker, limit=limit, offset=offset, order=order)

    async def found(self, query: str, limit: int = 100, offset: int = 0) -> list[str]:
        takes = (await self.find(query, limit, offset)).takes
        return [f"{shot.path.split('/')[-1][:3]}/{take.number}" for shot, take in takes]


@asynccontextmanager
async def film(folder: Path) -> AsyncIterator[Film]:
    log = MemoryLog()
    async with open_index(folder / "index.db", log) as index:
        one = Film(log, index)
        await one.tell("a", ShotRegistered(path="01_Harbour/010_Gulls"))
        await one.tell("b", ShotRegistered(path="02_Sea/100_Fog_50%"))
        await one.drop("a", media(1), WAN, "render3_00001_.mp4", "2026-10-31T10:00:00.000000Z")
        await one.drop("a", still(2), FLUX, "ComfyUI_00007_.png", "2026-11-01T10:00:00.000000Z")
        await one.drop("b", media(1), None, "blank.mp4", "2026-11-03T10:00:00.000000Z")
        await one.tell(
            "b", TakeCreated(take=2, source=Source(kind="request"), request=Request(params={"seed": "9"}))
        )
        await one.tell("b", TakeCreated(take=3, source=Source(kind="drop", name="torn.mp4")))
        await one.tell("b", TakeFailed(take=3, error="cut off"), TakeActivated(take=1))
        await one.drop("b", media(4), WAN, "render3_00002_.mp4", "2026-11-03T10:00:00.000000Z")
        await one.tell("b", TakeDeleted(take=4))
        yield one


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["100/1", "100/3", "100/2", "010/2", "010/1"]),
        ("pier", ["010/2", "010/1"]),
        ('"over the pier"', ["010/1"]),
        ('"over pier"', []),
        ("pier -gulls", ["010/2"]),
        ('pier -"over the pier"', ["010/2"]),
        ("seed:7", ["010/1"]),
        (f"seed:{LARGEST_SEED}", ["010/2"]),
        ("seed:9", ["100/2"]),
        (str(LARGEST_SEED), ["010/2"]),
        ("model:wan", ["010/1"]),
        ("MODEL:Wan2.1", ["010/1"]),
        ("model:wan2.1_t2v", ["010/1"]),
        ("model:merged", ["010/2"]),
        ("model:pier", []),
        ("lora:grain", ["010/1"]),
        ("grain", ["010/1"]),
        ("sampler:euler", ["010/1"]),
        ("scheduler:karras", ["010/1"]),
        ("negative:blurry", ["010/1"]),
        ("prompt:blurry", []),
        ("input:harbour_042", ["010/1"]),
        ("file:render3", ["010/1"]),
        ("ComfyUI_00007", ["010/2"]),
        ("hidden_node", []),
        ("eJyrVkrOSCxSslJQ", []),
        ("shot:010", ["010/2", "010/1"]),
        ("shot:10", ["010/2", "010/1"]),
        ("shot:gull", ["010/2", "010/1"]),
        ("shot:harbour", []),
        ("shot:01_Harbour:010", ["010/2", "010/1"]),
        ("shot:50%", ["100/1", "100/3", "100/2"]),
        ("shot:_", ["100/1", "100/3", "100/2", "010/2", "010/1"]),
        ("scene:sea", ["100/1", "100/3", "100/2"]),
        ("scene:1", ["010/2", "010/1"]),
        ("kind:image", ["010/2"]),
        ("-kind:image", ["100/1", "100/3", "100/2", "010/1"]),
        ("codec:H264", ["100/1", "010/1"]),
        ("status:failed", ["100/3"]),
        ("status:making", ["100/2"]),
        ("is:active", ["100/1"]),
        ("is:requested", ["100/2"]),
        ("is:deleted", ["100/4"]),
        ("-is:deleted seed:7", ["010/1"]),
        ("is:deleted seed:7", ["100/4"]),
        ("width:>512", ["100/1", "010/1"]),
        ("width:>=512 width:<1920", ["010/2"]),
        ("width:512..1000", ["010/2"]),
        ("duration:<2", []),
        ("duration:<3", ["100/1", "010/1"]),
        ("cfg:6.5", ["010/1"]),
        ("steps:>=20", ["010/1"]),
        ("take:2", ["100/2", "010/2"]),
        ("after:2026-11-02T00:00Z", ["100/1", "100/3", "100/2"]),
        ("before:2026-11-01T00:00Z", ["010/1"]),
        ("after:2026-10-31T09:00Z before:2026-11-02T00:00Z", ["010/2", "010/1"]),
        ("after:2027", []),
        ("before:2027-01", ["100/1", "100/3", "100/2", "010/2", "010/1"]),
    ],
)
async def test_each_field_finds_what_it_says(tmp_path: Path, query: str, found: list[str]) -> None:
    async with film(tmp_path) as one:
        assert sorted(await one.found(query)) == sorted(found)
        assert (await one.find(query)).total == len(found)


async def test_without_words_the_newest_come_first_and_a_page_follows_the_other(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        every = await one.found("")
        assert every[0] == "100/1"
        assert every[-2:] == ["010/2", "010/1"]
        assert await one.found("", limit=2) + await one.found("", limit=9, offset=2) == every
        assert (await one.find("", 1, 1)).total == len(every)


@pytest.mark.parametrize("ago", ["26h", "2d", "1w", "yesterday"])
async def test_times_are_those_of_the_clock_on_the_wall(tmp_path: Path, ago: str) -> None:
    async with film(tmp_path) as one:
        then = datetime.now(UTC) - timedelta(hours=1)
        await one.drop("b", media(5), None, "late.mp4", then.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        assert await one.found(f"after:{ago} take:5") == await one.found("after:2h before:30m") == ["100/5"]
        assert await one.found(f"before:{ago} take:5") == []
        day = f"{then.astimezone():%Y-%m-%d}"
        assert await one.found(f"after:{day} take:5") == ["100/5"]


async def test_what_they_have_in_common_is_counted(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        facets = (await one.find("", limit=1)).facets
        assert facets["kind"] == [("video", 2), ("image", 1)]
        assert facets["status"] == [("complete", 3), ("failed", 1), ("generating", 1)]
        assert facets["model"] == [("flux1-dev.safetensors", 1), ("wan2.1_t2v_14B_fp16.safetensors", 1)]
        assert (await one.find("pier model:wan", limit=1)).facets["sampler"] == [("euler", 1)]


@pytest.mark.parametrize(
    ("query", "at", "said"),
    [
        ("gulls sed:7", 7, "no field 'sed'"),
        ("-words:gulls", 2, "no field 'words'"),
        ("seed:", 6, "seed: has no value"),
        ("gulls width:wide", 7, "wants a number, not 'wide'"),
        ("kind:film", 1, "one of video, image, audio"),
        ("is:rated", 1, "wants one of"),
        ("seed:>7", 1, "cannot be compared with >"),
        ("after:soon", 1, "a day or a time"),
        ("new:friday", 1, "a position of the log"),
        ("after:999999999w", 1, "a day or a time"),
    ],
)
async def test_a_wrong_query_names_the_place(tmp_path: Path, query: str, at: int, said: str) -> None:
    async with film(tmp_path) as one:
        with pytest.raises(WrongQuery, match=f"character {at} of the query: .*{said}") as refused:
            await one.found(query)
        assert refused.value.at == at - 1
        assert refused.value.hint


def test_a_field_that_is_nearly_right_is_meant() -> None:
    with pytest.raises(WrongQuery) as refused:
        parse("semplar:euler", {*FIELDS, *TEXTS})
    assert refused.value.candidates == ["sampler"]
    assert "Did you mean sampler:?" in refused.value.hint


@given(st.text(st.sampled_from('-":<>= \taseedmodel7é\0'), max_size=40))
def test_whatever_is_typed_has_terms_or_names_a_place(query: str) -> None:
    places = []
    with suppress(WrongQuery):
        places = [term.at for term in parse(query, {*FIELDS, *TEXTS})]
    assert places == sorted({*places})
    assert all(0 <= at < len(query) for at in places)
