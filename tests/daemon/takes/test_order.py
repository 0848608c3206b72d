"""The order of drops: whichever came first has the lower number, and is the first that becomes active."""

import os
from collections import Counter
from pathlib import Path

import anyio
import pytest

from daemon.takes.findings import CROWD
from events import TakeCreated
from tests.support.core import Core, World, new_film, running_core
from tests.support.film import DAWN, put, until


async def taken(core: Core, count: int) -> list[str | None]:
    """What the first takes were called when they were dropped, by number, once there are so many."""

    async def enough() -> bool:
        return len(await core.takes()) >= count

    await until(enough)
    return [take.source.name for _, take in sorted((await core.takes()).items())]


async def test_the_drops_without_a_recipe_wait_for_the_one_with_it_that_came_before(tmp_path: Path) -> None:
    film = new_film(tmp_path)
    async with running_core(film, World(settle={"quiet": 10.0})) as core:
        (film.takes() / "b.json").write_text('{"seed": 1}')
        core.hears("b.json")
        for name in ("b.png", "a.png", "c.png"):
            core.drop(name.encode(), name)
        await core.at_rest()
        assert len(core.parts.reconciler.notes.waiting) == 3
        assert await core.takes() == {}
        core.turn(10.0)
        assert await taken(core, 3) == ["b.png", "a.png", "c.png"]


async def test_a_recipe_that_is_written_for_long_holds_up_its_own_take_alone(tmp_path: Path) -> None:
    film = new_film(tmp_path)
    async with running_core(film, World()) as core:
        with (film.takes() / "b.json").open("w") as recipe:
            recipe.write("{")
            recipe.flush()
            core.hears("b.json")
            for name in ("b.png", "a.png"):
                core.drop(name.encode(), name)

            async def is_taken() -> bool:
                core.turn(0.5)
                return bool(await core.takes())

            await until(is_taken)
            assert await taken(core, 1) == ["a.png"]


async def test_drops_that_were_renders_before_are_numbered_as_they_were_dropped(tmp_path: Path) -> None:
    film = new_film(tmp_path)
    for number, name in enumerate(("first.png", "second.png")):
        path = put(tmp_path / name, name.encode())
        os.utime(path, ns=(0, (2 - number) * 10**18))
        path.rename(film.takes() / name)
        await until_later(tmp_path / "clock", film.takes() / name)
    async with running_core(film, World(settle={"quiet": 0.0, "still": 0.0})) as core:
        assert await taken(core, 2) == ["first.png", "second.png"]


async def until_later(clock: Path, than: Path) -> None:
    """Wait until the disk's own clock has gone on, whose ticks may be long."""

    async def has_gone_on() -> bool:
        return made_anew(clock) > than.stat().st_ctime_ns  # noqa: ASYNC240 - it is a test's own disk

    await until(has_gone_on)


def made_anew(path: Path) -> int:
    """When a file has come that is written now, by the disk's own clock (ns)."""
    path.write_bytes(b"")
    return path.stat().st_ctime_ns


async def test_the_first_drop_becomes_active_though_a_later_one_is_decoded_first(tmp_path: Path) -> None:
    film = new_film(tmp_path)
    world = World()
    world.decoder.held[b"large"] = anyio.Event()
    async with running_core(film, world) as core:
        core.drop(b"large", "large.png")
        await taken(core, 1)
        core.drop(b"small", "small.png")
        await core.settled(2)
        assert (await core.shot()).active is None
        world.decoder.held[b"large"].set()
        await core.settled(1)
        assert (await core.shot()).active == 1


async def test_where_the_first_drop_cannot_be_decoded_the_next_one_becomes_active(tmp_path: Path) -> None:
    film = new_film(tmp_path)
    world = World()
    world.decoder.held[b"broken"] = anyio.Event()
    world.decoder.refused[b"broken"] = "it is cut short"
    async with running_core(film, world) as core:
        core.drop(b"broken", "broken.png")
        await taken(core, 1)
        core.drop(b"whole", "whole.png")
        await core.settled(2)
        world.decoder.held[b"broken"].set()
        assert (await core.settled(1)).status == "failed"
        await core.at_rest()
        assert film.link(DAWN) == "takes/take_002"


async def test_of_very_many_drops_some_are_let_in_at_a_time_and_all_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, count in (
        ("drops.NUMBERED", 3),
        ("drops.ADMITTED", 6),
        ("finishing.FEW", 2),
        ("finishing.TOGETHER", 1),
    ):
        monkeypatch.setattr(f"daemon.takes.{name}", count)
    names, world = [f"{number:02d}.png" for number in range(60)], World()
    world.decoder.close()
    async with running_core(new_film(tmp_path), world) as core:
        for name in names:  # none is heard of before all are there
            put(core.film.takes() / name, name.encode())
        for name in names:
            core.hears(name, moved_in=True)
        notes = core.parts.reconciler.notes

        async def are_let_in() -> bool:
            return len(await core.takes()) >= core.at_once

        async def all_are_told_of() -> bool:
            return len(await core.takes()) + notes.waits == len(names)

        await until(are_let_in)
        await until(all_are_told_of)
        assert len(await core.takes()) < core.at_once + 6 + 3
        assert notes.waiting == {f"{DAWN}/takes/": CROWD.format(notes.waits)}
        world.decoder.open()
        assert await taken(core, len(names)) == names
        await core.at_rest()
        assert (notes.waiting, notes.waits, core.parts.scheduler.health.missed) == ({}, 0, 0)
        assert (await core.shot()).active == 1


async def test_a_burst_gets_its_numbers_in_order_a_part_in_each_append(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daemon.takes.drops.NUMBERED", 4)
    names = [f"{number}.png" for number in range(10)]
    async with running_core(new_film(tmp_path), World()) as core:
        await core.at_rest()
        for name in names:  # none is heard of before all are there
            put(core.film.takes() / name, name.encode())
        for name in names:
            core.hears(name, moved_in=True)
        assert await taken(core, 10) == names
        records = await core.parts.log.read(0, 1000)
        appends = Counter(one.at for one in records if isinstance(one.event, TakeCreated))
        assert max(appends.values()) == 4
