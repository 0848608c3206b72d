"""Giving takes up: what the log says of those that are purged, and what becomes of their bytes, without a daemon around."""

import hashlib
from pathlib import Path

import pytest

from daemon.config.table import Policy
from daemon.shots.shots import Origin
from daemon.space.cleanup import PlanChanged
from events import MemoryLog
from tests.daemon.space.old_film import Old, append_past, object_of
from tests.support.core import SCAN_EVERY, Core, World, new_film, running_core
from tests.support.film import Film, put

DELETED = Policy(deleted_after_days=7)
SOMEBODY = Origin("somebody")


async def old_film(folder: Path, *takes: Old) -> tuple[Film, World]:
    """A film whose takes are of a month ago, and the world in which it is kept."""
    film, world = new_film(folder), World()
    log = MemoryLog()
    await append_past(film, log, *takes)
    world.log = log
    return film, world


async def purged(core: Core) -> list[int]:
    return [number for number, take in (await core.takes()).items() if take.purged]


async def test_the_log_says_it_first_and_names_the_file_and_then_the_bytes_go(tmp_path: Path) -> None:
    film, world = await old_film(tmp_path, Old(1, b"one"), Old(2, b"two", "active"))
    async with running_core(film, world) as core:
        plan = await core.parts.cleanup.clean(DELETED, SOMEBODY)
        assert [one.take.number for one in plan.candidates] == [1]
        assert await purged(core) == [1]
        assert not film.media(1).exists()
        assert not object_of(film, b"one").exists()
        assert film.media(2).read_bytes() == b"two"
        await core.at_rest()
        core.turn(SCAN_EVERY)
        await core.scan()
        assert (await core.take(1)).deleted == "asked"  # not said to be missing


async def test_what_is_not_as_the_log_has_it_any_more_stays(tmp_path: Path) -> None:
    film, world = await old_film(tmp_path, Old(1, b"one"), Old(2, b"two"))
    put(film.media(1), b"another")
    async with running_core(film, world) as core:
        plan = await core.parts.cleanup.clean(DELETED, SOMEBODY)
        assert await purged(core) == [2]
        assert film.media(1).read_bytes() == b"another"
        assert len(plan.left) == 1


async def test_other_takes_than_those_that_were_shown_are_not_given_up(tmp_path: Path) -> None:
    film, world = await old_film(tmp_path, Old(1, b"one"), Old(2, b"two"))
    async with running_core(film, world) as core:
        shown = await core.parts.cleanup.plan(DELETED)
        await core.restore(2)
        with pytest.raises(PlanChanged):
            await core.parts.cleanup.clean(DELETED, SOMEBODY, shown.digest)
        assert await purged(core) == []
        assert film.media(1).read_bytes() == b"one"


async def test_a_take_that_is_wanted_again_while_it_is_checked_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film, world = await old_film(tmp_path, Old(1, b"one"))
    async with running_core(film, world) as core:
        change = core.parts.shots.change

        async def changed_before(*given: object, **more: object) -> object:
            monkeypatch.undo()
            await core.restore(1)
            return await change(*given, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(core.parts.shots, "change", changed_before)
        plan = await core.parts.cleanup.clean(DELETED, SOMEBODY)
        assert not plan.candidates
        assert await purged(core) == []
        assert hashlib.sha256(film.media(1).read_bytes()).hexdigest() == (await core.take(1)).sha256
