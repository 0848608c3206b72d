"""Tones: light becomes what a screen shows.

Values are light, 1.0 the white of a sheet of paper. Up to four fifths of it a screen shows light as it is; above,
a shoulder as that of film has highlights keep their shape, and none becomes a flat white at once. A picture that is
too dark or too bright as a whole is exposed first, see `exposure`.
"""

from functools import reduce
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[Any]
"""Light: lines of pixels of one or three floats of 32 bits."""

Bytes = npt.NDArray[Any]
"""What a screen shows: the same in bytes."""

_KNEE: Final = 0.8
_MOST: Final = 65504.0
"""The largest half."""

_DIM: Final = 0.05
"""What the brightest light of a picture is to be at least, but for a hundredth of it."""

_BRIGHT: Final = 1.0
"""What its mean light is to be at most."""

_BT709: Final = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
"""A screen's primaries: x and y of red, green, blue and white."""


def sane(light: npt.NDArray[Any]) -> Floats:
    """Light as floats that can be reckoned with: what is no number is black, and nothing is endless."""
    found: Floats = np.nan_to_num(light.astype(np.float32), nan=0.0, posinf=_MOST, neginf=0.0)
    np.clip(found, -_MOST, _MOST, out=found)
    return found


def exposure(light: Floats) -> float:
    """What a picture's light is multiplied by, 1 but for one that is all dark, or on the whole brighter than paper."""
    # Numpy's own maximum of an axis takes ten times as long.
    bright = reduce(np.maximum, np.moveaxis(light, -1, 0))
    bright = bright[bright > 0]
    if not bright.size:
        return 1.0
    highest = _below(bright, 0.99)
    mean = float(np.exp(np.log(np.maximum(bright, 1e-6)).mean()))
    if highest < _DIM:
        return _DIM / highest
    return _BRIGHT / mean if mean > _BRIGHT else 1.0


def _below(values: Floats, share: float) -> float:
    """The number below which that share of them lies. numpy's own would import more, which a confined decoder cannot."""
    place = round(share * (values.size - 1))
    return float(np.partition(values, place, axis=None)[place])


def on_screen(light: Floats, *, exposed: float = 1.0, has_highlights: bool = True) -> Bytes:
    """Light as a screen's bytes, sRGB; what ends at 1.0 in any case has no highlights."""
    shown = light * np.float32(exposed)
    np.clip(shown, 0, _MOST if has_highlights else 1, out=shown)
    screen: Bytes = (_SHOWN if has_highlights else _WITHOUT_HIGHLIGHTS)[
        shown.astype(np.float16).view(np.uint16)
    ]
    return screen


def _curve(shown: Floats) -> Bytes:
    """The curve of sRGB."""
    curved = np.where(shown <= 0.0031308, shown * 12.92, 1.055 * np.power(shown, 1 / 2.4) - 0.055)
    screen: Bytes = np.rint(curved * 255).astype(np.uint8)
    return screen


def _shouldered(light: Floats) -> Floats:
    over = np.maximum(light - _KNEE, 0) / (1 - _KNEE)
    shouldered: Floats = np.minimum(light, _KNEE) + (1 - _KNEE) * over / (1 + over)
    return shouldered


def between(values: Floats, *, is_depth: bool) -> Bytes:
    """Numbers as greys, from the smallest to the largest but for a hundredth; of a depth what is near is bright."""
    known = np.isfinite(values)
    if is_depth:
        known &= (values < 1e9) & (values > 0)  # what renderers write where there is nothing
    if not known.any():
        return np.zeros(values.shape, np.uint8)
    low, high = _below(values[known], 0.01), _below(values[known], 0.99)
    part = (np.where(known, values, high) - low) / (high - low) if high > low else np.full(values.shape, 0.5)
    part = np.clip(1 - 0.9 * part if is_depth else part, 0, 1)
    screen: Bytes = np.rint(np.where(known, part, 0) * 255).astype(np.uint8)
    return screen


def conversion(primaries: tuple[float, ...]) -> Floats:
    """What turns light of those primaries into that of a screen; grey stays grey."""
    found = np.linalg.inv(_to_xyz(_BT709)) @ _to_xyz(primaries)
    scaled: Floats = (found / found.sum(axis=1, keepdims=True)).astype(np.float32)
    return scaled


def _to_xyz(primaries: tuple[float, ...]) -> npt.NDArray[np.float64]:
    x, y = np.array(primaries[0::2]), np.array(primaries[1::2])
    columns = np.stack([x / y, np.ones(4), (1 - x - y) / y])
    return columns[:, :3] * np.linalg.solve(columns[:, :3], columns[:, 3])


_HALVES: Final = np.clip(
    np.nan_to_num(np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float64)), 0, _MOST
)
"""All halves, by their bits. A screen tells apart fewer kinds of light than there are halves."""

_SHOWN: Final = _curve(_shouldered(_HALVES))
"""What a screen shows of each half: to look it up takes a tenth of the time that the curve does."""

_WITHOUT_HIGHLIGHTS: Final = _curve(np.clip(_HALVES, 0, 1))
"""What a screen shows of each half where light ends at 1.0."""
