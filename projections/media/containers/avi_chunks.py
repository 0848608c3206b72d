"""AVI: its chunks, walked without a decoder, which would go on at the next one where there is a hole in between."""

from typing import BinaryIO, Final

_MOST: Final = 1 << 22
"""Chunks that are looked at: more than a day of pictures and sound."""

_HOLE: Final = 64
"""Zeros in a row that are no padding."""


def has_hole(file: BinaryIO) -> bool:
    """Whether there are zeros within the file where a chunk should begin, as in room that a transfer has reserved."""
    place, end = 0, 0
    for _ in range(_MOST):
        file.seek(place)
        head = file.read(_HOLE)
        kind, length = head[:4], int.from_bytes(head[4:8], "little")
        if kind == b"RIFF" and head[8:12] in (b"AVI ", b"AVIX"):
            end = place + 8 + length
        elif place >= end or len(head) < _HOLE:
            return False
        elif not head.strip(b"\0"):
            return True
        place += 12 if kind in (b"RIFF", b"LIST") else 8 + length + length % 2
    return False
