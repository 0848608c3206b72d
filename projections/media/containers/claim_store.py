"""The claim store: where a PNG, JPEG, WebP, mp4 or mov carries what its maker claims of it by C2PA.

It is a box of JUMBF (ISO 19566-5), which is read elsewhere; here it is only found, and no more of it than is read.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

MOST: Final = 4 << 20
"""Bytes of a store that are read: thumbnails may stand in it, before the claim."""

_MOST_PARTS: Final = 100_000
"""Chunks, segments or boxes of a file that are looked at."""

_UUID: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_PNG: Final = b"\x89PNG\r\n\x1a\n"

Span = tuple[bytes, int, int]
"""A part of a file: its kind, where its content begins, and how many bytes that is."""


def claims(file: BinaryIO) -> bytes:
    """The store in that file, or its beginning; empty where there is none. The file is where it was."""
    place = file.tell()
    try:
        return _found(file)
    finally:
        file.seek(place)


def _found(file: BinaryIO) -> bytes:
    file.seek(0)
    head = file.read(12)
    if head.startswith(_PNG):
        return _first(file, _chunks(file), b"caBX")
    if head.startswith(b"\xff\xd8\xff"):
        return _joined(file)
    if head.startswith(b"RIFF") and head.endswith(b"WEBP"):
        return _first(file, _riff(file), b"C2PA")
    return _first(file, _boxes(file), b"uuid") if head[4:8] == b"ftyp" else b""


def _first(file: BinaryIO, spans: Iterator[Span], kind: bytes) -> bytes:
    for number, (found, start, length) in enumerate(spans):
        if number > _MOST_PARTS:
            break
        if found == kind:
            file.seek(start)
            content = file.read(min(length, MOST))
            if kind != b"uuid" or content.startswith(_UUID):
                return content if kind != b"uuid" else _in_uuid(content)
    return b""


def _chunks(file: BinaryIO) -> Iterator[Span]:
    """The chunks of a PNG."""
    place = len(_PNG)
    while len(head := _at(file, place, 8)) == 8:
        length = int.from_bytes(head[:4], "big")
        yield head[4:], place + 8, length
        place += length + 12


def _riff(file: BinaryIO) -> Iterator[Span]:
    """The chunks of a WebP."""
    place = 12
    while len(head := _at(file, place, 8)) == 8:
        length = int.from_bytes(head[4:], "little")
        yield head[:4], place + 8, length
        place += 8 + length + length % 2


def _boxes(file: BinaryIO) -> Iterator[Span]:
    """The outermost boxes of an mp4 or mov; one without a length goes to the end of the file."""
    place = 0
    while len(head := _at(file, place, 16)) >= 8:
        length, start = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, start = int.from_bytes(head[8:16], "big"), 16
        length = length or file.seek(0, 2) - place
        if length < start:
            return
        yield head[4:8], place + start, length - start
        place += length


def _in_uuid(content: bytes) -> bytes:
    """What is behind the head of such a box: its id, its version, what it is for, and where more would be."""
    purpose, zero, rest = content[len(_UUID) + 4 :].partition(b"\0")
    return rest[8:] if zero and purpose == b"manifest" else b""


def _joined(file: BinaryIO) -> bytes:
    """The store of a JPEG, whose segments hold 64 kB each: all but the first repeat the head of the box."""
    parts, size, place, box = list[bytes](), 0, 2, b""
    for _ in range(_MOST_PARTS):
        head = _at(file, place, 12)
        if len(head) < 4 or head[0] != 0xFF or head[1] == 0xDA or size >= MOST:
            break
        length = int.from_bytes(head[2:4], "big")
        if head[1] == 0xEB and head[4:6] == b"JP" and length > 18 and box in (b"", head[6:8]):
            box = head[6:8]
            file.seek(place + (20 if parts else 12))
            parts.append(file.read(place + 2 + length - file.tell()))
            size += len(parts[-1])
        place += 2 + length
    return b"".join(parts)


def _at(file: BinaryIO, place: int, count: int) -> bytes:
    file.seek(place)
    return file.read(count)
