"""The blocks of an OpenEXR: some lines, or a tile, packed by themselves, each found and held against its place.

A writer notes where each one is last of all, and each one begins with its own place: what was cut off, or never
written, is told by that, before anything is unpacked.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final, NamedTuple

from projections.media.light.header import CUT_OFF, SIZES, Box, Broken, Header, Level, Part, exactly

_BAND: Final = 8 << 20
"""Bytes of pixels that are unpacked at a time, or one row of blocks."""

_MOST_SAMPLES: Final = 256 << 20
"""Bytes that one deep block may hold."""


class Block(NamedTuple):
    """A block as it lies in the file, without its place: of a deep one how often each pixel is there, and its samples.

    `sizes` are the bytes of both, packed, and of the samples as they are unpacked; of another one just its own.
    """

    place: tuple[int, ...]
    sizes: Sequence[int]
    content: bytes
    is_packed: bool = True


class Band(NamedTuple):
    """Whole rows of blocks of a level, of which `box` are the pixels, counted as the part's window counts them."""

    level: Level
    box: Box
    blocks: Sequence[Block]


def bands(file: BinaryIO, header: Header, part: Part, *, largest_only: bool = False) -> Iterator[Band]:
    """The part's rows of blocks from top to bottom, some at a time; Broken where one is not where it should be."""
    end = file.seek(0, 2)
    if end < header.end:
        raise Broken(CUT_OFF)
    table = part.table
    for level in part.levels[: 1 if largest_only else None]:
        across, down = level.blocks
        step = _rows(part, level)
        for row in range(0, down, step):
            rows = range(row, min(row + step, down))
            file.seek(table)
            count = across * len(rows)
            offsets = struct.unpack(f"<{count}Q", exactly(file, 8 * count))
            table += 8 * count
            places = [(column, line) for line in rows for column in range(across)]
            blocks = [
                _block(file, header, part, level, place, offset, end)
                for place, offset in zip(places, offsets, strict=True)
            ]
            top, high = part.window.top + row * level.block[1], level.block[1] * len(rows)
            bottom = min(top + high, part.window.top + level.size[1]) - 1
            yield Band(
                level,
                Box(part.window.left, top, part.window.left + level.size[0] - 1, bottom),
                blocks,
            )


def _rows(part: Part, level: Level) -> int:
    """How many rows of blocks are unpacked at a time; so many lines that of channels with fewer none is torn apart."""
    row = level.size[0] * level.block[1] * sum(SIZES[one.kind] for one in part.channels)
    rows = max(1, min(_BAND // max(1, row), 4096))
    together = max((one.every[1] for one in part.channels), default=1)
    return -(-rows // together) * together if level.block[1] % together else rows


def _block(
    file: BinaryIO, header: Header, part: Part, level: Level, place: tuple[int, int], offset: int, end: int
) -> Block:
    """The block that is to be there, by the table."""
    if offset < header.end:
        raise Broken("the file is cut off: its writer did not come to its end")
    at = (*place, *level.number) if part.is_tiled else (part.window.top + place[1] * level.block[1],)
    begin = (part.number, *at) if header.has_several else at
    form = f"<{len(begin)}i{'3Q' if part.is_deep else 'i'}"
    if offset + struct.calcsize(form) > end:
        raise Broken(CUT_OFF)
    file.seek(offset)
    found = struct.unpack(form, exactly(file, struct.calcsize(form)))
    sizes = found[len(begin) :]
    if found[: len(begin)] != begin or min(sizes) < 0:
        raise Broken(f"nothing has been written {_where(part, level, place)}: the file is not complete")
    size = sum(sizes[:2]) if part.is_deep else sizes[0]
    most = _MOST_SAMPLES if part.is_deep else _unpacked_size(part, level, place)
    if offset + struct.calcsize(form) + size > end:
        raise Broken(CUT_OFF)
    if max(sizes) > most or (not part.is_deep and not size):
        raise Broken(f"its picture is damaged {_where(part, level, place)}")
    return Block(at, sizes, exactly(file, size), is_packed=not part.is_deep and size < most)


def _unpacked_size(part: Part, level: Level, place: tuple[int, int]) -> int:
    """The bytes of a block as it is unpacked; a packed one is never larger, and one of that size is not packed."""
    (left, across), (top, down) = (
        (begin + at * step, min(step, size - at * step))
        for begin, at, step, size in zip(part.window[:2], place, level.block, level.size, strict=True)
    )
    return sum(
        SIZES[one.kind] * _multiples(left, across, one.every[0]) * _multiples(top, down, one.every[1])
        for one in part.channels
    )


def _multiples(begin: int, count: int, of: int) -> int:
    """How many of so many numbers are multiples of that one."""
    return (begin + count - 1) // of - (begin - 1) // of


def _where(part: Part, level: Level, place: tuple[int, int]) -> str:
    if part.is_tiled:
        return f"at tile {place[0]}, {place[1]}"
    return f"at line {place[1] * level.block[1]}"
