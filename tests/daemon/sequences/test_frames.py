"""The frames of a sequence, one by one, as a browser can show them."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.daemon.sequences.rendered import drop_folder, frame, render_as
from tests.support import exr
from tests.support.film import make_film, still
from tests.support.inside import Daemon, running_daemon


async def ask(daemon: Daemon, take: Mapping[str, Any], number: object, query: str = "") -> Any:
    """The answer to who asks for a frame of a take."""
    return await daemon.ask("GET", take["mediaUrl"].replace("/media", f"/frames/{number}{query}"))


async def shown(daemon: Daemon, take: Mapping[str, Any], number: int, query: str = "") -> Image.Image:
    """A frame of a take, as it is shown."""
    answer = await ask(daemon, take, number, query)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg"), answer.text
    return Image.open(BytesIO(answer.content))


def grey(picture: Image.Image) -> int:
    """How bright the middle of a picture is."""
    return picture.convert("L").tobytes()[picture.width * (picture.height // 2) + picture.width // 2]


async def test_a_frame_has_its_own_shape_and_is_made_smaller_and_never_larger(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    made = film.folder / "elsewhere"
    made.mkdir()
    for number in (1, 2):
        Image.new("RGB", (1000, 2000), (0, 90 * number, 0)).save(made / f"sea.{number:04d}.png")
    async with running_daemon(film) as daemon:
        made.rename(film.takes() / "sea")
        (take,) = await daemon.finished(1)
        picture = await shown(daemon, take, 2)
        assert (picture.size, grey(picture)) == ((360, 720), 106)
        assert (await shown(daemon, take, 2, "?size=640")).size == (180, 360)
        assert (await shown(daemon, take, 2, "?size=3840")).size == (1000, 2000)


async def test_a_frame_that_is_not_there_is_not_found_and_it_is_said_which_are(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        drop_folder(film, [1, 2, 5, 6])
        (take,) = await daemon.finished(1)
        for number, why in ((3, "frame 3 is missing"), (7, "1 to 6"), ("x", "1 to 6"), (-1, "1 to 6")):
            answer = await ask(daemon, take, number)
            assert (answer.status_code, why in answer.json()["detail"]) == (404, True), answer.text
        frame(film, 5).unlink()
        assert "not on the disk" in (await ask(daemon, take, 5)).json()["detail"]
        assert (await ask(daemon, take, 1, "?size=100")).status_code == 400


async def test_what_is_no_sequence_has_no_frames(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still())
        (take,) = await daemon.finished(1)
        answer = await ask(daemon, take, 1)
        assert (answer.status_code, "image sequence" in answer.json()["detail"]) == (404, True)


async def test_who_has_a_frame_is_told_so_and_may_keep_it(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        drop_folder(film)
        (take,) = await daemon.finished(1)
        answer = await ask(daemon, take, 2, "?" + take["thumbnailUrl"].partition("?")[2])
        assert "immutable" in answer.headers["cache-control"]
        url = take["mediaUrl"].replace("/media", "/frames/2")
        again = await daemon.ask("GET", url, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


@pytest.mark.parametrize("suffix", [".exr", ".dpx", ".jpg", ".TIF"])
async def test_each_kind_of_frame_is_shown(tmp_path: Path, suffix: str) -> None:
    film = await make_film(tmp_path)
    render_as(film.folder / "made", suffix)
    async with running_daemon(film) as daemon:
        (film.folder / "made").rename(film.takes() / "made")
        (take,) = await daemon.finished(1)
        assert (await shown(daemon, take, 2)).size == (64, 36)


async def test_all_frames_of_light_are_exposed_as_the_one_that_stands_for_them(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    made = film.folder / "made"
    made.mkdir()
    for number, light in ((1, 0.4), (2, 0.01), (3, 0.4), (4, 5.0)):
        exr.write(made / f"sea.{number:04d}.exr", exr.filled((64, 36), R=light, G=light, B=light))
    async with running_daemon(film, sequences={"rate": 4.0}) as daemon:
        made.rename(film.takes() / "sea")
        (take,) = await daemon.finished(1)
        assert take["media"]["frames"]["poster"].endswith(".0003.exr")
        dark, usual, white = [grey(await shown(daemon, take, number)) for number in (2, 3, 4)]
        assert (dark < 30, abs(usual - 170) <= 2, white > 250) == (True, True, True), (dark, usual, white)


async def test_a_frame_and_a_still_are_graded_as_is_asked(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    exr.write(tmp_path / "a.exr", exr.filled((64, 36), R=0.25, G=0.25, B=0.25, A=0.5))
    async with running_daemon(film) as daemon:
        film.drop((tmp_path / "a.exr").read_bytes(), "a.exr")
        (take,) = await daemon.finished(1)
        still_of = take["mediaUrl"].replace("/media", "/still")

        async def light(query: str) -> int:
            answer = await daemon.ask("GET", f"{still_of}?{query}")
            assert answer.status_code == 200, answer.text
            return grey(Image.open(BytesIO(answer.content)))

        assert abs(await light("") - 137) <= 2
        assert abs(await light("stops=1") - 188) <= 2
        assert abs(await light("channel=a") - 128) <= 2
        assert abs(await light("gamma=2") - 187) <= 2
        for wrong in ("stops=17", "stops=nan", "gamma=0", "channel=x", "size=7"):
            assert (await daemon.ask("GET", f"{still_of}?{wrong}")).status_code == 400, wrong
        assert len(list((film.root / ".takes" / "cache").glob("*-still-*"))) == 1
        sequence = await ask(daemon, take, 1, "?stops=1")
        assert (sequence.status_code, "image sequence" in sequence.json()["detail"]) == (404, True)
