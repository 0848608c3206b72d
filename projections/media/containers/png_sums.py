"""PNG: the sums of its chunks, which decoders leave out.

Zeros that nobody wrote may stand for pixels, too: many enough of them fill the picture before anything is amiss.
"""

import zlib
from typing import BinaryIO, Final

PICTURES: Final = frozenset({b"IDAT", b"fdAT"})
"""The chunks with pixels: of the first picture, and of the other frames."""

_PIECE: Final = 1 << 20


def is_damaged(file: BinaryIO) -> bool:
    """Whether it is cut off, or a chunk with pixels is not what its sum says."""
    place, kind = 8, b""
    while kind != b"IEND":
        file.seek(place)
        head = file.read(8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if len(head) < 8:
            return True
        if kind in PICTURES and _sum(file, length, zlib.crc32(kind)) != int.from_bytes(file.read(4), "big"):
            return True
        place += 12 + length
    return False


def _sum(file: BinaryIO, length: int, begun: int) -> int:
    """The sum of so many bytes from where the file stands, piece by piece."""
    for begin in range(0, length, _PIECE):
        begun = zlib.crc32(file.read(min(_PIECE, length - begin)), begun)
    return begun
