"""Files come as no careful program would bring them: each is one take once it is whole, or is left, and holds up no other."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.row import Row
from tests.faults.world import World
from tests.support.film import DAWN, until


async def waits(world: World, name: str) -> None:
    """Return once that file is said to wait."""

    async def is_told() -> bool:
        return any(Path(one["path"]).name == name for one in (await world.daemon.status())["waiting"])

    await until(is_told)


async def test_a_writer_that_pauses_is_waited_for(row: Row) -> None:
    async with row.world() as world:
        await world.start()
        for number in range(row.some(20)):
            content, name = world.fresh(size=50_000), f"slow_{number}.png"
            with (world.film.takes() / name).open("wb", buffering=0) as file:
                if row.chance.random() < 0.5:
                    file.truncate(len(content))  # as where room is kept for a copy
                half = row.chance.randrange(1, len(content))
                file.write(content[:half])
                await waits(world, name)
                file.write(content[half:])
                world.ledger.dropped(content, DAWN)
            await world.check(closely=False)
            row.survived()
        await world.check()


async def test_a_writer_that_renames_too_early_is_waited_for(row: Row) -> None:
    async with row.world() as world:
        await world.start()
        for number in range(row.some(20)):
            content, name = world.fresh(size=50_000), f"early_{number}.png"
            hidden = world.film.takes() / f".{name}"
            with hidden.open("wb", buffering=0) as file:
                file.write(content[:100])
                hidden.rename(hidden.with_name(name))
                await waits(world, name)
                file.write(content[100:])
                world.ledger.dropped(content, DAWN)
            await world.check(closely=False)
            row.survived()
        await world.check()


NAMES = (
    "take_001.png",
    "-rf.png",
    "two\nlines.png",
    "\x1b[31mred.png",
    "\u202egnp.exe.png",
    "cafe\u0301.png",
    "caf\u00e9.png",
    "x" * 251 + ".png",
    "UPPER.PNG",
    " .png",
    "%2e%2e%2f.png",
    "日本語.png",
)


async def test_any_name_is_a_take(row: Row) -> None:
    async with row.world() as world:
        await world.start()
        for name in NAMES:
            content = world.fresh()
            world.ledger.dropped(content, DAWN)
            world.film.takes().joinpath(name).write_bytes(content)
        await world.check()
        row.survived()


def link_to_a_secret(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endpoint(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path is short
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


def folder(path: Path) -> None:
    path.mkdir()


def link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


STRANGE: dict[str, Callable[[Path], None]] = {
    "to_a_secret.png": link_to_a_secret,
    "pipe.png": pipe,
    "socket.png": endpoint,
    "folder.png": folder,
    "loop.png": link_to_itself,
}


async def test_what_is_no_file_is_left_and_holds_up_nothing(row: Row) -> None:
    async with row.world() as world:
        await world.start()
        for name, make in STRANGE.items():
            make(world.film.takes() / name)
        await world.taken()

        async def all_are_listed() -> bool:
            return {Path(path).name for path in await world.daemon.not_taken()} >= STRANGE.keys()

        await until(all_are_listed)
        await world.check()
        assert STRANGE.keys() <= {one.name for one in world.film.takes().iterdir()}
        row.survived()


@pytest.mark.share(3)
@pytest.mark.parametrize("name", [".x.png", "x.png.part", "x.png.crdownload", "._x.png", "x.tmp", "~x.png"])
async def test_what_is_not_finished_by_its_name_is_taken_under_its_last_one(row: Row, name: str) -> None:
    async with row.world() as world:
        await world.start()
        for number in range(row.some(10)):
            content, early = world.fresh(), world.film.takes() / name
            early.write_bytes(content)
            await world.taken()
            early.rename(early.with_name(f"last_{number}.png"))
            world.ledger.dropped(content, DAWN)
            await world.check(closely=False)
            row.survived()
        await world.check()


async def test_a_second_name_of_a_take_is_no_take(row: Row) -> None:
    async with row.world() as world:
        await world.start()
        take = await world.taken()
        os.link(world.film.media(take["number"]), world.film.takes() / "again.png")

        async def is_listed() -> bool:
            return "again.png" in await world.daemon.not_taken()

        await until(is_listed)
        await world.check()
        row.survived()
