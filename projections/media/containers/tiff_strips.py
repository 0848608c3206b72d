"""TIFF: its strips or tiles, where they are packed: libtiff makes something of zeros that nobody wrote.

What is deflated ends with a sum of what is in it, which libtiff never looks at.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, Literal

Order = Literal["little", "big"]

DEFLATED: Final = frozenset({8, 32946})
"""The compressions, by their tag, that end with such a sum."""

PACKED: Final = frozenset({4, 5, 32773, 34925, 50000})
"""The compressions that have no such sum, but never so many zeros in a row."""

_PIECE: Final = 1 << 20

_HOLE: Final = bytes(512)

_MOST_PAGES: Final = 10_000
_PLACES: Final = {273: 279, 324: 325}
"""The tags that say where strips and tiles are, and those that say how many bytes they have."""

_WIDTHS: Final = {3: 2, 4: 4, 13: 4, 16: 8, 18: 8}
"""Bytes of a number, by how a tag says that it is written."""


def is_cut(file: BinaryIO) -> bool:
    """Whether a page of it, of which a decoder looks at the first alone, is not all within the file."""
    size, head = file.seek(0, 2), _read(file, 0, 16)
    order: Order = "little" if head.startswith(b"II") else "big"
    wide = 8 if int.from_bytes(head[2:4], order) == 43 else 4
    place, seen = int.from_bytes(head[wide : 2 * wide], order), set[int]()
    while place and place not in seen and len(seen) < _MOST_PAGES:
        seen.add(place)
        counted, entry = (8, 20) if wide == 8 else (2, 12)
        count = int.from_bytes(_read(file, place, counted), order)
        table = _read(file, place + counted, count * entry + wide)
        if len(table) < count * entry + wide:
            return True
        tags = {int.from_bytes(one[:2], order): one for one in _split(table[: count * entry], entry)}
        for where, long in _PLACES.items():
            parts = zip(*(_numbers(file, tags.get(tag), order, wide) for tag in (where, long)), strict=False)
            if any(begin + length > size for begin, length in parts):
                return True
        place = int.from_bytes(table[count * entry :], order)
    return False


def _numbers(file: BinaryIO, tag: bytes | None, order: Order, wide: int) -> Iterator[int]:
    """The numbers that a tag holds: in it, where they have room, else where it says."""
    width = _WIDTHS.get(int.from_bytes(tag[2:4], order), 0) if tag else 0
    if tag is None or not width:
        return iter(())
    count, held = int.from_bytes(tag[4 : 4 + wide], order), tag[4 + wide :]
    content = held if count * width <= wide else _read(file, int.from_bytes(held, order), count * width)
    return (int.from_bytes(one, order) for one in _split(content[: count * width], width))


def _split(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content) - size + 1, size))


def _read(file: BinaryIO, place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)


def has_hole(file: BinaryIO, spans: Iterable[tuple[int, int]]) -> bool:
    """Whether one of those, which are packed without a sum, has zeros in it that nobody wrote."""
    for place, size in spans:
        file.seek(place)
        if _HOLE in file.read(size):
            return True
    return False


def is_damaged(file: BinaryIO, spans: Iterable[tuple[int, int]]) -> bool:
    """Whether one of those, by where it begins and its bytes, cannot be inflated to its end, or is not what its sum says."""
    try:
        for place, size in spans:
            file.seek(place)
            inflater, packed = zlib.decompressobj(), file.read(size)
            while packed and not inflater.eof:
                inflater.decompress(packed, _PIECE)
                packed = inflater.unconsumed_tail
            if not inflater.eof:
                return True
    except zlib.error:
        return True
    return False
