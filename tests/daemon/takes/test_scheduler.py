"""The scheduler: which shots are looked at, and when. The mail, the clock and the scan say so; the clock is a test's."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from daemon.decoding import pool
from daemon.decoding.decoders import open_decoders
from daemon.disk.marker import MarkerGone
from daemon.takes.agenda import AT_ONCE
from daemon.takes.reconcile import Outcome
from daemon.watching.presence import CHECK
from events.errors import flatten
from tests.support.clips import make_endless
from tests.support.core import SCAN_EVERY, Core, World, new_film, running_core
from tests.support.film import DAWN, NOON, Film, still, until

AGES = 1000.0
"""Seconds after which a file that nobody writes is whole, in any case."""


async def test_a_drop_that_the_watch_hears_of_is_a_take_without_waiting(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), World()) as core:
        core.drop(b"one")
        assert (await core.settled()).status == "complete"
        await core.at_rest()
        assert core.film.media(1).read_bytes() == b"one"
        assert core.film.link() == "takes/take_001"
        assert core.parts.scheduler.health.missed == 0


async def test_a_drop_of_which_no_hint_came_is_found_by_the_next_scan_and_counted(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), World()) as core:
        await core.at_rest()
        core.film.drop(b"one")
        core.turn(SCAN_EVERY - 1)
        await core.at_rest()
        assert not await core.takes()
        core.turn(1)
        await until(lambda: missed(core))
        await core.at_rest()  # it was looked at, and settles from now on
        core.turn(AGES)
        assert (await core.settled()).status == "complete"


async def test_scans_that_somebody_asked_for_leave_the_next_one_where_it_was(tmp_path: Path) -> None:
    """Also where one waits for the end of another: else the daemon seems to hang, and is ended."""
    async with running_core(new_film(tmp_path), World()) as core:
        await core.at_rest()
        planned = core.parts.scheduler.scan_by
        core.turn(1)
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(core.parts.scheduler.scan)
                while core.parts.scheduler.scan_by == planned:
                    await anyio.lowlevel.checkpoint()  # until the first is at work
        assert core.parts.scheduler.scan_by == planned


async def missed(core: Core) -> int:
    return core.parts.scheduler.health.missed


async def test_lost_hints_are_made_good_by_a_scan_at_once(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), World(settle={"quiet": 0, "still": 0})) as core:
        await core.at_rest()
        core.film.drop(b"one")
        core.film.drop(b"two", shot=NOON)
        core.parts.mailbox.lost("the queue overflowed")
        for shot in (DAWN, NOON):
            assert (await core.settled(shot=shot)).status == "complete"
        assert core.parts.scheduler.health.losses == 1


async def test_without_a_watch_that_is_well_everything_is_looked_at_more_often(tmp_path: Path) -> None:
    world = World(scan_every_unwatched=10.0)
    async with running_core(new_film(tmp_path), world) as core:
        world.watch.alive = False
        core.turn(SCAN_EVERY)
        await core.at_rest()
        for _ in range(3):
            ended = last_scan(core)
            core.turn(10)
            await until(lambda ended=ended: has_scanned_since(core, ended))  # type: ignore[misc]
        assert "the watcher has stopped" in problems(core)


def last_scan(core: Core) -> float:
    scan = core.parts.scheduler.health.last_scan
    assert scan is not None
    return scan.ended


async def has_scanned_since(core: Core, ended: float) -> bool:
    return last_scan(core) > ended


def problems(core: Core) -> list[str]:
    return [one.what for one in core.parts.board.problems()]


class Looks:
    """What the reconciler is asked to look at, and what happens while it does; it does so all the same."""

    def __init__(self, core: Core) -> None:
        self.begun: list[str] = []
        self.most = self.busy = 0
        self.unreadable: set[str] = set()
        self._under_way: list[str] = []
        self._real = core.parts.reconciler.reconcile
        self._core = core

    async def look(self, path: str) -> Outcome:
        self.begun.append(path)
        self._under_way.append(path)
        self.most = max(self.most, self._under_way.count(path))
        self.busy = max(self.busy, self._core.parts.scheduler._agenda.under_way)
        try:
            if path in self.unreadable:
                raise PermissionError(13, "Permission denied", path)
            self._core.hears("render.png", path)
            await self._core.parts.scheduler._overwrites.recover(await self._core.shot(path))
            for _ in range(5):
                await anyio.lowlevel.checkpoint()
            return await self._real(path)
        finally:
            self._under_way.remove(path)


@asynccontextmanager
async def looking(film: Film, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Core, Looks]]:
    async with running_core(film, World(scan_every_unwatched=10.0)) as core:
        await core.at_rest()
        looks = Looks(core)
        monkeypatch.setattr(core.parts.reconciler, "reconcile", looks.look)
        yield core, looks


async def test_a_shot_is_looked_at_by_one_task_at_a_time_and_once_more_for_what_came_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with looking(new_film(tmp_path), monkeypatch) as (core, looks):
        for number in range(20):
            core.drop(b"%d" % number, f"{number}.png")

        async def looked() -> bool:
            return len(looks.begun) >= 10

        await until(looked)
        assert looks.most == 1
        takes = await core.takes()
        assert sorted(takes) == list(range(1, 21))


async def test_of_very_many_shots_some_are_looked_at_at_a_time_and_all_in_their_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shots = [f"01_Chapter/{number:03d}_Shot" for number in range(3 * AT_ONCE)]
    async with looking(new_film(tmp_path, "MyFilm", *shots), monkeypatch) as (core, looks):
        for shot in shots:
            core.parts.mailbox.look_at(shot)
        await until(lambda: all_of(looks, shots))
        assert looks.busy == AT_ONCE


async def all_of(looks: Looks, shots: Sequence[str]) -> bool:
    return set(looks.begun) >= set(shots)


async def test_a_shot_that_cannot_be_looked_at_holds_up_no_other_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with looking(new_film(tmp_path), monkeypatch) as (core, looks):
        looks.unreadable.add(DAWN)
        core.drop(b"one", shot=DAWN)
        core.drop(b"two", shot=NOON)
        assert (await core.settled(shot=NOON)).status == "complete"

        async def told() -> bool:
            return any(DAWN in what and "Permission denied" in what for what in problems(core))

        await until(told)
        looks.unreadable.clear()
        core.turn(10)
        assert (await core.settled(shot=DAWN)).status == "complete"
        assert not problems(core)


async def test_a_take_is_finished_once_though_its_shot_is_looked_at_again_and_again(tmp_path: Path) -> None:
    world = World()
    async with running_core(new_film(tmp_path), world) as core:
        world.decoder.close()
        core.drop(b"one")

        async def asked() -> bool:
            return bool(world.decoder.asked)

        await until(asked)
        for _ in range(5):
            await core.parts.scheduler.scan()
            core.hears("render.png")
        assert (await core.take(1)).status == "generating"
        world.decoder.open()
        assert (await core.settled()).status == "complete"
        assert world.decoder.asked == [b"one"]


async def test_a_folder_that_moved_is_looked_at_with_all_that_is_in_it(tmp_path: Path) -> None:
    film = new_film(tmp_path)
    async with running_core(film, World()) as core:
        core.drop(b"one")
        await core.settled()
        await core.at_rest()
        (film.root / "01_Chapter").rename(film.root / "02_Chapter")
        for name in ("01_Chapter", "02_Chapter"):
            core.parts.mailbox.happened("", name, is_folder=True)
        moved = DAWN.replace("01_", "02_", 1)
        assert (await core.settled(shot=moved)).status == "complete"
        assert "ShotMoved" in await core.events()


async def test_a_film_whose_folder_is_away_is_given_up_soon_and_nothing_in_it_is_said_to_be_gone(
    tmp_path: Path,
) -> None:
    film, world = new_film(tmp_path), World()

    async def lose() -> None:
        async with running_core(film, world) as core:
            core.drop(b"one")
            await core.settled()
            await core.at_rest()
            film.root.rename(tmp_path / "away")
            core.turn(CHECK)
            await anyio.sleep_forever()

    with pytest.raises(ExceptionGroup) as raised:
        await lose()
    assert [type(error) for error in flatten(raised.value)] == [MarkerGone]
    told = [type(record.event).__name__ for record in await world.log.read()]
    assert sorted(told) == ["ShotRegistered"] * 2 + ["TakeActivated", "TakeCompleted", "TakeCreated"]


async def test_twenty_files_that_take_for_ever_keep_a_good_one_from_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "FIRST", 0.05)
    world = World()
    async with open_decoders(2, limit=1000) as decoders:
        world.decoders = decoders
        async with running_core(new_film(tmp_path), world) as core:
            endless = make_endless(tmp_path / "endless.gif").read_bytes()
            for number in range(20):
                core.drop(endless + bytes(number), f"{number}.gif")
            await until(lambda: has_takes(core, 20))
            core.drop(still(), "good.png")
            good = await core.settled(21)
            assert good.status == "complete"
            assert [one.status for one in (await core.takes()).values()] == ["generating"] * 20 + ["complete"]


async def has_takes(core: Core, count: int) -> bool:
    return len(await core.takes()) == count


async def test_what_a_first_look_has_not_enough_for_is_looked_into_again_with_more(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), World()) as core:
        core.decoder.needs_more.add(b"large")
        core.drop(b"large")
        assert (await core.settled()).status == "complete"
        assert core.decoder.asked == [b"large", b"large"]
