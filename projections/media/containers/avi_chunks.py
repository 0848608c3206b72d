"""AVI: its chunks, walked without a decoder, which would go on at the next one where there is a hole in between."""

from typing import BinaryIO, Final

from projections.media.containers.pieces import Fault

_MOST: Final = 1 << 22
"""Chunks that are looked at: more than a day of pictures and sound."""

_HOLE: Final = 64
"""Zeros in a row that are no padding."""

_OPEN: Final = frozenset({0, 0xFFFFFFFF})
"""What a writer that cannot go back says instead of a length."""


def fault(file: BinaryIO) -> Fault | None:
    """Whether it is one that ends before its header says, or has zeros where a chunk, or its index, should be."""
    place, end, size = 0, 0, file.seek(0, 2)
    for _ in range(_MOST):
        head = _read(file, place, _HOLE)
        kind, length = head[:4], int.from_bytes(head[4:8], "little")
        if kind == b"RIFF" and head[8:12] in (b"AVI ", b"AVIX"):
            end = place + 8 + length
            if end > size and length not in _OPEN:
                return "cut off"
        elif place >= end or len(head) < _HOLE:
            return None
        elif not head.strip(b"\0") or (kind == b"idx1" and bytes(_HOLE) in _read(file, place + 8, length)):
            return "hole"
        place += 12 if kind in (b"RIFF", b"LIST") else 8 + length + length % 2
    return None


def is_open(file: BinaryIO) -> bool:
    """Whether it is one whose writer could not go back to say how long it is."""
    head = _read(file, 0, 12)
    return head[:4] == b"RIFF" and head[8:] == b"AVI " and int.from_bytes(head[4:8], "little") in _OPEN


def _read(file: BinaryIO, place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)
