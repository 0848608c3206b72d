"""Shots and chapters that are renamed, moved, copied or made while the daemon looks or does not: takes stay theirs."""

import os
import shutil
from pathlib import Path

import anyio
import pytest

from daemon.watching.spelling import is_misspelled, may_vary, spelling_key
from tests.daemon.takes.by_hand.taken import OFTEN, types, with_takes
from tests.support.filesystems import FAT
from tests.support.film import (
    DAWN,
    NOON,
    Film,
    bytes_of,
    check_numbers,
    check_on_disk,
    hashes,
    make_film,
    put,
    still,
    until,
)
from tests.support.inside import Daemon, running_daemon


async def moved_to(daemon: Daemon, path: str) -> None:
    """Wait until the daemon knows a shot by that path."""

    async def so() -> bool:
        return path in [one["path"] for one in (await daemon.get("shots"))["shots"]]

    await until(so)


async def test_a_shot_that_is_renamed_keeps_its_takes_and_its_numbers_go_on(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    renamed = "01_Chapter/01_Scene/001_Sunrise"
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 2)
        film.shot().rename(film.shot(renamed))
        await moved_to(daemon, renamed)
        film.drop(still(3), shot=renamed)
        takes = await daemon.finished(3, renamed)
        assert [take["number"] for take in takes] == [1, 2, 3]
        assert "shot.moved" in await types(daemon)
        await daemon.verify()
        check_numbers(await daemon.events())


@pytest.mark.parametrize("disk", [FAT], indirect=True)
@pytest.mark.parametrize("watch", [True, False])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (DAWN, "01_Chapter/01_Scene/001_DAWN"),
        ("01_Chapter", "01_chapter"),
        ("01_Chapter/01_Scene", "01_Chapter/01_scenE"),
    ],
)
async def test_a_shot_that_is_renamed_in_letter_case_only_stays_one_where_case_does_not_count(
    disk: Path, before: str, after: str, *, watch: bool
) -> None:
    film = await make_film(disk)
    renamed = DAWN.replace(before, after)
    async with running_daemon(film, scan_every=OFTEN, watch=watch) as daemon:
        await with_takes(daemon, 2)
        (film.root / before).rename(film.root / after)
        await moved_to(daemon, renamed)
        assert daemon.projects is not None
        for _ in range(3):
            await daemon.projects.find("myfilm").parts.scheduler.scan()
            await daemon.at_rest()
        film.drop(still(3), shot=renamed)
        takes = await daemon.finished(3, renamed)
        assert [(take["number"], take["deleted"]) for take in takes] == [(1, False), (2, False), (3, False)]
        assert sorted(one["path"] for one in (await daemon.get("shots"))["shots"]) == sorted(
            [renamed, NOON.replace(before, after)]
        )
        await daemon.verify()
        assert (await types(daemon)).count("shot.registered") == 2
        check_numbers(await daemon.events())


def test_a_path_is_misspelled_only_where_the_disk_leads_there_and_has_it_in_other_letters(
    tmp_path: Path,
) -> None:
    for name in ("01_A/Dawn", "01_A/dAWN", "01_A/Noon"):
        (tmp_path / name).mkdir(parents=True)
    assert not any(
        is_misspelled(tmp_path, path) for path in ("01_A/Dawn", "01_A/dAWN", "01_A/Noon", "01_A/NOON")
    )
    assert may_vary(tmp_path, "01_A/Dawn")
    assert not may_vary(tmp_path, "01_A/Noon")
    assert spelling_key("01_É/STRASSE") == spelling_key("01_e\u0301/straße")


async def test_a_shot_that_gets_another_number_keeps_its_takes(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    renamed = "01_Chapter/01_Scene/009_Dawn"
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await with_takes(daemon, 2)
        film.shot().rename(film.shot(renamed))
        await moved_to(daemon, renamed)
        await daemon.verify()
        film.drop(still(3), shot=renamed)
        takes = await daemon.finished(3, renamed)
        assert not any(take["deleted"] for take in takes)
        await daemon.verify()


async def test_a_chapter_that_is_renamed_moves_all_its_shots(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 1, DAWN)
        await with_takes(daemon, 1, NOON)
        (film.root / "01_Chapter").rename(film.root / "05_Finale")
        for shot in (DAWN, NOON):
            renamed = shot.replace("01_Chapter", "05_Finale")
            await moved_to(daemon, renamed)
            film.drop(still(2), shot=renamed)
            assert [take["number"] for take in await daemon.finished(2, renamed)] == [1, 2]
        await daemon.verify()
        assert len((await daemon.get("shots"))["shots"]) == 2


async def test_a_shot_that_is_renamed_while_nobody_looked_is_followed(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    renamed = "02_Chapter/001_Dawn"
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 2)
        await daemon.stop()
    (film.root / "02_Chapter").mkdir()
    film.shot().rename(film.shot(renamed))
    async with running_daemon(film) as daemon:
        await moved_to(daemon, renamed)
        film.drop(still(3), shot=renamed)
        assert [take["number"] for take in await daemon.finished(3, renamed)] == [1, 2, 3]


async def test_a_shot_whose_takes_are_all_deleted_gives_no_number_again_after_a_rename(
    tmp_path: Path,
) -> None:
    film = await make_film(tmp_path)
    renamed = "01_Chapter/01_Scene/001_Sunrise"
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 2)
        await daemon.delete(1)
        await daemon.delete(2)
        await daemon.at_rest()
        film.shot().rename(film.shot(renamed))
        await moved_to(daemon, renamed)
        film.drop(still(3), shot=renamed)

        async def taken() -> bool:
            return hashes(still(3)) == bytes_of((await daemon.takes(renamed))[-1:])

        await until(taken)
        takes = await daemon.takes(renamed)
        assert [(take["number"], take["deleted"]) for take in takes] == [(1, True), (2, True), (3, False)]


