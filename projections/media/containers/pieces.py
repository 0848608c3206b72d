"""Pieces: files of one piece after the other, each with its length in front, walked without a decoder.

A decoder goes on at the next piece that it can make out, and says nothing of what is lost before it. That is told here of
FLV, MXF (SMPTE 377), ASF, Ogg (RFC 3533), DV, MPEG-TS (ITU-T H.222.0) and AIFF; of what is none of these nothing is told.
"""

from collections.abc import Callable
from typing import BinaryIO, Final, Literal

Fault = Literal["cut off", "hole"]

_HEAD: Final = 27 + 255
"""Bytes that tell how long a piece is: the most that an Ogg has."""

_HOLE: Final = 16
"""Zeros that are no beginning of a piece."""

_KLV: Final = bytes.fromhex("060e2b34")
_PARTITION: Final = bytes.fromhex("060e2b34020501010d010201")
_HEADER: Final = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_DATA: Final = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
_DATA_HEAD: Final = 50
_PROPERTIES: Final = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_DIF: Final = bytes.fromhex("1f0700")
_FRAME: Final = (120_000, 144_000)
"""Bytes of a frame of DV, in 60 and in 50 fields a second; faster ones have a multiple of it."""

_SYNC: Final = b"\x47"
_PACKETS: Final = {188: 0, 192: 4}
"""The lengths of a packet of MPEG-TS, and where in it the byte is with which each begins: on Blu-ray its time goes before."""

_AT_ONCE: Final = 1 << 14
_MOST: Final = 4 << 30
"""Packets that are looked at in one go; and bytes of a file of which all are, but for what is larger only every other go."""


def fault(file: BinaryIO) -> Fault | None:
    """Whether it ends within a piece, or has zeros where one should begin, as in room that a transfer has reserved."""
    size, head = file.seek(0, 2), _read(file, 0, 128)
    if len(head) >= _HOLE and not head[:_HOLE].strip(b"\0"):  # which decoders pass over to find an MPEG-TS
        return "hole"
    if head.startswith(b"FLV"):
        return _walked(file, 4 + int.from_bytes(head[5:9], "big"), size, _tag)
    if head.startswith(b"OggS"):
        return _walked(file, 0, size, _page)
    if head.startswith(_PARTITION):
        return "cut off" if _footer(head) >= size else _walked(file, 0, size, _triplet)
    if head.startswith(_HEADER):
        return _walked(file, 0, size, _object) or _packets_fault(file, size)
    if head.startswith(_DIF):
        return "cut off" if size % _FRAME[head[3] >> 7] else None
    if head.startswith(b"FORM") and head[8:12] in (b"AIFF", b"AIFC"):
        return _walked(file, 12, size, _chunk)
    return _stream_fault(file, size)


def _walked(file: BinaryIO, place: int, end: int, length_of: Callable[[bytes], int | None]) -> Fault | None:
    """What is wrong between there and the end; nothing from a piece on whose length is not known."""
    while place < end:
        head = _read(file, place, _HEAD)
        if len(head) >= _HOLE and not head[:_HOLE].strip(b"\0"):
            return "hole"
        length = length_of(head)
        if length is None:
            return None
        place += length
    return "cut off" if place > end else None


def _tag(head: bytes) -> int | None:
    """An FLV's, and the four bytes behind it that say its length once more."""
    return 15 + int.from_bytes(head[1:4], "big") if head[0] & 0x1F in {8, 9, 18} else None


def _page(head: bytes) -> int | None:
    """An Ogg's: a table says how long each part of it is."""
    return 27 + sum(head[26:27]) + sum(head[27 : 27 + sum(head[26:27])]) if head.startswith(b"OggS") else None


def _triplet(head: bytes) -> int | None:
    """An MXF's: a key, a length of one byte or as many as the first one says, and the value."""
    if not _KLV.startswith(head[:4]) or head[16:17] == b"\x80":
        return None
    first = sum(head[16:17])
    more = first & 0x7F if first & 0x80 else 0
    return 17 + more + (int.from_bytes(head[17 : 17 + more], "big") if more else first)


def _footer(head: bytes) -> int:
    """Where an MXF's header says that its footer is; 0 where its writer could not come back to say it."""
    start = 17 + (head[16] & 0x7F if head[16] & 0x80 else 0)
    return int.from_bytes(head[start + 24 : start + 32], "big")


def _object(head: bytes) -> int | None:
    """An ASF's: the name of its kind, and its length with these; that of data is not known while it is recorded."""
    length = int.from_bytes(head[16:24], "little")
    return length if length >= 24 and (length > _DATA_HEAD or not head.startswith(_DATA)) else None


def _packets_fault(file: BinaryIO, end: int) -> Fault | None:
    """Whether one of an ASF's packets, which are all of the same length, is nothing but zeros at its beginning."""
    header = _read(file, 0, int.from_bytes(_read(file, 16, 8), "little"))
    data, found = len(header), header.find(_PROPERTIES)
    packet = int.from_bytes(header[found + 92 : found + 96], "little") if found >= 0 else 0
    if packet < _HOLE or _read(file, data, 16) != _DATA:
        return None
    length = int.from_bytes(_read(file, data + 16, 8), "little")
    last = (min(end, data + length) if length > _DATA_HEAD else end) - packet
    starts = range(data + _DATA_HEAD, last + 1, packet)
    return next(("hole" for place in starts if not _read(file, place, _HOLE).strip(b"\0")), None)


def _chunk(head: bytes) -> int | None:
    """An AIFF's, without the byte that makes it even, which the last one may lack; of a sound not while it is recorded."""
    even = int(head[:1] == b"\0")
    head = head[even:]
    length = int.from_bytes(head[4:8], "big")
    return None if len(head) < 8 or (head.startswith(b"SSND") and length <= 8) else even + 8 + length


def _stream_fault(file: BinaryIO, size: int) -> Fault | None:
    """Whether there is no packet in an MPEG-TS where one should be, or the last one is cut off."""
    for length, place in _PACKETS.items():
        if _read(file, place, 3 * length)[::length] == 3 * _SYNC:
            step = length * _AT_ONCE * (1 + size // _MOST)
            goes = (_read(file, at, length * (_AT_ONCE + 1)) for at in range(0, size, step))
            if any(bytes(length) in one for one in goes):
                return "hole"
            # Of a recording that has lost its step the last is no packet.
            last = _read(file, size - size % length + place, 1)
            return "cut off" if size % length and last in (b"", _SYNC) else None
    return None


def _read(file: BinaryIO, place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)
