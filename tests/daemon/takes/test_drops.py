"""Everything that people, programs and bad luck put into a `takes/` folder, and what becomes of it."""

import gzip
import json
import os
from pathlib import Path

import pytest

from daemon.intake.completion import LOGGED
from projections.layout import thumbnail_name
from tests.daemon.takes.by_hand.taken import linked
from tests.support.clips import make_still
from tests.support.film import (
    DAWN,
    bytes_of,
    check_on_disk,
    hashes,
    make_film,
    put,
    still,
    tone,
    until,
    video,
)
from tests.support.inside import Daemon, running_daemon

SENTINEL = "zz_last.png"
"""A drop that comes after all others: once it is a take, the others had their chance."""


async def after_a_drop(daemon: Daemon) -> list[str]:
    """The names that lie in `takes/` once a drop that came later has become the only take."""
    daemon.film.drop(still(999), SENTINEL)
    (take,) = await daemon.finished(1)
    assert bytes_of([take]) == hashes(still(999))
    return sorted(path.name for path in daemon.film.takes().iterdir())


@pytest.mark.parametrize(
    ("name", "content", "kind", "size"),
    [
        ("render.mp4", video(), "video", (64, 36)),
        ("short.mp4", video(0.5), "video", (64, 36)),
        ("portrait.mp4", video(0.5, (36, 64)), "video", (36, 64)),
        ("still.PNG", still(), "image", (64, 36)),
        ("voice.wav", tone(), "audio", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_every_kind_of_media_becomes_a_take_with_a_picture(
    tmp_path: Path, name: str, content: bytes, kind: str, size: tuple[int, int] | None
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(content, name)
        (take,) = await daemon.finished(1)
        await daemon.verify()
        check_on_disk(film, take, suffix=Path(name).suffix.lower())
        assert take["media"]["kind"] == kind
        assert take["resolution"] == (size and {"width": size[0], "height": size[1]})
        assert film.link() == "takes/take_001"


STRANGE = [
    "take_001.mp4",
    "-rf.mp4",
    "a\nb.mp4",
    "\x1b[31mred.mp4",
    "\u202egnp.mp4",
    " two  spaces .mp4",
    "Ж" * 98 + ".mp4",
    "per%cent;&$(x).mp4",
    "render.final.v2.mp4",
    "project.json.mp4",
]


async def test_a_strange_name_is_no_reason_to_refuse_a_drop(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for name in STRANGE:
            film.drop(video(), name)
        takes = await daemon.finished(len(STRANGE))
        await daemon.verify()
        for take in takes:
            check_on_disk(film, take, suffix=".mp4")
        created = [one["data"] for one in await daemon.events() if one["type"] == "take.created"]
        assert sorted(one["source"]["name"] for one in created) == sorted(STRANGE)
        assert sorted(path.name for path in film.takes().iterdir()) == [take["id"] for take in takes]


async def test_a_name_in_bytes_that_are_no_text_is_told_and_left_alone(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    strange = film.takes() / os.fsdecode(b"caf\xe9.png")
    async with running_daemon(film) as daemon:
        strange.write_bytes(still())
        assert strange.name in await after_a_drop(daemon)

        async def told() -> bool:
            return any("UTF-8" in reason for reason in (await daemon.not_taken()).values())

        await until(told)
        await daemon.verify()


JUNK = ["._render.mp4", ".DS_Store", ".hidden.png", "Thumbs.db", "desktop.ini"]
JUNK += ["render.mp4.part", "render.mp4.crdownload", "render.tmp", "~lock.png", "render.png~"]
JUNK += [
    ".nfs00000000002280c200000001",
    ".smbdeleteAAA28e9.4",
]  # what a share keeps of a file that somebody has open


async def test_junk_is_neither_taken_nor_spoken_of(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for name in JUNK:
            (film.takes() / name).write_bytes(still())
        assert set(JUNK) <= set(await after_a_drop(daemon))
        assert not await daemon.not_taken()
        assert len([one for one in await daemon.events() if one["type"] == "take.created"]) == 1


async def test_what_is_no_media_is_left_where_it_is_and_told_with_the_reason(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    outside = tmp_path / "secret.png"
    outside.write_bytes(still())
    takes = film.takes()
    async with running_daemon(film) as daemon:
        (takes / "link.png").symlink_to(outside)
        os.mkfifo(takes / "pipe.mp4")
        (takes / "frames.png").mkdir()
        (takes / "notes.txt").write_text("buy milk")
        (takes / "lonely.json").write_text("{}")
        await after_a_drop(daemon)

        async def told() -> bool:
            return len(await daemon.not_taken()) == 5

        await until(told)
        reasons = await daemon.not_taken()
        assert "link" in reasons["link.png"]
        assert "regular" in reasons["pipe.mp4"]
        assert "folder" in reasons["frames.png"]
        assert "no media" in reasons["notes.txt"]
        assert "no media" in reasons["lonely.json"]
        assert (takes / "link.png").is_symlink()
        assert (takes / "pipe.mp4").is_fifo()
        for name in reasons:
            (takes / name).rmdir() if name == "frames.png" else (takes / name).unlink()

        async def forgotten() -> bool:
            return not await daemon.not_taken()

        await until(forgotten)


async def test_a_file_that_is_being_written_is_waited_for(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    content = video()
    async with running_daemon(film) as daemon:
        with (film.takes() / "slow.mp4").open("wb", buffering=0) as file:
            file.write(content[:1000])

            async def waits() -> bool:
                return any("slow.mp4" in one["path"] for one in (await daemon.status())["waiting"])

            await until(waits)
            film.drop(still(), "quick.png")
            await daemon.finished(1)
            file.write(content[1000:])
            assert len(await daemon.takes()) == 1
        takes = await daemon.finished(2)
        assert bytes_of(takes) == hashes(still(), content)
        await daemon.verify()


async def test_a_file_that_was_renamed_in_and_is_still_open_is_waited_for(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    content = video()
    async with running_daemon(film) as daemon:
        hidden = film.takes() / ".render.mp4"
        with hidden.open("wb", buffering=0) as file:
            file.write(content[:1000])
            hidden.rename(film.takes() / "render.mp4")

            async def waits() -> bool:
                return bool((await daemon.status())["waiting"])

            await until(waits)
            file.write(content[1000:])
        (take,) = await daemon.finished(1)
        assert bytes_of([take]) == hashes(content)


async def test_a_writer_who_comes_back_in_time_makes_one_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    content = video()
    async with running_daemon(film, settle={"quiet": 1.0, "still": 1.0}) as daemon:
        path = film.takes() / "render.mp4"
        for start in range(0, len(content), 1000):
            with path.open("ab") as file:
                file.write(content[start : start + 1000])
        (take,) = await daemon.finished(1)
        assert bytes_of([take]) == hashes(content)
        assert len(await daemon.takes()) == 1


async def test_an_empty_file_waits_until_there_is_something_in_it(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:

        async def is_said() -> bool:
            return any("empty" in one["reason"] for one in (await daemon.status())["waiting"])

        place = film.drop(b"", "download.mp4")
        await until(is_said)
        place.write_bytes(video())
        (take,) = await daemon.finished(1)
        assert (take["number"], take["status"]) == (1, "complete")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.mp4", video()[:-200]),
        ("cut.png", still()[:60]),
        ("text.mp4", b"not a film at all"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_cannot_be_decoded_is_a_failed_take_whose_bytes_are_kept(
    tmp_path: Path, name: str, content: bytes
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(content, name)
        (take,) = await daemon.finished(1)
        assert take["status"] == "failed"
        assert take["error"]
        assert film.media(1, suffix=Path(name).suffix).read_bytes() == content
        assert await daemon.active() is None
        film.drop(still(), "good.png")
        await daemon.finished(2)
        assert await daemon.active() == "take_002"
        await daemon.verify()
        sidecar = json.loads((film.take(1) / "shot_001_take_001_metadata.json").read_bytes())
        assert sidecar["status"] == "failed"


@pytest.mark.parametrize("watch", [True, False])
async def test_saving_over_the_file_of_a_failed_take_makes_a_take(tmp_path: Path, *, watch: bool) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, watch=watch) as daemon:
        film.drop(still()[:60], "cut.png")
        (failed,) = await daemon.finished(1)
        assert failed["status"] == "failed"
        put(film.media(1), still())
        failed, made = await daemon.finished(2)
        assert (failed["status"], made["status"]) == ("failed", "complete")
        assert bytes_of([made]) == hashes(still())
        assert await daemon.active() == "take_002"
        await daemon.verify()


async def test_a_failed_take_that_is_only_touched_stays_what_it_is(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=0.2) as daemon:
        film.drop(still()[:60], "cut.png")
        await daemon.finished(1)
        found = film.media(1).stat()
        os.utime(film.media(1), ns=(found.st_atime_ns, found.st_mtime_ns + 1_000_000_000))
        film.drop(still())
        await daemon.finished(2)
        await daemon.verify()
        assert len(await daemon.takes()) == 2
        assert film.media(1).exists()


async def test_the_same_bytes_twice_are_two_takes(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(), "one.png")
        film.drop(still(), "two.png")
        takes = await daemon.finished(2)
        assert bytes_of(takes) == hashes(still(), still())


async def test_the_same_name_twice_is_two_takes(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        film.drop(still(2))
        takes = await daemon.finished(2)
        assert [bytes_of([take]) for take in takes] == [hashes(still(1)), hashes(still(2))]
        await daemon.verify()


async def test_a_second_name_of_a_taken_file_is_no_second_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still())
        await daemon.finished(1)
        (film.takes() / "again.png").hardlink_to(film.media(1))

        async def told() -> str | None:
            return (await daemon.not_taken()).get("again.png")

        assert "another name" in str(await until(told))
        assert len(await daemon.takes()) == 1


async def test_two_names_of_one_file_at_once_are_one_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    film.drop(still(), "one.png")
    (film.takes() / "two.png").hardlink_to(film.takes() / "one.png")
    async with running_daemon(film, scan_every=0.2) as daemon:

        async def told() -> bool:
            return bool(await daemon.not_taken())

        await until(told)
        (take,) = await daemon.finished(1)
        assert bytes_of([take]) == hashes(still())
        await daemon.verify()


async def test_a_drop_that_is_another_name_of_a_users_file_leaves_that_to_the_user(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        render = linked(film, still(1))
        (take,) = await daemon.finished(1)
        await daemon.verify()
        check_on_disk(film, take)
        assert film.media(1).lstat().st_mtime_ns == render.lstat().st_mtime_ns
        assert (render.stat().st_mode & 0o777, render.stat().st_nlink) == (0o644, 1)
        render.write_bytes(still(2))
        assert film.media(1).read_bytes() == still(1)


async def test_a_recipe_beside_the_media_is_read_and_goes_with_it(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        recipe = {"prompt": "waves at dawn", "seed": 2**63, "negativePrompt": "people"}
        film.drop(json.dumps(recipe).encode(), "render.json")
        film.drop(video(), "render.mp4")
        (take,) = await daemon.finished(1)
        assert take["generationParams"] == recipe
        await daemon.verify()
        assert json.loads((film.take(1) / "shot_001_take_001_recipe.json").read_bytes()) == recipe
        assert [path.name for path in film.takes().iterdir()] == ["take_001"]


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("render.swarm.json", b'{"sui_image_params": {"prompt": "waves", "steps": "9"}}', ".json"),
        ("render.mp4.json", b'\xef\xbb\xbf{"prompt": "waves", "steps": 9}', ".json"),
        ("render.txt", "waves\nSteps: 9".encode("utf-16"), ".txt"),
    ],
)
async def test_what_other_tools_put_beside_a_render_is_its_recipe(
    tmp_path: Path, name: str, content: bytes, kept: str
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(content, name)
        film.drop(video(), "render.mp4")
        (take,) = await daemon.finished(1)
        assert take["generationParams"] == {"prompt": "waves", "steps": 9}
        assert (film.take(1) / f"shot_001_take_001_recipe{kept}").read_bytes() == content
        assert [path.name for path in film.takes().iterdir()] == ["take_001"]


async def test_a_recipe_stays_with_a_take_that_fails(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(b'{"seed": 1}', "render.json")
        film.drop(video()[:-200], "render.mp4")
        (take,) = await daemon.finished(1)
        assert take["status"] == "failed"
        assert (film.take(1) / "shot_001_take_001_recipe.json").read_bytes() == b'{"seed": 1}'


async def test_a_recipe_that_cannot_be_read_costs_no_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(b"{ not json", "render.json")
        film.drop(still())
        (take,) = await daemon.finished(1)
        assert take["status"] == "complete"
        assert (
            take["recipeError"]
            == "its recipe was not read: it is neither JSON nor a text with a line of settings"
        )
        await daemon.verify()


async def test_half_a_character_in_a_recipe_or_a_label_costs_no_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(rb'{"prompt": "gulls \ud83d", "seed": 7}', "a.json")
        film.drop(video(), "a.mp4")
        (take,) = await daemon.finished(1)
        assert take["generationParams"] == {"prompt": "gulls \ufffd", "seed": 7}
        labelled = make_still(
            tmp_path / "b.png", tags={"invokeai_metadata": r'{"positive_prompt": "\ud800x"}'}
        )
        film.drop(labelled.read_bytes(), "b.png")
        _, take = await daemon.finished(2)
        assert take["generationParams"] == {"prompt": "\ufffdx"}
        await daemon.verify()


async def test_parameters_that_are_too_large_for_the_log_lie_beside_the_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    recipe = {"prompt": "waves", "workflow": "x" * 300_000, **{f"frame_{n}": n for n in range(20_000)}}
    async with running_daemon(film) as daemon:
        film.drop(json.dumps(recipe).encode(), "render.json")
        film.drop(video(), "render.mp4")
        (take,) = await daemon.finished(1)
        await daemon.verify()
        assert len(json.dumps(take["generationParams"])) < 2 * LOGGED
        assert take["leftOut"]["workflow"] == 300_002
        whole = film.take(1) / take["whole"]
        assert json.loads(gzip.decompress(whole.read_bytes()))["generationParams"] == recipe
        sidecar = json.loads((film.take(1) / whole.name.removesuffix(".gz")).read_bytes())
        assert (sidecar["whole"], sidecar["generationParams"]["prompt"]) == (whole.name, "waves")


async def test_a_drop_that_is_taken_back_while_it_is_written_leaves_nothing(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        with (film.takes() / "oops.png").open("wb") as file:
            file.write(b"x")
            file.flush()

            async def waits() -> bool:
                return bool((await daemon.status())["waiting"])

            await until(waits)
            (film.takes() / "oops.png").unlink()
        film.drop(still())
        (take,) = await daemon.finished(1)
        assert take["number"] == 1
        assert not (await daemon.at_rest())["waiting"]


async def test_a_file_that_becomes_a_link_while_it_waits_is_not_followed(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    secret = tmp_path / "secret.png"
    secret.write_bytes(still(5))
    async with running_daemon(film) as daemon:
        with (film.takes() / "render.png").open("wb") as file:

            async def waits() -> bool:
                return bool((await daemon.status())["waiting"])

            await until(waits)
            (film.takes() / ".x").symlink_to(secret)
            (film.takes() / ".x").rename(film.takes() / "render.png")
            file.write(b"gone")
        film.drop(still())
        takes = await daemon.finished(1)
        assert bytes_of(takes) == hashes(still())
        assert secret.stat().st_mode & 0o200


async def test_a_shot_in_the_root_with_a_long_name_and_no_number_has_takes(tmp_path: Path) -> None:
    shot = "夜明け" * 26  # 234 bytes
    film = await make_film(tmp_path, "MyFilm", shot, DAWN)
    async with running_daemon(film) as daemon:
        film.drop(still(), shot=shot)
        (take,) = await daemon.finished(1, shot)
        assert take["status"] == "complete"
        await daemon.verify()
        assert list(film.take(1, shot).glob("*" + thumbnail_name("", 1)[-14:]))


async def test_a_new_render_under_an_old_name_shows_its_own_picture(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        pictures = []
        for number in (1, 2):
            film.drop(still(number * 100), "render.png")
            await daemon.finished(number)
            await daemon.at_rest()
            pictures.append(
                (await daemon.ask("GET", f"shots/001_Dawn/takes/take_00{number}/thumbnail")).content
            )
        assert pictures[0] != pictures[1]
