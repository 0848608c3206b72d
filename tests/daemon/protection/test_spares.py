"""Takes of the same bytes: what happens to one does not happen to the others, and they bring it back."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from projections.layout import full_id
from tests.daemon.protection.overwritten import OFTEN, on, rename_over
from tests.daemon.protection.test_overwrites import patch_in_place, troubled, write_in_place
from tests.support.filesystems import FAT, HERE
from tests.support.film import DAWN, NOON, Daemon, Film, bytes_of, hashes, make_film, still, until
from tests.support.inside import running_daemon

DUSK = "01_Chapter/01_Scene/003_Dusk"
SHOTS = (DAWN, NOON, DUSK)

CONTENT = still(1) + bytes(50_000)


async def with_triplets(daemon: Daemon) -> list[Path]:
    """The same bytes dropped in three shots, one after the other; the first is also the object."""
    for shot in SHOTS:
        daemon.film.drop(CONTENT, "same.png", shot)
        await daemon.finished(1, shot)
    await daemon.at_rest()
    return [daemon.film.media(1, shot) for shot in SHOTS]


def object_of(film: Film) -> Path:
    name = hashlib.sha256(CONTENT).hexdigest()
    return film.root / ".takes/objects" / name[:2] / name[2:]


async def is_whole(daemon: Daemon, shot: str, came: bytes) -> None:
    """The shot's take holds what it did, and what came instead of it is the next one."""
    takes = await daemon.finished(2, shot)
    assert [bytes_of([take]) for take in takes] == [hashes(CONTENT), hashes(came)]

    async def is_back() -> bool:
        return daemon.film.media(1, shot).read_bytes() == CONTENT

    await until(is_back)


@on(HERE)
@pytest.mark.parametrize("edited", SHOTS)
@pytest.mark.parametrize("way", [write_in_place, patch_in_place])
async def test_a_take_that_is_edited_in_place_comes_back_from_another_one_of_its_bytes(
    disk: Path, edited: str, way: Callable[[Path, bytes], None]
) -> None:
    film = await make_film(disk, "MyFilm", *SHOTS)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await with_triplets(daemon)
        way(film.media(1, edited), still(2) + bytes(50_000))
        came = film.media(1, edited).read_bytes()
        await is_whole(daemon, edited, came)
        for shot in SHOTS:
            assert film.media(1, shot).read_bytes() == CONTENT
            assert len(await daemon.takes(shot)) == (2 if shot == edited else 1)
        await daemon.at_rest()
        assert object_of(film).read_bytes() == CONTENT
        assert not (await daemon.status())["problems"]
        await daemon.verify()


@on(FAT)
async def test_a_take_comes_back_from_another_one_where_nothing_is_kept_twice(disk: Path) -> None:
    film = await make_film(disk, "MyFilm", *SHOTS)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await with_triplets(daemon)
        rename_over(film.media(1, NOON), still(2))
        await is_whole(daemon, NOON, still(2))
        await daemon.verify()


@on(HERE)
async def test_a_take_that_was_removed_is_restored_from_another_one_though_its_object_is_gone(
    disk: Path,
) -> None:
    film = await make_film(disk, "MyFilm", *SHOTS)
    async with running_daemon(film, objects="off", scan_every=OFTEN) as daemon:
        await with_triplets(daemon)
        assert not object_of(film).exists()
        film.remove_by_hand(1, NOON)

        async def is_missed() -> bool:
            (take,) = await daemon.takes(NOON)
            return bool(take["deleted"])

        await until(is_missed)
        answer = await daemon.ask("POST", f"shots/{full_id(NOON)}/takes/take_001/restore")
        assert answer.status_code == 200, answer.text
        assert film.media(1, NOON).read_bytes() == CONTENT
        assert not film.media(1, NOON).samefile(film.media(1, DAWN))
        await daemon.verify()


@on(HERE)
async def test_where_duplicates_are_linked_an_edit_is_told_of_each_take_that_it_reached(disk: Path) -> None:
    film = await make_film(disk, "MyFilm", *SHOTS)
    async with running_daemon(film, duplicates="link") as daemon:  # no scan comes in time
        first, *others = await with_triplets(daemon)
        if not first.samefile(others[0]):
            pytest.skip("this disk shares blocks")
        write_in_place(first, still(2))

        async def all_told() -> bool:
            told = " ".join(one["what"] for one in await troubled(daemon))
            return all(film.shot(shot).relative_to(film.root).as_posix() in told for shot in SHOTS)

        await until(all_told)


@on(HERE)
async def test_takes_that_are_linked_come_back_from_one_that_is_not(disk: Path) -> None:
    film = await make_film(disk, "MyFilm", *SHOTS)
    async with running_daemon(film, duplicates="link") as daemon:
        for shot in (DAWN, NOON):
            film.drop(CONTENT, "same.png", shot)
            await daemon.finished(1, shot)
        await daemon.at_rest()
    if not film.media(1, DAWN).samefile(film.media(1, NOON)):
        pytest.skip("this disk shares blocks")
    async with running_daemon(film) as daemon:
        film.drop(CONTENT, "same.png", DUSK)
        await daemon.finished(1, DUSK)
        await daemon.at_rest()
        write_in_place(film.media(1, DAWN), still(2))
        for shot in (DAWN, NOON):
            await is_whole(daemon, shot, still(2))
        assert len({film.media(1, shot).stat().st_ino for shot in SHOTS}) == len(SHOTS)
        assert len(await daemon.takes(DUSK)) == 1
        await daemon.verify()
        assert object_of(film).read_bytes() == CONTENT
        assert not (await daemon.status())["problems"]
