"""What people do to the folders by hand, beside the daemon or behind its back, and what becomes of it."""

import json
import shutil
from pathlib import Path

import pytest

from tests.daemon.takes.by_hand.taken import OFTEN, types, with_takes
from tests.support.film import DAWN, NOON, Film, bytes_of, check_on_disk, hashes, make_film, put, still, until
from tests.support.inside import Daemon, running_daemon


async def is_hidden(daemon: Daemon, number: int, shot: str = DAWN, *, hidden: bool = True) -> None:
    """Wait until the take is deleted, or not."""

    async def so() -> bool:
        take = await daemon.take(number, shot)
        return take is not None and take["deleted"] is hidden

    await until(so)


async def is_active(daemon: Daemon, take: str | None, shot: str = DAWN) -> None:
    """Wait until that take is the active one, and the link leads there."""

    async def so() -> bool:
        return await daemon.active(shot) == take and daemon.film.link(shot) == (take and f"takes/{take}")

    await until(so)


async def test_a_take_folder_made_by_hand_is_adopted_under_its_number(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        (tmp_path / "made").mkdir()
        put(tmp_path / "made" / "beach.png", still())
        (tmp_path / "made").rename(film.take(7))
        (take,) = await daemon.finished(1)
        await daemon.verify()
        assert (take["number"], take["active"]) == (7, True)
        check_on_disk(film, take)


async def test_a_take_folder_that_is_filled_slowly_is_adopted_in_the_end(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.take(1).mkdir()

        async def told() -> bool:
            return "take_001" in await daemon.not_taken()

        await until(told)
        put(film.take(1) / "beach.png", still())
        (take,) = await daemon.finished(1)
        await daemon.verify()
        check_on_disk(film, take)
        assert not await daemon.not_taken()


async def test_the_next_drop_goes_on_behind_an_adopted_number(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    film.take(7).mkdir()
    put(film.media(7), still(7))
    film.drop(still(8))
    async with running_daemon(film) as daemon:
        takes = await daemon.finished(2)
        assert [take["number"] for take in takes] == [7, 8]
        assert bytes_of([takes[1]]) == hashes(still(8))


async def test_the_sidecar_in_a_take_folder_made_by_hand_is_its_recipe(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    film.take(2).mkdir()
    sidecar = {"id": "take_002", "generationParams": {"prompt": "waves", "seed": 3}}
    put(film.take(2) / "shot_001_take_002_metadata.json", json.dumps(sidecar).encode())
    put(film.media(2), still())
    async with running_daemon(film) as daemon:
        (take,) = await daemon.finished(1)
        assert take["generationParams"] == {"prompt": "waves", "seed": 3}
        await daemon.verify()


async def test_a_take_folder_with_two_media_files_is_left_to_the_person(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    film.take(1).mkdir()
    put(film.take(1) / "a.png", still(1))
    put(film.take(1) / "b.png", still(2))
    async with running_daemon(film) as daemon:

        async def told() -> str | None:
            return (await daemon.not_taken()).get("take_001")

        assert "one media file" in str(await until(told))
        film.drop(still(3))
        (take,) = await daemon.finished(1)
        assert take["number"] == 2


async def test_folders_with_numbers_that_no_take_has_harm_nobody(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    for name in ("take_1000000", "take_99999999999999999999", "take_0001", "take_000", "take_1"):
        (film.takes() / name).mkdir()
        put(film.takes() / name / "beach.png", still(1))
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        film.drop(still(2))
        film.drop(still(3), shot=NOON)
        takes = await daemon.finished(2)
        assert [take["number"] for take in takes] == [1_000_000, 1_000_001]
        await daemon.finished(1, NOON)
        await daemon.verify()
        assert (await daemon.get("/api/health"))["status"] == "ok"


async def test_a_folder_with_the_highest_number_ends_no_shot_and_one_past_it_is_told(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    for number in (999_999_999, 9_999_999_999):
        film.take(number).mkdir()
        put(film.take(number) / "beach.png", still(number % 7))
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await daemon.finished(1)
        film.drop(still(8))
        await daemon.finished(2)
        await daemon.scanned()
        film.drop(still(9))
        takes = await daemon.finished(3)
        assert [take["number"] for take in takes] == [999_999_999, 1_000_000_000, 1_000_000_001]
        assert not any(take["deleted"] for take in takes)
        assert (await daemon.not_taken())["take_9999999999"].startswith("its number is past 999999999")
        await daemon.verify()


async def test_a_take_removed_by_hand_is_deleted_after_a_while_and_its_number_stays_given(
    tmp_path: Path,
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await with_takes(daemon, 3)
        film.remove_by_hand(3)
        await is_hidden(daemon, 3)
        last = (await daemon.events())[-1]
        assert (last["type"], last["actor"]) == ("take.deleted", "filesystem")
        assert last["data"]["why"] == "missing"
        film.drop(still(4))
        takes = await daemon.finished(4)
        assert takes[-1]["number"] == 4
        await daemon.verify()


async def test_the_active_take_removed_by_hand_leaves_the_latest_other_one(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await with_takes(daemon, 3)
        film.remove_by_hand(1)
        await is_active(daemon, "take_003")
        await daemon.verify()


async def test_a_take_that_comes_back_is_restored(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await with_takes(daemon, 2)
        film.take(2).rename(tmp_path / "elsewhere")
        await is_hidden(daemon, 2)
        (tmp_path / "elsewhere").rename(film.take(2))
        await is_hidden(daemon, 2, hidden=False)
        assert (await daemon.events())[-1]["data"] == {"type": "take.restored", "take": 2, "why": "found"}
        await daemon.verify()


async def test_a_take_that_is_away_for_a_moment_was_never_deleted(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=5.0) as daemon:
        await with_takes(daemon, 2)
        before = await types(daemon, DAWN)
        film.take(2).rename(tmp_path / "elsewhere")
        film.drop(still(9), "9.png", NOON)
        await daemon.finished(1, NOON)
        (tmp_path / "elsewhere").rename(film.take(2))
        film.drop(still(3), "3.png")
        await daemon.finished(3)
        assert await types(daemon, DAWN) == [*before, "take.created", "take.completed"]


async def test_a_shot_that_was_away_for_long_uses_the_take_that_it_used(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await with_takes(daemon, 3)
        await daemon.activate(2)
        await is_active(daemon, "take_002")
        for away in (film.shot(), film.takes()):  # the link goes with the shot, or stays and leads nowhere
            away.rename(tmp_path / "elsewhere")
            for number in (1, 2, 3):
                await is_hidden(daemon, number)
            await daemon.at_rest()
            (tmp_path / "elsewhere").rename(away)
            for number in (1, 2, 3):
                await is_hidden(daemon, number, hidden=False)
            await is_active(daemon, "take_002")
        await daemon.verify()


async def test_the_active_take_comes_back_as_that_unless_another_one_was_chosen(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await with_takes(daemon, 3)
        film.take(1).rename(tmp_path / "elsewhere")
        await is_active(daemon, "take_003")
        (tmp_path / "elsewhere").rename(film.take(1))
        await is_active(daemon, "take_001")
        film.take(1).rename(tmp_path / "elsewhere")
        await is_active(daemon, "take_003")
        await daemon.activate(2)
        (tmp_path / "elsewhere").rename(film.take(1))
        await is_hidden(daemon, 1, hidden=False)
        await is_active(daemon, "take_002")
        await daemon.verify()


async def test_a_link_that_comes_back_with_the_takes_is_followed(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await with_takes(daemon, 2)
        film.shot().rename(tmp_path / "elsewhere")
        for number in (1, 2):
            await is_hidden(daemon, number)
        (tmp_path / "elsewhere" / "active_take").unlink()
        (tmp_path / "elsewhere" / "active_take").symlink_to("takes/take_002")
        (tmp_path / "elsewhere").rename(film.shot())
        await is_active(daemon, "take_002")
        await daemon.verify()


async def test_a_take_removed_while_nobody_looked_is_noticed(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await with_takes(daemon, 2)
        await daemon.stop()
    film.remove_by_hand(2)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await is_hidden(daemon, 2)


async def test_a_deleted_take_stays_deleted_though_its_folder_is_there(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await with_takes(daemon, 2)
        await daemon.delete(2)
        await daemon.stop()
    async with running_daemon(film, scan_every=OFTEN) as daemon:
        await daemon.scanned()
        await daemon.verify()
        assert (await daemon.takes())[1]["deleted"] is True
        assert film.media(2).exists()
        film.drop(still(3))
        assert [take["number"] for take in await daemon.finished(3)] == [1, 2, 3]


async def test_a_link_that_is_re_pointed_by_hand_is_an_activation(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 2)
        await is_active(daemon, "take_001")
        repoint(film, "takes/take_002")
        await is_active(daemon, "take_002")
        last = (await daemon.events())[-1]
        assert (last["data"]["why"], last["actor"]) == ("link", "filesystem")


async def test_a_link_that_was_re_pointed_while_nobody_looked_is_an_activation(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 2)
        await is_active(daemon, "take_001")
        await daemon.stop()
    repoint(film, "takes/take_002")
    async with running_daemon(film) as daemon:
        await is_active(daemon, "take_002")


async def test_a_link_is_followed_also_after_a_start_at_which_one_was_mended(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 2)
        await is_active(daemon, "take_001")
        await daemon.at_rest()
        await daemon.stop()
    (film.shot() / "active_take").unlink()
    async with running_daemon(film) as daemon:
        await is_active(daemon, "take_001")
        assert not any(one["behind"] for one in (await daemon.status())["projections"])
        repoint(film, "takes/take_002")
        await is_active(daemon, "take_002")


@pytest.mark.parametrize("way", ["takes/take_002/", "./takes/take_002", "absolute"])
async def test_every_way_to_write_the_link_is_understood_and_made_relative(tmp_path: Path, way: str) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 2)
        await is_active(daemon, "take_001")
        repoint(film, str(film.take(2)) if way == "absolute" else way)
        await is_active(daemon, "take_002")


@pytest.mark.parametrize(
    "where", ["takes/take_099", "nowhere", "../002_Noon/takes/take_001", "/etc", "takes"]
)
async def test_a_link_that_leads_to_no_take_is_set_right(tmp_path: Path, where: str) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 2)
        await is_active(daemon, "take_001")
        repoint(film, where)
        await is_active(daemon, "take_001")
        assert "link" not in [one["data"].get("why") for one in await daemon.events()]


async def test_a_link_that_is_removed_comes_back(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_takes(daemon, 1)
        await is_active(daemon, "take_001")
        (film.shot() / "active_take").unlink()
        await is_active(daemon, "take_001")


async def test_a_folder_of_the_users_in_the_place_of_the_link_is_kept_and_told(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    (film.shot() / "active_take").mkdir()
    (film.shot() / "active_take" / "mine.txt").write_text("mine")
    async with running_daemon(film) as daemon:
        film.drop(still())
        await daemon.finished(1)

        async def told() -> bool:
            return any("not a link" in one["what"] for one in (await daemon.status())["problems"])

        await until(told)
        assert (film.shot() / "active_take" / "mine.txt").read_text() == "mine"
        shutil.rmtree(film.shot() / "active_take")
        await is_active(daemon, "take_001")
        await daemon.verify()
        assert (await daemon.get("/api/health"))["status"] == "ok"


async def test_a_link_that_cannot_be_set_in_one_shot_stops_no_other(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    (film.shot(DAWN) / "active_take").mkdir()
    async with running_daemon(film) as daemon:
        film.drop(still())
        await daemon.finished(1)
        for number in (1, 2):
            film.drop(still(number), f"{number}.png", NOON)
            await daemon.finished(number, NOON)
        await is_active(daemon, "take_001", NOON)

        async def chosen() -> bool:
            """Of a link that is re-pointed while ours is still to be set again, the log's choice is the last one."""
            if film.link(NOON) != "takes/take_002":
                repoint(film, "takes/take_002", NOON)
            return await daemon.active(NOON) == "take_002"

        await until(chosen)


def repoint(film: Film, where: str, shot: str = DAWN) -> None:
    """Have the link lead elsewhere, in one step."""
    hidden = film.shot(shot) / ".mine"
    hidden.symlink_to(where)
    hidden.rename(film.shot(shot) / "active_take")
