"""Pictures: what is inside a still or a small animation, and the thumbnail that every take gets.

It is given open files and never opens one by name.
"""

import codecs
import struct
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO
from itertools import accumulate
from typing import Any, BinaryIO, Final

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageDraw,
    ImageOps,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from projections.media import png_chunks
from projections.media.containers import (
    exif_texts,
    gif_blocks,
    jpeg_scans,
    png_sums,
    tiff_strips,
    webp_chunks,
    zeros,
)
from projections.media.drawing.grade import alpha_of, graded
from projections.media.drawing.told import Grade
from projections.media.errors import Undecodable
from projections.media.jobs import (
    MAX_PIXELS,
    Format,
    Probe,
    Raster,
    Size,
    bounded,
    fitted,
    no_larger,
    shown_at,
)
from projections.media.sound.meters import Level

_LOADED: Final = (
    *(
        AvifImagePlugin,
        GifImagePlugin,
        Jpeg2KImagePlugin,
        JpegImagePlugin,
        MpoImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    ),
    *map(codecs.lookup, ("utf-16-be", "utf-16-le", "latin-1")),
)
"""These would be imported at first use; a confined decoder can open no module by then."""

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

_FROM_LAB: Final = ImageCms.buildTransform(
    ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
)

_WHOLE_NUMBERS: Final = ("1", "P", "I;")
"""The beginnings of modes whose pixels have no mean: single bits, places in a palette, and 16 bits as they lie in the file."""

_BROKEN: Final = (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error)
"""What Pillow raises where a frame is damaged."""

_COUNTED: Final = ("GIF", "AVIF")
"""The formats of which Pillow says how long each frame is shown."""

_GREY_OR_RGB: Final = (0, 1, 2)
"""What the numbers of a TIFF's pixels stand for where they need no more than a scale: TIFF 6.0, section 8."""

_KEPT: Final = frozenset({"PNG", "WEBP", "AVIF", "JPEG2000"})
"""The formats of which a picture is decoded once for all; a JPEG is decoded smaller for a thumbnail."""

_HOLE: Final = "there are zeros where its picture should be: the transfer is not complete"

_WAVE: Final = (62, 84, 104), (150, 186, 214)
"""The colours of a sound's highest samples and of its mean, which is how loud it is heard."""

_CLIPPED: Final = (226, 92, 70)
_MARGIN: Final = 8
_FULL: Final = 0.999
"""The colour at the ends of what is as high as a sample can be, and from where on it counts as that."""

QUALITY: Final = 85
"""Of a JPEG: above it the bytes grow faster than what anybody sees."""

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
PngImagePlugin.MAX_TEXT_CHUNK = 16 << 20  # it bounds profiles of colour, too
Image.preinit()
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


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
    def _anatomy(self) -> "Anatomy":
        return _ANATOMY.get(self._name, _no_anatomy)(self._file)

    @contextmanager
    def _opened(self) -> Iterator[Image.Image]:
        """It as Pillow sees it, decoded already where that was kept."""
        if self._decoded:
            yield self._decoded
            return
        with _open(self._anatomy[1], self._name) as image:
            yield image

    def probe(self) -> Probe:
        """What it holds, once its first frame has been decoded and its end been found."""
        with self._opened() as image:
            _decode(image)
            if self._name == "TIFF" and tiff_strips.is_cut(self._file):
                raise Undecodable("the file is cut off")
            if tiff_strips.is_damaged(self._file, _strips(image, tiff_strips.DEFLATED)):
                raise Undecodable("its picture is damaged")
            if tiff_strips.has_hole(self._file, _strips(image, tiff_strips.PACKED)):
                raise Undecodable(_HOLE)
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
            _decode(image)
            seen = alpha_of(image) if grade and grade.channel == "a" else image
            drawn = graded(_fit(_turned(seen), within), grade)
            return _packed(_centred(drawn, bounds) if margins else drawn, form)


