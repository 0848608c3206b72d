"""Boxes: what the first bytes of a file, and the boxes of an mp4 or mov, tell before any decoder is asked."""

from typing import BinaryIO, Final

NO_INDEX: Final = "the file is cut off: its index is missing"
_FIRST_BOXES: Final = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"})


def why_closed(file: BinaryIO) -> str:
    """Why FFmpeg finds nothing in it, as far as its first bytes tell."""
    file.seek(0)
    head = file.read(12)
    if head[4:8] in _FIRST_BOXES or head.startswith(b"\x1a\x45\xdf\xa3"):
        return NO_INDEX
    return "not a video, image or audio file"


def is_one(file: BinaryIO) -> bool:
    """Whether it begins as an mp4 or mov does."""
    file.seek(0)
    return file.read(12)[4:8] in _FIRST_BOXES


def lacks_index(file: BinaryIO) -> bool:
    """Whether an mp4 or mov ends within an index, of which FFmpeg would read what is left."""
    end, place, kind = file.seek(0, 2), 0, b""
    while place < end:
        file.seek(place)
        head = file.read(16)
        length, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if length == 1:
            length = int.from_bytes(head[8:], "big")
        if (place == 0 and kind not in _FIRST_BOXES) or length < 8:
            return False
        place += length
    return place > end and kind in {b"moov", b"moof", b"mfra"}
