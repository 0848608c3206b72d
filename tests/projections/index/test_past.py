"""The past: as of a position is what a log says that ends there."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from events import EventLog, MemoryLog, ShotMoved, ShotRegistered, open_log
from projections.index.answers import ShotNotFound
from projections.index.index import PAST, Index, open_index
from projections.index.loading import ALL
from projections.index.past import MOST_FILMS, Past
from projections.index.queries import Queries
from projections.index.rows import ShotTakes
from tests.events.samples import append
from tests.golden.frozen import HERE, frozen_names
from tests.projections.histories import STEPS, Step, Teller


def plain(found: Sequence[ShotTakes]) -> dict[str, Any]:
    """Shots and takes without the ids that only their tables know."""
    return {
        one.shot.stream: (replace(one.shot, id=0), [replace(take, shot=0) for take in one.takes])
        for one in found
    }


async def everything(film: Queries) -> dict[str, Any]:
    return plain(await film.load({one.stream: {ALL} for one in await film.shots(gone=True)}))


async def as_of(past: Past, position: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The film as of that position, by its index and by the shots one for one."""
    async with past.film(position) as film:
        whole = await everything(film)
    one_by_one = [await past.shot(stream, position) for stream in whole]
    return whole, plain([one for one in one_by_one if one])


@settings(max_examples=15)
@given(STEPS)
def test_as_of_a_position_is_what_was_known_when_the_log_ended_there(steps: list[Step]) -> None:
    async def check(folder: Path) -> None:
        log, known = MemoryLog(), dict[int, dict[str, Any]]()
        async with open_index(folder / "index.db", log) as index:
            teller = Teller(folder, log)
            await teller.begin()
            for turn, step in enumerate(steps):
                await teller.tell(step, turn)
                await index.advance(log)
                known[log.head] = await everything(index)
            past = Past(log, index)
            for position, then in known.items():
                assert await as_of(past, position) == (then, then)

    with TemporaryDirectory() as folder:
        asyncio.run(check(Path(folder)))


@pytest.mark.parametrize("name", frozen_names())
async def test_a_frozen_log_is_told_as_of_each_of_its_positions(name: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "frozen.db")) as db:
        db.executescript(HERE.joinpath(f"{name}.sql").read_text("utf-8"))
    async with open_log(tmp_path / "frozen.db") as log, open_index(tmp_path / "index.db", log) as index:
        past = Past(log, index)
        for position in range(0, log.head + 1, 7):
            ended = await ending_at(log, position, tmp_path / f"{position}.db")
            assert await as_of(past, position) == (ended, ended)
        now = await everything(index)
        assert await as_of(past, log.head) == (now, now)


async def ending_at(log: EventLog, position: int, path: Path) -> dict[str, Any]:
    """What an index says of a log that has the same records, and ends there."""
    ended = MemoryLog()
    versions = dict[str, int]()
    for record in await log.read(0, position) if position else ():
        said = append(record.stream, record.event, expected=versions.get(record.stream, 0))
        await ended.append(replace(said, at=record.at))
        versions[record.stream] = record.version
    async with open_index(path, ended) as index:
        return await everything(index)


async def moved_about(folder: Path) -> tuple[MemoryLog, list[int]]:
    """Two shots that change places, and where the log ended after each step."""
    log, heads = MemoryLog(), list[int]()
    steps = [
        ("one", ShotRegistered(path="01/010_Gulls")),
        ("two", ShotRegistered(path="01/020_Pier")),
        ("one", ShotMoved(path="01/030_Gulls")),
        ("two", ShotMoved(path="01/010_Gulls")),
    ]
    versions = {"one": 0, "two": 0}
    for stream, event in steps:
        await log.append(append(stream, event, expected=versions[stream]))
        versions[stream] += 1
        heads.append(log.head)
    return log, heads


async def test_a_shot_is_found_by_the_name_that_it_had_then(tmp_path: Path) -> None:
    log, (first, _, third, last) = await moved_about(tmp_path)
    async with open_index(tmp_path / "index.db", log) as index:
        past = Past(log, index)
        for position in (first, first + 1):
            assert (await past.find_shot("010_Gulls", position)).shot.stream == "one"
        assert (await past.find_shot("01:010_Gulls", last)).shot.stream == "two"
        assert (await past.find_shot("01/030_Gulls", last)).shot.stream == "one"
        for name, position in (("020_Pier", first), ("010_Gulls", third), ("010_Gulls", 0)):
            with pytest.raises(ShotNotFound):
                await past.find_shot(name, position)


async def test_few_films_of_the_past_are_kept_and_none_over_a_start(tmp_path: Path) -> None:
    log, heads = await moved_about(tmp_path)

    def left() -> list[str]:
        return sorted(path.name for path in tmp_path.glob(f"{PAST}*"))

    async with open_index(tmp_path / "index.db", log) as index:
        past = Past(log, index)
        async with past.film(heads[0]) as first:
            for position in heads:
                async with past.film(position) as film:
                    assert len(await film.shots()) == min(2, heads.index(position) + 1)
            assert len(left()) == MOST_FILMS < len(heads)
            assert len(await first.shots()) == 1  # though its file is thrown away
    async with open_index(tmp_path / "index.db", log) as index:
        assert isinstance(index, Index)
        assert left() == []
