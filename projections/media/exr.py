"""OpenEXR as a still among the others: what it holds once it is found to be whole, its labels, its picture.

It is given open files and never opens one by name.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from projections.media.drawing.told import Grade
from projections.media.errors import Undecodable
from projections.media.jobs import MAX_PIXELS, Format, Probe, Raster, Size, bounded
from projections.media.light import layers, openexr
from projections.media.light.header import MAGIC, Broken, read
from projections.media.stills.thumbnails import framed


def is_exr(file: BinaryIO) -> bool:
    """Whether the file begins as one."""
    file.seek(0)
    return file.read(4) == MAGIC


class OpenExr:
    """An OpenEXR in an open file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._drawn: tuple[Size, openexr.Drawn | None] | None = None

    def probe(self, drawn_next: Size | None = None) -> Probe:
        """What it holds, once each of its blocks has been found and unpacked; a picture of that size is drawn next."""
        with _verdict():
            header, drawn = openexr.check(self._file, MAX_PIXELS, drawn_next)
        self._drawn = (drawn_next, drawn) if drawn_next else None
        chosen = layers.choose(header.parts)
        if chosen is None:
            raise Undecodable("there is no picture in it")
        frame = openexr.frame_of(chosen.part, MAX_PIXELS)
        return Probe(kind="image", width=frame.width, height=frame.height, codec="exr")

    def labels(self, wanted: Collection[str]) -> dict[str, str]:
        """The texts in its headers whose keys, in small letters, are wanted; those of its first part go before others."""
        with _verdict():
            parts = read(self._file, MAX_PIXELS).parts
        texts = ((key, part.text(key)) for part in reversed(parts) for key in part.values)
        return bounded(texts, wanted)

    def exposure(self, bounds: Size) -> float | None:
        """What the light in a picture of that size is multiplied by for a screen; None where it is none."""
        with _verdict():
            return openexr.exposure(self._draw(bounds))

    def picture(
        self,
        bounds: Size,
        form: Format = "png",
        *,
        margins: bool = True,
        exposed: float | None = None,
        grade: Grade | None = None,
    ) -> bytes:
        """The thumbnail of the layer that stands for it, as of other stills; exposed by as much, or as it needs."""
        with _verdict():
            if grade and grade.channel == "a":
                pixels, shape = openexr.alpha(self._file, bounds, MAX_PIXELS)
            else:
                pixels, shape = openexr.picture(self._draw(bounds), exposed, grade.stops if grade else 0.0)
        high, wide, _ = pixels.shape
        raster = Raster((wide, high), wide * 3, pixels.tobytes(), shape=shape)
        return framed(raster, bounds, form, margins=margins, grade=grade, is_exposed=True)

    def _draw(self, bounds: Size) -> openexr.Drawn:
        """What a picture of that size is made of: what the look has come by, where it was to."""
        size, drawn = self._drawn or (None, None)
        return drawn if drawn and size == bounds else openexr.draw(self._file, bounds, MAX_PIXELS)


@contextmanager
def _verdict() -> Iterator[None]:
    try:
        yield
    except Broken as error:
        raise Undecodable(error.reason) from error
