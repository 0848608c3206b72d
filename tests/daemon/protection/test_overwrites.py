"""Tools that save over a take, people who remove one, and bytes that come twice: nobody loses anything."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from daemon.protection import swaps
from projections.files.writing import sync
from projections.git.lfs import pointer
from projections.layout import sidecar_name, thumbnail_name
from tests.daemon.protection.overwritten import (
    OFTEN,
    check_both,
    is_shared,
    on,
    removed,
    rename_over,
    restore,
    with_duplicates,
    with_take,
)
from tests.support.clock import Hurried
from tests.support.filesystems import FAT, HERE, REFLINKS
from tests.support.film import (
    DAWN,
    NOON,
    Film,
    bytes_of,
    hashes,
    is_read_only,
    make_film,
    put,
    still,
    until,
)
from tests.support.inside import Daemon, running_daemon

ONCE = 5.0
"""Seconds between two scans of which a test sees a few, and not so many that one of them looks closely."""


def unlink_and_create(media: Path, content: bytes) -> None:
    media.unlink()
    media.write_bytes(content)


def write_in_place(media: Path, content: bytes) -> None:
    media.chmod(0o644)
    media.write_bytes(content)


def patch_in_place(media: Path, content: bytes) -> None:
    media.chmod(0o644)
    with media.open("r+b") as file:
        file.write(content)
        file.truncate()


APART = (rename_over, unlink_and_create)


IN_PLACE = (write_in_place, patch_in_place)


@on(HERE, *REFLINKS)
@pytest.mark.parametrize("way", APART)
async def test_a_take_that_is_saved_over_comes_back_and_the_new_bytes_are_the_next(
    disk: Path, way: Callable[[Path, bytes], None]
) -> None:
    film = await make_film(disk)
    async with running_daemon(film) as daemon:
        old = await with_take(daemon)
        way(film.media(1), still(2))
        takes = await daemon.finished(2)
        assert takes[1]["origin"] == film.media(1).name
        await check_both(daemon, old, still(2))


@on(*REFLINKS)
@pytest.mark.parametrize("way", IN_PLACE)
async def test_an_edit_in_place_is_a_take_of_its_own_where_blocks_are_shared(
    disk: Path, way: Callable[[Path, bytes], None]
) -> None:
    film = await make_film(disk)
    async with running_daemon(film) as daemon:
        old = await with_take(daemon)
        way(film.media(1), still(2))
        await check_both(daemon, old, still(2))


@on(*REFLINKS)
async def test_what_is_appended_to_a_take_makes_a_new_one_where_blocks_are_shared(disk: Path) -> None:
    film = await make_film(disk)
    async with running_daemon(film) as daemon:
        old = await with_take(daemon)
        film.media(1).chmod(0o644)
        with film.media(1).open("ab") as file:
            file.write(b"more")
        await check_both(daemon, old, old + b"more")


@pytest.mark.parametrize("at", range(1, 5))
async def test_a_disk_that_is_full_in_the_midst_of_it_costs_neither_of_the_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Each sync of the exchange fails once, and the daemon goes on by itself."""
    film, calls = await make_film(tmp_path), iter(range(1, 100))

    def full_once(folder: Path) -> None:
        if next(calls) == at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
        sync(folder)

    async with running_daemon(film, scan_every=OFTEN) as daemon:
        old = await with_take(daemon)
        monkeypatch.setattr(swaps, "sync", full_once)
        rename_over(film.media(1), still(2))
        await daemon.finished(2)
        await check_both(daemon, old, still(2))
        assert next(calls) > at
        assert not list((film.root / ".takes" / "work").glob("swap-*"))


