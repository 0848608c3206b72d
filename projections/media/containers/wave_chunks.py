"""WAVE: its chunks, walked without a decoder: whether its writer could say how long its sound is."""

from typing import BinaryIO, Final

from projections.media.containers.pieces import Fault

_PLACEHOLDERS: Final = frozenset({0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000})
"""What writers that cannot go back, as into a pipe, say instead of a length: GStreamer, FFmpeg, and SoX twice."""


def is_open(file: BinaryIO) -> bool:
    """Whether the sound goes on to the end of the file, however long that is."""
    return _sound(file)[1] in _PLACEHOLDERS


def fault(file: BinaryIO) -> Fault | None:
    """Whether the file ends before its sound does."""
    place, length = _sound(file)
    is_known = length is not None and length not in _PLACEHOLDERS
    return "cut off" if is_known and place + (length or 0) > file.seek(0, 2) else None


def _sound(file: BinaryIO) -> tuple[int, int | None]:
    """Where the sound begins, and how many bytes are claimed for it; None where it is no such file."""
    place, long = 12, None
    file.seek(0)
    head = file.read(12)
    while head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        file.seek(place)
        chunk = file.read(24)
        size = int.from_bytes(chunk[4:8], "little")
        if chunk[:4] == b"ds64":  # the length of a long one
            long = int.from_bytes(chunk[16:24], "little")
        if len(chunk) < 8 or chunk[:4] == b"data":
            return place + 8, (size if long is None else long) if chunk[:4] == b"data" else None
        place += 8 + size + size % 2
    return 0, None
