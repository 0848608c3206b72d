"""Pictures of takes: drawn by a real decoder, once, and kept."""

import hashlib
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from PIL import Image

from daemon.api.answers.problems import STATUS
from daemon.decoding import pictures as module
from daemon.decoding.decoders import open_decoders
from daemon.decoding.pictures import SIZES, BadSize, PictureNotFound, Pictures, strip, thumbnail, width_of
from daemon.decoding.pool import NoDecoder
from events import Media
from projections.artifacts.picture_cache import Cache
from projections.layout import Kind, kind_of
from projections.media.jobs import DecoderJob
from tests.support.clips import Colour, make_hdr, make_still, make_tone, make_video
from tests.support.exr import AP1, noise, write, write_deep

RED, GREEN, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)


class Studio:
    """Pictures of files, and how often one was really drawn."""

    def __init__(self, pictures: Pictures, drawn: list[DecoderJob], cache: Path) -> None:
        self.pictures = pictures
        self.drawn = drawn
        self.cache = cache

    async def thumbnail(self, path: Path, width: int = 640, media: Media | None = None) -> Image.Image:
        media = media or media_of(path)
        await self.pictures.check(path, media)
        return opened(await self.pictures.show(path, media, thumbnail(width)))

    async def strip(self, path: Path) -> Image.Image:
        media = media_of(path)
        return opened(await self.pictures.show(path, media, strip(media.kind)))


@asynccontextmanager
async def studio(folder: Path, limit: float = 60.0) -> AsyncIterator[Studio]:
    async with open_decoders(2, limit=limit) as decoders:
        drawn: list[DecoderJob] = []
        show = decoders.show

        async def counting(path: Path, job: DecoderJob) -> bytes:
            drawn.append(job)
            return await show(path, job)

        decoders.show = counting  # type: ignore[method-assign]
        yield Studio(Pictures(decoders, Cache(folder / "cache", 1 << 20)), drawn, folder / "cache")


def media_of(path: Path) -> Media:
    content = path.read_bytes()
    kind: Kind | None = kind_of(path.name)
    assert kind
    return Media(name=path.name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest(), kind=kind)


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    assert image.format == "JPEG"
    return image.convert("RGB")


def is_colour(image: Image.Image, place: tuple[int, int], colour: Colour) -> bool:
    pixel = image.getpixel(place)
    assert isinstance(pixel, tuple)
    return max(abs(one - other) for one, other in zip(pixel, colour, strict=True)) < 12


