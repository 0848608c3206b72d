"""The grade: how somebody wants to look at a picture for a moment: brighter or darker, or one channel of it alone."""

from collections.abc import Callable
from typing import Final

from PIL import Image

from projections.media.drawing.told import Grade

_LUMA: Final = (0.2126, 0.7152, 0.0722, 0.0)
"""How much of each colour of a screen is seen as light."""

_WHITE: Final = 255


def graded(image: Image.Image, grade: Grade | None, *, is_exposed: bool = False) -> Image.Image:
    """A picture in RGB as it is to be looked at; what `is_exposed` has its light changed already."""
    if grade is None or grade.channel == "a":
        return image
    if grade.stops and not is_exposed:
        image = image.point(_table(lambda light: _curved(_linear(light) * 2**grade.stops)) * 3)
    if grade.gamma != 1:
        image = image.point(_table(lambda shown: shown ** (1 / grade.gamma)) * 3)
    if grade.channel == "luma":
        return image.convert("L", _LUMA).convert("RGB")
    return image if grade.channel == "rgb" else image.getchannel(grade.channel.upper()).convert("RGB")


def alpha_of(image: Image.Image) -> Image.Image:
    """How clear a picture is, in grey: white where nothing shines through it, as everywhere without an alpha."""
    clear = image.convert("RGBA") if image.has_transparency_data else None
    return clear.getchannel("A") if clear else Image.new("L", image.size, _WHITE)


def _table(change: Callable[[float], float]) -> list[int]:
    return [round(min(max(change(value / 255), 0.0), 1.0) * 255) for value in range(256)]


def _linear(shown: float) -> float:
    """The light of what a screen shows, by the curve of sRGB."""
    return shown / 12.92 if shown <= 0.04045 else float(((shown + 0.055) / 1.055) ** 2.4)


def _curved(light: float) -> float:
    return light * 12.92 if light <= 0.0031308 else float(1.055 * light ** (1 / 2.4) - 0.055)
