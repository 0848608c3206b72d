"""Drawings: what may be drawn on a frame with a note."""

from collections.abc import Sequence
from math import isfinite
from typing import Final, get_args

from msgspec.structs import replace

from events.errors import ChoiceNotKept
from events.facts import Colour, Stroke

MOST_STROKES: Final = 64
"""Of one drawing."""

MOST_POINTS: Final = 2_000
"""Of all strokes of a drawing together."""

LONGEST_WORDS: Final = 200
"""Characters of a text in a drawing."""

_DIGITS: Final = 4
"""Behind the point of a place: a tenth of a pixel of the widest pictures that there are."""

_POINTS: Final = {"pen": (2, MOST_POINTS), "arrow": (2, 2), "text": (1, 1)}
"""How many points a stroke has, at least and at most."""


def drawn(strokes: Sequence[Stroke]) -> tuple[Stroke, ...]:
    """The strokes as the log keeps them; ChoiceNotKept where they are none, or too many."""
    if len(strokes) > MOST_STROKES or sum(len(one.points) // 2 for one in strokes) > MOST_POINTS:
        raise ChoiceNotKept(
            "that is too much for one drawing",
            f"A drawing has at most {MOST_STROKES} strokes and {MOST_POINTS:,} points: write a second note.",
        )
    return tuple(_drawn(one) for one in strokes)


def _drawn(stroke: Stroke) -> Stroke:
    least, most = _POINTS.get(stroke.kind, (1, 0))
    is_even = len(stroke.points) % 2 == 0
    is_within = all(isfinite(one) and 0 <= one <= 1 for one in stroke.points)
    if not (is_even and is_within and least <= len(stroke.points) // 2 <= most):
        raise ChoiceNotKept(
            f"that is no {stroke.kind[:20]} on a frame",
            "A pen has two points or more, an arrow two, a text one; each is x and y, from 0 to 1.",
        )
    words = stroke.text or ""
    if (
        (stroke.kind == "text") != bool(words.strip())
        or len(words) > LONGEST_WORDS
        or not words.isprintable()
    ):
        raise ChoiceNotKept(
            f"that is no text on a frame: {words[:50]!r}",
            f"A text is 1 to {LONGEST_WORDS} printable characters; a pen and an arrow have none.",
        )
    if stroke.colour not in get_args(Colour):
        raise ChoiceNotKept(
            f"{stroke.colour[:20]!r} is no colour of a drawing", f"There are {', '.join(get_args(Colour))}."
        )
    return replace(stroke, points=tuple(round(float(one), _DIGITS) for one in stroke.points))
