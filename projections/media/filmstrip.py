"""The filmstrip: which moments of a clip are on it, and how far a decoder may go to reach each of them.

Pure numbers: seconds from the clip's beginning in, seconds out. A decoder can begin at a keyframe only, and
pays for every frame from there to the one that is wanted.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from projections.media.jobs import Size

COUNT: Final = 16
FRAME: Final = (160, 90)

REACH: Final = 64_000_000
"""Pixels that may be decoded for one frame on the strip: 30 pictures in 1080p, a fifth of a second at most."""


class Stop(NamedTuple):
    """Show the frame at that second, after a seek to the keyframe at `seek`, or by going on where one is."""

    seek: float | None
    second: float


def moments(duration: float) -> list[float]:
    """The seconds that are on the strip: the middles of so many equal parts."""
    return [duration * (number + 0.5) / COUNT for number in range(COUNT)]


def reach(size: Size, rate: float) -> float:
    """How many seconds of a clip with pictures of that size, so many a second, may be decoded for one frame."""
    return max(1.0, REACH / max(1, size[0] * size[1])) / rate


def plan(wanted: Sequence[float], keys: Collection[float], far: float) -> Iterator[Stop]:
    """The way through a clip with keyframes at `keys`, never backwards and never decoding more than `far` seconds.

    A moment that is too far from where the decoder can begin is stood for by the nearest that it can reach.
    """
    known = sorted(keys)
    at = -1.0
    for moment in wanted:
        after = bisect_right(known, moment)
        before = known[after - 1] if after else 0.0
        begin = max(at, before)
        second = min(moment, begin + far)
        if after < len(known) and known[after] - moment < moment - second:
            before = second = known[after]
        yield Stop(before if before > at else None, max(at, second))
        at = max(at, second)
