"""Rates of frames, exact: an edit counts in frames, and 23.976 is 24000/1001."""

from fractions import Fraction
from functools import lru_cache

STANDARD = [Fraction(number * 1000, 1001) for number in (24, 30, 48, 60, 120)]
"""The rates of NTSC's family, which are written in decimals, and are none."""

NEAR = Fraction(1, 200)
"""Frames a second by which a rate may be off one of those: files say 23.976, 23.98 and 29.97."""

MOST = 1001
"""The largest denominator of any other rate."""


@lru_cache(1000)
def exact(rate: float) -> Fraction:
    """The rate that is meant by a number of frames a second."""
    near = min(STANDARD, key=lambda one: abs(one - Fraction(rate)))
    return near if abs(near - Fraction(rate)) < NEAR else Fraction(rate).limit_denominator(MOST)


def frames(seconds: float, rate: Fraction) -> int:
    """How many frames last so long, at least one."""
    return max(1, round(Fraction(seconds) * rate))
