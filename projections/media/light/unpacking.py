"""Unpacking: the numbers in the blocks of an OpenEXR, by OpenEXR's own library.

Each band is given to it as a small file of its own, in memory: so a file of any size takes little room, whatever
its parts and levels are. Deep blocks, of which that library makes an object for each pixel, are unpacked here.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from io import BytesIO, StringIO
from itertools import accumulate
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import OpenEXR  # type: ignore[import-not-found]

from projections.media.light.blocks import Band, Block
from projections.media.light.header import MAGIC, SIZES, Box, Broken, Channel, Level, Part

Numbers = npt.NDArray[Any]

_KINDS: Final = (np.dtype("<u4"), np.dtype("<f2"), np.dtype("<f4"))
_RLE, _ZIPS, _PIZ, _B44 = 1, 2, 4, (6, 7)
_ZEROS: Final = bytes(64)
_TILED, _LONG_NAMES = 0x200, 0x400


def unpacked(part: Part, band: Band) -> dict[str, Numbers]:
    """The numbers of each channel in a band, line by line; of one with fewer columns or lines just those. Broken where it is."""
    if any(_has_hole(part, block) for block in band.blocks):
        raise Broken(_damaged(part, band))
    with redirect_stdout(StringIO()):  # on which the library says what is wrong, instead of raising it
        try:
            file = OpenEXR.File(
                BytesIO(_small_file(part, band)), separate_channels=True, header_only=False, num_threads=0
            )
            if file.parts:
                return {name: one.pixels for name, one in file.parts[0].channels.items()}
        except (RuntimeError, ValueError, OSError, TypeError) as error:
            raise Broken(_damaged(part, band)) from error
    raise Broken(_damaged(part, band))


def _has_hole(part: Part, block: Block) -> bool:
    """Whether there are more zeros in a row than that way of packing writes; its decoder would make a picture of them."""
    content = block.content
    if not block.is_packed:
        return False
    if part.packing == _PIZ:  # what comes first says which numbers there are
        first, last = struct.unpack("<2H", content[:4].ljust(4, b"\0"))
        return _ZEROS in content[4 + max(0, last - first + 1) :]
    return part.packing in _B44 and all(one.kind == 1 for one in part.channels) and _ZEROS in content


def _damaged(part: Part, band: Band) -> str:
    first, last = band.box.top - part.window.top, band.box.bottom - part.window.top
    return f"its picture is damaged between line {first} and {last}"


def _small_file(part: Part, band: Band) -> bytes:
    """An OpenEXR of one part and one level, that has just that band."""
    across, box = band.level.blocks[0], band.box
    values = {
        "channels": ("chlist", part.values["channels"]),
        "compression": ("compression", bytes([part.packing])),
        "dataWindow": ("box2i", struct.pack("<4i", *box)),
        "displayWindow": ("box2i", struct.pack("<4i", *box)),
        "lineOrder": ("lineOrder", b"\0"),
        "pixelAspectRatio": ("float", struct.pack("<f", 1)),
        "screenWindowCenter": ("v2f", bytes(8)),
        "screenWindowWidth": ("float", struct.pack("<f", 1)),
    }
    if part.is_tiled:
        values["tiles"] = ("tiledesc", struct.pack("<IIB", *band.level.block, 0))
    flags = 2 | _LONG_NAMES | (_TILED if part.is_tiled else 0)
    head = MAGIC + struct.pack("<I", flags) + b"".join(_value(*one) for one in values.items()) + b"\0"
    places = [divmod(number, across)[::-1] for number in range(len(band.blocks))]
    blocks = [
        struct.pack("<5i", *place, 0, 0, *block.sizes)
        if part.is_tiled
        else struct.pack("<2i", *block.place, *block.sizes)
        for place, block in zip(places, band.blocks, strict=True)
    ]
    begun = accumulate(
        (len(at) + len(block.content) for at, block in zip(blocks, band.blocks, strict=True)),
        initial=len(head) + 8 * len(blocks),
    )
    table = b"".join(struct.pack("<Q", place) for place, _ in zip(begun, blocks, strict=False))
    parts = (piece for at, block in zip(blocks, band.blocks, strict=True) for piece in (at, block.content))
    return b"".join((head, table, *parts))


def _value(name: str, value: tuple[str, bytes]) -> bytes:
    kind, content = value
    return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(content)) + content


def samples(part: Part, band: Band) -> Iterator[tuple[Box, npt.NDArray[np.int64], Mapping[str, Numbers]]]:
    """Of each deep block its pixels, how many samples each of them has, and all samples of each channel, pixel by pixel."""
    for block in band.blocks:
        box = _box(part, band, block)
        counts = _counts(part, block, box)
        form = [(one.name, _KINDS[one.kind]) for one in part.channels]
        size = int(counts.sum()) * sum(SIZES[one.kind] for one in part.channels)
        if block.sizes[2] != size:
            raise Broken(_damaged(part, band))
        content = _content(part, block.content[block.sizes[0] :], size)
        yield box, counts, _by_channel(form, content, counts)


def _box(part: Part, band: Band, block: Block) -> Box:
    """The pixels of a block."""
    if not part.is_tiled:
        return Box(band.box.left, block.place[0], band.box.right, block.place[0])
    left = part.window.left + block.place[0] * band.level.block[0]
    top = part.window.top + block.place[1] * band.level.block[1]
    right = min(left + band.level.block[0], part.window.left + band.level.size[0]) - 1
    return Box(left, top, right, min(top + band.level.block[1], part.window.top + band.level.size[1]) - 1)


def _counts(part: Part, block: Block, box: Box) -> npt.NDArray[np.int64]:
    """How many samples each pixel has; they are added up along each line in the file."""
    content = _content(part, block.content[: block.sizes[0]], 4 * box.width * box.height)
    sums = np.frombuffer(content, "<i4").astype(np.int64).reshape(box.height, box.width)
    counts = np.diff(sums, axis=1, prepend=0)
    if counts.min() < 0:
        raise Broken("its picture is damaged: a pixel has fewer samples than none")
    return counts


def _by_channel(
    form: Sequence[tuple[str, np.dtype[Any]]], content: bytes, counts: npt.NDArray[np.int64]
) -> Mapping[str, Numbers]:
    """Line by line, the samples of one channel after those of another."""
    found: dict[str, list[Numbers]] = {name: [] for name, _ in form}
    place = 0
    for line in counts.sum(axis=1):
        for name, kind in form:
            found[name].append(np.frombuffer(content, kind, int(line), place))
            place += int(line) * kind.itemsize
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _content(part: Part, packed: bytes, size: int) -> bytes:
    """The bytes of a deep block: as they are where packing them made them no smaller."""
    if len(packed) == size or not part.packing:
        content = packed
    elif part.packing == _RLE:
        content = _restored(_run(packed, size))
    elif part.packing <= _ZIPS + 1:
        try:
            content = _restored(zlib.decompressobj().decompress(packed, size + 1))
        except zlib.error as error:
            raise Broken("its picture is damaged") from error
    else:
        raise Broken("it is packed in a way that is not known here")
    if len(content) != size:
        raise Broken("its picture is damaged")
    return content


def _run(packed: bytes, size: int) -> bytes:
    """RLE: a byte says how often the next one is there, or, below zero, how many follow as they are."""
    found, place = bytearray(), 0
    while place < len(packed) and len(found) <= size:
        count = packed[place] - 256 if packed[place] > 127 else packed[place]
        found += (
            packed[place + 1 : place + 1 - count]
            if count < 0
            else packed[place + 1 : place + 2] * (count + 1)
        )
        place += 1 - count if count < 0 else 2
    return bytes(found)


def _restored(content: bytes) -> bytes:
    """What was taken apart before it was packed: each byte as its difference, and the odd ones after the even."""
    steps = np.frombuffer(content, np.uint8).copy()
    steps[1:] -= 128
    added = np.cumsum(steps, dtype=np.uint8)
    found = np.empty_like(added)
    half = (len(added) + 1) // 2
    found[0::2], found[1::2] = added[:half], added[half:]
    return found.tobytes()


_ONE: Final = Box(0, 0, 0, 0)
_LEVEL: Final = Level((0, 0), (1, 1), (1, 1))
_CHANNEL: Final = {"channels": b"Y\0" + struct.pack("<I4xii", 1, 1, 1) + b"\0"}
_LOADED: Final = unpacked(
    Part(
        0, _CHANNEL, [Channel("Y", 1, (1, 1))], 0, _ONE, _ONE, is_tiled=False, is_deep=False, levels=[_LEVEL]
    ),
    Band(_LEVEL, _ONE, [Block((0,), (2,), bytes(2))]),
)
"""The library looks for parts of numpy at its first picture; a confined decoder can open no module by then."""
