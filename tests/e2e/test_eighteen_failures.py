"""The ways in which tools like this one fail, each as a promise that this one does not.

The numbers are those of the list in the design; 11 and 17 belong to Git LFS.
"""

import hashlib
import json
import os
import signal
import struct
from io import BytesIO
from pathlib import Path

import anyio
import anyio.lowlevel
from PIL import Image

from projections.layout import thumbnail_name
from tests.e2e.film import running_daemon as real_daemon
from tests.support.film import (
    DAWN,
    QUEUE,
    Film,
    bytes_of,
    hashes,
    make_film,
    make_noise,
    put,
    still,
    until,
    video,
)
from tests.support.film import Daemon as AnyDaemon
from tests.support.inside import running_daemon


async def drop_and_wait(daemon: AnyDaemon, *contents: bytes, name: str = "render.png") -> None:
    """One take after the other."""
    there = len(await daemon.takes())
    for number, content in enumerate(contents, there + 1):
        daemon.film.drop(content, name)
        await daemon.finished(number)
    await daemon.at_rest()


def picture(film: Film, number: int) -> Image.Image:
    """The thumbnail on the disk."""
    content = (film.take(number) / thumbnail_name(DAWN, number)).read_bytes()
    return Image.open(BytesIO(content)).convert("RGB")


