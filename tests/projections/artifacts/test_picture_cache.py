"""What is kept of pictures that were made, and what goes when there are too many."""

import os
import shutil
from pathlib import Path

import anyio

from projections.artifacts.picture_cache import Cache

NAMES = [f"{number:064x}-1-640.jpg" for number in range(20)]


def held(folder: Path) -> list[int]:
    """The numbers of the files that are kept."""
    return [number for number, name in enumerate(NAMES) if (folder / name).exists()]


def age(folder: Path, number: int, second: int) -> None:
    os.utime(folder / NAMES[number], (second, second))


async def test_what_is_kept_is_found_and_what_is_not_is_not(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 1000)
    assert await cache.find(NAMES[0]) is None
    await cache.keep(NAMES[0], b"picture")
    assert await cache.find(NAMES[0]) == b"picture"
    assert await Cache(tmp_path / "cache", 1000).find(NAMES[0]) == b"picture"


async def test_the_least_recently_used_go_first_and_a_look_is_a_use(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    cache = Cache(folder, 1000)
    for number in range(10):
        await cache.keep(NAMES[number], bytes(100))
        age(folder, number, number + 1)
    await cache.find(NAMES[0])
    await cache.keep(NAMES[10], bytes(100))
    assert held(folder) == [0, 3, 4, 5, 6, 7, 8, 9, 10]


async def test_what_an_earlier_daemon_kept_counts(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    for number in range(10):
        await Cache(folder, 10_000).keep(NAMES[number], bytes(100))
        age(folder, number, number + 1)
    await Cache(folder, 500).keep(NAMES[10], bytes(100))
    assert held(folder) == [7, 8, 9, 10]


async def test_a_cache_that_may_hold_nothing_holds_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 0)
    await cache.keep(NAMES[0], b"picture")
    assert await cache.find(NAMES[0]) is None


async def test_what_a_killed_daemon_left_half_written_goes_with_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / ".abc123.tmp").write_bytes(bytes(900))
    os.utime(folder / ".abc123.tmp", (1, 1))
    await Cache(folder, 500).keep(NAMES[0], bytes(100))
    assert [one.name for one in folder.iterdir()] == [NAMES[0]]


async def test_other_files_in_its_folder_are_left_alone(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "cache", tmp_path / "holidays"
    elsewhere.mkdir()
    (elsewhere / "beach.jpg").write_bytes(bytes(1000))
    folder.symlink_to(elsewhere)
    cache = Cache(folder, 100)
    for name in NAMES:
        await cache.keep(name, bytes(60))
    assert (elsewhere / "beach.jpg").exists()
    assert len(held(folder)) == 1


async def test_it_may_be_deleted_at_any_moment(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    cache, over = Cache(folder, 1000), False

    async def delete() -> None:
        while not over:
            await anyio.to_thread.run_sync(lambda: shutil.rmtree(folder, ignore_errors=True))

    async with anyio.create_task_group() as group:
        group.start_soon(delete)
        for _ in range(4):
            for name in NAMES:
                await cache.keep(name, bytes(100))
                assert await cache.find(name) in (None, bytes(100))
        over = True
    await cache.keep(NAMES[0], b"again")
    assert await cache.find(NAMES[0]) == b"again"


async def test_room_is_made_right_after_a_part_of_it_was_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    cache = Cache(folder, 1000)
    for number in range(10):
        await cache.keep(NAMES[number], bytes(100))
    shutil.rmtree(folder)
    for number in range(8):
        await cache.keep(NAMES[number], bytes(100))
    assert held(folder) == list(range(8))


async def test_a_file_in_the_place_of_its_folder_costs_nothing_but_the_cache(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    cache = Cache(tmp_path / "cache", 1000)
    await cache.keep(NAMES[0], b"picture")
    assert await cache.find(NAMES[0]) is None
