"""What is on a filmstrip: the right moments, for little work in a long clip."""

from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from projections.media import clip, frames
from projections.media.errors import Undecodable
from projections.media.filmstrip import COUNT, FRAME, REACH, Stop, moments, plan, reach
from projections.media.stills import thumbnails
from tests.support.clips import Colour, make_still, make_tone, make_video

SHADES = [(n * 16, 255 - n * 16, 128) for n in range(COUNT)]
TKHD_UPRIGHT = bytes.fromhex(
    "00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000"
)
TKHD_QUARTER = bytes.fromhex(
    "00000000 00010000 00000000 FFFF0000 00000000 00000000 00000000 00000000 40000000"
)


def strip_of(path: Path) -> Image.Image:
    with path.open("rb", buffering=0) as file:
        return Image.open(BytesIO(thumbnails.strip(frames.strip(file, FRAME), FRAME))).convert("RGB")


def middles(image: Image.Image) -> list[Colour]:
    """The colour in the middle of each frame on a strip."""
    found = []
    for number in range(COUNT):
        pixel = image.getpixel((FRAME[0] * number + FRAME[0] // 2, FRAME[1] // 2))
        assert isinstance(pixel, tuple)
        found.append((pixel[0], pixel[1], pixel[2]))
    return found


def is_shade(found: Colour, expected: Colour) -> bool:
    return max(abs(one - other) for one, other in zip(found, expected, strict=True)) <= 6


def counted(path: Path, count: int, *, rate: int, keys: Sequence[int] = (), size: tuple[int, int]) -> Path:
    """A clip whose brightness counts its frames, with keyframes at those and at no others."""
    with av.open(path, "w") as container:
        options = {"x264-params": "keyint=infinite:scenecut=0", "preset": "ultrafast"}
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, rate)
        for number in range(count):
            grey = round(number * 255 / count)
            image = Image.new("RGB", size, (grey, grey, grey))
            frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
            frame.pts = number
            frame.pict_type = 1 if number in keys else 0
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.mov", "prores_ks"),
        ("a.mkv", "libx264"),
        ("a.webm", "libvpx-vp9"),
        ("a.avi", "mpeg4"),
        ("a.mxf", "mpeg2video"),
        ("a.ts", "libx264"),
    ],
)
def test_each_frame_is_from_its_own_sixteenth_of_the_clip(tmp_path: Path, name: str, codec: str) -> None:
    image = strip_of(make_video(tmp_path / name, seconds=4, colours=SHADES, codec=codec, size=(160, 90)))
    assert image.size == (2560, 90)
    assert [is_shade(found, shade) for found, shade in zip(middles(image), SHADES, strict=True)] == [
        True
    ] * 16


def test_the_frames_are_the_ones_that_decoding_all_of_them_gives(tmp_path: Path) -> None:
    shades = [((n * 37) % 256, (n * 91) % 256, (n * 13) % 256) for n in range(120)]
    path = make_video(tmp_path / "a.mp4", seconds=5, size=FRAME, colours=shades)
    with av.open(path) as container:
        track = container.streams.video[0]
        whole = list(container.decode(track))
        expected = [
            frames.raster_of(whole[round(second * 24)], track, FRAME).pixels for second in moments(5.0)
        ]
    with path.open("rb", buffering=0) as file:
        assert [raster.pixels for raster in frames.strip(file, FRAME)] == expected


def test_a_clip_of_twelve_frames_repeats_some_and_leaves_none_out(tmp_path: Path) -> None:
    shades = [(n * 20, 255 - n * 20, 128) for n in range(12)]
    found = middles(strip_of(make_video(tmp_path / "a.mp4", seconds=0.5, colours=shades, size=FRAME)))
    seen = [next(n for n, shade in enumerate(shades) if is_shade(one, shade)) for one in found]
    assert seen == sorted(seen)
    assert set(seen) == set(range(12))


def test_a_clip_of_one_frame_shows_it_sixteen_times(tmp_path: Path) -> None:
    image = strip_of(make_video(tmp_path / "a.mp4", seconds=1 / 24, colours=[(200, 20, 20)]))
    assert all(is_shade(one, (200, 20, 20)) for one in middles(image))


def test_a_long_clip_shows_moments_near_the_right_ones_and_always_later_ones(tmp_path: Path) -> None:
    path = counted(tmp_path / "a.mp4", 900, rate=1, keys=(0, 250, 500), size=(640, 360))
    far = reach((640, 360), 1.0)
    assert far < 900
    levels = [one[0] for one in middles(strip_of(path))]
    expected = [second / 900 * 255 for second in moments(900)]
    assert levels == sorted(levels)
    assert [abs(one - other) < 6 for one, other in zip(levels, expected, strict=True)] == [True] * 16


