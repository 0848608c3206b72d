"""OpenEXR: whether a file is whole, and the picture that stands for it."""

from collections.abc import Iterator, Mapping
from math import isqrt, prod
from typing import BinaryIO, Final, NamedTuple

import numpy as np

from projections.media.light import tone
from projections.media.light.blocks import Band, bands
from projections.media.light.header import SIZES, Box, Broken, Header, Part, read
from projections.media.light.layers import Picture, choose
from projections.media.light.unpacking import Numbers, samples, unpacked

_SMALL: Final = 4 << 30
"""Bytes of pixels that are all unpacked; of a file with more only some of its bands are, and the blocks of all are found."""

_CANVAS: Final = 16 << 20
"""Pixels of a picture on which it is worked, but for very thin ones fewer by far."""

_DEEPEST: Final = 4096
"""Samples of a pixel that are looked through; what lies behind so many is hardly seen."""


class Seen(NamedTuple):
    """A picture as a screen's bytes, three a pixel, and how wide one of its pixels is for its height."""

    pixels: tone.Bytes
    shape: float


class Drawn(NamedTuple):
    """The channels that are shown, and what is in them, in as many pixels as some bounds need."""

    chosen: Picture
    numbers: tone.Floats


def check(
    file: BinaryIO, most_pixels: int, bounds: tuple[int, int] | None = None
) -> tuple[Header, Drawn | None]:
    """What the file says of itself, once all blocks of all its parts have been found and unpacked; Broken where one is not.

    With `bounds` also what a picture of that size is made of, which need not be unpacked again: but of a very large file.
    """
    header = read(file, most_pixels)
    every = 1 + sum(map(_size, header.parts)) // _SMALL
    chosen = choose(header.parts) if bounds and every == 1 else None
    canvas = _Canvas(chosen, bounds, most_pixels) if chosen and bounds else None
    for part in header.parts:
        for number, band in enumerate(bands(file, header, part)):
            if canvas and part is canvas.chosen.part and band.level is part.levels[0]:
                canvas.draw(band)
            elif number % every == 0:
                _unpack(part, band)
    return header, Drawn(canvas.chosen, canvas.picture()) if canvas else None


def _size(part: Part) -> int:
    return sum(prod(one.size) for one in part.levels) * sum(SIZES[one.kind] for one in part.channels)


def _unpack(part: Part, band: Band) -> None:
    if part.is_deep:
        for _ in samples(part, band):
            pass
    elif part.channels:
        unpacked(part, band)


def frame_of(part: Part, most_pixels: int) -> Box:
    """What a viewer shows of a part: its display window, or what there is where that is not to be had."""
    shown, there = part.display, part.window
    apart = min(shown.right, there.right) < max(shown.left, there.left) or (
        min(shown.bottom, there.bottom) < max(shown.top, there.top)
    )
    is_odd = shown.width < 1 or shown.height < 1 or apart
    return there if is_odd or shown.width * shown.height > most_pixels else shown


def picture(drawn: Drawn, exposed: float | None = None, stops: float = 0.0) -> Seen:
    """The picture that stands for a file; `exposed` goes before what it needs itself, and is doubled so many `stops`."""
    chosen, numbers = drawn
    return Seen(_on_screen(chosen, numbers, exposed, stops), _shape(chosen.part))


def alpha(file: BinaryIO, bounds: tuple[int, int], most_pixels: int) -> Seen:
    """How clear such a picture is: white where nothing shines through it, as everywhere without an alpha."""
    chosen, numbers = draw(file, bounds, most_pixels, of_alpha=True)
    clear = numbers if chosen.alpha else np.ones((*numbers.shape[:2], 3), np.float32)
    return Seen(np.rint(np.clip(clear, 0, 1) * 255).astype(np.uint8), _shape(chosen.part))


def exposure(drawn: Drawn) -> float | None:
    """What the light in such a picture is multiplied by; None where it holds none."""
    chosen, numbers = drawn
    return tone.exposure(_in_our_primaries(chosen, numbers)) if _is_light(chosen) else None


