"""Deep pictures: those of ten or sixteen bits that hold what a screen shows, graded before they have eight."""

import numpy as np

from projections.media.light.tone import Floats

_FULL = np.float32(65535)


def graded(pixels: bytes, size: tuple[int, int], stride: int, stops: float, gamma: float) -> bytes:
    """RGBA of two bytes each as a screen's RGB over black, its light doubled so many times, with that gamma."""
    lines = np.frombuffer(pixels, "<u2").reshape(-1, stride // 2)
    numbers = lines[: size[1], : 4 * size[0]].reshape(size[1], size[0], 4) / _FULL
    shown = numbers[..., :3] * numbers[..., 3:]
    if stops:
        shown = _curved(np.clip(_linear(shown) * np.float32(2**stops), 0, 1))
    if gamma != 1:
        shown = np.power(shown, np.float32(1 / gamma))
    return np.rint(shown * 255).astype(np.uint8).tobytes()


def _linear(shown: Floats) -> Floats:
    """The light of what a screen shows, by the curve of sRGB."""
    return np.where(shown <= 0.04045, shown / 12.92, np.power((shown + 0.055) / 1.055, np.float32(2.4)))


def _curved(light: Floats) -> Floats:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.power(light, np.float32(1 / 2.4)) - 0.055)
