"""WAVE: its chunks, walked without a decoder: whether its writer could say how long its sound is."""

from typing import BinaryIO, Final

_PLACEHOLDERS: Final = frozenset({0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000})
"""What writers that cannot go back, as into a pipe, say instead of a length: GStreamer, FFmpeg, and SoX twice."""


def is_open(file: BinaryIO) -> bool:
    """Whether the sound goes on to the end of the file, however long that is."""
    file.seek(0)
    if file.read(4) not in (b"RIFF", b"RF64"):
        return False
    place = 12
    while True:
        file.seek(place)
        head = file.read(8)
        size = int.from_bytes(head[4:], "little")
        if len(head) < 8 or head[:4] == b"ds64":  # in which the length stands
            return False
        if head[:4] == b"data":
            return size in _PLACEHOLDERS
        place += 8 + size + size % 2
