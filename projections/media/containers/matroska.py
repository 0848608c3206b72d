"""Matroska: its elements, walked without a decoder: whether a file ends as one does whose writer came to an end.

A recorder that writes into a pipe can note neither how long its file is nor how large; its end is all there is to go
by. How elements are written stands in RFC 8794, which ones there are in RFC 9559.
"""

from typing import BinaryIO, Final

_MAGIC: Final = bytes.fromhex("1a45dfa3")
_SEGMENT: Final = bytes.fromhex("18538067")
_CLUSTER: Final = bytes.fromhex("1f43b675")
_VOID: Final = bytes.fromhex("ec")


def is_torn(file: BinaryIO) -> bool:
    """Whether it is one that ends within an element, or has room at its start that its writer never came back to fill."""
    size = file.seek(0, 2)
    place, end, is_first_of_open = 0, size, False
    file.seek(0)
    if file.read(4) != _MAGIC:
        return False
    while place < end:
        file.seek(place)
        kind, start, length = _element(file.read(12), place)
        if kind == _SEGMENT:
            place, end, is_first_of_open = start, size if length is None else start + length, length is None
        elif not kind or end > size or (kind == _VOID and is_first_of_open):
            return True
        else:
            place, is_first_of_open = start + (length or 0), False
    return place != end


def _element(head: bytes, place: int) -> tuple[bytes, int, int | None]:
    """What begins with those bytes there, where its content does, and how many bytes that has, where it was known.

    Nothing where it is no element, or is one that cannot be without its length.
    """
    width = _width(head)
    kind, rest = head[:width], head[width:]
    length = _width(rest)
    if not 0 < width <= 4 or not 0 < length <= len(rest):
        return b"", place, None
    most = (1 << 7 * length) - 1
    size = int.from_bytes(rest[:length], "big") & most
    if size == most and kind not in (_SEGMENT, _CLUSTER):
        return b"", place, None
    return kind, place + width + length, None if size == most else size


def _width(head: bytes) -> int:
    """How many bytes the number has that begins there; 0 where none does."""
    return 9 - head[0].bit_length() if head and head[0] else 0
