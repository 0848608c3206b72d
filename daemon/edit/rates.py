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


def timecode(count: int, rate: Fraction) -> str:
    """A number of frames as SMPTE timecode, `;` before the frames where it drops some of its numbers.

    At 30000/1001 frames a second the numbers 0 and 1 are left out in every minute but each tenth one, so that the code
    keeps to the clock; at 60000/1001 the first four. SMPTE ST 12-1.
    """
    base = round(rate)
    drops = dropped(rate)
    if drops:
        tens, rest = divmod(count, 600 * base - 9 * drops)
        count += 9 * drops * tens + drops * max(0, (rest - drops) // (60 * base - drops))
    seconds, number = divmod(count, base)
    hours, seconds = divmod(seconds, 3600)
    mark = ";" if drops else ":"
    return f"{hours % 24:02d}:{seconds // 60:02d}:{seconds % 60:02d}{mark}{number:02d}"


def dropped(rate: Fraction) -> int:
    """How many numbers of frames a minute leaves out at that rate."""
    return {Fraction(30000, 1001): 2, Fraction(60000, 1001): 4}.get(rate, 0)
