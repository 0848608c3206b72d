"""What is inside a still picture or a small animation."""

import struct
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import accumulate
from typing import Any, BinaryIO, Final

from PIL import Image, ImageOps

from projections.media.containers import exif_texts, tiff_strips, zeros
from projections.media.drawing.grade import alpha_of, graded
from projections.media.drawing.told import Grade
from projections.media.errors import Undecodable
from projections.media.jobs import Format, Probe, Size, bounded, no_larger, shown_at
from projections.media.stills import png_chunks
from projections.media.stills.anatomy import HOLE, Anatomy, anatomy_of
from projections.media.stills.opening import BROKEN, damage_told, decode, opened
from projections.media.stills.thumbnails import centred, fit, packed

_MAGIC: Final = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG2000",
    zeros.CODESTREAM: "JPEG2000",
}
_AVIF: Final = (b"ftypavif", b"ftypavis")

_BAD_EXIF: Final = (OSError, ValueError, KeyError, TypeError, SyntaxError, struct.error, ZeroDivisionError)
"""What Pillow raises where EXIF is damaged; whether a picture can be seen is another matter."""

_COUNTED: Final = ("GIF", "AVIF")
"""The formats of which Pillow says how long each frame is shown."""

_GREY_OR_RGB: Final = (0, 1, 2)
"""What the numbers of a TIFF's pixels stand for where they need no more than a scale: TIFF 6.0, section 8."""

_KEPT: Final = frozenset({"PNG", "WEBP", "AVIF", "JPEG2000"})
"""The formats of which a picture is decoded once for all; a JPEG is decoded smaller for a thumbnail."""


def format_of(file: BinaryIO) -> str | None:
    """The name of the still picture's format, by its first bytes; None where it is no such picture."""
    file.seek(0)
    head = file.read(12)
    file.seek(0)
    if head[:4] == b"RIFF" and head[8:] == b"WEBP":
        return "WEBP"
    if head[4:] in _AVIF:
        return "AVIF"
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)


class Still:
    """A still picture, or a small animation, of that format, in an open file."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self._decoded: Image.Image | None = None

    @cached_property
    def _anatomy(self) -> Anatomy:
        return anatomy_of(self._file, self._name)

    @contextmanager
    def _opened(self) -> Iterator[Image.Image]:
        """It as Pillow sees it, decoded already where that was kept."""
        if self._decoded:
            yield self._decoded
            return
        with opened(self._anatomy[1], self._name) as image:
            yield image

    def probe(self) -> Probe:
        """What it holds, once its first frame has been decoded and its end been found."""
        with self._opened() as image:
            decode(image)
            if self._name == "TIFF" and tiff_strips.is_cut(self._file):
                raise Undecodable("the file is cut off")
            if tiff_strips.is_damaged(self._file, _strips(image, tiff_strips.DEFLATED)):
                raise Undecodable("its picture is damaged")
            if tiff_strips.has_hole(self._file, _strips(image, tiff_strips.PACKED)):
                raise Undecodable(HOLE)
            width, height = _upright_size(image)
            delays = self._anatomy[0] or list(_delays(image))
        if self._name in _KEPT and not delays:
            self._decoded = image
        duration = sum(delays)
        return Probe(
            kind="image",
            duration=round(duration, 3) or None,
            width=width,
            height=height,
            frame_rate=round(len(delays) / duration, 3) if duration else None,
            codec=self._name.lower(),
        )

    def labels(self, wanted: Collection[str]) -> dict[str, str]:
        """The texts in it whose keys, in small letters, are wanted; Undecodable where they are too large."""
        texts = png_chunks.texts(self._file, wanted) if self._name == "PNG" else ()
        found = {**bounded(texts, wanted)}
        with self._opened() as image:
            try:
                return {**found, **bounded(exif_texts.texts(image.info, image.getexif()), wanted)}
            except _BAD_EXIF as error:
                if found:
                    return found
                raise Undecodable("its EXIF is damaged") from error

    @property
    def is_deep(self) -> bool:
        """Whether it is a TIFF of more than eight bits, of which Pillow keeps eight, that FFmpeg has as it is."""
        with self._opened() as image:
            tags: Any = getattr(image, "tag_v2", {})
            depth, turn, kind = max(tags.get(258, (8,))), tags.get(274, 1), tags.get(262)
        return self._name == "TIFF" and depth > 8 and turn == 1 and kind in _GREY_OR_RGB

    def picture(
        self, bounds: Size, form: Format = "png", *, margins: bool = True, grade: Grade | None = None
    ) -> bytes:
        """The thumbnail of it, or of the frame that stands for an animation, of exactly that size or without `margins`."""
        with self._opened() as image:
            delays = self._anatomy[0] or list(_delays(image))
            if delays:
                _seek(image, delays)
            within = bounds if margins else no_larger(_upright_size(image), bounds)
            image.draft("RGB", bounds)
            decode(image)
            seen = alpha_of(image) if grade and grade.channel == "a" else image
            drawn = graded(fit(_turned(seen), within), grade)
            return packed(centred(drawn, bounds) if margins else drawn, form)


def _strips(image: Image.Image, packings: Collection[int]) -> Iterator[tuple[int, int]]:
    """Where the parts of a TIFF lie that is packed in such a way, and how many bytes they have."""
    tags: Any = getattr(image, "tag_v2", {})
    if tags.get(259) in packings:
        for places, sizes in ((273, 279), (324, 325)):
            yield from zip(tags.get(places, ()), tags.get(sizes, ()), strict=False)


def _seek(image: Image.Image, delays: Sequence[float]) -> None:
    """Go to the frame that stands for the animation; to the first where it cannot be reached."""
    second = shown_at(sum(delays))
    number = next((n for n, end in enumerate(accumulate(delays)) if end > second), 0)
    try:
        image.seek(number)
        image.load()
    except (*BROKEN, Image.DecompressionBombError):
        image.seek(0)


def _delays(image: Image.Image) -> Iterator[float]:
    """How long each frame of a GIF or an AVIF is shown, in seconds; nothing for every other format."""
    with damage_told():
        frames = getattr(image, "n_frames", 1) if image.format in _COUNTED else 1
        for number in range(frames if frames > 1 else 0):
            image.seek(number)
            if image.format == "AVIF":
                image.load()
            yield image.info.get("duration", 0) / 1000
        image.seek(0)


def _upright_size(image: Image.Image) -> Size:
    try:
        turned = image.getexif().get(0x0112, 1) in {5, 6, 7, 8}
    except _BAD_EXIF:
        turned = False
    return image.size[::-1] if turned else image.size


def _turned(image: Image.Image) -> Image.Image:
    """The picture as its EXIF says that it is to be held; as it is where that cannot be read."""
    try:
        return ImageOps.exif_transpose(image)
    except _BAD_EXIF:
        return image
