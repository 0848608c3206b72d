"""The grade: pictures of light brighter and darker, with another gamma, and one channel of them alone."""

from io import BytesIO
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from projections.media.drawing.told import Grade
from projections.media.jobs import DecoderJob
from projections.media.lent_file import LentFile
from projections.media.steps import answered
from tests.support.exr import filled, write

LIGHT = {"R": 0.25, "G": 0.125, "B": 2.0}


def seen(path: Path, grade: Grade | None = None) -> tuple[int, ...]:
    """The colour in the middle of a picture that is looked at like that, without a loss."""
    job = DecoderJob(do="picture", width=64, height=36, margins=False, exposed=1.0, grade=grade)
    with path.open("rb") as lent, LentFile(lent.fileno(), closefd=False) as file:
        answer, picture = answered(job, file)
    assert answer.reason is None
    colour = Image.open(BytesIO(picture)).convert("RGB").getpixel((32, 18))
    assert isinstance(colour, tuple)
    return colour


def on_screen(light: float) -> int:
    """What a screen shows of light below its knee."""
    shown: float = 1.055 * light ** (1 / 2.4) - 0.055
    return round(shown * 255)


def test_a_stop_doubles_light_and_brings_highlights_back(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", filled((64, 36), **LIGHT))
    assert seen(path)[:2] == pytest.approx((on_screen(0.25), on_screen(0.125)), abs=1)
    assert seen(path, Grade(stops=1))[:2] == pytest.approx((on_screen(0.5), on_screen(0.25)), abs=1)
    assert seen(path, Grade(stops=-2))[2] == pytest.approx(on_screen(0.5), abs=1)


def test_one_channel_is_grey_and_luma_is_what_is_seen_of_all(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", filled((64, 36), **LIGHT, A=0.5))
    red, green, blue = seen(path)
    assert seen(path, Grade(channel="r")) == (red, red, red)
    assert seen(path, Grade(channel="b")) == (blue, blue, blue)
    luma = round(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    assert seen(path, Grade(channel="luma")) == pytest.approx((luma,) * 3, abs=1)
    assert seen(path, Grade(channel="a", stops=3, gamma=2)) == pytest.approx((128,) * 3, abs=1)


def test_without_an_alpha_nothing_shines_through(tmp_path: Path) -> None:
    assert seen(write(tmp_path / "a.exr", filled((64, 36), **LIGHT)), Grade(channel="a")) == (255,) * 3
    Image.new("RGB", (64, 36), (9, 9, 9)).save(tmp_path / "a.tif")
    assert seen(tmp_path / "a.tif", Grade(channel="a")) == (255,) * 3
    Image.new("RGBA", (64, 36), (9, 9, 9, 80)).save(tmp_path / "b.tif")
    assert seen(tmp_path / "b.tif", Grade(channel="a")) == (80,) * 3


@pytest.mark.parametrize("name", ["a.tif", "a.dpx"])
def test_what_holds_no_light_is_exposed_by_what_a_screen_shows(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    image = Image.new("RGB", (64, 36), (on_screen(0.25), on_screen(0.125), 255))
    if name == "a.tif":
        image.save(path)
    else:
        write_dpx(path, image)
    assert seen(path, Grade(stops=1)) == pytest.approx((on_screen(0.5), on_screen(0.25), 255), abs=2)
    lighter = round((on_screen(0.25) / 255) ** 0.5 * 255)
    assert seen(path, Grade(gamma=2))[0] == pytest.approx(lighter, abs=2)


def steps(path: Path, grade: Grade) -> int:
    """How many greys there are in a picture that is looked at like that."""
    job = DecoderJob(do="picture", width=512, height=36, margins=False, format="png", grade=grade)
    with path.open("rb") as lent, LentFile(lent.fileno(), closefd=False) as file:
        answer, picture = answered(job, file)
    assert answer.reason is None
    return len(set(Image.open(BytesIO(picture)).convert("L").tobytes()))


@pytest.mark.parametrize(
    ("name", "form", "least"),
    [
        ("a.tif", "rgb48le", 120),
        ("a.tif", "gray16le", 120),
        ("a.dpx", "gbrp10le", 60),
        ("a.dpx", "rgb48le", 120),
    ],
)
def test_the_darks_of_what_is_deep_come_up_in_its_own_depth(
    tmp_path: Path, name: str, form: str, least: int
) -> None:
    path = tmp_path / name
    ramp = np.linspace(0, 65535 / 12, 512).astype("<u2")
    lines = np.repeat(np.tile(ramp, (36, 1))[..., None], 3, axis=2)
    write_deep(path, np.ascontiguousarray(lines), form)
    assert steps(path, Grade()) <= 24
    assert steps(path, Grade(stops=5)) >= least
    assert steps(path, Grade(gamma=4)) >= least / 2
    assert steps(path, Grade(stops=5, channel="g")) >= least


def test_what_ffmpeg_does_not_know_is_graded_as_pillow_has_it(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.new("RGB", (64, 36), (60, 60, 60)).convert("CMYK").save(path)
    assert seen(path, Grade(stops=1))[0] > seen(path)[0]


def write_deep(path: Path, lines: npt.NDArray[np.uint16], form: str) -> None:
    """A picture of sixteen bits as a file of that many as FFmpeg calls them."""
    encoder = av.CodecContext.create(path.suffix[1:].replace("tif", "tiff"), "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = lines.shape[1], lines.shape[0], form
    frame = av.VideoFrame.from_ndarray(lines, format="rgb48le").reformat(format=form)
    path.write_bytes(b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)]))


def write_dpx(path: Path, image: Image.Image) -> None:
    encoder = av.CodecContext.create("dpx", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = *image.size, "rgb24"
    frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
    path.write_bytes(b"".join(bytes(packet) for packet in encoder.encode(frame)))