@pytest.mark.parametrize("width", SIZES)
async def test_every_kind_of_media_is_drawn_in_every_size(tmp_path: Path, width: int) -> None:
    files = [
        *(make_video(tmp_path / "a.mp4"), make_still(tmp_path / "a.png"), make_tone(tmp_path / "a.wav")),
        *(make_still(tmp_path / "a.jpg"), make_still(tmp_path / "a.webp"), make_still(tmp_path / "a.tif")),
        *(
            write(tmp_path / "a.exr", noise((64, 36))),
            write(tmp_path / "z.exr", noise((64, 36), "Z", "float32")),
        ),
        write(tmp_path / "wide.exr", noise((64, 36)), chromaticities=AP1),
        write_deep(tmp_path / "deep.exr", [[[{"R": 0.5, "G": 0.5, "B": 0.5, "A": 1.0, "Z": 1.0}]] * 8] * 8),
        make_hdr(tmp_path / "hdr.mkv", (500, 512, 512), 16),
    ]
    async with studio(tmp_path) as one:
        for path in files:
            assert (await one.thumbnail(path, width)).size == (width, width * 9 // 16)


async def test_a_portrait_keeps_its_shape_between_bars_in_a_large_size_too(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png", size=(90, 160), colour=RED)
    async with studio(tmp_path) as one:
        image = await one.thumbnail(path, 1280)
    assert is_colour(image, (640, 360), RED)
    assert is_colour(image, (640 - 195, 360), RED)  # 405 of 1280: 9:16 of 720 lines
    assert is_colour(image, (640 - 215, 360), BLACK)
    assert is_colour(image, (640, 4), RED)


async def test_a_clip_shows_the_same_moment_in_every_size(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", seconds=3, size=(320, 180), colours=[RED, GREEN, BLUE])
    async with studio(tmp_path) as one:
        for width in SIZES:
            assert is_colour(await one.thumbnail(path, width), (width // 2, width // 4), GREEN)


async def test_a_filmstrip_is_drawn_in_confinement_too(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", seconds=3, size=(160, 90), colours=[RED, GREEN, BLUE])
    async with studio(tmp_path) as one:
        image = await one.strip(path)
    assert image.size == (2560, 90)
    for number, colour in ((0, RED), (4, RED), (7, GREEN), (8, GREEN), (11, BLUE), (15, BLUE)):
        assert is_colour(image, (160 * number + 80, 45), colour)


async def test_what_was_drawn_once_is_not_drawn_again(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4")
    async with studio(tmp_path) as one:
        for _ in range(3):
            await one.thumbnail(path)
            await one.strip(path)
        assert [job.do for job in one.drawn] == ["picture", "filmstrip"]
    async with studio(tmp_path) as one:
        await one.thumbnail(path)
        assert one.drawn == []


async def test_the_same_bytes_elsewhere_are_not_drawn_again(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    async with studio(tmp_path) as one:
        await one.thumbnail(path)
        await one.thumbnail(path.rename(tmp_path / "b.png"))
        assert len(one.drawn) == 1


async def test_a_picture_that_many_ask_for_at_once_is_drawn_once(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", size=(640, 360))
    async with studio(tmp_path) as one, anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(one.thumbnail, path)
            group.start_soon(one.strip, path)
    assert sorted(job.do for job in one.drawn) == ["filmstrip", "picture"]


async def test_one_who_leaves_takes_no_other_along(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", size=(1280, 720))
    async with studio(tmp_path) as one, anyio.create_task_group() as group:
        leaver = anyio.CancelScope()

        async def leave() -> None:
            with leaver:
                await one.thumbnail(path)

        group.start_soon(leave)
        await anyio.lowlevel.checkpoint()
        group.start_soon(one.thumbnail, path)
        leaver.cancel()
    assert one.drawn


async def test_a_cache_that_is_deleted_costs_drawing_again_and_nothing_else(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png", colour=RED)
    async with studio(tmp_path) as one:
        await one.thumbnail(path)
        shutil.rmtree(one.cache)
        assert is_colour(await one.thumbnail(path), (320, 180), RED)
        assert len(one.drawn) == 2
        assert len(list(one.cache.iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"no media at all", b"\x89PNG\r\n\x1a\n" + bytes(100)])
@pytest.mark.parametrize("name", ["a.mp4", "a.png", "a.wav"])
async def test_a_hostile_file_has_no_picture_and_is_not_tried_again(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    async with studio(tmp_path) as one:
        for _ in range(3):
            with pytest.raises(PictureNotFound, match="no such picture"):
                await one.thumbnail(path)
        assert len(one.drawn) == 1
        assert not one.cache.exists()


async def test_a_picture_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png", size=(9000, 9000))
    async with studio(tmp_path, limit=0.1) as one:
        with pytest.raises(PictureNotFound, match="took longer"):
            await one.thumbnail(path)


async def test_a_file_that_is_gone_has_no_picture_until_it_is_back(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    media, away = media_of(path), tmp_path / "away.png"
    async with studio(tmp_path) as one:
        await one.thumbnail(path)
        path.rename(away)
        for width in (640, 160):
            with pytest.raises(PictureNotFound, match="no media on the disk"):
                await one.thumbnail(path, width, media)
        away.rename(path)
        await one.thumbnail(path, 160)


async def test_a_file_that_vanishes_while_it_is_drawn_has_no_picture_for_now(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    media = media_of(path)
    path.unlink()
    async with studio(tmp_path) as one:
        for _ in range(2):
            with pytest.raises(PictureNotFound, match="cannot be read"):
                await one.pictures.show(path, media, thumbnail(640))
        assert len(one.drawn) == 2


async def test_a_file_that_is_another_one_by_now_is_not_shown_for_the_take(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    media = media_of(path)
    make_still(path, size=(128, 72))
    async with studio(tmp_path) as one:
        with pytest.raises(PictureNotFound, match="not what it was"):
            await one.thumbnail(path, media=media)


async def test_a_link_is_not_followed(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    media = media_of(path)
    secret = path.rename(tmp_path / "secret.png")
    path.symlink_to(secret)
    async with studio(tmp_path) as one:
        with pytest.raises(PictureNotFound):
            await one.pictures.show(path, media, thumbnail(640))


async def test_a_burst_of_drops_does_not_keep_a_page_waiting(tmp_path: Path) -> None:
    slow, path = make_still(tmp_path / "slow.png", size=(4000, 4000)), make_still(tmp_path / "a.png")
    looked = 0
    async with open_decoders(1) as decoders, anyio.create_task_group() as group:

        async def look() -> None:
            nonlocal looked
            await decoders.inspect(slow, name="")
            looked += 1

        for _ in range(20):
            group.start_soon(look)
        pictures = Pictures(decoders, Cache(tmp_path / "cache", 1 << 20))
        await pictures.show(path, media_of(path), thumbnail(640))
        assert looked < 20
        group.cancel_scope.cancel()


async def test_a_file_without_a_picture_is_tried_again_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FORGET", 0.0)
    path = tmp_path / "a.png"
    path.write_bytes(b"no media at all")
    async with studio(tmp_path) as one:
        for _ in range(2):
            with pytest.raises(PictureNotFound):
                await one.thumbnail(path)
        assert len(one.drawn) == 2


@pytest.mark.parametrize(("kind", "what"), [("image", "a still"), ("audio", "a sound")])
def test_what_does_not_move_has_no_filmstrip(kind: Kind, what: str) -> None:
    with pytest.raises(PictureNotFound, match=what):
        strip(kind)


@pytest.mark.parametrize("size", ["", "0", "161", "-160", "0160", "160.0", "large", "٣٢٠", "1" * 5000])
def test_a_size_that_there_is_not_is_refused_with_those_that_there_are(size: str) -> None:
    with pytest.raises(BadSize, match="160, 320, 640, 1280") as caught:
        width_of(size)
    assert caught.value.hint
    assert len(str(caught.value)) < 300


def test_the_width_is_that_of_the_picture_beside_the_media_where_none_is_said() -> None:
    assert width_of(None) == 320
    assert [width_of(str(size)) for size in SIZES] == list(SIZES)


async def test_a_decoder_that_cannot_be_started_is_no_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_still(tmp_path / "a.png")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", shutil.which("false"))
        async with studio(tmp_path) as one:
            with pytest.raises(NoDecoder) as caught:
                await one.thumbnail(path)
    assert STATUS[type(caught.value)] == 503
    async with studio(tmp_path) as one:
        await one.thumbnail(path)


async def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    async with studio(tmp_path) as one:
        await one.thumbnail(path)
        before = len(os.listdir("/dev/fd"))  # noqa: PTH208 - the descriptors that are open, by number
        for width in SIZES:
            await one.thumbnail(path, width)
        assert len(os.listdir("/dev/fd")) <= before + 1  # noqa: PTH208
