"""WebP: its chunks, walked without a decoder: how long each frame is shown, and whether all of them are there."""

from collections.abc import Sequence
from typing import BinaryIO, Final, NamedTuple

_PIXELS: Final = frozenset({b"VP8 ", b"VP8L"})
_HOLE: Final = bytes(1024)
"""Zeros in a row that neither way of packing writes."""


class Found(NamedTuple):
    """How long each frame of an animation is shown, in seconds; whether it is cut off, or has room that was never filled."""

    delays: Sequence[float]
    is_torn: bool
    has_hole: bool


def walk(file: BinaryIO) -> Found:
    """Go through its chunks: each `ANMF` is a frame and its time, with the chunks of that within it."""
    size = file.seek(0, 2)
    file.seek(4)
    claimed = int.from_bytes(file.read(4), "little") + 8
    delays, place, has_hole = [], 12, False
    while place + 8 <= min(claimed, size):
        file.seek(place)
        head = file.read(24)
        kind, length = head[:4], int.from_bytes(head[4:8], "little")
        if kind in _PIXELS:
            file.seek(place + 8)
            has_hole = has_hole or _HOLE in file.read(length)
        has_hole = has_hole or not head.strip(b"\0")
        if kind == b"ANMF" and len(head) == 24:
            delays.append(int.from_bytes(head[20:23], "little") / 1000)
            place += 24
        else:
            place += 8 + length + length % 2
    return Found(delays, claimed > size, has_hole)
