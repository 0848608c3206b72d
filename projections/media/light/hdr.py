"""HDR: frames of video that hold more light than a screen shows, or colours that it has not, or are clear in places."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from projections.media.light import tone

_PAPER: Final = 203.0
"""Candelas a square metre of the white of paper in HDR, by ITU-R BT.2408."""

_BT2020: Final = (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290)
_P3: Final = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290)


class Light(NamedTuple):
    """How the numbers of a frame become light, what its primaries are, and whether it goes beyond the white of paper."""

    decode: Callable[[tone.Floats], tone.Floats]
    primaries: tuple[float, ...] | None
    has_highlights: bool


def light_of(transfer: int, primaries: int) -> Light | None:
    """How a frame with those code points of ITU-T H.273 is shown; None for one that a screen shows as it is."""
    known = {9: _BT2020, 12: _P3}.get(primaries)
    if transfer == 16:
        return Light(_pq, None if primaries == 1 else known or _BT2020, has_highlights=True)
    if transfer == 18:
        return Light(_hlg, None if primaries == 1 else known or _BT2020, has_highlights=True)
    return Light(_screen, _BT2020, has_highlights=False) if known is _BT2020 else None


LEVEL: Final = 8
SIDE: Final = LEVEL**3
"""Pixels of a table's sides: it has as many colours as a cube of LEVEL squared each way."""


def table(light: Light) -> bytes:
    """What a screen shows for every colour, as a Hald image: SIDE lines of SIDE pixels of RGB, of two bytes each.

    Red grows first, then green, then blue.
    """
    steps = np.linspace(0, 65535, LEVEL**2).round().astype("<u2")
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    colours = np.stack([red, green, blue, np.full_like(red, 65535)], axis=-1)
    shown = np.frombuffer(on_screen(colours.tobytes(), (SIDE, SIDE), SIDE * 8, light), "u1")
    return (shown.astype("<u2") * 257).tobytes()


def on_screen(pixels: bytes, size: tuple[int, int], stride: int, light: Light | None) -> bytes:
    """RGBA, of two bytes each where it holds light, as a screen's RGB over black."""
    kind = np.dtype("<u2" if light else "u1")
    lines = np.frombuffer(pixels, kind).reshape(-1, stride // kind.itemsize)
    numbers = lines[: size[1], : 4 * size[0]].reshape(size[1], size[0], 4).astype(np.float32)
    part = numbers / np.iinfo(kind).max
    colour, alpha = part[..., :3], part[..., 3:]
    if light is None:
        return np.rint(colour * alpha * 255).astype(np.uint8).tobytes()
    seen = light.decode(colour)
    if light.primaries:
        seen = seen @ tone.conversion(light.primaries).T
    return tone.on_screen(seen * alpha, has_highlights=light.has_highlights).tobytes()


def _screen(part: tone.Floats) -> tone.Floats:
    return np.power(part, np.float32(2.4))


def _pq(part: tone.Floats) -> tone.Floats:
    """SMPTE ST 2084, in which 1 is 10,000 candelas a square metre."""
    root = np.power(part, np.float32(1 / 78.84375))
    light = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    return np.power(light, np.float32(1 / 0.1593017578125)) * np.float32(10_000 / _PAPER)


def _hlg(part: tone.Floats) -> tone.Floats:
    """ITU-R BT.2100's HLG, as on a screen of 1,000 candelas a square metre."""
    low, high = part * part / 3, (np.exp((part - 0.55991073) / 0.17883277) + 0.28466892) / 12
    scene = np.where(part <= 0.5, low, high)
    seen = scene @ np.array((0.2627, 0.6780, 0.0593), np.float32)
    light: tone.Floats = scene * np.power(np.maximum(seen, 1e-6), 0.2)[..., None] * (1_000 / _PAPER)
    return light
