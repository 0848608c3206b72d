"""The clips: media as it comes out of a renderer, with grain and movement, so that decoding them is work."""

import zlib
from fractions import Fraction
from pathlib import Path
from random import Random
from struct import pack

import av
from PIL import Image

SIZE = (1920, 1080)
RATE = 24
MARGIN = 400
"""How far the camera can glide, in pixels."""


def make_clip(path: Path, seconds: float = 5.0) -> Path:
    """An H.264 clip in 1080p: a camera that glides over a ground, with grain of its own in every frame."""
    dice, ground, grain = Random(1), _ground(), _grain()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(RATE), options={"preset": "veryfast"})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for number in range(round(seconds * RATE)):
            picture = Image.blend(
                _cut(ground, 3 * number, number),
                _cut(grain, dice.randrange(MARGIN), dice.randrange(MARGIN)),
                0.2,
            )
            container.mux(stream.encode(av.VideoFrame.from_bytes(picture.tobytes(), *SIZE)))
        container.mux(stream.encode())
    return path


def _cut(picture: Image.Image, left: int, top: int) -> Image.Image:
    return picture.crop((left, top, left + SIZE[0], top + SIZE[1]))


def _ground() -> Image.Image:
    width, height = SIZE[0] + MARGIN, SIZE[1] + MARGIN
    coarse = Image.effect_noise((width // 8, height // 8), 80).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    slope = Image.linear_gradient("L").resize((width, height))
    grey = Image.blend(coarse, slope, 0.4)
    return Image.merge("RGBA", (grey, grey, slope, grey))


def _grain() -> Image.Image:
    grey = Image.effect_noise((SIZE[0] + MARGIN, SIZE[1] + MARGIN), 24)
    return Image.merge("RGBA", (grey, grey, grey, grey))


def make_png(path: Path, number: int) -> Path:
    """A PNG of 64 x 36, no two of them the same."""
    colour = Random(number).randbytes(3)
    rows = b"".join(b"\0" + colour * 64 for _ in range(36))
    chunks = ((b"IHDR", pack(">IIBBBBB", 64, 36, 8, 2, 0, 0, 0)), (b"tEXt", b"Comment\0%d" % number))
    pieces = [_chunk(*chunk) for chunk in (*chunks, (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(pieces))
    return path


def _chunk(kind: bytes, body: bytes) -> bytes:
    return pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body))
