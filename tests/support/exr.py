"""OpenEXRs, written by OpenEXR's own library, or byte by byte where that writes none."""

import struct
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR  # type: ignore[import-not-found]

PACKINGS = ("NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44", "B44A", "DWAA", "DWAB")
AP1 = (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)
"""The primaries of ACEScg."""

Box = tuple[tuple[int, int], tuple[int, int]]


def noise(size: tuple[int, int], names: str = "RGBA", kind: str = "float16") -> dict[str, Any]:
    """Channels that no way of packing makes much smaller."""
    dice = np.random.default_rng(7)
    return {name: dice.random(size[::-1], dtype=np.float32).astype(kind) for name in names}


def filled(size: tuple[int, int], **values: float) -> dict[str, Any]:
    """Channels of one value each."""
    return {name: np.full(size[::-1], value, np.float32) for name, value in values.items()}


def header_of(
    packing: str = "ZIP", *, window: Box | None = None, display: Box | None = None, tile: int = 0, **more: Any
) -> dict[str, Any]:
    """A header as the library has it."""
    header: dict[str, Any] = {
        "compression": getattr(OpenEXR, f"{packing}_COMPRESSION"),
        "type": OpenEXR.scanlineimage,
    }
    if tile:
        described = OpenEXR.TileDescription()
        described.xSize = described.ySize = tile
        header |= {"type": OpenEXR.tiledimage, "tiles": described}
    if window:
        header["dataWindow"] = window
    if display:
        header["displayWindow"] = display
    return {**header, **more}


def write(path: Path, channels: Mapping[str, Any], packing: str = "ZIP", **more: Any) -> Path:
    """A picture in one part."""
    with OpenEXR.File(header_of(packing, **more), dict(channels)) as file:
        file.write(str(path))
    return path


def write_parts(path: Path, parts: Mapping[str, Mapping[str, Any]], packing: str = "ZIP") -> Path:
    """A picture in several parts, by their names."""
    made = [OpenEXR.Part(header_of(packing), dict(channels), name) for name, channels in parts.items()]
    with OpenEXR.File(made) as file:
        file.write(str(path))
    return path


def write_deep(
    path: Path, pixels: Sequence[Sequence[Sequence[Mapping[str, float]]]], packing: str = "ZIPS"
) -> Path:
    """A deep picture: of each line of each pixel its samples, by their channels."""
    names = sorted({name for line in pixels for samples in line for one in samples for name in one})
    channels = {name: np.empty((len(pixels), len(pixels[0])), dtype=object) for name in names}
    for row, line in enumerate(pixels):
        for column, samples in enumerate(line):
            for name in names:
                values = np.array([one[name] for one in samples], np.float32)
                channels[name][row, column] = values if samples else None
    header = header_of(packing) | {"type": OpenEXR.deepscanline}
    with OpenEXR.File(header, channels) as file:
        file.write(str(path))
    return path


def write_levels(path: Path, size: int = 8, tile: int = 4) -> Path:
    """A grey picture in halves of itself down to a single pixel, in tiles that are not packed."""
    head = _head(
        {"Y": (2, 1)}, (size, size), 0x202, _value("tiles", "tiledesc", struct.pack("<IIB", tile, tile, 1))
    )
    blocks = []
    for level in range(size.bit_length()):
        side = max(1, size >> level)
        for down in range(-(-side // tile)):
            for across in range(-(-side // tile)):
                wide, high = min(tile, side - across * tile), min(tile, side - down * tile)
                content = struct.pack("<f", 0.5) * (wide * high)
                blocks.append(struct.pack("<5i", across, down, level, level, len(content)) + content)
    return _put_together(path, head, blocks)


def write_luminance(path: Path, size: tuple[int, int], grey: float) -> Path:
    """Grey, and colours that are there for every second column and line, which are none; not packed."""
    head = _head({"BY": (2, 2), "RY": (2, 2), "Y": (2, 1)}, size, 2)
    blocks = []
    for line in range(size[1]):
        colours = bytes(4 * (size[0] // 2)) * 2 if line % 2 == 0 else b""
        content = colours + struct.pack("<f", grey) * size[0]
        blocks.append(struct.pack("<2i", line, len(content)) + content)
    return _put_together(path, head, blocks)


def _head(
    channels: Mapping[str, tuple[int, int]], size: tuple[int, int], flags: int, more: bytes = b""
) -> bytes:
    box = struct.pack("<4i", 0, 0, size[0] - 1, size[1] - 1)
    listed = b"".join(
        name.encode() + b"\0" + struct.pack("<I4xii", kind, every, every)
        for name, (kind, every) in channels.items()
    )
    values = (
        _value("channels", "chlist", listed + b"\0"),
        _value("compression", "compression", b"\0"),
        _value("dataWindow", "box2i", box),
        _value("displayWindow", "box2i", box),
        _value("lineOrder", "lineOrder", b"\0"),
        _value("pixelAspectRatio", "float", struct.pack("<f", 1)),
        _value("screenWindowCenter", "v2f", bytes(8)),
        _value("screenWindowWidth", "float", struct.pack("<f", 1)),
    )
    return struct.pack("<II", 20000630, flags) + b"".join(values) + more + b"\0"


def _value(name: str, kind: str, content: bytes) -> bytes:
    return f"{name}\0{kind}\0".encode() + struct.pack("<i", len(content)) + content


def _put_together(path: Path, head: bytes, blocks: Sequence[bytes]) -> Path:
    places = accumulate(map(len, blocks[:-1]), initial=len(head) + 8 * len(blocks))
    path.write_bytes(head + b"".join(struct.pack("<Q", one) for one in places) + b"".join(blocks))
    return path
