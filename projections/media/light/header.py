"""The header of an OpenEXR: its parts, what each holds, and where its table of offsets begins.

How it is written stands in OpenEXR's "File Layout"; all numbers are little-endian.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedReader, RawIOBase
from itertools import count
from math import prod
from typing import Any, BinaryIO, Final, NamedTuple, cast

MAGIC: Final = b"\x76\x2f\x31\x01"

SIZES: Final = (4, 2, 4)
"""Bytes of a whole number, a half and a float, as channels count their kinds."""

CUT_OFF: Final = "the file is cut off"
DAMAGED: Final = "its header is damaged"

_TILED, _DEEP, _SEVERAL = 0x200, 0x800, 0x1000
_LINES: Final = (1, 1, 1, 16, 32, 16, 32, 32, 32, 256, 256, 32)
"""How many lines are packed into one, by the way of packing: none, RLE, ZIPS, ZIP, PIZ, PXR24, B44, B44A, DWAA, DWAB, HTJ2K."""

_LONGEST: Final = 1 << 20
"""Bytes of a value that is kept; larger ones, such as a preview or a manifest, are passed over."""

_MOST: Final = 4096
"""Parts of a file, and channels of a part."""


class Broken(Exception):
    """Raised when a file is not whole, or not as its header says; `reason` is one plain sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Box(NamedTuple):
    """A rectangle of pixels; the last column and line belong to it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left + 1

    @property
    def height(self) -> int:
        """Lines from top to bottom."""
        return self.bottom - self.top + 1


class Channel(NamedTuple):
    """A channel: its kind as an index of SIZES, and of how many columns and lines it has one."""

    name: str
    kind: int
    every: tuple[int, int]


class Level(NamedTuple):
    """One size in which a part's picture is there, and how large its blocks are; lines are one column of blocks."""

    number: tuple[int, int]
    size: tuple[int, int]
    block: tuple[int, int]

    @property
    def blocks(self) -> tuple[int, int]:
        """How many there are from left to right, and from top to bottom."""
        return -(-self.size[0] // self.block[0]), -(-self.size[1] // self.block[1])


class Part(NamedTuple):
    """A part of the file: one picture with all its channels. `table` is where its offsets begin in the file."""

    number: int
    values: Mapping[str, bytes]
    channels: Sequence[Channel]
    packing: int
    window: Box
    display: Box
    is_tiled: bool
    is_deep: bool
    levels: Sequence[Level]
    table: int = 0

    @property
    def total(self) -> int:
        """How many blocks it has."""
        return sum(prod(level.blocks) for level in self.levels)

    def text(self, name: str) -> str:
        """A value that is a text."""
        return self.values.get(name, b"").decode("utf-8", "replace")


class Header(NamedTuple):
    """What a file says of itself; `end` is where its tables of offsets end."""

    parts: Sequence[Part]
    has_several: bool
    end: int


def read(file: BinaryIO, most_pixels: int) -> Header:
    """The header of an open file; Broken where it is damaged, or a picture has more pixels than that."""
    file.seek(0)
    buffered = BufferedReader(cast("RawIOBase", file))
    try:
        return _read(buffered, most_pixels)
    except (struct.error, KeyError, IndexError) as error:
        raise Broken(DAMAGED) from error
    finally:
        buffered.detach()


def _read(file: "BufferedReader[Any]", most_pixels: int) -> Header:
    magic, flags = struct.unpack("<4sI", exactly(file, 8))
    if magic != MAGIC or flags & 0xFF != 2:
        raise Broken("it is of a version of OpenEXR that is not known here")
    parts = []
    for number in count():
        values = dict(_values(file))
        if (not values and number) or number > _MOST:
            break
        parts.append(_part(number, values, flags, most_pixels))
        if not flags & _SEVERAL:
            break
    placed, place = [], file.tell()
    for part in parts:
        placed.append(Part(*part[:-1], place))
        place += 8 * part.total
    return Header(placed, bool(flags & _SEVERAL), place)


def exactly(file: BinaryIO, size: int) -> bytes:
    """So many bytes; Broken where there are fewer."""
    found = file.read(size)
    if len(found) < size:
        raise Broken(CUT_OFF)
    return found


def _values(file: "BufferedReader[Any]") -> Iterator[tuple[str, bytes]]:
    """Each value with its name; of texts and numbers all, of what is large nothing."""
    while name := _name(file):
        _name(file)  # of its type
        (size,) = struct.unpack("<i", exactly(file, 4))
        if size < 0:
            raise Broken(DAMAGED)
        if size > _LONGEST:
            file.seek(size, 1)
            yield name, b""
        else:
            yield name, exactly(file, size)


def _name(file: "BufferedReader[Any]") -> str:
    found = bytearray()
    while (byte := exactly(file, 1)) != b"\0":
        found += byte
        if len(found) > 255:
            raise Broken(DAMAGED)
    return found.decode("utf-8", "replace")


def _part(number: int, values: Mapping[str, bytes], flags: int, most_pixels: int) -> Part:
    kind = values.get("type", b"").rstrip(b"\0")
    is_deep = kind.startswith(b"deep") and bool(flags & (_DEEP | _SEVERAL))
    is_tiled = kind in (b"tiledimage", b"deeptile") if flags & (_DEEP | _SEVERAL) else bool(flags & _TILED)
    if not {"channels", "compression", "dataWindow", "displayWindow"} <= values.keys():
        raise Broken(DAMAGED)
    window, display = (Box(*struct.unpack("<4i", values[name])) for name in ("dataWindow", "displayWindow"))
    if window.width < 1 or window.height < 1:
        raise Broken(DAMAGED)
    if window.width * window.height > most_pixels:
        raise Broken(f"a picture of {window.width}x{window.height} is too large")
    packing = values["compression"][0]
    if packing >= len(_LINES):
        raise Broken("it is packed in a way that is not known here")
    levels = [Level((0, 0), (window.width, window.height), (window.width, _LINES[packing]))]
    if is_tiled:
        levels = list(_levels((window.width, window.height), *struct.unpack("<IIB", values["tiles"][:9])))
    channels = list(_channels(values["channels"]))
    return Part(number, values, channels, packing, window, display, is_tiled, is_deep, levels)


def _channels(value: bytes) -> Iterator[Channel]:
    place = 0
    for _ in range(_MOST):
        name, zero, _ = value[place : place + 256].partition(b"\0")
        if not name or not zero:
            return
        place += len(name) + 1
        kind, across, down = struct.unpack_from("<I4xii", value, place)
        place += 16
        if across < 1 or down < 1:
            raise Broken(DAMAGED)
        SIZES[kind]  # it is one of them
        yield Channel(name.decode("utf-8", "replace"), kind, (across, down))
    raise Broken("it has more channels than are read here")


def _levels(size: tuple[int, int], across: int, down: int, mode: int) -> Iterator[Level]:
    """The sizes in which a picture in tiles is there: one, or halves of it in one direction or both."""
    if not across or not down:
        raise Broken(DAMAGED)
    block = (min(across, size[0]), min(down, size[1]))
    is_up, kind = mode >> 4, mode & 0xF
    if kind == 0:
        yield Level((0, 0), size, block)
    elif kind == 1:
        for step in range(_halvings(max(size), is_up) + 1):
            yield Level((step, step), (_halved(size[0], step, is_up), _halved(size[1], step, is_up)), block)
    else:
        for low in range(_halvings(size[1], is_up) + 1):
            for step in range(_halvings(size[0], is_up) + 1):
                yield Level((step, low), (_halved(size[0], step, is_up), _halved(size[1], low, is_up)), block)


def _halvings(size: int, is_up: int) -> int:
    return (size - 1).bit_length() if is_up else size.bit_length() - 1


def _halved(size: int, times: int, is_up: int) -> int:
    return max(1, -(-size >> times) if is_up else size >> times)
