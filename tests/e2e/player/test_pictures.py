"""What the gallery asks of pictures and words, against the real daemon."""

import json
import shutil
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from PIL import Image

from daemon.api.answers.files import CHECKED, FOR_EVER
from daemon.home.init import init_project
from projections.artifacts.thumbnails import stamp, stamped
from projections.layout import full_id, take_name
from tests.e2e.film import Daemon, running_daemon
from tests.support.clips import make_video
from tests.support.film import DAWN, NOON, make_film, put, still, tone, until

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def clip(folder: Path) -> bytes:
    """Three seconds: red, green, blue."""
    path = make_video(folder / "clip.mp4", seconds=3, size=(160, 90), colours=[RED, GREEN, BLUE])
    return path.read_bytes()


async def asked(
    daemon: Daemon,
    number: int,
    what: str,
    shot: str = DAWN,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """What the daemon answers when the page asks for a picture of a take."""
    return await daemon.ask("GET", f"shots/{full_id(shot)}/takes/{take_name(number)}/{what}", headers=headers)


def picture_in(answer: httpx.Response, cache: str = CHECKED) -> Image.Image:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == cache
    assert answer.headers["content-length"] == str(len(answer.content))
    return Image.open(BytesIO(answer.content)).convert("RGB")


def problem_in(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["hint"]
    return problem


async def test_the_pictures_of_a_take_from_its_drop_to_its_deletion(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(clip(tmp_path), "render.mp4")
        await daemon.finished(1)
        await daemon.at_rest()
        beside = await asked(daemon, 1, "thumbnail")
        for address in ("thumbnail?size=320", "thumbnail"):
            answer = await asked(daemon, 1, address)
            assert (answer.headers["content-type"], answer.content) == ("image/png", beside.content)
        for width in (160, 640, 1280):
            image = picture_in(await asked(daemon, 1, f"thumbnail?size={width}"))
            assert image.size == (width, width * 9 // 16)
            assert image.getpixel((width // 2, width // 4)) == pytest.approx(GREEN, abs=12)
        strip = picture_in(await asked(daemon, 1, "filmstrip"))
        assert strip.size == (2560, 90)
        for number, colour in ((0, RED), (8, GREEN), (15, BLUE)):
            assert strip.getpixel((160 * number + 80, 45)) == pytest.approx(colour, abs=12)
        await daemon.delete(1)
        assert picture_in(await asked(daemon, 1, "thumbnail?size=640")).size == (640, 360)
        await daemon.verify()


async def test_a_list_of_takes_has_the_colour_of_each_picture_which_is_made_with_it(tmp_path: Path) -> None:
    film = await make_film(tmp_path)

    async def colours(daemon: Daemon) -> list[str | None]:
        return [one.get("colour") for one in await daemon.takes()]

    async with running_daemon(film) as daemon:
        for name in ("a.png", "b.mp4"):
            film.drop(still(7) if name == "a.png" else clip(tmp_path), name)
            await daemon.finished(1 if name == "a.png" else 2)
        film.drop(b"broken", "c.mp4")
        await daemon.finished(3)
        await daemon.at_rest()
        first, second, third = await colours(daemon)
        assert (first, third) == ("#070063", None)
        assert second is not None
        assert int(second[3:5], 16) > 250  # green
    film.log.with_name("index.db").unlink()  # what is derived is made anew where somebody asks for that
    async with running_daemon(film) as daemon:
        answer = await daemon.ask("POST", "rebuild", {"name": "thumbnails"})
        assert answer.is_success, answer.text
        await daemon.at_rest()
        film.remove_by_hand(3)

        async def is_back() -> bool:
            return (await colours(daemon))[:2] == [first, second]

        await until(is_back)


def without_colour(path: Path) -> None:
    """Have a thumbnail be as 0.2.0 has made it."""
    content, told = path.read_bytes(), stamped(path)
    assert told
    assert told.colour
    png = content[: content.index(b"tEXt") - 4] + content[content.index(b"IDAT") - 4 :]
    path.write_bytes(stamp(png, told.sha256))


async def test_colours_come_along_with_pictures_that_were_made_elsewhere(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in (7, 8):
            film.drop(still(number), f"{number}.png")
            await daemon.finished(number - 6)
        await daemon.at_rest()
    shutil.rmtree(film.log.parent)  # as a clone is, which has the pictures
    pictures = sorted(film.root.rglob("*_thumbnail.png"))
    await anyio.to_thread.run_sync(without_colour, pictures[1])
    before = [one.stat().st_mtime_ns for one in pictures]
    await anyio.to_thread.run_sync(init_project, film.root)
    async with running_daemon(film) as daemon:
        await daemon.finished(2)
        assert [one.get("colour") for one in await daemon.takes()] == ["#070063", None]
        await daemon.verify()
    assert [one.stat().st_mtime_ns for one in pictures] == before


async def test_a_picture_that_is_asked_for_as_what_it_shows_is_kept_for_ever(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(clip(tmp_path), "render.mp4")
        (take,) = await daemon.finished(1)
        await daemon.at_rest()
        _, _, of = take["thumbnailUrl"].partition("?")
        for address in ("thumbnail?size=160", "filmstrip?"):
            picture_in(await asked(daemon, 1, f"{address}&{of}"), FOR_EVER)
            picture_in(await asked(daemon, 1, f"{address}&of=0123456789abcdef-1"))
        beside = await asked(daemon, 1, f"thumbnail?{of}")
        assert beside.headers["cache-control"] == FOR_EVER
        again = await asked(daemon, 1, f"thumbnail?{of}", headers={"If-None-Match": beside.headers["etag"]})
        assert (again.status_code, again.headers["cache-control"]) == (304, FOR_EVER)


async def test_what_the_page_has_already_is_not_sent_again_nor_drawn(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(clip(tmp_path), "render.mp4")
        await daemon.finished(1)
        tags = set()
        for what in ("thumbnail?size=160", "thumbnail?size=640", "thumbnail?size=1280", "filmstrip"):
            tag = (await asked(daemon, 1, what)).headers["etag"]
            tags.add(tag)
            shutil.rmtree(film.root / ".takes/cache")
            for said in (tag, f'"other", W/{tag}'):
                answer = await asked(daemon, 1, what, headers={"If-None-Match": said})
                assert (answer.status_code, answer.content) == (304, b"")
                assert answer.headers["etag"] == tag
            assert not (film.root / ".takes/cache").exists()
            assert (await asked(daemon, 1, what, headers={"If-None-Match": "*"})).status_code == 304
            assert (await asked(daemon, 1, what, headers={"If-None-Match": '"other"'})).status_code == 200
        assert len(tags) == 4


async def test_what_has_no_picture_says_so(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for content, name in ((b"broken", "a.mp4"), (still(1), "b.png"), (tone(), "c.wav")):
            film.drop(content, name)
            await daemon.finished(int("abc".index(name[0])) + 1)
        for what in ("thumbnail?size=640", "filmstrip", "thumbnail", "thumbnail?size=320"):
            problem_in(await asked(daemon, 1, what), 404)
        assert picture_in(await asked(daemon, 3, "thumbnail?size=640")).size == (640, 360)
        assert "a still" in problem_in(await asked(daemon, 2, "filmstrip"), 404)["detail"]
        assert "a sound" in problem_in(await asked(daemon, 3, "filmstrip"), 404)["detail"]
        problem_in(await asked(daemon, 9, "filmstrip"), 404)
        for size in ("0", "200", "large", "", "-1", "1e3", "640&size=641"):
            said = problem_in(await asked(daemon, 2, f"thumbnail?size={size}"), 400)
            assert "160, 320, 640, 1280" in said["detail"]
        picture_in(await asked(daemon, 2, "thumbnail?size=640"))
        film.remove_by_hand(2)
        problem_in(await asked(daemon, 2, "thumbnail?size=640"), 404)


async def test_pictures_outlive_a_renamed_shot_and_a_deleted_cache(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    cache = film.root / ".takes/cache"
    async with running_daemon(film) as daemon:
        film.drop(clip(tmp_path), "render.mp4")
        await daemon.finished(1)
        first = (await asked(daemon, 1, "filmstrip")).content
        (kept,) = cache.iterdir()
        made = kept.stat().st_ino
        film.shot().rename(film.shot().with_name("001_Dusk"))
        moved = str(Path(DAWN).with_name("001_Dusk"))
        await daemon.finished(1, moved)
        assert (await asked(daemon, 1, "filmstrip", moved)).content == first
        assert kept.stat().st_ino == made

        async def look(width: int) -> None:
            picture_in(await asked(daemon, 1, f"thumbnail?size={width}", moved))

        async with anyio.create_task_group() as group:
            for number in range(30):
                group.start_soon(look, (160, 640, 1280)[number % 3])
                if number % 5 == 0:
                    shutil.rmtree(cache, ignore_errors=True)
        await daemon.verify()
    async with running_daemon(film) as daemon:
        assert (await asked(daemon, 1, "filmstrip", moved)).content == first


async def test_the_cache_stays_below_its_limit(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, cache_mb=0) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        for _ in range(2):
            picture_in(await asked(daemon, 1, "thumbnail?size=640"))
        assert list((film.root / ".takes/cache").iterdir()) == []


async def test_takes_are_found_by_what_is_said_of_them(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for shot, prompt in ((DAWN, "gulls over a pier"), (NOON, "a harbour at noon; gulls, gulls")):
            put(film.takes(shot) / "a.json", json.dumps({"prompt": prompt, "seed": 4217}).encode())
            put(film.takes(shot) / "a.png", still(len(prompt)))
            await daemon.finished(1, shot)
        found = await daemon.get("find?q=GULL%20seed:4217")
        assert [one["shotId"] for one in found["takes"]] == [full_id(NOON), full_id(DAWN)]
        found["takes"][1]["take"].pop("colour", None)  # which only lists have, for the places of pictures
        assert found["takes"][1]["take"] == await daemon.get(f"shots/{full_id(DAWN)}/takes/take_001")
        assert found["total"] == 2
        assert found["facets"]["kind"] == [{"value": "image", "count": 2}]
        assert len((await daemon.get("find"))["takes"]) == 2
        page = await daemon.get("find?q=gull&limit=1&offset=1")
        assert [one["shotId"] for one in page["takes"]] == [full_id(DAWN)]
        assert page["total"] == 2
        for nothing in ("%22%00*", "lighthouse", "x" * 1000, "is:deleted"):
            assert (await daemon.get(f"find?q={nothing}"))["takes"] == []
        for bad in (
            "find?q=" + "x" * 1001,
            "find?limit=-1",
            "find?limit=1001",
            "find?limit=b",
        ):
            problem_in(await daemon.ask("GET", bad), 400)
        refused = problem_in(await daemon.ask("GET", "find?q=sed:7"), 422)
        assert refused["detail"] == "character 1 of the query: there is no field 'sed'"
        assert refused["candidates"] == ["seed"]
        await daemon.delete(1, NOON)
        assert [one["shotId"] for one in (await daemon.get("find?q=gull"))["takes"]] == [full_id(DAWN)]
        assert [one["shotId"] for one in (await daemon.get("find?q=is:deleted"))["takes"]] == [full_id(NOON)]
