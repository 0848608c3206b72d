"""Burn-in: frames of a reel, each with the label of its take and the time of the film below the picture."""

from io import BytesIO
from typing import BinaryIO, Final

import msgspec
from PIL import Image, ImageDraw, ImageFont

from projections.media.drawing.told import Label
from projections.media.drawing.writing import Writing

BAND: Final = 40
"""Height of what is written on, in pixels."""

_LETTERS: Final = 24
_MARGIN: Final = 16
_DARK, _LIGHT, _SOFT = (16, 16, 18), (235, 235, 238), (150, 150, 156)


def label(file: BinaryIO) -> bytes:
    """The label that is in that file, as a PNG."""
    wanted = msgspec.msgpack.decode(file.read(), type=Label)
    image = Image.new("RGB", (wanted.width, BAND), _DARK)
    room = wanted.width - 2 * _MARGIN
    Writing(wanted.fonts).line(ImageDraw.Draw(image), (_MARGIN, 5), wanted.text, _LETTERS, _LIGHT, room)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class BurnIn:
    """Frames of that size, with that label; in the middle of what has no picture stands a word."""

    def __init__(self, size: tuple[int, int], label: bytes) -> None:
        self._size = size
        self._font = ImageFont.load_default(_LETTERS)
        self.room = (size[0], size[1] - BAND)
        with Image.open(BytesIO(label), formats=["PNG"]) as image:
            self._label = image.convert("RGB")

    def frame(self, picture: Image.Image, timecode: str) -> bytes:
        """The picture in the middle, as RGB rows."""
        image = Image.new("RGB", self._size)
        image.paste(picture, ((self.room[0] - picture.width) // 2, (self.room[1] - picture.height) // 2))
        return self._with_band(image, timecode)

    def slate(self, word: str, timecode: str) -> bytes:
        """A frame without a picture."""
        image = Image.new("RGB", self._size, _DARK)
        middle = (self.room[0] // 2, self.room[1] // 2)
        ImageDraw.Draw(image).text(middle, word, _SOFT, self._font, anchor="mm")
        return self._with_band(image, timecode)

    def _with_band(self, image: Image.Image, timecode: str) -> bytes:
        image.paste(self._label, (0, self.room[1]))
        right = (self._size[0] - _MARGIN, self.room[1] + 5 + _LETTERS)
        ImageDraw.Draw(image).text(right, timecode, _LIGHT, self._font, anchor="rs")
        return image.tobytes()


def opened(picture: bytes) -> Image.Image:
    """A picture of ours, a PNG."""
    with Image.open(BytesIO(picture), formats=["PNG"]) as image:
        return image.convert("RGB")