async def test_01_a_list_of_takes_holds_what_the_sidecars_hold(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await drop_and_wait(daemon, still(1), still(2))
        listed = (await daemon.get("shots/001_Dawn/takes"))["takes"]
        assert len(listed) == 2
        for take in listed:
            sidecar = json.loads(
                (film.take(take["number"]) / f"shot_001_{take['id']}_metadata.json").read_bytes()
            )
            assert sidecar.items() <= take.items()
            assert {"id", "shotId", "created", "generationParams", "resources", "status"} <= sidecar.keys()


async def test_02_an_id_with_slashes_is_found_or_the_answer_says_how(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await drop_and_wait(daemon, still())
        for way in ("001_Dawn", DAWN.replace("/", ":")):
            assert len((await daemon.get(f"shots/{way}/takes"))["takes"]) == 1
        for way in (DAWN, DAWN.replace("/", "%2F")):
            answer = await daemon.ask("GET", f"shots/{way}/takes")
            assert answer.status_code == 200 or (answer.status_code == 404 and ":" in answer.json()["hint"])


async def test_03_a_deleted_number_is_never_given_again(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with real_daemon(film, scan_every=0.2) as daemon:
        await drop_and_wait(daemon, still(1), still(2))
        await daemon.delete(2)
        await drop_and_wait(daemon, still(3))
        film.remove_by_hand(3)

        async def is_missed() -> bool:
            take = await daemon.take(3)
            return bool(take and take["deleted"])

        await until(is_missed)
        await daemon.kill()
    for name in ("index.db", "index.db-wal", "index.db-shm"):
        (film.root / ".takes" / name).unlink(missing_ok=True)
    async with real_daemon(film) as daemon:
        await drop_and_wait(daemon, still(4))
        assert [take["number"] for take in await daemon.takes()] == [1, 2, 3, 4]
        assert bytes_of((await daemon.takes())[3:]) == hashes(still(4))


async def test_04_two_drops_at_once_never_share_a_folder(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with real_daemon(film) as daemon:
        daemon.say(signal.SIGSTOP)
        for number in range(10):
            film.drop(still(number), f"{number}.png")
        daemon.say(signal.SIGCONT)
        await daemon.finished(10)
        for number in range(1, 11):
            media = [path for path in film.take(number).iterdir() if path.stem.endswith(f"take_{number:03}")]
            assert len(media) == 1


async def test_05_what_has_no_sidecar_yet_is_not_cleaned_up(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    film.take(5).mkdir()
    put(film.media(5), still(5))
    stray = put(film.take(5) / "notes.txt", b"mine")
    film.take(6).mkdir()
    async with running_daemon(film, scan_every=0.2) as daemon:
        await daemon.finished(1)
        await daemon.verify()
        assert film.media(5).read_bytes() == still(5)
        assert stray.read_bytes() == b"mine"
        assert film.take(6).is_dir()


async def test_06_a_take_is_not_active_while_it_is_made(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in range(20):
            film.drop(still(number), f"{number}.png")

        async def one_is_being_made() -> bool:
            takes = await daemon.takes()
            for take in takes:
                if take["status"] == "generating":
                    assert not take["active"]
                    answer = await daemon.activate(take["number"])
                    assert answer.status_code in (200, 409)  # it may be done by now
            return len(takes) == 20 and all(take["status"] == "complete" for take in takes)

        await until(one_is_being_made)
        made: set[int] = set()
        for event in await daemon.events():
            if event["type"] == "take.completed":
                made.add(event["data"]["take"])
            if event["type"] == "take.activated":
                assert event["data"]["take"] in made


async def test_07_the_fallback_for_a_deleted_active_take_is_a_complete_one(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await drop_and_wait(daemon, still(1), still(2), b"no picture at all")
        assert (await daemon.takes())[2]["status"] == "failed"
        await daemon.delete(1)
        assert await daemon.active() == "take_002"
        await daemon.delete(2)
        assert await daemon.active() is None
        await daemon.at_rest()
        assert film.link() is None
        assert (await daemon.activate(3)).status_code == 409


async def test_08_the_link_moves_with_the_film_and_is_never_away(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await drop_and_wait(daemon, still(1), still(2))
        seen: set[str | None] = set()
        async with anyio.create_task_group() as group:

            async def look() -> None:
                while True:
                    seen.add(film.link())
                    await anyio.lowlevel.checkpoint()

            group.start_soon(look)
            for number in (2, 1, 2):
                await daemon.activate(number)
                await daemon.at_rest()
            group.cancel_scope.cancel()
        assert seen == {"takes/take_001", "takes/take_002"}
        await daemon.stop()
    moved = film.root.rename(tmp_path / "Elsewhere")
    assert (moved / DAWN / "active_take" / film.media(2).name).read_bytes() == still(2)


async def test_09_half_a_second_is_long_enough_for_a_picture(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await drop_and_wait(daemon, video(0.5), name="short.mp4")
        shown = picture(film, 1)
        assert shown.size == (320, 180)
        assert all(abs(value - 120) < 12 for value in centre(shown))


async def test_10_a_portrait_clip_is_fitted_and_not_squashed(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await drop_and_wait(daemon, video(0.5, (36, 64)), name="portrait.mp4")
        shown = picture(film, 1)
        assert shown.size == (320, 180)
        assert all(abs(value - 120) < 12 for value in centre(shown))
        for corner in ((2, 90), (317, 90)):
            assert pixel(shown, *corner) != centre(shown)


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    """The colour of one pixel."""
    red, green, blue = struct.unpack("3B", image.crop((x, y, x + 1, y + 1)).tobytes())
    return red, green, blue


def centre(image: Image.Image) -> tuple[int, int, int]:
    """The colour in the middle."""
    return pixel(image, image.width // 2, image.height // 2)


async def test_12_a_file_that_still_arrives_is_not_read(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    content = video()
    async with running_daemon(film) as daemon:
        with (film.takes() / "render.mp4").open("wb", buffering=0) as file:
            for start in range(0, len(content), 256):
                file.write(content[start : start + 256])
                await daemon.status()  # time passes
            file.seek(0)
            os.truncate(file.fileno(), 0)
            file.write(content)
        (take,) = await daemon.finished(1)
        assert take["status"] == "complete"
        assert bytes_of([take]) == hashes(content)


async def test_13_a_disk_that_is_away_deletes_no_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=0.1) as daemon:
        await drop_and_wait(daemon, still(1), still(2))
        before = await daemon.events()
        film.root.rename(tmp_path / "away")
        film.root.mkdir()  # an empty mount point

        async def is_suspended() -> bool:
            return bool((await daemon.get("/api/projects/myfilm"))["state"] == "suspended")

        await until(is_suspended)
        film.root.rmdir()
        (tmp_path / "away").rename(film.root)

        async def is_live() -> bool:
            return bool((await daemon.get("/api/projects/myfilm"))["state"] == "live")

        await until(is_live)
        await daemon.scanned()
        assert await daemon.events() == before


async def test_14_a_new_render_under_an_old_name_has_a_picture_of_its_own(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await drop_and_wait(daemon, still(10), still(200), name="render.png")
        assert centre(picture(film, 1)) != centre(picture(film, 2))
        put(film.take(2) / thumbnail_name(DAWN, 2), (film.take(1) / thumbnail_name(DAWN, 1)).read_bytes())
        await daemon.ask("POST", "rebuild", {"name": "thumbnails"})
        assert centre(picture(film, 2))[0] == 200


async def test_15_a_client_with_an_old_view_cannot_write_back_an_old_choice(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await drop_and_wait(daemon, still(1), still(2), still(3))
        old = (await daemon.ask("GET", "shots/001_Dawn/takes")).headers["ETag"]
        assert (await daemon.activate(3, headers={"If-Match": old})).status_code == 200
        answer = await daemon.activate(2, headers={"If-Match": old})
        assert answer.status_code == 412
        assert await daemon.active() == "take_003"


async def test_16_a_queue_that_overflows_is_noticed_and_made_good(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with real_daemon(film) as daemon:
        await daemon.scanned()
        daemon.say(signal.SIGSTOP)
        make_noise(film.takes(), int(QUEUE.read_text()) + 100)
        film.drop(still())
        daemon.say(signal.SIGCONT)
        (take,) = await daemon.finished(1)
        assert take["media"]["sha256"] == hashlib.sha256(still()).hexdigest()
        assert (await daemon.status())["watch"]["losses"] >= 1


async def test_18_junk_is_not_taken_for_media(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for name in ("._render.mp4", "render.mp4.part", "Thumbs.db", ".DS_Store", "~render.png"):
            (film.takes() / name).write_bytes(still())
        await drop_and_wait(daemon, still(1))
        assert len(await daemon.takes()) == 1
        assert not (await daemon.status())["notTaken"]
