"""How loud a sound is, as EBU R 128 has it, and as it is drawn."""

import itertools
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from projections.media import frames
from projections.media.jobs import DecoderJob
from projections.media.lent_file import LentFile
from projections.media.sound.meters import Level, in_columns
from projections.media.steps import answered
from projections.media.stills import thumbnails
from tests.support.clips import make_audible, make_sound, make_still, make_video, sine

KINDS = [
    ("sound.wav", "pcm_s16le"),
    ("sound.flac", "flac"),
    ("sound.mp3", "libmp3lame"),
    ("sound.opus", "libopus"),
    ("sound.m4a", "aac"),
]


def loudness(path: Path) -> float | None:
    with path.open("rb", buffering=0) as file:
        return frames.loudness(file)


def levels(path: Path, columns: int) -> list[Level]:
    with path.open("rb", buffering=0) as file:
        return frames.levels(file, columns)


@pytest.mark.parametrize("decibels", [-23.0, -33.0])
def test_a_tone_in_stereo_is_as_loud_as_the_standard_has_it(tmp_path: Path, decibels: float) -> None:
    """The first two cases of EBU Tech 3341: 1 kHz in both channels."""
    path = make_sound(tmp_path / "tone.wav", sine(decibels, 3.0))
    assert loudness(path) == pytest.approx(decibels, abs=0.1)


def test_what_is_quiet_is_left_out_as_the_standard_has_it(tmp_path: Path) -> None:
    """The third case of EBU Tech 3341, in less time: -36, -23 and -36 dBFS are -23 LUFS."""
    wave = itertools.chain(sine(-36.0, 1.0), sine(-23.0, 6.0), sine(-36.0, 1.0))
    assert loudness(make_sound(tmp_path / "tone.wav", wave)) == pytest.approx(-23.0, abs=0.2)


def test_one_channel_is_three_units_below_two(tmp_path: Path) -> None:
    path = make_sound(tmp_path / "tone.wav", sine(-20.0, 2.0), channels=1)
    assert loudness(path) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(("name", "codec"), KINDS)
def test_it_is_measured_in_every_kind_of_file(tmp_path: Path, name: str, codec: str) -> None:
    path = make_sound(tmp_path / name, sine(-23.0, 2.0), codec=codec)
    assert loudness(path) == pytest.approx(-23.0, abs=0.4)


def test_it_is_measured_in_a_video(tmp_path: Path) -> None:
    silent = make_video(tmp_path / "silent.mp4", seconds=2.0)
    assert loudness(silent) is None
    path = make_audible(tmp_path / "video.mp4", silent=silent, wave=sine(-23.0, 2.0))
    assert loudness(path) == pytest.approx(-23.0, abs=0.4)


def test_silence_has_no_loudness(tmp_path: Path) -> None:
    assert loudness(make_sound(tmp_path / "still.wav", [0.0] * 96_000)) is None


def test_a_picture_has_no_sound(tmp_path: Path) -> None:
    path = make_still(tmp_path / "still.png")
    with path.open("rb", buffering=0) as opened, LentFile(opened.fileno(), closefd=False) as file:
        answer, _ = answered(DecoderJob(do="loudness"), file)
    assert answer.values.get("loudness") is None


def test_the_levels_are_the_peak_and_the_mean_over_both_channels(tmp_path: Path) -> None:
    found = levels(make_sound(tmp_path / "tone.wav", sine(-6.0, 1.0)), 40)
    assert len(found) == 40
    for level in found[1:-1]:
        assert level.peak == pytest.approx(10 ** (-6 / 20), abs=0.02)
        assert level.mean == pytest.approx(10 ** (-9 / 20), abs=0.02)


def test_the_levels_follow_the_sound(tmp_path: Path) -> None:
    wave = itertools.chain(sine(-6.0, 0.5), [0.0] * 24_000)
    found = levels(make_sound(tmp_path / "half.wav", wave), 100)
    assert min(level.mean for level in found[:48]) > 0.3
    assert max(level.peak for level in found[52:]) == 0.0


def test_columns_have_the_highest_peak_and_the_mean_of_the_squares() -> None:
    found = [Level(0.5, 0.3), Level(1.0, 0.4), Level(0.0, 0.0), Level(0.0, 0.0)]
    first, second = in_columns(found, 2)
    assert first == pytest.approx((1.0, 0.125**0.5))
    assert second == (0.0, 0.0)
    assert len(in_columns(found, 7)) == 7


def drawn(levels: list[Level]) -> Image.Image:
    return Image.open(BytesIO(thumbnails.waveform(levels, (320, 180)))).convert("RGB")


def heights(image: Image.Image, column: int) -> list[tuple[int, ...]]:
    """The colours of a column from its middle up."""
    pixels = [image.getpixel((column, y)) for y in range(90, -1, -1)]
    return [pixel for pixel in pixels if isinstance(pixel, tuple) and any(pixel)]


def test_the_louder_of_two_sounds_is_drawn_higher_and_quiet_ones_can_be_seen() -> None:
    reach = [len(heights(drawn([Level(peak, peak / 4)] * 320), 100)) for peak in (1.0, 0.25, 0.01, 0.0)]
    assert reach == sorted(reach, reverse=True)
    assert reach[1] == pytest.approx(reach[0] / 2, abs=2)
    assert reach[2] > 5
    assert reach[3] == 1


def test_what_is_heard_is_brighter_than_the_peaks_around_it() -> None:
    colours = heights(drawn([Level(0.9, 0.1)] * 320), 100)
    assert sum(colours[1]) > sum(colours[-1])


def test_where_a_sound_clips_the_ends_are_of_another_colour() -> None:
    image = drawn([Level(1.0, 0.5)] * 160 + [Level(0.9, 0.5)] * 160)
    red, _, blue = heights(image, 10)[-1]
    assert red > blue
    red, _, blue = heights(image, 200)[-1]
    assert blue > red