async def test_several_saves_in_a_row_are_a_take_each(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        contents = [await with_take(daemon)]
        for number in range(2, 6):
            rename_over(film.media(1), still(number))
            await daemon.finished(number)
            contents.append(still(number))
        await check_both(daemon, *contents)


@on(HERE, *REFLINKS)
async def test_a_take_that_is_saved_over_while_nobody_looks_is_found_by_the_next_start(disk: Path) -> None:
    film = await make_film(disk)
    async with running_daemon(film) as daemon:
        old = await with_take(daemon)
        await daemon.stop()
    rename_over(film.media(1), still(2))
    async with running_daemon(film) as daemon:
        await check_both(daemon, old, still(2))


@pytest.mark.parametrize("way", [rename_over, write_in_place])
async def test_a_take_that_is_neither_active_nor_newest_is_found_by_the_next_scan(
    tmp_path: Path, way: Callable[[Path, bytes], None]
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        contents = [await with_take(daemon, number) for number in (1, 2, 3)]
        await daemon.stop()
    for folder in (film.shot(), film.takes()):
        os.utime(folder, (0, 0))  # long enough ago to be trusted
    async with running_daemon(film, scan_every=ONCE, clock=Hurried(5.0)) as daemon:
        await daemon.scanned()
        await daemon.at_rest()
        way(film.media(2), still(4))
        if way is rename_over:
            await check_both(daemon, *contents, still(4))
        else:
            await troubled(daemon)


async def test_a_save_that_takes_its_time_is_waited_for(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        old = await with_take(daemon)
        film.media(1).unlink()
        with film.media(1).open("wb", buffering=0) as file:
            file.write(still(2)[:50])

            async def waits() -> bool:
                return any(film.media(1).name in one["path"] for one in (await daemon.status())["waiting"])

            await until(waits)
            assert len(await daemon.takes()) == 1
            file.write(still(2)[50:])
        await check_both(daemon, old, still(2))


async def test_an_empty_file_in_the_place_of_a_take_is_no_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        old = await with_take(daemon)
        unlink_and_create(film.media(1), b"")

        async def is_back() -> bool:
            return film.media(1).read_bytes() == old

        await until(is_back)
        await check_both(daemon, old)


async def test_a_file_that_was_only_copied_or_touched_is_the_take_that_it_was(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        old = await with_take(daemon)
        rename_over(film.media(1), old)
        second = await with_take(daemon, 2)
        await check_both(daemon, old, second)
        await daemon.stop()
    shutil.copytree(film.root, tmp_path / "copy", symlinks=True)
    shutil.rmtree(film.root)
    (tmp_path / "copy").rename(film.root)
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        await with_take(daemon, 3)
        await check_both(daemon, old, second, still(3))


@on(HERE, *REFLINKS)
async def test_a_take_that_is_put_back_by_hand_is_read_only_and_stored_once_again(disk: Path) -> None:
    film = await make_film(disk)
    content = still(1) + bytes(100_000)
    backup = put(film.folder / "backup.png", content)
    async with running_daemon(film) as daemon:
        await with_take(daemon, content=content)
        film.media(1).unlink()
        film.media(1).hardlink_to(backup)

        async def is_as_before() -> bool:
            media = film.media(1)
            return is_read_only(media) and await is_shared(media, object_of(film, content))

        await until(is_as_before)
        assert (backup.stat().st_mode & 0o777, backup.stat().st_nlink) == (0o644, 1)
        await check_both(daemon, content)


async def troubled(daemon: Daemon) -> list[dict[str, str]]:
    """The problems, once there are some."""

    async def told() -> list[dict[str, str]] | None:
        found: list[dict[str, str]] = (await daemon.status())["problems"]
        return found or None

    return await until(told)


@on(HERE)
@pytest.mark.parametrize("way", IN_PLACE)
async def test_an_edit_in_place_through_a_hard_link_is_told_and_nothing_is_done_to_it(
    disk: Path, way: Callable[[Path, bytes], None]
) -> None:
    film = await make_film(disk)
    async with running_daemon(film) as daemon:
        await with_take(daemon)
        way(film.media(1), still(2))
        (problem,) = await troubled(daemon)
        assert film.media(1).name in problem["what"]
        assert "hard link" in problem["what"]
        assert film.media(1).read_bytes() == still(2)
        assert (await daemon.get("/api/health"))["status"] == "degraded"
        verdict = json.loads((await daemon.ask("POST", "verify")).text.splitlines()[-1])
        assert not verdict["ok"]
        assert (await daemon.status())["protection"]["none"] == 1
        film.media(1).rename(film.takes() / "edited.png")
        takes = await daemon.finished(2)
        assert bytes_of(takes[1:]) == hashes(still(2))


def object_of(film: Film, content: bytes) -> Path:
    name = hashlib.sha256(content).hexdigest()
    return film.root / ".takes" / "objects" / name[:2] / name[2:]


@on(HERE, *REFLINKS)
async def test_a_take_has_a_second_name_that_costs_nothing(disk: Path) -> None:
    film = await make_film(disk)
    async with running_daemon(film) as daemon:
        content = await with_take(daemon, content=still(1) + bytes(100_000))
        kept = object_of(film, content)
        assert kept.read_bytes() == content
        assert is_read_only(kept)
        assert await is_shared(kept, film.media(1))
        way = "link" if disk.name not in REFLINKS else "reflink"
        completed = next(one for one in await daemon.events() if one["type"] == "take.completed")["data"]
        assert completed["kept"] == way
        assert completed["identity"]["inode"] == film.media(1).lstat().st_ino
        protection = (await daemon.status())["protection"]
        assert (protection["takes"], protection[way], protection["none"]) == (1, 1, 0)


@on(HERE, *REFLINKS)
@pytest.mark.parametrize("duplicates", ["apart", "link"])
async def test_the_same_bytes_twice_are_two_takes_that_share_blocks_or_stand_apart(
    disk: Path, duplicates: str
) -> None:
    film = await make_film(disk)
    content = still(1) + bytes(100_000)
    async with running_daemon(film, duplicates=duplicates) as daemon:
        await with_take(daemon, 1, content)
        await with_take(daemon, 2, content)
        is_apart = disk.name not in REFLINKS and duplicates == "apart"
        assert await is_shared(film.media(1), film.media(2)) != is_apart
        assert film.media(1).samefile(film.media(2)) == (disk.name not in REFLINKS and duplicates == "link")
        await check_both(daemon, content, content)


async def test_objects_that_were_removed_are_made_again(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        content = await with_take(daemon)
        shutil.rmtree(film.root / ".takes" / "objects")
        compared = (await daemon.ask("POST", "rebuild", {"verify": True})).json()
        assert [one["name"] for one in compared["differences"]] == ["objects"]
        await daemon.ask("POST", "rebuild", {"name": "objects"})
        assert object_of(film, content).read_bytes() == content
        await daemon.verify()


@on(HERE, *REFLINKS)
async def test_a_take_that_was_removed_by_hand_is_restored_with_all_that_belongs_to_it(disk: Path) -> None:
    film = await make_film(disk)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        old = await with_take(daemon)
        film.remove_by_hand(1)
        await removed(daemon, 1)
        answer = await restore(daemon, 1)
        assert answer.status_code == 200, answer.text
        assert not answer.json()["deleted"]
        assert film.media(1).read_bytes() == old
        assert (film.take(1) / sidecar_name(DAWN, 1)).exists()
        assert (film.take(1) / thumbnail_name(DAWN, 1)).exists()
        restored = [one["data"] for one in await daemon.events() if one["type"] == "take.restored"]
        assert len(restored) == 1
        await daemon.activate(1)
        await check_both(daemon, old)


async def test_a_take_whose_bytes_are_nowhere_is_refused_with_what_to_do(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=OFTEN, objects="off") as daemon:
        await with_take(daemon)
        film.remove_by_hand(1)
        await removed(daemon, 1)
        answer = await restore(daemon, 1)
        assert answer.status_code == 409
        assert "backup" in answer.json()["hint"]
        protection = (await daemon.status())["protection"]
        assert (protection["objects"], protection["none"]) == ("off", 1)
        assert protection["says"] == "not protected: `objects` is off in the configuration"


@pytest.mark.parametrize("what", ["folder", "link", "no folder"])
async def test_what_lies_in_the_place_of_a_take_is_to_be_moved_away_before_it_comes_back(
    tmp_path: Path, what: str
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        old = await with_take(daemon)
        film.remove_by_hand(1)
        there = film.media(1)
        if what == "no folder":
            there = film.take(1)
            there.write_text("mine")
        else:
            film.take(1).mkdir()
            there.mkdir() if what == "folder" else there.symlink_to("/etc/hostname")
            (problem,) = await troubled(daemon)
            assert "in its place" in problem["what"]
            assert "takes restore" in problem["hint"]
        answer = await restore(daemon, 1)
        assert answer.status_code == 409, answer.text
        assert "Move it away" in answer.json()["hint"]
        there.rename(film.folder / "mine")
        answer = await restore(daemon, 1)
        assert answer.status_code == 200, answer.text
        assert film.media(1).read_bytes() == old
        await is_well(daemon)
        await check_both(daemon, old)


async def is_well(daemon: Daemon) -> None:
    """Wait until the first take is back, the one that the shot uses, and nothing more is said of it."""

    async def so() -> bool:
        take, status = await daemon.take(1), await daemon.status()
        is_back = bool(take and take["active"] and not take["deleted"])
        return is_back and not status["notTaken"] and not status["problems"]

    await until(so)


@pytest.mark.parametrize("objects", ["auto", "off"])
async def test_a_pointer_of_git_lfs_gives_way_to_the_take_where_its_bytes_are_kept(
    tmp_path: Path, objects: str
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, objects=objects) as daemon:
        old = await with_take(daemon)
        rename_over(film.media(1), pointer(hashlib.sha256(old).hexdigest(), len(old)))
        answer = await restore(daemon, 1)
        if objects == "off":
            assert answer.status_code == 409
            assert "git lfs pull" in answer.json()["hint"]
            return
        assert answer.status_code == 200, answer.text
        assert film.media(1).read_bytes() == old
        await check_both(daemon, old)
        rename_over(film.media(1), pointer("0" * 64, len(old)))
        assert (await restore(daemon, 1)).status_code == 409


@on(HERE, *REFLINKS)
async def test_older_duplicates_are_found_and_made_to_share(disk: Path) -> None:
    film = await make_film(disk)
    async with with_duplicates(film, 3) as content, running_daemon(film) as daemon:
        await daemon.at_rest()
        dry = (await daemon.ask("POST", "dedupe", {"dryRun": True})).json()
        assert (len(dry["shared"]), dry["bytes"], dry["left"]) == (2, 2 * len(content), [])
        assert not await is_shared(film.media(1), film.media(2))
        assert ("one file" in (dry["note"] or "")) == (disk.name not in REFLINKS)
        done = (await daemon.ask("POST", "dedupe", {})).json()
        assert {**done, "dryRun": True} == dry
        assert await is_shared(film.media(1), film.media(2))
        assert await is_shared(film.media(1), film.media(3))
        assert not (await daemon.ask("POST", "dedupe", {})).json()["shared"]
        await check_both(daemon, content, content, content)


@on(FAT)
async def test_a_disk_without_links_keeps_takes_and_says_that_they_are_not_protected(disk: Path) -> None:
    film = await make_film(disk)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        first, second = await with_take(daemon), await with_take(daemon, 2)
        await daemon.activate(2)
        chosen = film.shot() / "active_take.json"

        async def points() -> bool:
            with suppress(FileNotFoundError):  # this disk takes the old one away before it has the new one
                return bool(json.loads(chosen.read_text())["activeTake"] == "take_002")
            return False

        await until(points)
        await daemon.verify()
        status = await daemon.status()
        assert status["protection"]["none"] == 2
        assert "not protected" in status["protection"]["says"]
        assert not status["problems"]
        takes = await daemon.takes()
        assert bytes_of(takes) == hashes(first, second)
        rename_over(film.media(1), still(3))
        (problem,) = await troubled(daemon)
        assert "no second copy" in problem["what"]
        left = (await daemon.ask("POST", "dedupe", {})).json()
        assert left["shared"] == []


@on(FAT)
async def test_a_plain_copy_is_kept_where_it_is_asked_for(disk: Path) -> None:
    film = await make_film(disk)
    async with running_daemon(film, scan_every=OFTEN, objects="copy") as daemon:
        old = await with_take(daemon)
        assert (await daemon.status())["protection"]["copy"] == 1
        rename_over(film.media(1), still(2))
        takes = await daemon.finished(2)
        assert [bytes_of([take]) for take in takes] == [hashes(old), hashes(still(2))]
        assert film.media(1).read_bytes() == old


async def test_a_take_in_another_shot_that_holds_the_same_is_left_alone(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        old = await with_take(daemon)
        film.drop(old, "same.png", NOON)
        await daemon.finished(1, NOON)
        rename_over(film.media(1), still(2))
        await check_both(daemon, old, still(2))
        assert film.media(1, NOON).read_bytes() == old