def framed(
    raster: Raster,
    bounds: Size,
    form: Format = "png",
    *,
    margins: bool = True,
    grade: Grade | None = None,
    is_exposed: bool = False,
) -> bytes:
    """The thumbnail of a decoded frame, of exactly that size, or without `margins`; what is larger is made smaller."""
    image = upright(raster)
    shaped = max(1, round(image.width * raster.shape)), image.height
    size = fitted(shaped, bounds if margins else no_larger(shaped, bounds))
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    if raster.graded and grade:
        grade = Grade(channel=grade.channel)
    image = graded(image, grade, is_exposed=is_exposed)
    return _packed(_centred(image, bounds) if margins else image, form)


def strip(rasters: Sequence[Raster], bounds: Size) -> bytes:
    """Frames side by side as one JPEG, each in the middle of a field of that size."""
    film = Image.new("RGB", (bounds[0] * len(rasters), bounds[1]))
    for number, raster in enumerate(rasters):
        film.paste(_centred(upright(raster), bounds), (bounds[0] * number, 0))
    return _packed(film, "jpeg")


def joined(file: BinaryIO, bounds: Size) -> bytes:
    """Pictures of that size side by side as one JPEG; in the file each is a PNG of ours, with its length before it."""
    pictures = []
    while length := int.from_bytes(file.read(4), "big"):
        pictures.append(_open(BytesIO(file.read(length)), "PNG"))
    film = Image.new("RGB", (bounds[0] * len(pictures), bounds[1]))
    for number, picture in enumerate(pictures):
        film.paste(picture, (bounds[0] * number, 0))
    return _packed(film, "jpeg")


def waveform(levels: Sequence[Level], bounds: Size, form: Format = "png") -> bytes:
    """The thumbnail of a sound: how loud it is from its start to its end, one level for each column.

    The heights are roots, so that a fourth of full scale, which is still loud, reaches half way up.
    """
    image = Image.new("RGB", bounds)
    draw, middle = ImageDraw.Draw(image), bounds[1] // 2
    for column, level in enumerate(levels):
        for share, colour in zip(level, _WAVE, strict=True):
            reach = round(min(share, 1.0) ** 0.5 * (middle - _MARGIN))
            draw.line((column, middle - reach, column, middle + reach), fill=colour)
        if level.peak >= _FULL:
            end = middle - _MARGIN
            for side in (-1, 1):
                draw.line((column, middle + side * end, column, middle + side * (end - 3)), fill=_CLIPPED)
    return _packed(image, form)


def colour_of(png: bytes) -> str:
    """The mean colour of a picture of ours, as `#rrggbb`."""
    with _open(BytesIO(png), "PNG") as image:
        return "#" + image.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes().hex()


def _open(file: BinaryIO, name: str) -> Image.Image:
    file.seek(0)
    try:
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
            image = Image.open(file, formats=[name])
    except Image.DecompressionBombError as error:
        raise Undecodable("its picture is too large") from error
    except UnidentifiedImageError as error:
        raise Undecodable(
            f"its header is damaged, or this is a kind of {name} that is not known here"
        ) from error
    except (OSError, ValueError, SyntaxError, struct.error) as error:
        raise Undecodable("its header is damaged") from error
    if image.width * image.height > MAX_PIXELS:
        raise Undecodable(f"a picture of {image.width}x{image.height} is too large")
    return image


@contextmanager
def _damage_told() -> Iterator[None]:
    """Tell what Pillow raises while it decodes a frame, or goes to one, as a verdict on the file."""
    try:
        yield
    except Image.DecompressionBombError as error:
        raise Undecodable("its picture is too large") from error
    except _BROKEN as error:
        reason = "the file is cut off" if "truncated" in str(error) else "its picture is damaged"
        raise Undecodable(reason) from error


def _decode(image: Image.Image) -> None:
    with _damage_told():
        image.load()


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
    except (*_BROKEN, Image.DecompressionBombError):
        image.seek(0)


def _delays(image: Image.Image) -> Iterator[float]:
    """How long each frame of a GIF or an AVIF is shown, in seconds; nothing for every other format."""
    with _damage_told():
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


