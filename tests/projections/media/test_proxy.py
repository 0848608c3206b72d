"""Proxies: what becomes of videos that no browser plays; held against the video itself, decoded again."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from projections.media import frames, proxy
from projections.media.errors import Undecodable
from tests.support.clips import make_audible, make_hdr, make_still, make_tone, make_video, sine

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
FULL = (1920, 1080)


class Made:
    """A proxy, put together of its pieces; `told` is how many seconds there were with each."""

    def __init__(self, path: Path, bounds: tuple[int, int] = FULL) -> None:
        self.file = BytesIO()
        self.told: list[float] = []
        with path.open("rb") as file:
            proxy.make(file, bounds, self._send)

    def _send(self, at: int, piece: bytes, seconds: float) -> None:
        self.file.seek(at)
        self.file.write(piece)
        self.told.append(seconds)

    def frames(self) -> list[av.VideoFrame]:
        with av.open(BytesIO(self.file.getvalue()), "r") as container:
            return list(container.decode(video=0))

    def streams(self) -> list[str]:
        with av.open(BytesIO(self.file.getvalue()), "r") as container:
            return [one.codec_context.name for one in container.streams]


def mean(frame: av.VideoFrame) -> tuple[int, ...]:
    return tuple(frame.to_image().resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)))  # type: ignore[no-untyped-call]


def near(found: tuple[int, ...], wanted: tuple[int, ...], off: int = 12) -> bool:
    return all(abs(one - other) <= off for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mov", "prores_ks"), ("a.mkv", "ffv1"), ("a.avi", "mjpeg"), ("a.mp4", "libx265")]
)
def test_every_frame_is_there_in_its_place_and_colour(tmp_path: Path, name: str, codec: str) -> None:
    path = make_video(tmp_path / name, seconds=1.5, rate=24, codec=codec, colours=(RED, GREEN, BLUE))
    made = Made(path)
    shown = made.frames()
    assert made.streams() == ["h264"]
    assert [round((frame.time or 0) * 24) for frame in shown] == list(range(36))
    assert all(near(mean(shown[at]), colour) for at, colour in ((0, RED), (18, GREEN), (35, BLUE)))
    assert made.told == sorted(made.told)
    assert made.told[-1] == pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize("size", [(640, 360), (2048, 1080)])
def test_a_grey_is_as_light_as_it_was(tmp_path: Path, size: tuple[int, int]) -> None:
    greys = [(grey, grey, grey) for grey in (20, 48, 100, 200, 255)]
    made = Made(make_video(tmp_path / "a.mp4", seconds=len(greys) / 24, size=size, colours=greys))
    for frame, grey in zip(made.frames(), greys, strict=True):
        assert near(mean(frame), grey, off=1), (mean(frame), grey)


def test_a_group_of_pictures_is_half_a_second(tmp_path: Path) -> None:
    made = Made(make_video(tmp_path / "a.mov", seconds=2, rate=24, codec="prores_ks"))
    assert [at for at, frame in enumerate(made.frames()) if frame.key_frame] == [0, 12, 24, 36]


@pytest.mark.parametrize(
    ("size", "bounds", "wanted"),
    [
        ((640, 360), (320, 180), (320, 180)),
        ((360, 640), (320, 180), (180, 320)),
        ((64, 36), FULL, (64, 36)),
        ((66, 38), (33, 19), (32, 18)),
    ],
)
def test_it_is_no_larger_than_the_bounds_either_way_up(
    tmp_path: Path, size: tuple[int, int], bounds: tuple[int, int], wanted: tuple[int, int]
) -> None:
    frame = Made(make_video(tmp_path / "a.mov", size=size, seconds=0.2, codec="prores_ks"), bounds).frames()[
        0
    ]
    assert (frame.width, frame.height) == wanted


@pytest.mark.parametrize("transfer", [16, 18])
def test_light_beyond_a_screen_is_shown_as_the_thumbnail_shows_it(tmp_path: Path, transfer: int) -> None:
    path = make_hdr(tmp_path / "a.mkv", (500, 480, 600), transfer)
    with path.open("rb") as file:
        raster = frames.picture(file, (64, 36))
    assert raster is not None
    assert near(mean(Made(path).frames()[0]), tuple(raster.pixels[:3]))


def test_the_sound_begins_with_the_picture(tmp_path: Path) -> None:
    silent = make_video(tmp_path / "silent.mov", seconds=1, codec="prores_ks")
    made = Made(make_audible(tmp_path / "a.mov", silent=silent, wave=sine(-6, 1), codec="pcm_s16le"))
    assert made.streams() == ["h264", "aac"]
    with av.open(BytesIO(made.file.getvalue()), "r") as container:
        heard = [
            (frame.time or 0.0, float(np.abs(frame.to_ndarray()).max()))
            for frame in container.decode(audio=0)
        ]
    assert heard[0][0] == pytest.approx(0, abs=0.05)
    assert heard[len(heard) // 2][1] == pytest.approx(0.5, abs=0.1)


def test_half_a_video_has_half_a_proxy(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mkv", seconds=2, codec="ffv1")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 0 < len(Made(path).frames()) < 48


def nothing_moves(folder: Path) -> Iterator[Path]:
    yield make_still(folder / "a.png")
    yield make_tone(folder / "a.wav")


def test_what_does_not_move_has_none(tmp_path: Path) -> None:
    for path in nothing_moves(tmp_path):
        with pytest.raises(Undecodable):
            Made(path)
