"""JPEG: its scans, walked without a decoder, which would make grey or stripes of zeros that nobody wrote.

A scan is packed with Huffman's codes, and nothing is coded by many zeros in a row but what is flat, and that only
where the tables say so. How it is written stands in ITU-T T.81.
"""

import re
from typing import BinaryIO, Final, NamedTuple

_HOLE: Final = 64
"""Zeros in a row that are no picture."""

_PIECE: Final = 1 << 20
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""The markers of a size, in what is packed with Huffman's codes."""

_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_END: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
"""What is no part of a scan any more."""


class _Table(NamedTuple):
    """Of a table of codes: how long the one of only zeros is, and whether that says that there is nothing more."""

    bits: int
    is_flat: bool


def has_hole(file: BinaryIO) -> bool:
    """Whether a scan has so many zeros in a row as a picture cannot have."""
    tables: dict[int, _Table] = {}
    place, blocks = 2, 0
    while True:
        file.seek(place)
        head = file.read(4)
        kind, length = head[1:2], int.from_bytes(head[2:], "big")
        if len(head) < 4 or head[0] != 0xFF or kind == b"\xd9":
            return False
        if kind[0] in _ALONE or kind == b"\xff":
            place += 1 if kind == b"\xff" else 2
            continue
        content = file.read(length - 2) if kind[0] in {*_FRAMES, 0xC4, 0xDA} and length > 2 else b""
        place += 2 + max(2, length)
        if kind == b"\xc4":
            tables |= _tables(content)
        elif kind[0] in _FRAMES:
            blocks = _blocks(content)
        elif kind == b"\xda":
            found, place = _has_run(file, place, _most(content, tables, blocks))
            if found:
                return True


def _tables(content: bytes) -> dict[int, _Table]:
    """The tables of a segment, by their class and number."""
    found, place = {}, 0
    while place + 17 < len(content):
        counts = content[place + 1 : place + 17]
        bits = next((length for length, count in enumerate(counts, 1) if count), 16)
        first = content[place + 17]
        found[content[place]] = _Table(bits, first & 0x0F == 0 and first != 0xF0)
        place += 17 + sum(counts)
    return found


def _blocks(content: bytes) -> int:
    """How many blocks of 64 pixels there are at most, in all colours."""
    height, width, colours = (
        int.from_bytes(content[1:3], "big"),
        int.from_bytes(content[3:5], "big"),
        content[5:6],
    )
    return (height // 8 + 4) * (width // 8 + 4) * (colours[0] if colours else 1)


def _most(scan: bytes, tables: dict[int, _Table], blocks: int) -> int:
    """The zeros in a row that a scan may have, in bytes."""
    count = scan[0] if scan else 0
    first, last, exactness = scan[1 + 2 * count : 4 + 2 * count].ljust(3, b"\0")
    if exactness >> 4:  # bits that make another scan more exact
        return blocks * 64
    chosen = scan[2 : 2 + 2 * count : 2]
    used = [tables.get(one >> 4) for one in chosen if first == 0]
    used += [tables.get(0x10 | one & 0x0F) for one in chosen if last > 0]
    if all(one and one.is_flat for one in used):
        return blocks * sum(one.bits for one in used if one) // 8 + _HOLE
    return _HOLE


def _has_run(file: BinaryIO, place: int, most: int) -> tuple[bool, int]:
    """Whether a scan has more zeros in a row than that; and where it ends, where it has not."""
    zeros, before = bytes(most + 1), b""
    while True:
        file.seek(place)
        piece = file.read(_PIECE)
        if len(piece) == _PIECE and piece.endswith(b"\xff"):  # what follows says what that is
            piece = piece[:-1]
        end = _END.search(piece)
        inside = before + (piece[: end.start()] if end else piece)
        if zeros in inside:
            return True, place
        if end or not piece:
            return False, place + (end.start() if end else 0)
        before = inside[len(inside.rstrip(b"\0")) :]
        place += len(piece)