Anatomy = tuple[list[float], BinaryIO]
"""How long each frame is shown, in seconds, where it moves; and the file as the decoder is to see it."""


def _no_anatomy(file: BinaryIO) -> Anatomy:
    return [], file


def _png_anatomy(file: BinaryIO) -> Anatomy:
    delays, seen = png_chunks.anatomy(file)
    if delays and png_sums.is_damaged(file, {b"fdAT"}):
        raise Undecodable("its picture is damaged")
    return delays, seen


def _webp_anatomy(file: BinaryIO) -> Anatomy:
    found = webp_chunks.walk(file)
    if found.is_torn:
        raise Undecodable("the file is cut off")
    if found.has_hole:
        raise Undecodable(_HOLE)
    return list(found.delays), file


def _jpeg_anatomy(file: BinaryIO) -> Anatomy:
    """Only look for zeros: a decoder makes something of them, and of a scan that is cut off it tells."""
    if jpeg_scans.has_hole(file):
        raise Undecodable(_HOLE)
    return [], file


def _jpeg2000_anatomy(file: BinaryIO) -> Anatomy:
    """Only look for zeros, as in a JPEG."""
    if zeros.in_jpeg2000(file):
        raise Undecodable(_HOLE)
    return [], file


def _avif_anatomy(file: BinaryIO) -> Anatomy:
    """Only look for zeros: what is cut off is told by its decoder."""
    if zeros.in_av1(file):
        raise Undecodable(_HOLE)
    return [], file


def _gif_anatomy(file: BinaryIO) -> Anatomy:
    """Only look for its end and for zeros: how long its frames are shown Pillow says."""
    fault = gif_blocks.fault(file)
    if fault:
        raise Undecodable(_HOLE if fault == "hole" else "the file is cut off")
    return [], file


_ANATOMY: Final[dict[str, Callable[[BinaryIO], Anatomy]]] = {
    "PNG": _png_anatomy,
    "WEBP": _webp_anatomy,
    "GIF": _gif_anatomy,
    "JPEG": _jpeg_anatomy,
    "JPEG2000": _jpeg2000_anatomy,
    "AVIF": _avif_anatomy,
}


def _fit(image: Image.Image, bounds: Size) -> Image.Image:
    """The picture in RGB, scaled to fit; what is transparent is black."""
    flat = _flatten(_reduced(image, bounds))
    return flat.resize(fitted(flat.size, bounds), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _reduced(image: Image.Image, bounds: Size) -> Image.Image:
    """A picture that is far too large made smaller first, so that there is room to work on it."""
    factor = min(image.width // (4 * bounds[0]), image.height // (4 * bounds[1]))
    return image.reduce(factor) if factor > 1 and not image.mode.startswith(_WHOLE_NUMBERS) else image


def _flatten(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if image.mode == "F":  # 0 to 1
        return image.point(lambda value: value * 255).convert("L").convert("RGB")
    if image.mode == "LAB":
        return _FROM_LAB.apply(image)
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, (0, 0, 0, 255)), clear).convert("RGB")
    return image.convert("RGB")


def upright(raster: Raster) -> Image.Image:
    """A decoded frame as it is to be held."""
    image = Image.frombuffer("RGB", raster.size, raster.pixels, "raw", "RGB", raster.stride, 1)
    return image.rotate(raster.turn, expand=True) if raster.turn else image


def _centred(image: Image.Image, bounds: Size) -> Image.Image:
    """The picture in the middle of a black canvas of exactly that size."""
    if image.size == bounds:
        return image
    canvas = Image.new("RGB", bounds)
    canvas.paste(image, ((bounds[0] - image.width) // 2, (bounds[1] - image.height) // 2))
    return canvas


def _packed(image: Image.Image, form: Format) -> bytes:
    """The picture, packed fast: WebP would be a quarter smaller than JPEG, and take fifteen times as long."""
    out = BytesIO()
    if form == "png":
        image.save(out, "PNG", compress_level=1)
    else:
        image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