def test_a_clip_that_would_take_too_long_to_decode_shows_its_keyframes(tmp_path: Path) -> None:
    path = counted(tmp_path / "a.mp4", 200, rate=1, keys=(0, 97, 150), size=(64, 36))
    with path.open("rb", buffering=0) as file, clip.open_clip(file) as container:
        track = clip.track_of(container)
        assert isinstance(track, av.VideoStream)
        wanted = moments(200.0)
        keys = frames._keyframes(container, track, wanted)
        assert keys == {0.0, 97.0, 150.0}
        stops = list(plan(wanted, keys, 2.0))
        rasters = list(frames._stopped_at(iter(stops), container, track, (16, 9)))
    greys = [raster.pixels[0] * 200 / 255 for raster in rasters]
    assert greys == pytest.approx([stop.second for stop in stops], abs=3)
    assert {97.0, 150.0} <= {stop.second for stop in stops}


def test_a_portrait_has_bars_and_a_turned_clip_is_upright(tmp_path: Path) -> None:
    upright = make_video(tmp_path / "a.mp4", size=(160, 90), colours=[_halves((160, 90))])
    turned = tmp_path / "turned.mp4"
    head, matrix, tail = upright.read_bytes().rpartition(TKHD_UPRIGHT)
    assert matrix
    turned.write_bytes(head + TKHD_QUARTER + tail)
    image = strip_of(turned)
    left = FRAME[0] * 7
    assert image.getpixel((left + 10, 45)) == pytest.approx((0, 0, 0), abs=8)
    assert image.getpixel((left + 80, 10)) == pytest.approx((255, 0, 0), abs=12)
    assert image.getpixel((left + 80, 80)) == pytest.approx((0, 0, 255), abs=12)


def _halves(size: tuple[int, int]) -> Image.Image:
    image = Image.new("RGB", size, (255, 0, 0))
    image.paste((0, 0, 255), (size[0] // 2, 0, *size))
    return image


def test_a_clip_with_a_broken_middle_has_a_strip_all_the_same(tmp_path: Path) -> None:
    path = counted(tmp_path / "a.mp4", 96, rate=24, keys=(0, 48), size=(64, 36))
    whole = bytearray(path.read_bytes())
    start = whole.index(b"mdat") + 4
    length = whole.index(b"moov") - start
    whole[start + length // 3 : start + length // 2] = b"\xff" * (start + length // 2 - start - length // 3)
    path.write_bytes(whole)
    assert strip_of(path).size == (2560, 90)


def test_a_strip_that_nothing_of_can_be_decoded_is_refused(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", codec="mpeg4")
    whole = bytearray(path.read_bytes())
    start, end = whole.index(b"mdat") + 4, whole.index(b"moov") - 4
    whole[start:end] = bytes(end - start)
    path.write_bytes(whole)
    with pytest.raises(Undecodable):
        strip_of(path)


def test_a_sound_has_no_strip(tmp_path: Path) -> None:
    with pytest.raises(Undecodable, match="only a video"):
        strip_of(make_tone(tmp_path / "a.wav"))


def test_a_still_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(Undecodable):
        strip_of(make_still(tmp_path / "a.png"))


# The plan.


def test_a_short_clip_is_walked_through_from_its_first_keyframe() -> None:
    wanted = moments(4.0)
    assert list(plan(wanted, [0.0], 1.0)) == [
        Stop(0.0 if number == 0 else None, second) for number, second in enumerate(wanted)
    ]


def test_where_every_frame_is_a_keyframe_each_is_sought_by_itself() -> None:
    keys = [number / 24 for number in range(24 * 600)]
    stops = list(plan(moments(600.0), keys, 1.0))
    assert all(stop.seek is not None and 0 <= stop.second - stop.seek < 1 / 24 for stop in stops)


def test_the_nearer_keyframe_stands_for_a_moment_that_is_too_far() -> None:
    assert list(plan([9.0], [0.0, 10.0], 1.0)) == [Stop(10.0, 10.0)]
    assert list(plan([4.0], [0.0, 10.0], 1.0)) == [Stop(0.0, 1.0)]


@given(
    st.floats(0, 100_000),
    st.sets(st.floats(0, 100_000), max_size=30),
    st.floats(0.01, 100),
)
def test_the_way_never_leads_back_and_no_step_is_too_long(
    duration: float, keys: set[float], far: float
) -> None:
    at = 0.0
    for stop in plan(moments(duration), keys, far):
        begin = at if stop.seek is None else stop.seek
        assert stop.second >= at
        assert 0 <= stop.second - begin <= far * 1.001 + 1e-9
        at = stop.second


@given(st.integers(1, 16_384), st.integers(1, 16_384), st.floats(1, 240))
def test_the_reach_is_a_frame_at_least(width: int, height: int, rate: float) -> None:
    frames = reach((width, height), rate) * rate
    assert frames >= 0.999
    assert frames * width * height <= max(REACH * 1.001, width * height * 1.001)
