"""What is seen in stills and small animations, and how thumbnails are drawn."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from projections.media.errors import Undecodable
from projections.media.jobs import MOST_LABEL, Probe, Raster, fitted
from projections.media.sound.meters import Level
from projections.media.stills import png_chunks, still, thumbnails
from tests.support.clips import make_still

RED, GREEN, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)


def probed(path: Path) -> Probe:
    with path.open("rb", buffering=0) as file:
        name = still.format_of(file)
        assert name is not None
        return still.Still(file, name).probe()


def labels_of(path: Path) -> dict[str, str]:
    with path.open("rb", buffering=0) as file:
        name = still.format_of(file)
        assert name is not None
        return still.Still(file, name).labels({"prompt", "parameters", "comment"})


def thumbnail(path: Path, size: tuple[int, int] = (320, 180)) -> Image.Image:
    with path.open("rb", buffering=0) as file:
        name = still.format_of(file)
        assert name is not None
        return Image.open(BytesIO(still.Still(file, name).picture(size))).convert("RGB")


def make_animation(path: Path, *, seconds: float = 3.0) -> Path:
    """Nine frames: red, then green, then blue, each with one dot elsewhere, for equal ones become one."""
    frames = [Image.new("RGB", (64, 36), RED if n < 3 else GREEN if n < 6 else BLUE) for n in range(9)]
    for number, frame in enumerate(frames):
        frame.putpixel((number, 0), (255, 255, 255))
    frames[0].save(
        path, save_all=True, append_images=frames[1:], duration=int(seconds * 1000 / 9), lossless=True
    )
    return path


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(size: tuple[int, int], *chunks: bytes, colour: int = 2) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.png", "png"), ("a.jpg", "jpeg"), ("a.webp", "webp"), ("a.tif", "tiff"), ("a.gif", "gif")],
)
def test_a_still_is_measured(tmp_path: Path, name: str, codec: str) -> None:
    seen = probed(make_still(tmp_path / name, size=(64, 36)))
    assert (seen.kind, seen.width, seen.height, seen.codec) == ("image", 64, 36, codec)
    assert (seen.duration, seen.frame_rate) == (None, None)


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.gif"])
def test_an_animation_has_a_duration_and_shows_its_frame_at_one_second(tmp_path: Path, name: str) -> None:
    path = make_animation(tmp_path / name, seconds=2.7)
    seen = probed(path)
    assert (seen.kind, seen.duration) == ("image", 2.7)
    assert seen.frame_rate == pytest.approx(3.333, abs=0.01)
    assert thumbnail(path).getpixel((160, 90)) == pytest.approx(GREEN, abs=3)


def test_a_short_animation_shows_its_middle(tmp_path: Path) -> None:
    path = make_animation(tmp_path / "a.webp", seconds=0.9)
    assert thumbnail(path).getpixel((160, 90)) == pytest.approx(GREEN, abs=3)


def test_the_thumbnail_has_exactly_the_size_that_was_asked_for(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png", size=(1000, 700))
    assert thumbnail(path).size == (320, 180)
    assert thumbnail(path, (1280, 720)).size == (1280, 720)


def test_a_portrait_is_centred_on_black_and_not_squashed(tmp_path: Path) -> None:
    image = thumbnail(make_still(tmp_path / "a.png", size=(90, 160), colour=RED))
    row = [image.getpixel((x, 90)) for x in range(320)]
    assert row.count(RED) == pytest.approx(101, abs=1)
    assert row.count(BLACK) == pytest.approx(219, abs=1)
    assert row.index(RED) == pytest.approx(109, abs=1)


def test_what_is_transparent_is_black(tmp_path: Path) -> None:
    Image.new("RGBA", (64, 36), (255, 255, 255, 0)).save(tmp_path / "a.png")
    assert thumbnail(tmp_path / "a.png").getpixel((160, 90)) == BLACK


def test_sixteen_bits_of_grey_keep_their_brightness(tmp_path: Path) -> None:
    Image.new("I;16", (64, 36), 128 * 256).save(tmp_path / "a.png")
    assert thumbnail(tmp_path / "a.png").getpixel((160, 90)) == (128, 128, 128)


def test_a_photograph_is_turned_as_its_exif_says(tmp_path: Path) -> None:
    image, exif = Image.new("RGB", (160, 90), RED), Image.Exif()
    image.paste(BLUE, (80, 0, 160, 90))
    exif[0x0112] = 6  # to be turned a quarter clockwise
    image.save(tmp_path / "a.jpg", exif=exif, quality=95)
    seen, drawn = probed(tmp_path / "a.jpg"), thumbnail(tmp_path / "a.jpg")
    assert (seen.width, seen.height) == (90, 160)
    assert drawn.getpixel((160, 20)) == pytest.approx(RED, abs=8)
    assert drawn.getpixel((160, 160)) == pytest.approx(BLUE, abs=8)


def test_png_text_is_read(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png", tags={"parameters": "a lighthouse", "other": "x"})
    assert labels_of(path) == {"parameters": "a lighthouse"}


def test_png_text_is_read_packed_or_not_and_in_every_alphabet(tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("prompt", "na\u00efve", zip=True)
    info.add_itxt("comment", "\u706f\u53f0", lang="zh", tkey="\u8bc4")
    info.add_itxt("parameters", "\u706f" * 9000, zip=True)
    Image.new("RGB", (64, 36)).save(tmp_path / "a.png", pnginfo=info)
    assert labels_of(tmp_path / "a.png") == {
        "prompt": "na\u00efve",
        "comment": "\u706f\u53f0",
        "parameters": "\u706f" * 9000,
    }


def test_png_text_after_the_picture_is_read_and_so_is_comfyuis_own_chunk(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    whole = make_still(path).read_bytes()
    end = whole.index(b"IEND") - 4
    path.write_bytes(
        whole[:end] + chunk(b"tEXt", b"comment\0b") + chunk(b"comf", b'prompt\0{"1": 2}') + whole[end:]
    )
    assert labels_of(path) == {"comment": "b", "prompt": '{"1": 2}'}


@pytest.mark.parametrize(
    "comment",
    [
        b"ASCII\0\0\0a lighthouse",
        b"UNICODE\0" + "a lighthouse".encode("utf-16-be"),
        b"UNICODE\0" + "a lighthouse".encode("utf-16-le"),
    ],
)
@pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
def test_an_exif_comment_is_read_as_parameters(tmp_path: Path, name: str, comment: bytes) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = comment
    Image.new("RGB", (64, 36)).save(tmp_path / name, exif=exif)
    assert labels_of(tmp_path / name)["parameters"] == "a lighthouse"


@pytest.mark.parametrize("written", ["utf-16-be", "utf-16-le", "utf-16", "utf-8"])
def test_an_exif_comment_may_begin_in_any_alphabet(tmp_path: Path, written: str) -> None:
    text = "一艘船和海鸥\nSteps: 20, Seed: 5"
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode(written)
    Image.new("RGB", (64, 36)).save(tmp_path / "a.jpg", exif=exif)
    assert labels_of(tmp_path / "a.jpg")["parameters"] == text


@pytest.mark.parametrize("share", [0.3, 0.7, 0.95, 0.999])
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif"])
def test_a_still_that_is_cut_off_is_refused(tmp_path: Path, name: str, share: float) -> None:
    path = tmp_path / name
    Image.effect_noise((200, 100), 90).convert("RGB").save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Undecodable):
        probed(path)


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png((30_000, 30_000), chunk(b"IDAT", zlib.compress(bytes(1000))), chunk(b"IEND", b"")))
    with pytest.raises(Undecodable, match="too large"):
        probed(path)
    with pytest.raises(Undecodable, match="too large"):
        thumbnail(path)


def test_a_picture_just_above_the_bound_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png((16_385, 16_384), chunk(b"IDAT", zlib.compress(bytes(1000))), chunk(b"IEND", b"")))
    with pytest.raises(Undecodable, match="16385x16384"):
        probed(path)


def with_chunk(path: Path, added: bytes) -> Path:
    """A still with a chunk before its picture."""
    still = make_still(path, colour=GREEN).read_bytes()
    path.write_bytes(still[:33] + added + still[33:])
    return path


BOMB = zlib.compress(bytes(64 << 20), 1)

BAD_TEXTS = {
    "a bomb": chunk(b"zTXt", b"prompt\0\0" + BOMB),
    "a bomb in an iTXt": chunk(b"iTXt", b"prompt\0\1\0\0\0" + BOMB),
    "too large": chunk(b"tEXt", b"prompt\0" + bytes(MOST_LABEL + 1)),
    "too many": chunk(b"tEXt", b"prompt\0" + bytes(MOST_LABEL)) * 5,
    "no zlib": chunk(b"zTXt", b"prompt\0\0no zlib"),
    "no end of the key": chunk(b"tEXt", b"x" * 5000),
    "a wrong sum": chunk(b"tEXt", b"prompt\0{}")[:-4] + bytes(4),
    "EXIF of two megabytes": chunk(b"eXIf", bytes(2 << 20)),
    "EXIF that is none": chunk(b"eXIf", b"II*\0\xff\xff\xff\xff"),
}


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS.keys())
def test_no_text_decides_whether_a_picture_can_be_seen(tmp_path: Path, text: bytes) -> None:
    path = with_chunk(tmp_path / "a.png", text)
    seen = probed(path)
    assert (seen.width, seen.height) == (64, 36)
    assert thumbnail(path).getpixel((160, 90)) == GREEN


@pytest.mark.parametrize("name", ["a bomb", "a bomb in an iTXt", "too large", "too many", "no zlib"])
def test_texts_that_are_too_large_or_damaged_are_no_labels(tmp_path: Path, name: str) -> None:
    with pytest.raises(Undecodable, match=r"too large|damaged"):
        labels_of(with_chunk(tmp_path / "a.png", BAD_TEXTS[name]))


def test_a_text_that_nobody_reads_may_be_as_large_as_it_likes(tmp_path: Path) -> None:
    added = chunk(b"tEXt", b"workflow\0" + bytes(5 << 20)) + chunk(b"tEXt", b"prompt\0{}")
    assert labels_of(with_chunk(tmp_path / "a.png", added)) == {"prompt": "{}"}


def test_a_photograph_whose_exif_is_damaged_is_shown_as_it_is(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (160, 90), RED).save(tmp_path / "a.jpg", exif=exif)
    whole = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(whole.replace(b"Exif\0\0", b"Exif\0\0\xff\xff\xff"))
    seen = probed(tmp_path / "a.jpg")
    assert (seen.width, seen.height) == (160, 90)
    assert thumbnail(tmp_path / "a.jpg").size == (320, 180)


def gif(*frames: tuple[int, bytes]) -> bytes:
    """A GIF of 64 by 36, with frames of that side and data."""
    screen = b"GIF89a" + struct.pack("<HH", 64, 36) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    begin = b"\x21\xf9\x04\x08\x0a\0\0\0" + b"\x2c"
    return (
        screen
        + b"".join(begin + struct.pack("<4H", 0, 0, side, side) + b"\0" + data for side, data in frames)
        + b";"
    )


DOT = b"\x02\x02\x44\x01\0"
"""The data of a frame of one pixel."""


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [((60_000, DOT), "its picture is too large"), ((1, b"\x0d\x02\x44\x01\0"), "its picture is damaged")],
)
def test_an_animation_whose_later_frame_is_damaged_is_refused_with_the_reason(
    tmp_path: Path, spoilt: tuple[int, bytes], reason: str
) -> None:
    path = tmp_path / "a.gif"
    path.write_bytes(gif((1, DOT), (1, DOT), (1, DOT)))
    assert probed(path).duration == 0.3
    path.write_bytes(gif((1, DOT), spoilt, (1, DOT)))
    with pytest.raises(Undecodable, match=reason):
        probed(path)


def test_a_png_that_ends_in_the_midst_of_a_frames_time_is_cut_off(tmp_path: Path) -> None:
    whole = png((4, 4), chunk(b"acTL", bytes(8)), chunk(b"fcTL", bytes(26)))
    path = tmp_path / "a.png"
    path.write_bytes(whole[:-20])
    with pytest.raises(Undecodable, match="the file is cut off"):
        probed(path)


def test_where_exif_is_damaged_that_is_why_there_are_no_labels_and_texts_beside_it_are_read(
    tmp_path: Path,
) -> None:
    damaged = b"Exif\0\0MM\0\0\0\0\0\xff"
    image = Image.new("RGB", (8, 8))
    image.save(tmp_path / "a.webp", exif=damaged)
    with pytest.raises(Undecodable, match="its EXIF is damaged"):
        labels_of(tmp_path / "a.webp")
    texts = PngInfo()
    texts.add_text("prompt", "the sea")
    image.save(tmp_path / "a.png", pnginfo=texts, exif=damaged)
    assert labels_of(tmp_path / "a.png") == {"prompt": "the sea"}


def test_a_frame_that_lies_on_its_side_is_turned() -> None:
    left_red = bytes([255, 0, 0, 0, 0, 255]) + bytes(2)
    png_bytes = thumbnails.framed(Raster((2, 1), 8, left_red, turn=90), (2, 2))
    image = Image.open(BytesIO(png_bytes))
    assert (image.getpixel((0, 0)), image.getpixel((0, 1))) == (BLUE, RED)


def test_a_waveform_is_as_high_as_the_sound_is_loud() -> None:
    image = Image.open(
        BytesIO(thumbnails.waveform([Level(0.0, 0.0)] * 160 + [Level(1.0, 0.5)] * 160, (320, 180)))
    )
    assert image.size == (320, 180)
    assert image.getpixel((40, 40)) == BLACK
    assert image.getpixel((280, 40)) != BLACK


@pytest.mark.parametrize(
    ("size", "bounds", "expected"),
    [
        ((1920, 1080), (320, 180), (320, 180)),
        ((64, 36), (320, 180), (320, 180)),
        ((1080, 1920), (320, 180), (101, 180)),
        ((9999, 1), (320, 180), (320, 1)),
    ],
)
def test_a_size_is_fitted_and_keeps_its_shape(
    size: tuple[int, int], bounds: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert fitted(size, bounds) == expected


def test_a_panorama_is_seen_in_the_room_that_a_decoder_has(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    rows = zlib.compressobj(1)
    row = b"\0" + b"\xc8" * 16_384
    packed = b"".join(rows.compress(row * 64) for _ in range(128)) + rows.flush()
    path.write_bytes(png((16_384, 8_192), chunk(b"IDAT", packed), chunk(b"IEND", b""), colour=0))
    seen = probed(path)
    assert (seen.width, seen.height) == (16_384, 8_192)
    assert thumbnail(path).getpixel((160, 90)) == (200, 200, 200)


def test_a_picture_in_lab_has_its_colours_in_its_thumbnail(tmp_path: Path) -> None:
    Image.new("LAB", (64, 36), (136, 208, 195)).save(
        tmp_path / "a.tif"
    )  # a* is 80 and b* 67, by CIE of pure red
    assert probed(tmp_path / "a.tif").codec == "tiff"
    assert thumbnail(tmp_path / "a.tif").getpixel((160, 90)) == pytest.approx(RED, abs=24)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_an_animation_that_is_cut_off_is_refused(tmp_path: Path, share: float) -> None:
    path = tmp_path / "a.gif"
    pictures = [Image.effect_noise((64, 36), 90 + n).convert("P") for n in range(6)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100)
    whole = path.read_bytes()
    assert probed(path).duration == 0.6
    path.write_bytes(whole[:-1])  # some writers leave the trailer out
    assert probed(path).duration == 0.6
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Undecodable, match="the file is cut off"):
        probed(path)


def packed(**given: Any) -> bytes:
    content = BytesIO()
    Image.new("RGB", (8, 8)).save(content, "PNG", **given)
    return content.getvalue()


def texts(**given: str) -> PngInfo:
    made = PngInfo()
    for key, text in given.items():
        made.add_text(key, text, zip=key.startswith("z"))
    return made


def late() -> PngInfo:
    made = PngInfo()
    made.add(b"tEXt", b"prompt\0{}", after_idat=True)
    return made


@pytest.mark.parametrize(
    ("content", "may_have"),
    [
        (packed(), False),
        (packed(dpi=(72, 72)), False),
        (packed(pnginfo=texts(Software="{}", Comment="{}")), False),
        (packed(pnginfo=texts(Software="a renderer", prompt="the sea, {waves}")), False),
        (packed(pnginfo=texts(Software="a renderer", Prompt=' "{}"')), True),
        (packed(pnginfo=texts(prompt=" " * 200 + "{}")), True),
        (packed(pnginfo=texts(prompt='{"1": {}}')), True),
        (packed(pnginfo=texts(zprompt="the sea")), True),
        (packed(pnginfo=late()), True),
        (packed(exif=Image.Exif().tobytes() + bytes(8)), True),
        (packed()[:-12], True),
        (packed()[:8], True),
        (b"", True),
        (b"\xff\xd8\xff\xe0" + bytes(100), True),
    ],
    ids=[
        "plain",
        "other",
        "other keys",
        "prose",
        "encoded",
        "far",
        "text",
        "packed",
        "behind",
        "exif",
        "cut off",
        "begun",
        "empty",
        "another",
    ],
)
def test_that_a_picture_has_no_graph_is_told_by_its_chunks_alone(content: bytes, *, may_have: bool) -> None:
    assert png_chunks.may_have_json(BytesIO(content), {"prompt", "zprompt"}) is may_have