async def test_a_copy_of_a_shot_is_a_shot_of_its_own(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    copy = "01_Chapter/01_Scene/003_Copy"
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 2)
        await anyio.to_thread.run_sync(lambda: shutil.copytree(film.shot(), film.shot(copy), symlinks=True))
        takes = await daemon.finished(2, copy)
        assert [take["number"] for take in takes] == [1, 2]
        assert len(await daemon.takes()) == 2
        assert "shot.moved" not in await types(daemon)


async def test_two_shots_that_swap_their_names_keep_their_takes(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await with_takes(daemon, 1, DAWN)
        await with_takes(daemon, 2, NOON)
        film.shot(DAWN).rename(film.root / "swap")
        film.shot(NOON).rename(film.shot(DAWN))
        (film.root / "swap").rename(film.shot(NOON))

        async def swapped() -> bool:
            takes = [[one for one in await daemon.takes(shot) if not one["deleted"]] for shot in (DAWN, NOON)]
            return [len(some) for some in takes] == [2, 1]

        await until(swapped)
        await daemon.verify()


async def test_shots_that_swapped_their_names_while_they_were_empty_swap_them_back(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, watch=False) as daemon:
        await moved_to(daemon, NOON)
        _swap(film)
        for number, shot in enumerate((DAWN, NOON)):
            film.drop(still(number), shot=shot)
            await daemon.finished(1, shot)
        _swap(film)
        for number, shot in enumerate((NOON, DAWN)):
            film.drop(still(number + 2), shot=shot)
            takes = await daemon.finished(2, shot)
            assert bytes_of(takes) == hashes(still(number), still(number + 2))
            assert not any(take["deleted"] for take in takes)
        await daemon.verify()


def _swap(film: Film) -> None:
    dawn, noon, aside = film.shot(DAWN), film.shot(NOON), film.root / "aside"
    dawn.rename(aside)
    noon.rename(dawn)
    aside.rename(noon)


async def test_a_chapter_that_is_moved_in_with_drops_inside_is_taken(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    made = Film(tmp_path, "made", DAWN)
    made.drop(still())
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        (made.root / "01_Chapter").rename(film.root / "09_New")
        shot = DAWN.replace("01_Chapter", "09_New")
        (take,) = await daemon.finished(1, shot)
        await daemon.verify()
        check_on_disk(film, take, shot)
        film.drop(still(2), shot=shot)
        await daemon.finished(2, shot)


async def test_folders_that_are_made_one_in_the_other_are_watched_at_once(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        for number in range(10):
            shot = f"{number}_New/a/b/c/001_Deep"
            film.takes(shot).mkdir(parents=True)
            film.drop(still(), shot=shot)
        for number in range(10):
            await daemon.finished(1, f"{number}_New/a/b/c/001_Deep")


async def test_a_shot_that_is_removed_and_made_again_is_watched_again(tmp_path: Path) -> None:
    film = await make_film(tmp_path)

    async def removed() -> bool:
        """Also where something was just being written, which then cannot be removed."""
        shutil.rmtree(film.root / "01_Chapter", ignore_errors=True)
        return not await anyio.Path(film.root / "01_Chapter").exists()

    async with running_daemon(film) as daemon:
        await with_takes(daemon, 1)
        for number in (2, 3):
            await until(removed)
            film.takes().mkdir(parents=True)
            film.drop(still(number))

            async def taken(number: int = number) -> bool:
                return hashes(still(number)) == bytes_of((await daemon.takes())[-1:])

            await until(taken)


async def test_a_folder_name_in_bytes_that_are_no_text_harms_nobody(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    strange = film.root / os.fsdecode(b"caf\xe9")
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        (tmp_path / "made" / "takes").mkdir(parents=True)
        put(tmp_path / "made" / "takes" / "render.png", still(1))
        (tmp_path / "made").rename(strange)
        (strange / "001_In").mkdir()
        film.drop(still(2))
        await daemon.finished(1)
        await daemon.at_rest()
        assert (await daemon.get("/api/health"))["status"] == "ok"
        await daemon.verify()


async def test_a_shot_with_a_colon_in_its_name_is_found(tmp_path: Path) -> None:
    shot = "02: Arrival/001: Dawn"
    film = await make_film(tmp_path, "MyFilm", shot)
    async with running_daemon(film) as daemon:
        film.drop(still(), shot=shot)
        (take,) = await daemon.finished(1, shot)
        assert (await daemon.ask("GET", take["mediaUrl"])).content == still()
        assert (await daemon.get("shots/001: Dawn/takes"))["activeTakeId"] == "take_001"
