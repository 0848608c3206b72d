"""Takes that wait for a file: which one is theirs, and which a take of its own."""

import json
from pathlib import Path

import pytest

from tests.daemon.requests.asked import COMMAND, appears, asked, known, settled
from tests.support.film import (
    DAWN,
    NOON,
    bytes_of,
    check_numbers,
    check_on_disk,
    hashes,
    make_film,
    put,
    still,
    until,
)
from tests.support.inside import running_daemon


@pytest.mark.parametrize("name", ["shot_001_take_001.png", "shot_001_take_001_00001_.png", "take_001.PNG"])
async def test_a_file_that_is_named_for_a_take_completes_it(tmp_path: Path, name: str) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        await asked(daemon, prompt="gulls", seed=7)
        film.drop(still(), name)
        take = await settled(daemon, 1)
        await daemon.verify()
        check_on_disk(film, take)
        assert bytes_of(await daemon.takes()) == hashes(still())
        assert take["generationParams"] == {"prompt": "gulls", "seed": 7}
        assert await daemon.active() == "take_001"


async def test_a_file_that_is_dropped_into_the_folder_of_a_take_completes_it(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        await asked(daemon, prompt="gulls")

        async def has_folder() -> bool:
            return film.take(1).is_dir()

        await until(has_folder)
        put(film.take(1) / "render.json", json.dumps({"seed": 9}).encode())
        put(film.take(1) / "render.png", still())
        take = await settled(daemon, 1)
        await daemon.verify()
        check_on_disk(film, take)
        assert take["generationParams"] == {"prompt": "gulls", "seed": 9}
        assert (film.take(1) / "shot_001_take_001_recipe.json").exists()


async def test_any_other_drop_is_a_take_of_its_own(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        await asked(daemon)
        film.drop(still(), "shot_001_take_0011.png")
        assert (await settled(daemon, 2))["status"] == "complete"
        take = await daemon.take(1)
        assert take
        assert take["stage"] == "waiting"


async def test_of_two_files_for_one_take_the_second_is_a_take_of_its_own(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        await asked(daemon)
        film.drop(still(1), "take_001.png")
        await settled(daemon, 1)
        film.drop(still(2), "take_001_again.png")
        await settled(daemon, 2)
        await daemon.verify()
        assert bytes_of(await daemon.takes()) == hashes(still(1), still(2))


async def test_what_comes_for_a_cancelled_take_is_a_take_of_its_own(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        await asked(daemon)
        assert (await daemon.delete(1)).status_code == 200
        film.drop(still(), "take_001.png")
        await settled(daemon, 2)
        one, two = await daemon.takes()
        assert (one["status"], one["deleted"]) == ("failed", True)
        assert one["cancelled"] is True
        assert two["status"] == "complete"


async def test_a_bad_file_for_a_take_fails_it_and_is_kept(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        await asked(daemon)
        film.drop(b"no picture", "take_001.png")
        take = await settled(daemon, 1)
        assert take["status"] == "failed"
        assert "cancelled" not in take
        assert film.media(1).read_bytes() == b"no picture"


async def test_a_take_that_waits_goes_with_its_shots_folder_and_comes_back_with_it(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    go, begun = tmp_path / "go", tmp_path / "begun"
    async with running_daemon(film, runner=COMMAND, scan_every=0.3) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(go), begun=str(begun), shot=DAWN)
        await appears(begun)
        film.shot().rename(tmp_path / "elsewhere")
        assert await asked(daemon, NOON, seed=2) == "take_001"
        assert (await settled(daemon, 1, NOON))["status"] == "complete"  # the place is free again
        (tmp_path / "elsewhere").rename(film.shot())
        go.touch()
        assert (await settled(daemon, 1))["status"] == "complete"
        await daemon.verify()
        check_numbers(await daemon.events())


async def test_a_take_that_waits_comes_back_with_its_shot_though_its_empty_folder_does_not(
    tmp_path: Path,
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=0.3) as daemon:
        await known(daemon)
        await asked(daemon)
        film.shot().rename(tmp_path / "elsewhere")

        async def is_missed() -> bool:
            take = await daemon.take(1)
            return bool(take and take["deleted"])

        async def is_back() -> bool:
            return not await is_missed()

        await until(is_missed)
        for folder in (tmp_path / "elsewhere" / "takes").glob(
            "take_*"
        ):  # as git does, which keeps no empty ones
            folder.rmdir()
        (tmp_path / "elsewhere").rename(film.shot())
        await until(is_back)
        film.drop(still(), "take_001.png")
        assert (await settled(daemon, 1))["status"] == "complete"
        await daemon.verify()


async def test_two_files_in_the_folder_of_a_waiting_take_are_told_of(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        await asked(daemon)

        async def has_folder() -> bool:
            return film.take(1).is_dir()

        await until(has_folder)
        parts = [put(film.take(1) / f"{number}.png.part", still(number)) for number in (1, 2)]
        for part in parts:
            part.rename(part.with_suffix(""))

        async def told() -> bool:
            return "more than one" in (await daemon.not_taken()).get("take_001", "")

        await until(told)
        (film.take(1) / "2.png").unlink()
        assert (await settled(daemon, 1))["media"]["sha256"] == hashes(still(1))[0]
