"""Hints are lost and late, and folders and disks come and go: what lies there is found, and nothing counts as deleted."""

import signal
from pathlib import Path

import anyio
import pytest

from tests.faults.disks import run, temporary
from tests.faults.row import Row
from tests.faults.world import SHOTS, World
from tests.support.film import DAWN, NOON, QUEUE, make_noise


async def test_every_drop_is_found(row: Row) -> None:
    async with row.world() as world:
        await world.start()
        for _ in range(row.some(40)):
            await world.taken(shot=row.chance.choice(SHOTS))
            row.survived()
        await world.check()


async def test_what_is_dropped_while_the_daemon_stands_still_is_found(row: Row) -> None:
    """More happens meanwhile than the kernel keeps for it to hear."""
    async with row.world() as world:
        await world.start()
        world.daemon.say(signal.SIGSTOP)
        await anyio.to_thread.run_sync(make_noise, world.film.takes(NOON), int(QUEUE.read_text()) + 1000)
        for _ in range(row.some(1000)):
            world.drop(shot=row.chance.choice(SHOTS))
        world.daemon.say(signal.SIGCONT)
        await world.check()
        row.survived()


async def test_shots_that_change_places_keep_their_takes(row: Row) -> None:
    async with row.world() as world:
        await world.start()
        for _ in range(row.some(40)):
            dawn, noon, aside = world.film.shot(DAWN), world.film.shot(NOON), world.film.root / "aside"
            for one, other in ((dawn, aside), (noon, dawn), (aside, noon)):
                one.rename(other)
            world.ledger.swapped(DAWN, NOON)
            for shot in SHOTS:
                world.drop(shot=shot)
            await world.check(closely=False)
            row.survived()
        await world.check()


@pytest.mark.parametrize("instead", ["nothing", "an empty folder", "another film"])
async def test_a_film_that_is_away_is_not_deleted(row: Row, instead: str) -> None:
    async with row.world() as world, row.world() as other:
        await world.start()
        await world.taken()
        for _ in range(row.some(8)):
            root, away = world.film.root, world.film.folder / "away"
            root.rename(away)
            if instead == "an empty folder":
                root.mkdir()
            elif instead == "another film":
                other.film.root.rename(root)
            assert await world.lives_until(world.is_suspended)
            if instead == "an empty folder":
                root.rmdir()
            elif instead == "another film":
                root.rename(other.film.root)
            away.rename(root)
            world.drop()
            await world.check()
            row.survived()


@pytest.mark.needs("root")
@pytest.mark.parametrize("over", [False, True], ids=["unmounted", "mounted over"])
async def test_a_disk_that_is_unmounted_is_not_deleted(row: Row, *, over: bool) -> None:
    with temporary(row.folder) as real, temporary(row.folder) as place:
        run("mount", "--bind", real, place)
        async with row.world(place=place) as world:
            await world.start()
            await world.taken()
            for _ in range(row.some(8)):
                await come_and_go(world, real, place, over=over)
                world.drop()
                await world.check()
                row.survived()
        run("umount", "--lazy", place)


async def come_and_go(world: World, real: Path, place: Path, *, over: bool) -> None:
    """Have the disk of the film be away, or another one be mounted over it, until the daemon has noticed."""
    run(*(("mount", "-t", "tmpfs", "tmpfs", place) if over else ("umount", "--lazy", place)))
    assert await world.lives_until(world.is_suspended)
    run(*(("umount", place) if over else ("mount", "--bind", real, place)))


async def test_a_shot_that_is_moved_out_of_the_film_has_no_ghost(row: Row) -> None:
    async with row.world() as world:
        await world.start()
        await world.taken()
        for _ in range(row.some(10)):
            shot, outside = world.film.shot(), world.film.folder / "outside"
            shot.rename(outside)
            content = world.fresh()
            (outside / "takes" / f"late_{len(content)}_{row.chance.random()}.png").write_bytes(content)
            world.ledger.dropped(content, DAWN)
            outside.rename(shot)
            await world.check()
            row.survived()
