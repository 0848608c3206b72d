"""Folders of frames: each is one take, whole or not at all, and none of its frames is ever lost."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import anyio
import pytest
from PIL import Image

from daemon.home.init import init_project
from daemon.protection.verify import RESTORABLE
from projections.layout import full_id
from tests.daemon.requests.asked import known
from tests.daemon.sequences.rendered import (
    FRAMES,
    check_sequence,
    drop_folder,
    frame,
    object_of,
    render,
    render_as,
)
from tests.e2e.repository import begin
from tests.support.film import DAWN, NOON, is_read_only, make_film, put, still, until
from tests.support.inside import Daemon, running_daemon


async def test_a_folder_that_is_renamed_in_is_one_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, settle={"quiet": 0.05, "still": 0.2, "sequence": 3600.0}) as daemon:
        await known(daemon)  # what is renamed in before the shot is watched may have been written there
        drop_folder(film)
        (take,) = await daemon.finished(1)
        check_sequence(film, take)
        assert take["media"]["frames"] == {
            "pattern": "shot_001_take_001.%04d.png",
            "poster": "shot_001_take_001.0003.png",
            "first": 1,
            "last": 4,
            "count": 4,
            "bytes": sum(len(still(number)) for number in FRAMES),
            "missing": 0,
            "gaps": [],
            "rate": 24.0,
        }
        assert (take["media"]["kind"], take["media"]["codec"], take["duration"]) == ("image", "png", 0.167)
        assert take["resolution"] == {"width": 64, "height": 36}
        assert not (film.takes() / "render").exists()
        await daemon.at_rest()
        assert film.link() == "takes/take_001"
        assert film.take(1).joinpath("shot_001_take_001_thumbnail.png").exists()
        await daemon.verify()


async def test_a_folder_that_is_filled_slowly_waits_until_nothing_comes_any_more(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        folder = film.takes() / "render"
        folder.mkdir()
        with (folder / "a_001.png").open("wb") as first:
            first.write(still(1))
            for number in (2, 3, 4):
                (folder / f"a_{number:03d}.png").write_bytes(still(number))
                assert (await waiting(daemon))["render"] == "it is still being written"
        (take,) = await daemon.finished(1)
        check_sequence(film, take)


async def waiting(daemon: Daemon) -> dict[str, str]:
    """What waits, by its name, once anything does."""

    async def anything() -> dict[str, str]:
        return {Path(one["path"]).name: one["reason"] for one in (await daemon.status())["waiting"]}

    return await until(anything)


async def test_its_numbers_and_its_gaps_stay_and_its_rate_is_that_of_the_recipe(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        made = render(tmp_path / "made", [99, 100, 104, 107], name="sea{:d}.png")
        put(made / "recipe.json", json.dumps({"prompt": "waves", "frameRate": 12}).encode())
        made.rename(film.takes() / "made")
        (take,) = await daemon.finished(1)
        check_sequence(film, take, [99, 100, 104, 107])
        frames = take["media"]["frames"]
        gaps = [(gap["first"], gap["last"]) for gap in frames["gaps"]]
        assert (frames["first"], frames["last"], frames["count"]) == (99, 107, 4)
        assert (frames["missing"], gaps, frames["rate"]) == (5, [(101, 103), (105, 106)], 12.0)
        assert (take["duration"], take["generationParams"]["prompt"]) == (0.75, "waves")


@pytest.mark.parametrize(
    ("also", "why"),
    [
        ("notes.mp4", "more than the frames"),
        ("other.0001.png", "more than the frames"),
        ("render.1.png", "more"),
    ],
)
async def test_a_folder_with_anything_else_in_it_is_left_where_it_is(
    tmp_path: Path, also: str, why: str
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        made = render(tmp_path / "made")
        put(made / also, b"else")
        made.rename(film.takes() / "made")

        async def told() -> str | None:
            return (await daemon.not_taken()).get("made")

        assert why in await until(told)
        assert await daemon.takes() == []
        assert len(list((film.takes() / "made").iterdir())) == 5


async def test_stills_that_are_dropped_one_by_one_are_takes_of_their_own(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in FRAMES:
            film.drop(still(number), f"ComfyUI_{number:05d}_.png")
        takes = await daemon.finished(4)
        assert [take["media"]["frames"] for take in takes] == [None] * 4


async def test_a_frame_that_is_cut_fails_the_take_and_is_named_and_all_of_them_stay(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        made = render(tmp_path / "made")
        (made / "render.0003.png").write_bytes(still(3)[:-40])
        made.rename(film.takes() / "made")
        (take,) = await daemon.finished(1)
        assert (take["status"], take["error"]) == ("failed", "frame 3: the file is cut off")
        assert [frame(film, number).exists() for number in FRAMES] == [True] * 4
        assert film.link() is None
        frame(film, 4).rename(tmp_path / "away.png")
        answer = await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes/take_001/accept")
        assert (answer.status_code, "frame 4: it is not there" in answer.text) == (409, True)
        (tmp_path / "away.png").rename(frame(film, 4))
        answer = await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes/take_001/accept")
        assert answer.status_code == 200, answer.text
        (take,) = await daemon.takes()
        assert (take["status"], take["accepted"]) == ("complete", "frame 3: the file is cut off")
        assert (take["media"]["frames"]["count"], take["resolution"]["width"]) == (4, 64)
        assert is_read_only(frame(film, 3))


async def test_what_can_be_brought_back_of_one_is_though_a_frame_is_lost(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        drop_folder(film)
        await daemon.finished(1)
        await daemon.at_rest()
        object_of(film, still(2)).unlink()
        for number in (2, 3):
            frame(film, number).unlink()
        answer = await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes/take_001/restore")
        assert (answer.status_code, "0002.png is gone" in answer.text) == (409, True)
        assert [frame(film, number).exists() for number in FRAMES] == [True, False, True, True]
        drop_folder(film)
        await daemon.finished(2)
        object_of(film, still(2)).unlink()
        answer = await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes/take_001/restore")
        assert answer.status_code == 200, answer.text
        assert frame(film, 2).read_bytes() == still(2)  # from the other take


@pytest.mark.parametrize(
    ("suffix", "codec"), [(".exr", "exr"), (".dpx", "dpx"), (".jpg", "jpeg"), (".TIF", "tiff")]
)
async def test_every_kind_of_frame_is_decoded_and_has_a_picture(
    tmp_path: Path, suffix: str, codec: str
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await anyio.to_thread.run_sync(render_as, tmp_path / "made", suffix)
        (tmp_path / "made").rename(film.takes() / "made")
        (take,) = await daemon.finished(1)
        assert (take["status"], take["media"]["frames"]["count"]) == ("complete", 2), take
        assert (take["media"]["codec"], take["resolution"]) == (codec, {"width": 64, "height": 36})
        await daemon.at_rest()
        assert film.take(1).joinpath("shot_001_take_001_thumbnail.png").exists()


async def test_frames_that_come_later_are_another_take_and_change_nothing(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        drop_folder(film)
        await daemon.finished(1)
        drop_folder(film, [5, 6])
        first, second = await daemon.finished(2)
        check_sequence(film, first)
        check_sequence(film, second, [5, 6])


async def test_a_folder_made_by_hand_is_adopted_under_its_number(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        render(tmp_path / "made").rename(film.take(7))
        (take,) = await daemon.finished(1)
        assert take["number"] == 7
        check_sequence(film, take)


async def test_one_that_was_removed_is_brought_back_with_all_its_frames(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        drop_folder(film)
        await daemon.finished(1)
        assert (await daemon.delete(1)).status_code == 200
        assert frame(film, 2).exists()
        film.remove_by_hand(1)
        answer = await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes/take_001/restore")
        assert answer.status_code == 200, answer.text
        (take,) = await daemon.takes()
        check_sequence(film, take)
        frame(film, 3).unlink()
        frame(film, 4).unlink()
        put(frame(film, 4), still(9))
        verdict = json.loads((await daemon.ask("POST", "verify")).text.splitlines()[-1])
        assert [problem["what"].rpartition("/")[2] for problem in verdict["problems"]] == [
            "shot_001_take_001.0003.png is not there",
            f"shot_001_take_001.0004.png has {len(still(9))} bytes, not {len(still(4))}",
        ]
        assert {problem["hint"] for problem in verdict["problems"]} == {RESTORABLE}
        answer = await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes/take_001/restore")
        assert answer.status_code == 200, answer.text
        check_sequence(film, take)
        other = (await daemon.finished(2))[1]
        assert film.media(2).read_bytes() == still(9), other


async def test_the_same_frames_are_on_the_disk_once_and_go_with_the_last_of_their_takes(
    tmp_path: Path,
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        drop_folder(film, [1, 2, 3], shot=NOON)
        drop_folder(film, [2, 3, 4])
        (take,) = await daemon.finished(1)
        await daemon.finished(1, NOON)
        await daemon.at_rest()
        shared = (await daemon.ask("POST", "dedupe", {"dryRun": False})).json()
        assert not shared["left"], shared
        check_sequence(film, take, [2, 3, 4])
        await daemon.verify()


async def test_in_git_each_frame_is_a_pointer_and_the_list_is_as_it_is(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    async with running_daemon(film) as daemon:
        drop_folder(film)
        await daemon.finished(1)
        await daemon.at_rest()
        folder = film.take(1).relative_to(film.root).as_posix()
        names = {f"{folder}/shot_001_take_001.{number:04d}.png" for number in FRAMES}
        listed = f"{folder}/shot_001_take_001.frames"
        assert names | {listed} <= git.staged()
        assert "oid sha256:" in git("show", f":{min(names)}")
        assert git("show", f":{listed}") == film.media(1, suffix=".frames").read_text()
        git("commit", "--quiet", "--message", "take 1")
        assert git.unstaged() == []
        git("lfs", "fsck")
        assert all(one["ok"] for one in (await daemon.get("doctor"))["checks"] if one["name"] == "objects")
        await daemon.verify()


async def test_a_clone_has_the_same_sequence_under_the_same_number(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        drop_folder(film, [3, 4, 5])
        (before,) = await daemon.finished(1)
        await daemon.at_rest()
    shutil.rmtree(film.root / ".takes")
    await anyio.to_thread.run_sync(init_project, film.root)
    async with running_daemon(film) as daemon:
        (take,) = await daemon.finished(1)
        check_sequence(film, take, [3, 4, 5])
        assert take["media"] == before["media"]


async def test_one_that_comes_with_a_list_has_to_be_what_that_says(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        drop_folder(film)
        await daemon.finished(1)
        await daemon.at_rest()
    shutil.rmtree(film.root / ".takes")
    put(frame(film, 2), still(9))
    await anyio.to_thread.run_sync(init_project, film.root)
    async with running_daemon(film) as daemon:
        (take,) = await daemon.finished(1)
        assert take["error"] == "frame 2: it is not what the list of frames says"


async def test_what_is_purged_is_gone_but_for_the_frames_that_another_take_has(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        drop_folder(film, [1, 2, 3])
        await daemon.finished(1)
        drop_folder(film, [3, 4])
        await daemon.finished(2)
        await daemon.delete(1)
        plan = await later(daemon, {"deletedAfterDays": 7})
        assert not plan["left"], plan
        await daemon.at_rest()
        assert sorted(path.name for path in film.take(1).iterdir()) == [
            "shot_001_take_001_metadata.json",
            "shot_001_take_001_thumbnail.png",
        ]
        assert [object_of(film, still(number)).exists() for number in (1, 2, 3, 4)] == [
            False,
            False,
            True,
            True,
        ]
        check_sequence(film, (await daemon.takes())[1], [3, 4])
        await daemon.verify()


async def test_one_that_has_failed_is_purged_with_all_its_frames(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        made = render(tmp_path / "made")
        (made / "render.0003.png").write_bytes(b"no picture")
        made.rename(film.takes() / "made")
        await daemon.finished(1)
        await daemon.delete(1)
        plan = await later(daemon, {"deletedAfterDays": 7})
        assert not plan["left"], plan
        assert not {path.suffix for path in film.take(1).iterdir()} & {".png", ".frames"}


async def later(daemon: Daemon, policy: dict[str, int]) -> Any:
    """What is cleaned up by that policy a month later."""
    assert daemon.projects is not None
    cleanup = daemon.projects.find("myfilm").parts.cleanup
    cleanup._clock = lambda: datetime.now(UTC) + timedelta(days=30)
    return (await daemon.ask("POST", "cleanup", policy)).json()


async def test_its_filmstrip_and_its_file_are_those_of_frames(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        drop_folder(film, range(1, 9))
        (take,) = await daemon.finished(1)
        strip = await daemon.ask("GET", take["mediaUrl"].replace("/media", "/filmstrip"))
        assert (strip.status_code, strip.headers["content-type"]) == (200, "image/jpeg")
        with Image.open(BytesIO(strip.content)) as picture:
            assert picture.size == (16 * 160, 90)
        shown = await daemon.ask("GET", take["mediaUrl"])
        assert shown.content == still(5)


async def test_frames_that_are_dropped_one_by_one_are_one_take_once_no_more_come(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, settle={"quiet": 0.05, "still": 0.2, "sequence": 1.0}) as daemon:
        film.drop(json.dumps({"prompt": "waves"}).encode(), "sea.json")
        for number in FRAMES:
            film.drop(still(number), f"sea.{number:04d}.png")
        assert await waiting(daemon) == {"sea.####.png": "more frames of it may come"}
        (take,) = await daemon.finished(1)
        check_sequence(film, take)
        assert (take["origin"], take["generationParams"]["prompt"]) == ("sea", "waves")
        film.drop(still(9), "sea.0009.png")
        assert (await daemon.finished(2))[1]["media"]["frames"] is None
        check_sequence(film, (await daemon.takes())[0])
        assert await daemon.not_taken() == {}


async def test_frames_that_a_kill_has_left_outside_follow_those_that_are_in_their_folder(
    tmp_path: Path,
) -> None:
    film = await make_film(tmp_path)
    render(film.takes() / "sea", [1], name="sea.{:04d}.png")
    film.drop(still(2), "sea.0002.png")
    async with running_daemon(film) as daemon:
        (take,) = await daemon.finished(1)
        check_sequence(film, take, [1, 2])


async def test_frames_stay_takes_of_their_own_where_that_is_wanted(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, sequences={"loose": False}) as daemon:
        for number in FRAMES:
            film.drop(still(number), f"sea.{number:04d}.png")
        assert [take["media"]["frames"] for take in await daemon.finished(4)] == [None] * 4


async def test_stills_that_are_called_by_their_size_are_takes_of_their_own(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in (1080, 2160):
            film.drop(still(number), f"sea.{number}.png")
        assert [take["media"]["frames"] for take in await daemon.finished(2)] == [None] * 2


async def test_another_folder_of_the_same_name_is_taken_while_the_first_is_looked_into(
    tmp_path: Path,
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        drop_folder(film, range(1, 40))
        await until(daemon.takes)
        drop_folder(film, [41, 42])
        first, second = await daemon.finished(2)
        check_sequence(film, first, range(1, 40))
        check_sequence(film, second, [41, 42])