def draw(file: BinaryIO, bounds: tuple[int, int], most_pixels: int, *, of_alpha: bool = False) -> Drawn:
    """What the picture that stands for a file is made of, which is not much larger than `bounds`; or its alpha."""
    header = read(file, most_pixels)
    chosen = choose(header.parts)
    if chosen is None:
        raise Broken("there is no picture in it")
    if of_alpha and chosen.alpha:
        chosen = Picture(chosen.part, (chosen.alpha,), "luminance", chosen.alpha, chosen.depth)
    canvas = _Canvas(chosen, bounds, most_pixels)
    for band in bands(file, header, chosen.part, largest_only=True):
        canvas.draw(band)
    return Drawn(chosen, canvas.picture())


def _shape(part: Part) -> float:
    (shape,) = np.frombuffer(part.values.get("pixelAspectRatio", b"")[:4].ljust(4, b"\0"), "<f4")
    return float(shape) if 0.1 < shape < 10 else 1.0


def _is_light(chosen: Picture) -> bool:
    return chosen.showing in ("light", "luminance")


def _on_screen(chosen: Picture, numbers: tone.Floats, exposed: float | None, stops: float) -> tone.Bytes:
    if not _is_light(chosen):
        grey = tone.between(numbers[..., 0], is_depth=chosen.showing == "depth")
        return np.repeat(grey[..., None], 3, axis=2)
    light = _in_our_primaries(chosen, numbers)
    needed = tone.exposure(light) if exposed is None else exposed
    return tone.on_screen(light, exposed=needed * 2.0**stops)


def _in_our_primaries(chosen: Picture, light: tone.Floats) -> tone.Floats:
    """The light in the primaries of a screen."""
    primaries = np.frombuffer(chosen.part.values.get("chromaticities", b"")[:32], "<f4")
    return light @ _conversion(tuple(map(float, primaries))).T if primaries.size == 8 else light


def _conversion(primaries: tuple[float, ...]) -> tone.Floats:
    """As the file says, where that makes any sense."""
    try:
        with np.errstate(all="ignore"):
            found = tone.conversion(primaries)
    except np.linalg.LinAlgError:
        return np.identity(3, np.float32)
    return found if np.isfinite(found).all() else np.identity(3, np.float32)


def _numbers(chosen: Picture, band: Band) -> Iterator[tuple[Box, tone.Floats]]:
    """The pixels of a band in the channels that are shown, three or one of them."""
    if chosen.part.is_deep:
        for box, counts, found in samples(chosen.part, band):
            yield box, _flattened(chosen, counts, found)
    else:
        found = unpacked(chosen.part, band)
        size = (band.box.height, band.box.width)
        planes = [_spread(found[name], size) for name in chosen.channels]
        yield band.box, _in_colour(chosen, planes)


