"""The frames of a sound without a container: MP3 (ISO 11172-3) and AAC in ADTS (ISO 13818-7), walked without a decoder.

Each tells its length. A decoder goes on at the next one that it can make out, and says nothing of what is lost.
"""

from functools import cache
from typing import BinaryIO, Final

_BIT_RATES: Final = {
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLE_RATES: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""Of an MP3, by the version of MPEG that it has: kilobits a second, of the one for half the samples those of 2.5 too; and Hz."""

_ALONE: Final = 3
"""Frames of sound of which so many stand one behind the other are no chance."""

_AROUND: Final = 2
"""Frames by which writers differ in what they count."""

_BEHIND: Final = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3")
"""What may follow the last frame of a sound: what it is called."""

_HEAD: Final = 6
"""Bytes of a frame that tell its length."""

_PART: Final = 1 << 18
"""Bytes that are read at a time: an hour of sound is a hundred thousand frames."""


def are_cut_off(file: BinaryIO) -> bool:
    """Whether the last frame is cut off, or an MP3 has fewer than its first one tells; False of what is no such sound."""
    size = file.seek(0, 2)
    begin = _tags_end(_read(file, 0, 10))
    end, count = _walked(file, begin, size)
    if count < _ALONE or (end < size and not _read(file, end, 11).startswith(_BEHIND)):
        return False
    return end > size or count < _told(_read(file, begin, 64)) - _AROUND


def _walked(file: BinaryIO, place: int, size: int) -> tuple[int, int]:
    """Where the frames end that stand one behind the other from there on, and how many they are."""
    count, start, part = 0, place, b""
    while place < size:
        if place + _HEAD > start + len(part):
            start, part = place, _read(file, place, _PART)
        length = _frame(part, place - start)
        if not length:
            break
        place, count = place + length, count + 1
    return place, count


def _tags_end(head: bytes) -> int:
    """Where the tags end (ID3v2) that may stand before a sound; of each byte of their length seven bits count."""
    if len(head) < 10 or not head.startswith(b"ID3"):
        return 0
    return 10 + sum(byte << 7 * place for place, byte in enumerate(reversed(head[6:10])))


def _frame(part: bytes, at: int) -> int | None:
    """The bytes of the frame of MP3 or AAC that begins there, with its head; None where there is no such frame.

    What is cut off within its head is as long as that.
    """
    if part[at : at + 1] != b"\xff":
        return None
    if at + _HEAD > len(part):
        return _HEAD if (part[at + 1 : at + 2] or b"\xff") >= b"\xe0" else None
    if part[at + 1] & 0xF6 == 0xF0:  # ADTS, which has no layer
        return (int.from_bytes(part[at + 3 : at + 6], "big") >> 5 & 0x1FFF) or None
    return _mp3_frame(part[at + 1], part[at + 2])


@cache  # a sound has few kinds of frames, and a million of them
def _mp3_frame(first: int, second: int) -> int | None:
    """The bytes of a frame of MP3 with its head, by the two that say its kind; None where they say none."""
    version, layer = first >> 3 & 3, first >> 1 & 3
    rate, samples, padding = second >> 4, second >> 2 & 3, second >> 1 & 1
    if first < 0xE0 or version == 1 or layer != 1 or rate in (0, 15) or samples == 3:
        return None
    bits = 1000 * _BIT_RATES[version or 2][rate - 1]
    return (144 if version == 3 else 72) * bits // _SAMPLE_RATES[version][samples] + padding


def _told(first: bytes) -> int:
    """How many frames the first one of an MP3 says that there are (the head of Xing and LAME); 0 where it says nothing."""
    found = max(first.find(b"Xing"), first.find(b"Info"))
    is_told = found >= 0 and first[found + 7 : found + 8] and first[found + 7] & 1
    return int.from_bytes(first[found + 8 : found + 12], "big") if is_told else 0


def _read(file: BinaryIO, place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)
