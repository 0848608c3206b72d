"""Whether an OpenEXR is whole, and what is seen of it."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from projections.media import exr
from projections.media.errors import Undecodable
from projections.media.jobs import DecoderJob, Probe
from projections.media.lent_file import LentFile
from projections.media.light import header, openexr
from projections.media.steps import answered
from tests.support.exr import (
    AP1,
    PACKINGS,
    filled,
    noise,
    write,
    write_deep,
    write_levels,
    write_luminance,
    write_parts,
)

SIZE = (72, 90)


def probed(path: Path) -> Probe:
    with path.open("rb", buffering=0) as file:
        assert exr.is_exr(file)
        return exr.OpenExr(file).probe()


def seen(path: Path, size: tuple[int, int] = (320, 180)) -> Image.Image:
    with path.open("rb", buffering=0) as file:
        return Image.open(BytesIO(exr.OpenExr(file).picture(size))).convert("RGB")


def middle(path: Path) -> Any:
    return seen(path).getpixel((160, 90))


def spoilt(path: Path, begin: int, content: bytes) -> Path:
    whole = path.read_bytes()
    path.write_bytes(whole[:begin] + content + whole[begin + len(content) :])
    return path


def assert_broken(path: Path, why: str) -> None:
    with pytest.raises(Undecodable, match=why):
        probed(path)


@pytest.mark.parametrize("tile", [0, 32])
@pytest.mark.parametrize("packing", PACKINGS)
def test_one_is_measured_where_it_is_whole_and_refused_where_it_is_cut_off(
    tmp_path: Path, packing: str, tile: int
) -> None:
    path = write(tmp_path / "a.exr", noise(SIZE), packing, tile=tile)
    found, whole = probed(path), path.read_bytes()
    assert (found.kind, found.codec, found.width, found.height) == ("image", "exr", *SIZE)
    for share in (0.02, 0.5, 0.99):
        path.write_bytes(whole[: int(len(whole) * share)])
        assert_broken(path, "cut off|damaged")


@pytest.mark.parametrize("tile", [0, 32])
@pytest.mark.parametrize("packing", PACKINGS)
def test_room_that_was_never_filled_is_told(tmp_path: Path, packing: str, tile: int) -> None:
    path = write(tmp_path / "a.exr", noise((128, 150)), packing, tile=tile)
    whole = path.read_bytes()
    for begin, end in ((0.5, 1.0), (0.33, 0.66), (0.8, 1.0)):
        first, last = int(len(whole) * begin), int(len(whole) * end)
        path.write_bytes(whole[:first] + bytes(last - first) + whole[last:])
        assert_broken(path, "nothing has been written|damaged")


@pytest.mark.parametrize("packing", [one for one in PACKINGS if one != "NO"])
def test_a_hole_within_a_block_is_told_by_unpacking_it(tmp_path: Path, packing: str) -> None:
    path = write(tmp_path / "a.exr", noise((128, 128)), packing)
    if packing == "RLE":  # noise is not packed at all, so its bytes may be any
        path = write(
            tmp_path / "a.exr", {name: one.round(1) for name, one in noise((128, 128)).items()}, packing
        )
    size = path.stat().st_size
    assert_broken(spoilt(path, size - 1500, bytes(1200)), "damaged|nothing has been written")


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("kind", ["float16", "float32", "uint32"])
def test_black_is_no_hole(tmp_path: Path, packing: str, kind: str) -> None:
    channels = {name: np.zeros((120, 64), kind) for name in "RGBA"}
    channels["R"][50:60, 50:60] = channels["G"][110, 3] = 1
    assert probed(write(tmp_path / "a.exr", channels, packing)).width == 64


@pytest.mark.parametrize("packing", PACKINGS)
def test_what_could_not_be_packed_may_hold_zeros(tmp_path: Path, packing: str) -> None:
    channels = noise((8, 32), "RGB", "float32") | {"A": np.zeros((32, 8), np.float32)}
    assert probed(write(tmp_path / "a.exr", channels, packing)).width == 8


def test_a_table_that_its_writer_did_not_come_to_fill_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", noise(SIZE), "ZIP")
    with path.open("rb", buffering=0) as file:
        table = header.read(file, 1 << 28).parts[0].table
    assert_broken(spoilt(path, table + 8, bytes(8)), "its writer did not come to its end")


def test_every_part_is_looked_at(tmp_path: Path) -> None:
    path = write_parts(tmp_path / "a.exr", {"rgba": noise(SIZE), "more": noise(SIZE, "RGB")})
    assert probed(path).width == SIZE[0]
    size = path.stat().st_size
    assert_broken(spoilt(path, size - 2000, bytes(2000)), "nothing has been written|damaged")


def test_every_level_is_looked_at(tmp_path: Path) -> None:
    path = write_levels(tmp_path / "a.exr")
    assert (probed(path).width, probed(path).height) == (8, 8)
    assert middle(path) == pytest.approx((188, 188, 188), abs=1)
    assert_broken(spoilt(path, path.stat().st_size - 24, bytes(24)), "nothing has been written")


def test_a_header_that_says_nonsense_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    path.write_bytes(b"\x76\x2f\x31\x01\x02\0\0\0" + b"x" * 400)
    assert_broken(path, "header is damaged")
    path.write_bytes(b"\x76\x2f\x31\x01\x02\0\0\0")
    assert_broken(path, "cut off")


def test_one_that_is_too_large_is_not_unpacked(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", noise(SIZE))
    whole = path.read_bytes()
    box = np.array([0, 0, SIZE[0] - 1, SIZE[1] - 1], "<i4").tobytes()
    huge = np.array([0, 0, 1 << 20, 1 << 20], "<i4").tobytes()
    path.write_bytes(whole.replace(box, huge))
    assert_broken(path, "too large")


# What is seen.


def test_light_is_shown_as_a_screen_shows_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", filled((320, 180), R=0.5, G=0.18, B=0.0))
    assert middle(path) == pytest.approx((188, 118, 0), abs=1)


def test_highlights_keep_their_shape(tmp_path: Path) -> None:
    light = filled((320, 180), R=0.2, G=0.2, B=0.2)
    for one in light.values():
        one[:, :80], one[:, 80:160], one[0, 0] = 1.0, 4.0, 64.0
    shown = seen(write(tmp_path / "a.exr", light))
    steps = [shown.getpixel((column, 90))[0] for column in (240, 40, 120)]  # type: ignore[index]
    assert steps[0] < 235 < steps[1] < steps[2] < 256


def test_what_is_all_dark_or_all_bright_is_exposed(tmp_path: Path) -> None:
    dark = middle(write(tmp_path / "dark.exr", filled((32, 18), R=0.001, G=0.001, B=0.001)))
    bright = middle(write(tmp_path / "bright.exr", filled((32, 18), R=9000, G=9000, B=9000)))
    assert 50 < dark[0] < 80
    assert 230 < bright[0] < 250


def test_numbers_that_are_none_are_black_and_spoil_nothing_else(tmp_path: Path) -> None:
    light = filled((320, 180), R=0.5, G=0.5, B=0.5)
    for one in light.values():
        one[:, :10], one[:, 10:20], one[:, 20:30] = np.nan, -np.inf, np.inf
    shown = seen(write(tmp_path / "a.exr", light))
    assert shown.getpixel((2, 90)) == (0, 0, 0)
    assert shown.getpixel((200, 90)) == pytest.approx((188, 188, 188), abs=1)


def test_the_display_window_is_what_is_seen(tmp_path: Path) -> None:
    inside = write(
        tmp_path / "in.exr",
        filled((16, 9), R=0.5, G=0.5, B=0.5),
        window=((8, 0), (23, 8)),
        display=((0, 0), (31, 17)),
    )
    assert (probed(inside).width, probed(inside).height) == (32, 18)
    shown = seen(inside)
    assert shown.getpixel((160, 40)) == pytest.approx((188, 188, 188), abs=1)
    assert shown.getpixel((20, 40)) == shown.getpixel((160, 140)) == (0, 0, 0)
    around = filled((64, 36), R=0.5, G=0.5, B=0.5)
    around["R"][:9] = around["R"][27:] = 0
    over = write(tmp_path / "over.exr", around, window=((-16, -9), (47, 26)), display=((0, 0), (31, 17)))
    assert (probed(over).width, probed(over).height) == (32, 18)
    assert seen(over).getpixel((5, 5)) == pytest.approx((188, 188, 188), abs=1)


def test_a_pixel_may_be_wider_than_high(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", filled((90, 90), R=0.5, G=0.5, B=0.5), pixelAspectRatio=2.0)
    shown = seen(path)
    assert shown.getpixel((3, 90)) == shown.getpixel((316, 90)) == pytest.approx((188, 188, 188), abs=1)
    assert shown.getpixel((160, 5)) == (0, 0, 0)


def test_wide_primaries_are_brought_to_those_of_a_screen(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", filled((32, 18), R=0.4, G=0.4, B=0.4), chromaticities=AP1)
    assert middle(path) == pytest.approx((169, 169, 169), abs=1)  # grey is grey
    coloured = write(tmp_path / "b.exr", filled((32, 18), R=0.4, G=0.2, B=0.2), chromaticities=AP1)
    red, green, _ = middle(coloured)
    assert red > 175
    assert green < 124


def test_a_layer_that_is_called_the_picture_is_it(tmp_path: Path) -> None:
    layers = {
        **filled((32, 18), **{f"ViewLayer.Combined.{one}": 0.5 for one in "RGBA"}),
        **filled((32, 18), **{f"ViewLayer.DiffCol.{one}": 0.1 for one in "RGB"}),
        **filled((32, 18), **{"ViewLayer.Depth.Z": 3.0}),
    }
    path = write(tmp_path / "a.exr", layers)
    assert probed(path).kind == "image"
    assert middle(path) == pytest.approx((188, 188, 188), abs=1)


def test_the_part_that_is_called_the_picture_is_it(tmp_path: Path) -> None:
    parts = {"albedo": filled((32, 18), R=0.9, G=0, B=0), "beauty": filled((32, 18), R=0, G=0.5, B=0)}
    assert middle(write_parts(tmp_path / "a.exr", parts)) == pytest.approx((0, 188, 0), abs=1)


def test_depth_alone_is_near_and_far(tmp_path: Path) -> None:
    depth = filled((320, 180), Z=10.0)
    depth["Z"][:, :100], depth["Z"][:, 250:] = 1.0, 1e10
    path = write(tmp_path / "a.exr", depth)
    assert probed(path).kind == "image"
    shown = seen(path)
    near, far, nothing = (shown.getpixel((column, 90))[0] for column in (50, 200, 300))  # type: ignore[index]
    assert near > 200 > far > 10 > nothing


def test_grey_and_colour_at_half_the_columns_are_shown(tmp_path: Path) -> None:
    path = write_luminance(tmp_path / "a.exr", (32, 18), 0.5)
    assert probed(path).width == 32
    assert middle(path) == pytest.approx((188, 188, 188), abs=1)


def test_a_deep_picture_is_seen_from_the_front(tmp_path: Path) -> None:
    behind = {"R": 0.5, "G": 0.0, "B": 0.0, "A": 1.0, "Z": 9.0}
    before = {"R": 0.0, "G": 0.25, "B": 0.0, "A": 0.5, "Z": 2.0}
    pixels = [[[behind, before] if column < 16 else [] for column in range(32)] for _ in range(18)]
    path = write_deep(tmp_path / "a.exr", pixels)
    assert (probed(path).width, probed(path).height) == (32, 18)
    shown = seen(path)
    assert shown.getpixel((80, 90)) == pytest.approx((137, 137, 0), abs=1)
    assert shown.getpixel((240, 90)) == (0, 0, 0)
    whole = path.read_bytes()
    path.write_bytes(whole[:-300])
    assert_broken(path, "cut off")
    path.write_bytes(whole[:-300] + bytes(300))
    assert_broken(path, "nothing has been written|damaged")


@pytest.mark.parametrize("packing", ["NO", "RLE", "ZIPS"])
def test_deep_blocks_are_unpacked_however_they_are_packed(tmp_path: Path, packing: str) -> None:
    sample = {"R": 0.5, "G": 0.5, "B": 0.5, "A": 1.0, "Z": 1.0}
    path = write_deep(tmp_path / "a.exr", [[[sample]] * 40] * 20, packing)
    assert probed(path).width == 40
    assert middle(path) == pytest.approx((188, 188, 188), abs=1)


@pytest.mark.parametrize("kind", ["flat", "tiled", "deep", "parts"])
def test_what_the_look_has_unpacked_is_not_unpacked_again_for_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = tmp_path / "a.exr"
    if kind == "deep":
        write_deep(path, [[[{"R": 0.5, "G": 0.2, "B": 0.1, "A": 1, "Z": 1}]] * 90] * 60)
    elif kind == "parts":
        write_parts(path, {"depth": filled(SIZE, Z=1), "rgba": noise(SIZE)})
    else:
        write(path, noise(SIZE), tile=32 if kind == "tiled" else 0)
    for bounds in ((320, 180), (20, 20)):
        alone = seen(path, bounds)
        with path.open("rb", buffering=0) as file:
            still = exr.OpenExr(file)
            still.probe(bounds)
            with monkeypatch.context() as patched:
                patched.setattr(openexr, "bands", None)
                assert Image.open(BytesIO(still.picture(bounds))).convert("RGB") == alone
            assert still.picture((64, 36)) != still.picture(bounds)


def test_one_has_no_filmstrip(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", noise(SIZE))
    with LentFile(path) as file:
        answer, _ = answered(DecoderJob(do="filmstrip"), file)
    assert answer.reason == "it is a still, which has no filmstrip"


def test_texts_in_a_header_are_labels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", noise(SIZE), prompt='{"3": {}}', other="no")
    with path.open("rb", buffering=0) as file:
        assert exr.OpenExr(file).labels({"prompt"}) == {"prompt": '{"3": {}}'}
