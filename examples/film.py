"""A small film: its folders, and real media to drop into them.

The clips are drawn and encoded here, so that nothing has to be downloaded and every frame can be told apart.
"""

import math
import wave
from array import array
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

SHOTS = (
    "01_The_Harbour/01_Before_Dawn/001_Gulls_Over_The_Pier",
    "01_The_Harbour/01_Before_Dawn/002_Mara_Ties_The_Boat",
    "01_The_Harbour/02_The_Ticket_Office/001_A_Coin_On_The_Counter",
    "02_The_Crossing/01_Open_Water/001_Night_Swell",
    "02_The_Crossing/01_Open_Water/002_The_Far_Light",
)
"""Two chapters, three scenes, five shots."""

RATE = 24
LANDSCAPE = (1280, 720)
PORTRAIT = (720, 1280)


class Colours(NamedTuple):
    """A picture's two ground colours, from top to bottom, and that of what moves over them."""

    sky: str
    sea: str
    light: str


DAWN = Colours("#2b3a67", "#e0a458", "#ffdbb5")
NOON = Colours("#4f9dde", "#1d4e6b", "#ffffff")
DUSK = Colours("#5b2a4f", "#141229", "#f25f5c")
NIGHT = Colours("#0b1026", "#04060f", "#cfd8ff")


def make_film(root: Path) -> list[Path]:
    """The folders of the film; the `takes` folders of its shots, in the order of the story."""
    folders = [root / shot / "takes" for shot in SHOTS]
    for folder in folders:
        folder.mkdir(parents=True)
    return folders


def draw(size: tuple[int, int], label: str, colours: Colours, moment: float) -> Image.Image:
    """One picture, RGBA: a ground, a light that crosses it while `moment` goes from 0 to 1, and the label."""
    width, height = size
    ground = Image.linear_gradient("L").resize(size)
    sky, sea = (Image.new("RGBA", size, colour) for colour in colours[:2])
    picture = Image.composite(sea, sky, ground)
    pen = ImageDraw.Draw(picture)
    radius = min(size) / 9
    centre = (width * moment, height * (0.6 - 0.3 * math.sin(math.pi * moment)))
    pen.circle(centre, radius, fill=colours.light)
    lines = label.count("\n") + 1
    font = ImageFont.load_default(min(size) / (12 if lines == 1 else 18))
    pen.text((width / 2, height * 0.8), label, fill="white", anchor="mm", align="center", font=font)
    return picture


def frames(
    size: tuple[int, int], seconds: float, label: str, colours: Colours, rate: int = RATE
) -> Iterator[Image.Image]:
    """The pictures of a clip, in order."""
    count = round(seconds * rate)
    return (draw(size, label, colours, (number + 0.5) / count) for number in range(count))


def make_video(
    path: Path,
    seconds: float = 3.0,
    *,
    size: tuple[int, int] = LANDSCAPE,
    label: str = "",
    colours: Colours = DAWN,
    rate: int = RATE,
    tell: Callable[[int], object] = lambda _: None,
) -> Path:
    """An H.264 clip, in the container that the name stands for; `tell` is called with the number of each frame."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(rate), options={"preset": "veryfast"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for number, picture in enumerate(frames(size, seconds, label, colours, rate), 1):
            container.mux(stream.encode(av.VideoFrame.from_bytes(picture.tobytes(), *size)))
            tell(number)
        container.mux(stream.encode())
    return path


def make_still(
    path: Path,
    *,
    size: tuple[int, int] = LANDSCAPE,
    label: str = "",
    colours: Colours = NIGHT,
    texts: Mapping[str, str] | None = None,
) -> Path:
    """A PNG; `texts` are the labels that image generators leave in theirs."""
    labels = PngImagePlugin.PngInfo()
    for key, text in (texts or {}).items():
        labels.add_text(key, text)
    draw(size, label, colours, 0.7).save(path, "PNG", pnginfo=labels)
    return path


def make_tone(path: Path, seconds: float = 2.0, *, pitch: float = 220.0, rate: int = 48_000) -> Path:
    """A WAV, mono, 16 bits: one note that fades out."""
    count = round(seconds * rate)
    samples = array(
        "h",
        (int(12_000 * (1 - n / count) * math.sin(2 * math.pi * pitch * n / rate)) for n in range(count)),
    )
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(samples.itemsize)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path
