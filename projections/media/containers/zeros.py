"""Zeros: so many of them in a row that nobody wrote them, as in room that a transfer has reserved.

Each codec packs what it says, so that many zeros in a row mean something only where it fills a packet up, or where it
does not pack at all: there a hole is black or silent, and cannot be told from what is.
"""

import re
from io import BytesIO
from typing import BinaryIO, Final

from projections.media.containers import jpeg_scans, png_sums

_PIECE: Final = 1 << 20

_ALL: Final = 2048
"""Zeros in a row that no frame of a sound has, and nothing between two."""

_BLOCKS: Final = 512
"""Zeros in a row that DV cannot have: each of its blocks of 80 bytes says what it is."""

PACKED: Final = {"mp3": _ALL, "aac": _ALL, "ogg": _ALL, "flac": _ALL, "dv": _BLOCKS}
"""The containers that have nothing but such frames in them, and how many zeros those cannot have."""

DENSE: Final = dict.fromkeys(
    (
        *("h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "h263", "flv1", "wmv1", "wmv2", "wmv3", "vc1"),
        *("msmpeg4v2", "msmpeg4v3", "theora"),
    ),
    1024,
) | {
    **dict.fromkeys(("aac", "mp3", "opus", "vorbis", "flac", "ac3", "eac3", "adpcm_ms"), _ALL),
    **dict.fromkeys(("cfhd", "jpeg2000", "ffv1", "qtrle"), _ALL),
    **dict.fromkeys(("wmav1", "wmav2", "wmapro"), _ALL),
    "dvvideo": _BLOCKS,
}
"""The codecs that pack so well, or forbid it, and the zeros in a row that they never write."""

_FILLED: Final = {
    "prores": re.compile(rb"\Z"),
    "dnxhd": re.compile(rb"\x60\x0d\xc0\xde\Z|\Z"),
    "mpeg1video": re.compile(rb"\x01|\Z"),
    "mpeg2video": re.compile(rb"\x01|\Z"),
}
"""The codecs that fill a picture up with zeros, and what may follow them; where all else does, there is a hole."""

_LEAST: Final = bytes(1024)
_RUN: Final = re.compile(rb"\0{1024,}+")

_MARK: Final = 16
_MARKED: Final = DENSE.keys() - {"qtrle"} | {
    "prores",
    "dnxhd",
    "mpeg1video",
    "mpeg2video",
    "mjpeg",
    "png",
    "dirac",
    "alac",
    "hap",
    "gif",
    "tiff",
}
"""The codecs whose packets begin with something that is not zero."""

_SNAPPY: Final = (b"\xbb", b"\xbe", b"\xbf", b"\xb1")
"""What Hap says where it has packed a picture of its kinds as a whole, which it need not."""

CODESTREAM: Final = b"\xff\x4f\xff\x51"
"""How the codestream of a JPEG 2000 begins."""

_PACKED_FROM: Final = b"\xff\x93"
_UNCODED: Final = bytes(_ALL)
"""What comes before its packed bytes; and zeros that no arithmetic coder writes."""

LOOKED_AT: Final = _MARKED | {"qtrle"}
"""The codecs in whose packets a hole can be told."""


def in_packet(content: bytes, codec: str) -> bool:
    """Whether a packet of that codec has zeros in it that nobody wrote."""
    if codec in _MARKED and len(content) >= _MARK and not content[:_MARK].strip(b"\0"):
        return True
    if codec in DENSE:
        return bytes(DENSE[codec]) in content
    if codec in _FILLED:
        if _LEAST not in content:  # which is found many times faster
            return False
        return any(not _FILLED[codec].match(content, run.end()) for run in _RUN.finditer(content))
    if codec == "hap":
        return content[3:4] in _SNAPPY and bytes(_ALL) in content
    if codec == "png":
        return bytes(_ALL) in content and png_sums.is_damaged(BytesIO(content))
    return codec == "mjpeg" and jpeg_scans.has_hole(BytesIO(content))


def in_frames(file: BinaryIO, container: str) -> bool:
    """Whether there are any in a file of a container that is nothing but frames, behind what is written of it."""
    place = file.tell()  # from where on a decoder, which has it, goes on to read
    try:
        return _has_run(file, PACKED[container])
    finally:
        file.seek(place)


def _has_run(file: BinaryIO, most: int) -> bool:
    zeros, before = bytes(most), b""
    file.seek(_first_frame(file))
    while piece := file.read(_PIECE):
        if zeros in before + piece:
            return True
        before = piece[-most:]
    return False


def in_jpeg2000(file: BinaryIO) -> bool:
    """Whether there are any in the codestream of a JPEG 2000, with boxes around it or without (ITU-T T.800).

    What is before the first packed bytes may be a profile of colour, which has some.
    """
    file.seek(0)
    wanted, before = [CODESTREAM, _PACKED_FROM], b""
    while piece := file.read(_PIECE):
        seen = before + piece
        while wanted and (place := seen.find(wanted[0])) >= 0:
            seen = seen[place + len(wanted.pop(0)) :]
        if not wanted and _UNCODED in seen:
            return True
        before = seen[-len(_UNCODED) :]
    return False


def in_av1(file: BinaryIO) -> bool:
    """Whether there are any in the boxes of an AVIF that have its pictures."""
    size, place = file.seek(0, 2), 0
    while place < size:
        file.seek(place)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big") or size - place
        if length == 1:
            length = int.from_bytes(head[8:], "big")
        if length < 8:
            return not head.strip(b"\0")
        file.seek(place)
        if head[4:8] == b"mdat" and bytes(DENSE["av1"]) in file.read(length):
            return True
        place += length
    return False


def _first_frame(file: BinaryIO) -> int:
    """Where the first frame is, behind labels, in which there may be room for more of them."""
    place = 0
    file.seek(0)
    head = file.read(10)
    if head.startswith(b"ID3") and len(head) == 10:
        place = 10 + sum(part << 7 * (3 - number) for number, part in enumerate(head[6:10]))
        file.seek(place)
        head = file.read(4)
    if not head.startswith(b"fLaC"):
        return place
    place += 4
    while True:
        file.seek(place)
        block = file.read(4)
        place += 4 + int.from_bytes(block[1:], "big")
        if len(block) < 4 or block[0] & 0x80:
            return place
