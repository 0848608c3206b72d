"""GIF: its blocks, walked without a decoder: whether the file ends as one does whose writer came to an end."""

from typing import BinaryIO, Final

from projections.media.containers.pieces import Fault

_EXTENSION: Final = b"!"
_PICTURE: Final = b","
_TRAILER: Final = b";"
_COLOURS: Final = 0x80
"""The flag of a table of colours; the last three bits say how large it is."""

_HOLE: Final = 16
"""Zeros in a row that are no block."""


def fault(file: BinaryIO) -> Fault | None:
    """Whether the file ends in the midst of a block, or has zeros where one should be.

    Some writers leave the last block out, the trailer.
    """
    end = file.seek(0, 2)
    place = 13 + _table(_read(file, 10, 1))
    while place < end:
        kind = _read(file, place, 1)
        if kind == _TRAILER:
            return None
        if kind == _EXTENSION:
            place = _after_blocks(file, place + 2)
        elif kind == _PICTURE:
            place = _after_blocks(file, place + 11 + _table(_read(file, place + 9, 1)))
        else:  # no block, which decoders leave alone
            return None if _read(file, place, _HOLE).strip(b"\0") else "hole"
    return "cut off" if place > end else None


def _after_blocks(file: BinaryIO, place: int) -> int:
    """Where the chain of blocks ends that begins there, each with its length first; the last has none."""
    file.seek(place)
    while length := file.read(1):
        place += 1 + length[0]
        if length == b"\0":
            return place
        file.seek(length[0], 1)
    return place + 1


def _table(flags: bytes) -> int:
    """The bytes of the table of colours that follows those flags."""
    flag = flags[0] if flags else 0
    return 3 << (flag & 7) + 1 if flag & _COLOURS else 0


def _read(file: BinaryIO, place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)