def _spread(numbers: Numbers, size: tuple[int, int]) -> Numbers:
    """A channel that has fewer columns or lines than there are, in full."""
    down, across = -(-size[0] // numbers.shape[0]), -(-size[1] // numbers.shape[1])
    if (down, across) != (1, 1):
        numbers = np.repeat(np.repeat(numbers, down, axis=0), across, axis=1)
    return numbers[: size[0], : size[1]]


def _in_colour(chosen: Picture, planes: list[Numbers]) -> tone.Floats:
    if not _is_light(chosen):
        return planes[0].astype(np.float32)[..., None]
    light = [tone.sane(one) for one in planes]
    if chosen.showing == "light":
        return np.stack(light, axis=-1)
    grey = light[0]
    if len(light) == 1:
        return np.repeat(grey[..., None], 3, axis=2)
    red, blue = (light[1] + 1) * grey, (light[2] + 1) * grey
    green = (grey - 0.2126 * red - 0.0722 * blue) / 0.7152
    return np.stack([red, green, blue], axis=-1)


def _flattened(chosen: Picture, counts: np.ndarray, found: Mapping[str, Numbers]) -> tone.Floats:
    """Deep pixels as they are seen from the front: light over light, or of other numbers the first."""
    flat = counts.ravel()
    starts = np.cumsum(flat) - flat
    if chosen.depth and chosen.depth in found:
        order = np.lexsort((found[chosen.depth], np.repeat(np.arange(flat.size), flat)))
        found = {name: numbers[order] for name, numbers in found.items()}
    is_light = _is_light(chosen)
    names = chosen.channels if chosen.showing == "light" else chosen.channels[:1]
    seen = np.full((flat.size, len(names)), 0 if is_light else np.nan, np.float32)
    left = np.ones(flat.size, np.float32)
    for number in range(min(int(flat.max(initial=0)), _DEEPEST if is_light else 1)):
        there = np.flatnonzero(flat > number)
        at = starts[there] + number
        values = np.stack([found[name][at].astype(np.float32) for name in names], axis=-1)
        if not is_light:
            seen[there] = values
            continue
        seen[there] += tone.sane(values) * left[there, None]
        alpha = tone.sane(found[chosen.alpha][at]) if chosen.alpha else np.ones(len(at), np.float32)
        left[there] *= 1 - np.clip(alpha, 0, 1)
    shaped = seen.reshape(*counts.shape, len(names))
    return np.repeat(shaped, 3, axis=2) if chosen.showing == "luminance" else shaped


class _Canvas:
    """What a viewer shows, put together from bands, so many pixels in one as there is no use for.

    Light is added up, of other numbers one is taken: near and far have no mean.
    """

    def __init__(self, chosen: Picture, bounds: tuple[int, int], most_pixels: int) -> None:
        self.chosen = chosen
        self._frame = frame = frame_of(chosen.part, most_pixels)
        at_least = isqrt(frame.width * frame.height // _CANVAS)
        self._step = max(1, at_least, min(frame.width // bounds[0], frame.height // bounds[1]))
        self._is_light = _is_light(chosen)
        size = (-(-frame.height // self._step), -(-frame.width // self._step), 3 if self._is_light else 1)
        self._sum = np.full(size, 0 if self._is_light else np.nan, np.float32)

    def draw(self, band: Band) -> None:
        """Have what is in a band where it belongs."""
        for box, numbers in _numbers(self.chosen, band):
            self.put(box, numbers)

    def put(self, box: Box, numbers: tone.Floats) -> None:
        """Have those numbers where their box is, as far as it is within the frame."""
        frame, step = self._frame, self._step
        left, top = max(box.left, frame.left), max(box.top, frame.top)
        right, bottom = min(box.right, frame.right), min(box.bottom, frame.bottom)
        if left > right or top > bottom:
            return
        seen = numbers[top - box.top : bottom - box.top + 1, left - box.left : right - box.left + 1]
        lines, columns = np.arange(top, bottom + 1) - frame.top, np.arange(left, right + 1) - frame.left
        if self._is_light:
            seen = _summed(_summed(seen, lines // step, 0), columns // step, 1)
            row, place = lines[0] // step, columns[0] // step
            self._sum[row : row + seen.shape[0], place : place + seen.shape[1]] += seen
        else:
            rows, places = np.flatnonzero(lines % step == 0), np.flatnonzero(columns % step == 0)
            if rows.size and places.size:
                at = np.ix_(lines[rows] // step, columns[places] // step)
                self._sum[at] = seen[np.ix_(rows, places)]

    def picture(self) -> tone.Floats:
        """All of it."""
        if not self._is_light or self._step == 1:
            return self._sum
        down, across = (
            np.minimum(self._step, size - np.arange(0, size, self._step))
            for size in (self._frame.height, self._frame.width)
        )
        return self._sum / (down[:, None] * across[None, :]).astype(np.float32)[..., None]


def _summed(numbers: tone.Floats, groups: np.ndarray, axis: int) -> tone.Floats:
    """Neighbours of the same group added up."""
    if len(groups) == groups[-1] - groups[0] + 1:  # each is alone
        return numbers
    return np.add.reduceat(numbers, np.flatnonzero(np.diff(groups, prepend=-1)), axis=axis)
