"""Takes that are saved over or cannot be read: what comes back, what is told, and when it is tried again, by the clock."""

import errno
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from daemon.protection import overwrites
from daemon.watching.mailbox import OURS
from projections.files.hashing import sha256_of
from tests.support.core import SCAN_EVERY, Core, World, new_film, running_core
from tests.support.film import DAWN, put, until


async def with_take(core: Core, content: bytes = b"old") -> Path:
    core.drop(content)
    await core.settled()
    core.turn(OURS)
    await core.at_rest()
    return core.film.media(1)


def heard(core: Core, media: Path) -> None:
    """The watch hears of that file in the folder of its take."""
    folder = media.parent.relative_to(core.film.root)
    core.parts.mailbox.happened(str(folder), media.name, is_folder=False)


def problems(core: Core) -> Sequence[Any]:
    return core.parts.board.problems()


async def test_a_take_that_is_saved_over_comes_back_and_what_came_instead_is_the_next(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), World()) as core:
        media = await with_take(core)
        put(media, b"new")
        heard(core, media)
        await core.at_rest()
        core.turn(1)  # nobody writes it any more

        async def back() -> bool:
            return media.read_bytes() == b"old"

        await until(back)
        core.hears(media.name, moved_in=True)
        assert (await core.settled(2)).status == "complete"
        assert core.film.media(2).read_bytes() == b"new"
        assert not problems(core)


async def test_a_save_of_which_no_hint_came_is_found_when_files_are_looked_at_again(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), World(settle={"quiet": 0, "still": 0})) as core:
        media = await with_take(core)
        await core.scan()  # nothing has changed since
        put(media, b"new")
        for _ in range(2):
            core.turn(SCAN_EVERY)
            await core.at_rest()

        async def back() -> bool:
            return media.read_bytes() == b"old"

        await until(back)


async def test_what_has_no_second_copy_is_told_once_and_is_well_when_it_is_put_back(tmp_path: Path) -> None:
    world = World(objects="off", settle={"quiet": 0, "still": 0})
    async with running_core(new_film(tmp_path), world) as core:
        media = await with_take(core)
        put(media, b"new")
        heard(core, media)

        async def told() -> bool:
            return any(f"{media.name} is not what it was" in one.what for one in problems(core))

        await until(told)
        for _ in range(3):
            core.turn(SCAN_EVERY)
            await core.at_rest()
        assert len(problems(core)) == 1
        assert media.read_bytes() == b"new"
        put(media, b"old")
        heard(core, media)

        async def well() -> bool:
            return not problems(core)

        await until(well)
        assert not core.parts.restorer.overwrites.damaged


class Disk:
    """A disk on which some files cannot be read; who tries it is counted."""

    def __init__(self) -> None:
        self.closed: set[Path] = set()
        self.tried: list[float] = []

    async def read(self, core: Core, path: Path) -> str:
        if path in self.closed:
            self.tried.append(core.clock())
            raise OSError(errno.EIO, "Input/output error", str(path))
        return await sha256_of(path)


async def test_what_cannot_be_read_is_tried_again_ever_more_seldom_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk()
    async with running_core(new_film(tmp_path), World(settle={"quiet": 0, "still": 0})) as core:
        media = await with_take(core)
        monkeypatch.setattr(overwrites, "sha256_of", lambda path: disk.read(core, path))
        disk.closed.add(media)
        put(media, b"new")
        heard(core, media)
        await core.at_rest()
        assert len(disk.tried) == 1
        for gap in (60, 120, 240, 480):
            core.turn(gap - 1)
            await core.at_rest()
            core.turn(1)
            await core.at_rest()
        gaps = [later - before for before, later in pairwise(disk.tried)]
        assert gaps == [60, 120, 240, 480]
        (problem,) = problems(core)
        assert "cannot be read: Input/output error" in problem.what
        assert "tried again" in problem.hint
        disk.closed.clear()
        core.turn(960)

        async def back() -> bool:
            return media.read_bytes() == b"old"

        await until(back)
        core.hears(media.name, moved_in=True)
        assert (await core.settled(2)).status == "complete"
        assert core.film.media(2).read_bytes() == b"new"
        assert not problems(core)


async def test_a_swap_that_was_cut_short_is_finished_by_the_next_start(tmp_path: Path) -> None:
    film, world = new_film(tmp_path), World(settle={"quiet": 0, "still": 0})
    async with running_core(film, world) as core:
        media = await with_take(core)
        stream = (await core.shot()).stream
    left = film.root / ".takes" / "work" / f"swap-{stream}-1.png"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"new")  # the old bytes are in their place already
    async with running_core(film, world) as core:
        core.hears(media.name)
        assert (await core.settled(2)).status == "complete"
        assert (media.read_bytes(), film.media(2).read_bytes()) == (b"old", b"new")
        assert not left.exists()


@pytest.mark.parametrize("way", ["by another name", "by a copy"])
async def test_what_was_saved_over_a_take_and_had_not_left_its_place_yet_is_one_take(
    tmp_path: Path, way: str
) -> None:
    film, world = new_film(tmp_path), World(settle={"quiet": 0, "still": 0})
    async with running_core(film, world) as core:
        media = await with_take(core)
        stream = (await core.shot()).stream
    put(media, b"new")
    left = film.root / ".takes" / "work" / f"swap-{stream}-1.png"
    left.parent.mkdir(exist_ok=True)
    if way == "by another name":
        left.hardlink_to(media)
    else:
        left.write_bytes(b"new")
    async with running_core(film, world) as core:
        assert (await core.settled(2)).status == "complete"
        await core.at_rest()
        assert (media.read_bytes(), film.media(2).read_bytes()) == (b"old", b"new")
        assert list(await core.takes()) == [1, 2]
        assert not left.exists()


async def test_a_take_that_was_removed_is_brought_back_from_its_object(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), World()) as core:
        media = await with_take(core)
        media.unlink()
        heard(core, media)
        await core.at_rest()
        core.turn(SCAN_EVERY)
        await core.at_rest()
        assert (await core.take(1)).deleted == "missing"
        shot = await core.parts.index.shot_at(DAWN)
        assert shot is not None
        await core.parts.restorer.bring_back(shot, await core.row(1))
        assert media.read_bytes() == b"old"
        await core.scan()
        assert (await core.take(1)).deleted is None
