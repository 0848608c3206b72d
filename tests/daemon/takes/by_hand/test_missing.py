"""Takes that are away: they count as deleted once they were gone for as long as from one scan to the next, no sooner."""

from pathlib import Path

import anyio

from daemon.watching.mailbox import OURS
from tests.support.core import SCAN_EVERY, Core, World, new_film, running_core
from tests.support.film import DAWN, NOON, until


async def with_takes(core: Core, *numbers: int, shot: str = DAWN) -> None:
    for number in numbers:
        core.drop(b"%d" % number, shot=shot)
        await core.settled(number, shot)
    core.turn(OURS)  # the events of what was done with them have come by then
    await core.at_rest()


async def away(core: Core, number: int, to: Path) -> None:
    """That take's folder goes, and the watch hears of it."""
    core.film.take(number).rename(to)
    core.hears(core.film.take(number).name, is_folder=True)
    await core.at_rest()
    assert await missed(core) == [number]


async def missed(core: Core) -> list[int]:
    """The takes that are away, and not deleted yet."""
    return [number for _, number in core.parts.reconciler._missing]


async def back(core: Core, number: int, place: Path) -> None:
    await anyio.Path(place).rename(core.film.take(number))
    core.hears(core.film.take(number).name, is_folder=True)
    await core.at_rest()


async def test_a_take_that_is_away_until_just_before_the_time_was_never_deleted(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), World()) as core:
        await with_takes(core, 1, 2)
        await away(core, 2, tmp_path / "away")
        core.turn(SCAN_EVERY - 0.1)
        await core.at_rest()
        await back(core, 2, tmp_path / "away")
        core.turn(SCAN_EVERY)
        await core.at_rest()
        assert "TakeDeleted" not in await core.events()


async def test_every_absence_counts_from_its_own_beginning(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), World()) as core:
        await with_takes(core, 1, 2)
        for _ in range(3):
            await away(core, 2, tmp_path / "away")
            core.turn(SCAN_EVERY * 0.6)
            await core.at_rest()
            await back(core, 2, tmp_path / "away")
        assert "TakeDeleted" not in await core.events()


async def test_a_take_that_is_away_for_that_long_is_deleted_and_restored_when_it_is_back(
    tmp_path: Path,
) -> None:
    async with running_core(new_film(tmp_path), World()) as core:
        await with_takes(core, 1, 2)
        await away(core, 2, tmp_path / "away")
        core.turn(SCAN_EVERY)
        await core.at_rest()
        assert (await core.take(2)).deleted == "missing"
        await back(core, 2, tmp_path / "away")
        assert (await core.take(2)).deleted is None
        assert (await core.shot()).active == 1


async def test_where_all_are_away_the_active_one_goes_last_and_comes_back_as_that(tmp_path: Path) -> None:
    film = new_film(tmp_path)
    async with running_core(film, World()) as core:
        await with_takes(core, 1, 2, 3)
        film.takes().rename(tmp_path / "away")
        core.parts.mailbox.happened(DAWN, "takes", is_folder=True)
        await core.at_rest()
        core.turn(SCAN_EVERY)

        async def hidden() -> bool:
            return all(take.deleted for take in (await core.takes()).values())

        await until(hidden)
        assert (await core.events()).count("TakeActivated") == 1  # no fallback to one that is gone, too
        (tmp_path / "away").rename(film.takes())
        await core.scan()
        assert not any(take.deleted for take in (await core.takes()).values())
        assert (await core.shot()).active == 1


async def test_what_is_away_in_one_shot_says_nothing_of_another(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), World()) as core:
        await with_takes(core, 1)
        await with_takes(core, 1, shot=NOON)
        await away(core, 1, tmp_path / "away")
        core.turn(SCAN_EVERY / 2)
        core.film.take(1, NOON).rename(tmp_path / "away too")
        core.hears("take_001", NOON, is_folder=True)
        await core.at_rest()
        core.turn(SCAN_EVERY / 2)
        await core.at_rest()
        assert (await core.take(1)).deleted == "missing"
        assert (await core.take(1, NOON)).deleted is None
        assert len(await missed(core)) == 1
        core.turn(SCAN_EVERY / 2)
        await core.at_rest()
        assert (await core.take(1, NOON)).deleted == "missing"


async def test_an_absence_that_began_before_a_restart_counts_anew(tmp_path: Path) -> None:
    film, world = new_film(tmp_path), World()
    async with running_core(film, world) as core:
        await with_takes(core, 1, 2)
        await away(core, 2, tmp_path / "away")
    world.clock.turn(SCAN_EVERY * 10)
    async with running_core(film, world) as core:
        await core.at_rest()
        assert (await core.take(2)).deleted is None
        core.turn(SCAN_EVERY)
        await core.at_rest()
        assert (await core.take(2)).deleted == "missing"
