"""The clips: small pictures, videos and sounds, made fresh for a test."""

import math
import struct
from array import array
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import av
from av.subtitles.stream import SubtitleStream
from PIL import Image, PngImagePlugin

Colour = tuple[int, int, int]

GREY: Colour = (120, 120, 120)


class Pipe:
    """A file that can only be written on and on, as a pipe's end."""

    suffix = ""

    def __init__(self) -> None:
        self.written = b""

    def write(self, part: bytes) -> int:
        self.written += part
        return len(part)


Place = TypeVar("Place", Path, Pipe)


def make_video(
    path: Place,
    *,
    seconds: float = 1.0,
    size: tuple[int, int] = (64, 36),
    rate: int = 24,
    codec: str = "libx264",
    tags: Mapping[str, str] | None = None,
    colours: Iterable[Colour | Image.Image] = (GREY,),
    format: str | None = None,  # noqa: A002 - PyAV's own word
    container_options: dict[str, str] | None = None,
) -> Place:
    """A silent video; each of `colours`, or pictures, fills it for the same share of the time."""
    palette, count = [_filled(colour, size) for colour in colours], round(seconds * rate)
    options = {"movflags": "use_metadata_tags"} if path.suffix in {".mp4", ".mov"} and tags else {}
    with av.open(
        path, "w", format=format, container_options=options | (container_options or {})
    ) as container:
        container.metadata.update(tags or {})
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, _pixel_format(codec)
        stream.codec_context.time_base = Fraction(1, rate)
        stream.codec_context.thread_count = 1
        for number in range(count):
            image = palette[number * len(palette) // count]
            frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def make_still(
    path: Path,
    *,
    size: tuple[int, int] = (64, 36),
    colour: Colour = GREY,
    tags: Mapping[str, str] | None = None,
) -> Path:
    """A still picture of one colour; `tags` become PNG text."""
    text = PngImagePlugin.PngInfo()
    for key, value in (tags or {}).items():
        text.add_text(key, value)
    image = Image.new("RGB", size, colour)
    image.save(path, pnginfo=text) if path.suffix == ".png" else image.save(path)
    return path


def make_endless(path: Path, *, frames: int = 5000) -> Path:
    """A GIF of a hundred kilobytes that takes minutes to be looked into: each dot is put into a picture of its own."""
    side = struct.pack("<HH", 3000, 3000)
    screen = b"GIF89a" + side + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    frame = b"\x21\xf9\x04\x08\x01\0\0\0" + b"\x2c" + struct.pack("<4H", 0, 0, 1, 1) + b"\0\x02\x02\x44\x01\0"
    path.write_bytes(screen + frame * frames + b";")
    return path


def make_hdr(path: Path, codes: tuple[int, int, int], transfer: int, primaries: int = 9) -> Path:
    """A clip of one colour, in 10 bits, that says how its numbers become light."""
    with av.open(path, "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv444p10le"
        stream.codec_context.color_trc, stream.codec_context.color_primaries = transfer, primaries
        stream.codec_context.colorspace, stream.codec_context.color_range = 9, 1
        for number in range(4):
            frame = av.VideoFrame(64, 36, "yuv444p10le")
            frame.pts = number
            for plane, code in zip(frame.planes, codes, strict=True):
                plane.update(struct.pack("<H", code) * (plane.buffer_size // 2))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


STYLES = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Sans,16

[Events]
Format: Layer, Start, End, Style, Text
"""


def make_subtitled(path: Path, codec: str) -> Path:
    """A second of video with a track of subtitles, as text or as pictures."""
    with av.open(path, "w") as container:
        stream, words = container.add_stream("mpeg4", rate=24), container.add_stream(codec)
        assert isinstance(stream, av.VideoStream)
        assert isinstance(words, SubtitleStream)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        words.codec_context.subtitle_header, words.time_base = STYLES, Fraction(1, 1000)
        for _ in range(24):
            container.mux(stream.encode(av.VideoFrame.from_image(_filled(GREY, (64, 36)))))  # type: ignore[no-untyped-call]
        container.mux(stream.encode())
        line = av.Packet(b"a line")
        line.stream, line.pts, line.dts, line.duration, line.time_base = words, 0, 0, 500, words.time_base
        container.mux(line)
    return path


def make_tone(
    path: Path,
    *,
    seconds: float = 1.0,
    hertz: int = 440,
    codec: str = "pcm_s16le",
    tags: Mapping[str, str] | None = None,
    rate: int = 48_000,
    options: Mapping[str, str] | None = None,
) -> Path:
    """A sine tone in mono; `options` are those of its container."""
    wave = array(
        "h", (int(20_000 * math.sin(math.tau * hertz * n / rate)) for n in range(int(seconds * rate)))
    )
    with av.open(path, "w", options=dict(options or {})) as container:
        container.metadata.update(tags or {})
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        for start in range(0, len(wave), 1024):
            container.mux(stream.encode(_sound(wave[start : start + 1024], start, rate)))
        container.mux(stream.encode())
    return path


def make_sound(
    path: Path,
    wave: Iterable[float],
    *,
    channels: int = 2,
    codec: str = "pcm_s16le",
    format: str | None = None,  # noqa: A002 - PyAV's own word
) -> Path:
    """A sound of such samples, 0 to 1, at 48 kHz, the same on all channels; beyond 1 it clips."""
    most = 32_767
    samples = array("h", (round(max(-1.0, min(one, 1.0)) * most) for one in wave for _ in range(channels)))
    with av.open(path, "w", format=format) as container:
        stream = container.add_stream(codec, rate=48_000)
        assert isinstance(stream, av.AudioStream)
        stream.layout = _LAYOUTS[channels]
        for frame in _sounds(samples, channels):
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def sine(decibels: float, seconds: float, hertz: float = 1000.0) -> Iterable[float]:
    """A tone whose highest samples are so many decibels below full scale."""
    height = 10 ** (decibels / 20)
    return (height * math.sin(math.tau * hertz * n / 48_000) for n in range(round(seconds * 48_000)))


def make_audible(
    path: Path,
    *,
    silent: Path,
    wave: Iterable[float],
    right: Iterable[float] | None = None,
    tags: Mapping[str, str] | None = None,
    codec: str = "aac",
) -> Path:
    """A video that has the pictures of that silent one, and a sound, as ffmpeg puts both together.

    Both ears hear the same, unless the `right` one has a sound of its own.
    """
    pairs = ((one, one) for one in wave) if right is None else zip(wave, right, strict=True)
    samples = array("h", (round(one * 32_767) for pair in pairs for one in pair))
    options = {"movflags": "use_metadata_tags"} if path.suffix in {".mp4", ".mov"} else {}
    with av.open(silent) as source, av.open(path, "w", container_options=options) as container:
        container.metadata.update(tags or source.metadata)
        pictures = container.add_stream_from_template(source.streams.video[0])
        sound = container.add_stream(codec, rate=48_000)
        assert isinstance(sound, av.AudioStream)
        sound.layout = "stereo"
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = pictures
                container.mux(packet)
        for frame in _sounds(samples, 2):
            container.mux(sound.encode(frame))
        container.mux(sound.encode())
    return path


_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def _sounds(samples: "array[int]", channels: int) -> Iterable[av.AudioFrame]:
    step = 1024 * channels
    for start in range(0, len(samples), step):
        part = samples[start : start + step]
        count = len(part) // channels
        frame = av.AudioFrame(format="s16", layout=_LAYOUTS[channels], samples=count, align=1)
        frame.planes[0].update(part.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start // channels, Fraction(1, 48_000)
        yield frame


def _filled(colour: Colour | Image.Image, size: tuple[int, int]) -> Image.Image:
    return colour if isinstance(colour, Image.Image) else Image.new("RGB", size, colour)


def _pixel_format(codec: str) -> str:
    return {
        "cfhd": "yuv422p10le",
        "exr": "gbrpf32le",
        "huffyuv": "yuv422p",
        "mjpeg": "yuvj420p",
        "png": "rgb24",
        "prores_ks": "yuv422p10le",
        "qtrle": "rgb24",
        "v210": "yuv422p10le",
    }.get(codec, "yuv420p")


def _sound(samples: "array[int]", start: int, rate: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples), align=1)
    frame.planes[0].update(samples.tobytes())
    frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
    return frame
