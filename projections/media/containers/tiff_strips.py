"""TIFF: its strips or tiles, where they are packed: libtiff makes something of zeros that nobody wrote.

What is deflated ends with a sum of what is in it, which libtiff never looks at.
"""

import zlib
from collections.abc import Iterable
from typing import BinaryIO, Final

DEFLATED: Final = frozenset({8, 32946})
"""What the tag of the compression says of them."""

_PIECE: Final = 1 << 20


PACKED: Final = frozenset({5, 32773})
"""The same of those that have no such sum, but never so many zeros in a row."""

_HOLE: Final = bytes(512)


def has_hole(file: BinaryIO, spans: Iterable[tuple[int, int]]) -> bool:
    """Whether one of those, which are packed without a sum, has zeros in it that nobody wrote."""
    for place, size in spans:
        file.seek(place)
        if _HOLE in file.read(size):
            return True
    return False


def is_damaged(file: BinaryIO, spans: Iterable[tuple[int, int]]) -> bool:
    """Whether one of those, by where it begins and its bytes, cannot be inflated, or is not what its sum says."""
    try:
        for place, size in spans:
            file.seek(place)
            inflater, packed = zlib.decompressobj(), file.read(size)
            while packed and not inflater.eof:
                inflater.decompress(packed, _PIECE)
                packed = inflater.unconsumed_tail
    except zlib.error:
        return True
    return False
