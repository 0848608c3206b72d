"""Matroska: its elements, walked without a decoder: whether a file ends as one does whose writer came to an end.

A recorder that writes into a pipe can note neither how long its file is nor how large; its end is all there is to go
by. How elements are written stands in RFC 8794, which ones there are in RFC 9559.
"""

from typing import BinaryIO, Final

from projections.media.containers.pieces import Fault

_MAGIC: Final = bytes.fromhex("1a45dfa3")
_SEGMENT: Final = bytes.fromhex("18538067")
_CLUSTER: Final = bytes.fromhex("1f43b675")
_VOID: Final = bytes.fromhex("ec")

_ELEMENT: Final = 16
"""Bytes of the head of an element, at most; so many zeros are none."""


def fault(file: BinaryIO) -> Fault | None:
    """Whether it ends within an element, or has room at its start that its writer never came back to fill; or a hole.

    Its clusters are walked through, too: each packet is an element.
    """
    size = file.seek(0, 2)
    place, end, is_first_of_open = 0, size, False
    file.seek(0)
    if file.read(4) != _MAGIC:
        return None
    while place < end:
        file.seek(place)
        head = file.read(_ELEMENT)
        if len(head) == _ELEMENT and not head.strip(b"\0"):
            return "hole"
        kind, start, length = _element(head[:12], place)
        if kind == _SEGMENT:
            place, end, is_first_of_open = start, size if length is None else start + length, length is None
        elif not kind or end > size or (kind == _VOID and is_first_of_open):
            return "cut off"
        else:
            place, is_first_of_open = start + (length or 0 if kind != _CLUSTER else 0), False
    return "cut off" if place != end else None


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
