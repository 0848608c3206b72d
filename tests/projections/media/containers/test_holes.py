"""Files with room that a transfer never filled, or that are cut off; and files that are whole though they look odd."""

import random
import warnings
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from projections.media import video
from projections.media.containers import tiff_strips, zeros
from projections.media.errors import Undecodable
from projections.media.stills import still
from tests.support.clips import Pipe, make_tone, make_video

FORMS: dict[str, dict[str, Any]] = {
    "plain.jpg": {"quality": 90},
    "best.jpg": {"quality": 85, "optimize": True, "subsampling": 0},
    "progressive.jpg": {"quality": 90, "progressive": True},
    "grey.jpg": {"quality": 90},
    "a.webp": {"quality": 90},
    "a.avif": {"quality": 80},
    "lossless.webp": {"lossless": True},
    "a.png": {},
    "lzw.tif": {"compression": "tiff_lzw"},
    "deflate.tif": {"compression": "tiff_adobe_deflate"},
    "a.gif": {},
}


def picture(name: str, size: tuple[int, int] = (320, 180)) -> Image.Image:
    mode = "L" if name.startswith("grey") else "RGB"
    half = (size[0] // 2, size[1] // 2)
    noise = Image.frombytes("RGB", half, random.Random(7).randbytes(3 * half[0] * half[1]))
    return noise.resize(size).convert(mode)


def check(path: Path) -> None:
    with path.open("rb", buffering=0) as file, warnings.catch_warnings(action="ignore"):
        name = still.format_of(file)
        assert name is not None
        still.Still(file, name).probe()


def made(folder: Path, name: str) -> Path:
    picture(name).save(folder / name, **FORMS[name])
    check(folder / name)
    return folder / name


@pytest.mark.parametrize("name", FORMS)
def test_room_that_was_never_filled_is_told(tmp_path: Path, name: str) -> None:
    path = made(tmp_path, name)
    whole = path.read_bytes()
    for begin, end in ((0.4, 0.6), (0.5, 1.0), (0.85, 1.0)):
        first, last = int(len(whole) * begin), int(len(whole) * end)
        path.write_bytes(whole[:first] + bytes(last - first) + whole[last:])
        with pytest.raises(Undecodable):
            check(path)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_zeros_that_stand_for_pixels_are_told_by_the_sum(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.png"
    picture("a.png").convert(mode).save(path)
    check(path)
    whole = path.read_bytes()
    for first in range(4096, len(whole) - 4096, 8192):
        path.write_bytes(whole[:first] + bytes(4096) + whole[first + 4096 :])
        with pytest.raises(Undecodable, match="damaged"):
            check(path)


def test_what_is_deflated_has_an_end() -> None:
    packed = zlib.compress(random.Random(7).randbytes(9000))
    assert not tiff_strips.is_damaged(BytesIO(packed), [(0, len(packed))])
    assert tiff_strips.is_damaged(BytesIO(packed), [(0, len(packed) - 5)])


def test_zeros_are_no_fax(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    picture("a.tif", (640, 360)).convert("1").save(path, compression="group4")
    check(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + bytes(4096) + whole[8192:])
    with pytest.raises(Undecodable):
        check(path)


@pytest.mark.parametrize("name", FORMS)
def test_one_that_is_cut_off_is_told(tmp_path: Path, name: str) -> None:
    path = made(tmp_path, name)
    whole = path.read_bytes()
    for share in (0.02, 0.5, 0.95):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(Undecodable):
            check(path)


@pytest.mark.parametrize("name", FORMS)
def test_one_that_is_flat_all_over_is_whole(tmp_path: Path, name: str) -> None:
    for colour in ((0, 0, 0), (255, 255, 255), (120, 10, 60)):
        image = Image.new("RGB", (1024, 512), colour)
        image.convert("L" if name.startswith("grey") else "RGB").save(tmp_path / name, **FORMS[name])
        check(tmp_path / name)


@pytest.mark.parametrize("name", FORMS)
def test_one_with_a_small_picture_in_the_dark_is_whole(tmp_path: Path, name: str) -> None:
    image = Image.new("RGB", (1024, 512))
    image.paste(picture(name, (64, 64)), (500, 250))
    image.convert("L" if name.startswith("grey") else "RGB").save(tmp_path / name, **FORMS[name])
    check(tmp_path / name)


@pytest.mark.parametrize("large", [False, True])
def test_every_page_of_a_tiff_is_there(tmp_path: Path, large: bool) -> None:  # noqa: FBT001
    first, *others = (picture("a.tif", (64 + n, 40)) for n in range(3))
    path = tmp_path / "a.tif"
    first.save(path, save_all=True, append_images=others, big_tiff=large)
    check(path)
    whole = path.read_bytes()
    for share in (0.4, 0.7, 0.95):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(Undecodable, match="cut off"):
            check(path)


def test_a_png_that_lacks_its_last_byte_is_cut_off(tmp_path: Path) -> None:
    path = made(tmp_path, "a.png")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Undecodable, match="cut off"):
        check(path)


CLIPS = {
    "a.flv": "flv1",
    "b.flv": "libx264",
    "a.mxf": "mpeg2video",
    "a.wmv": "wmv2",
    "a.mkv": "libx264",
    "b.mkv": "ffv1",
    "a.mov": "prores_ks",
    "b.mov": "mjpeg",
    "c.mov": "png",
    "a.avi": "mpeg4",
    "a.ts": "libx264",
    "b.ts": "mpeg2video",
    "a.m2ts": "libx264",
}

SOUNDS = {
    "a.flac": "flac",
    "a.ogg": "libopus",
    "a.opus": "libopus",
    "a.mp3": "libmp3lame",
    "a.aac": "aac",
    "a.m4a": "alac",
    "a.wav": "adpcm_ms",
}


def noise(size: tuple[int, int]) -> list[Image.Image]:
    dice = random.Random(7)
    return [Image.frombytes("RGB", size, dice.randbytes(3 * size[0] * size[1])) for _ in range(24)]


def probe(path: Path) -> float | None:
    with path.open("rb", buffering=0) as file:
        return video.probe(file).duration


def clip(folder: Path, name: str, *, colours: list[Any]) -> Path:
    if name in SOUNDS:
        return make_tone(folder / name, seconds=4, codec=SOUNDS[name])
    return make_video(folder / name, seconds=1, size=(160, 96), codec=CLIPS[name], colours=colours)


@pytest.mark.parametrize("name", [*CLIPS, *SOUNDS])
def test_a_clip_or_a_sound_with_a_hole_is_told(tmp_path: Path, name: str) -> None:
    path = clip(tmp_path, name, colours=noise((160, 96)))
    assert probe(path) == pytest.approx(4 if name in SOUNDS else 1, abs=0.1)
    whole = path.read_bytes()
    for begin in (0.2, 0.6):
        first = int(len(whole) * begin)
        last = min(len(whole), first + max(4096, len(whole) // 5))
        path.write_bytes(whole[:first] + bytes(last - first) + whole[last:])
        with pytest.raises(Undecodable):
            probe(path)


@pytest.mark.parametrize("name", ["a.ts", "b.ts", "a.m2ts"])
def test_a_stream_whose_beginning_never_came_is_told(tmp_path: Path, name: str) -> None:
    path = clip(tmp_path, name, colours=noise((160, 96)))
    path.write_bytes(bytes(4096) + path.read_bytes()[4096:])
    with pytest.raises(Undecodable, match="zeros"):
        probe(path)


@pytest.mark.parametrize("name", [*CLIPS, *SOUNDS])
def test_a_clip_or_a_sound_that_lacks_its_end_is_told(tmp_path: Path, name: str) -> None:
    path = clip(tmp_path, name, colours=noise((160, 96)))
    whole = path.read_bytes()
    for left in (1, 300, len(whole) // 4 | 1):  # of an MPEG-TS, no whole packets
        path.write_bytes(whole[:-left])
        with pytest.raises(Undecodable):
            probe(path)


@pytest.mark.parametrize("name", CLIPS)
def test_a_clip_in_which_nothing_is_seen_is_whole(tmp_path: Path, name: str) -> None:
    for colour in ((0, 0, 0), (255, 255, 255)):
        assert probe(clip(tmp_path, name, colours=[colour])) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("codec", ["mpeg2video", "dnxhd"])
def test_a_picture_that_is_filled_up_with_zeros_is_whole_and_one_with_a_hole_is_not(codec: str) -> None:
    filler = {"mpeg2video": bytes(9000) + b"\1", "dnxhd": bytes(9000) + b"\x60\x0d\xc0\xde"}[codec]
    assert not zeros.in_packet(b"\0\0\1picture" + filler, codec)
    assert zeros.in_packet(b"\0\0\1picture" + bytes(9000) + b"more" + filler, codec)


@pytest.mark.parametrize("codec", ["hap", "gif", "tiff"])
def test_a_packet_of_nothing_but_zeros_is_no_picture(codec: str) -> None:
    assert zeros.in_packet(bytes(4096), codec)


def test_frames_of_an_animation_that_are_not_what_their_sums_say_are_told(tmp_path: Path) -> None:
    frames = noise((160, 96))[:4]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:], duration=100)
    check(tmp_path / "a.png")
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: -len(whole) // 3] + b"....." + whole[-len(whole) // 3 + 5 :])
    with pytest.raises(Undecodable, match="damaged"):
        check(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.aif", "a.aiff", "a.aifc"])
def test_an_aiff_lacks_nothing_but_the_byte_that_makes_its_sound_even(tmp_path: Path, name: str) -> None:
    path = make_tone(tmp_path / name, seconds=4, codec="pcm_s16be")
    assert probe(path) == pytest.approx(4, abs=0.1)
    whole = path.read_bytes()
    for left in (2, 300, len(whole) // 4):
        path.write_bytes(whole[:-left])
        with pytest.raises(Undecodable, match="cut off"):
            probe(path)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp3", {}),
        ("a.mp3", {"write_xing": "0"}),
        ("a.mp3", {"id3v2_version": "0"}),
        ("a.aac", {}),
    ],
)
@pytest.mark.parametrize("rate", [48_000, 22_050, 8_000])
def test_frames_of_sound_may_be_followed_by_others_and_by_tags_and_each_has_all_its_bytes(
    tmp_path: Path, name: str, options: dict[str, str], rate: int
) -> None:
    path = make_tone(tmp_path / name, seconds=2, codec=SOUNDS[name], options=options, rate=rate)
    whole = path.read_bytes()
    seconds = probe(path) or 0.0
    assert seconds == pytest.approx(2, abs=0.2)
    for more, longer in ((b"", 1), (b"TAG" + bytes(125), 1), (b"no frame of sound", 1), (whole, 2)):
        path.write_bytes(whole + more)
        assert probe(path) == pytest.approx(longer * seconds, abs=0.3)
    path.write_bytes(whole[:-1])
    with pytest.raises(Undecodable, match="cut off"):
        probe(path)


def test_what_was_sent_as_it_was_recorded_is_whole(tmp_path: Path) -> None:
    for name, form in (("a.flv", "flv"), ("a.wmv", "asf"), ("a.avi", "avi")):
        sink = make_video(Pipe(), seconds=1, codec=CLIPS[name], format=form)
        (tmp_path / name).write_bytes(sink.written)
        assert probe(tmp_path / name) == pytest.approx(1, abs=0.1)
