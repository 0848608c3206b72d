"""The layers of an OpenEXR: which of its channels are the picture that stands for it.

What renderers call the layer that a film uses stands in a table here; data, such as normals, comes after all light.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from projections.media.light.header import Part

Showing = Literal["light", "luminance", "depth", "range"]
"""How channels are shown: as light in three colours, or without two of them, as near and far, as small and large."""

_BEAUTY: Final = (
    "composite",
    "combined",
    "beauty",
    "rgba",
    "rgb",
    "color",
    "colour",
    "main",
    "final",
    "c",
    "image",
)
"""What the layer is called that is the picture, by Blender, Arnold, V-Ray, Karma, Redshift, Nuke; the first one wins."""

_DATA_NAMES: Final = """
    n p uv st normal normals position point points vector vectors motion motionvector velocity speed
    crypto cryptomatte cryptoobject cryptomaterial cryptoasset index indexob indexma id ids matte mask noisy denoising
    depth z zdepth
"""
_DATA: Final = frozenset(_DATA_NAMES.split())
_COLOURS: Final = (("r", "g", "b"), ("red", "green", "blue"))
_DEPTHS: Final = frozenset({"z", "depth", "zdepth"})


class Picture(NamedTuple):
    """Channels of a part, and how they are shown; `alpha` and `depth` are of use where the part is deep."""

    part: Part
    channels: tuple[str, ...]
    showing: Showing
    alpha: str | None = None
    depth: str | None = None


def choose(parts: Sequence[Part]) -> Picture | None:
    """The picture that stands for them; None where there is no channel at all."""
    found = [(rank, place, one) for place, (rank, one) in enumerate(_pictures(parts))]
    return min(found, key=lambda each: each[:2])[2] if found else None


def _pictures(parts: Sequence[Part]) -> Iterator[tuple[float, Picture]]:
    """All that can be shown, each with its rank."""
    for part in parts:
        name = part.text("name") if len(parts) > 1 else ""
        right = "right" in _words(part.text("view"))
        for layer, channels in _layers(part).items():
            for rank, names, showing in _showings(layer, channels):
                words = [*_words(name), *_words(layer)]
                late = _lateness(words, is_unnamed=not layer) if showing in ("light", "luminance") else 0.0
                alpha, depth = channels.get("a") or channels.get("alpha"), channels.get("z")
                yield (
                    rank + late + (right or "right" in words) * 0.5,
                    Picture(part, names, showing, alpha, depth),
                )


def _layers(part: Part) -> dict[str, dict[str, str]]:
    """The names of the channels by their layer and their last part, in small letters."""
    found: dict[str, dict[str, str]] = {}
    for channel in part.channels:
        layer, _, last = channel.name.rpartition(".")
        found.setdefault(layer, {})[last.lower()] = channel.name
    return found


def _showings(layer: str, channels: dict[str, str]) -> Iterator[tuple[float, tuple[str, ...], Showing]]:
    for colours in _COLOURS:
        if all(one in channels for one in colours):
            yield 0, tuple(channels[one] for one in colours), "light"
            return
    if "y" in channels and "x" not in channels:
        more = tuple(channels[one] for one in ("ry", "by") if {"ry", "by"} <= channels.keys())
        yield 0.25, (channels["y"], *more), "luminance"
        return
    for last, name in channels.items():
        words = {last, *(_words(layer) if len(channels) == 1 else ())}
        is_depth = bool(words & _DEPTHS) and "x" not in channels
        yield (20 if is_depth else 30 + (last in ("a", "alpha"))), (name,), "depth" if is_depth else "range"


def _lateness(words: Sequence[str], *, is_unnamed: bool) -> float:
    """How far behind a layer of those words is as the picture: 0 where it has no name, or one that says so."""
    if _DATA & {*words}:
        return 10
    if not words:
        return 0
    named = [place for place, word in enumerate(_BEAUTY) if word in words]
    if named:
        return 0.01 + named[0] / 100
    return 1 if is_unnamed else 2


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+", name.lower())
