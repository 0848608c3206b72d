"""PNG: the sums of its chunks. A decoder leaves out those of all frames but the first, and of a PNG within a clip."""

import zlib
from collections.abc import Collection
from typing import BinaryIO, Final

PICTURES: Final = frozenset({b"IDAT", b"fdAT"})
"""The chunks with pixels: of the first picture, and of the other frames."""


def is_damaged(file: BinaryIO, kinds: Collection[bytes] = PICTURES) -> bool:
    """Whether it is cut off, or a chunk of those kinds is not what its sum says."""
    place, kind = 8, b""
    while kind != b"IEND":
        file.seek(place)
        head = file.read(8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if len(head) < 8:
            return True
        if kind in kinds and zlib.crc32(file.read(length), zlib.crc32(kind)) != int.from_bytes(
            file.read(4), "big"
        ):
            return True
        place += 12 + length
    return False
