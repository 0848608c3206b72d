"""Timecode: a count of frames as hours, minutes, seconds and frames."""

from fractions import Fraction


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
