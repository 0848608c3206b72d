"""The pictures that are drawn of takes: thumbnails, the frames of a filmstrip, and the waveform of a sound."""

from collections.abc import Sequence
from io import BytesIO
from typing import BinaryIO, Final

from PIL import Image, ImageCms, ImageDraw

from projections.media.drawing.grade import graded
from projections.media.drawing.told import Grade
from projections.media.jobs import Format, Raster, Size, fitted, no_larger
from projections.media.sound.meters import Level
from projections.media.stills.opening import opened

_FROM_LAB: Final = ImageCms.buildTransform(
    ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
)

_WHOLE_NUMBERS: Final = ("1", "P", "I;")
"""The beginnings of modes whose pixels have no mean: single bits, places in a palette, and 16 bits as they lie in the file."""

_WAVE: Final = (62, 84, 104), (150, 186, 214)
"""The colours of a sound's highest samples and of its mean, which is how loud it is heard."""

_CLIPPED: Final = (226, 92, 70)
_MARGIN: Final = 8
_FULL: Final = 0.999
"""The colour at the ends of what is as high as a sample can be, and from where on it counts as that."""

QUALITY: Final = 85
"""Of a JPEG: above it the bytes grow faster than what anybody sees."""


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
    return packed(centred(image, bounds) if margins else image, form)


def strip(rasters: Sequence[Raster], bounds: Size) -> bytes:
    """Frames side by side as one JPEG, each in the middle of a field of that size."""
    film = Image.new("RGB", (bounds[0] * len(rasters), bounds[1]))
    for number, raster in enumerate(rasters):
        film.paste(centred(upright(raster), bounds), (bounds[0] * number, 0))
    return packed(film, "jpeg")


def joined(file: BinaryIO, bounds: Size) -> bytes:
    """Pictures of that size side by side as one JPEG; in the file each is a PNG of ours, with its length before it."""
    pictures = []
    while length := int.from_bytes(file.read(4), "big"):
        pictures.append(opened(BytesIO(file.read(length)), "PNG"))
    film = Image.new("RGB", (bounds[0] * len(pictures), bounds[1]))
    for number, picture in enumerate(pictures):
        film.paste(picture, (bounds[0] * number, 0))
    return packed(film, "jpeg")


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
    return packed(image, form)


def colour_of(png: bytes) -> str:
    """The mean colour of a picture of ours, as `#rrggbb`."""
    with opened(BytesIO(png), "PNG") as image:
        return "#" + image.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes().hex()


def fit(image: Image.Image, bounds: Size) -> Image.Image:
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


def centred(image: Image.Image, bounds: Size) -> Image.Image:
    """The picture in the middle of a black canvas of exactly that size."""
    if image.size == bounds:
        return image
    canvas = Image.new("RGB", bounds)
    canvas.paste(image, ((bounds[0] - image.width) // 2, (bounds[1] - image.height) // 2))
    return canvas


def packed(image: Image.Image, form: Format) -> bytes:
    """The picture, packed fast: WebP would be a quarter smaller than JPEG, and take fifteen times as long."""
    out = BytesIO()
    if form == "png":
        image.save(out, "PNG", compress_level=1)
    else:
        image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
