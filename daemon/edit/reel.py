"""The reel: the film as one file to be looked at, of its active takes in story order, each with its name and the time."""

from collections.abc import AsyncGenerator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from daemon.decoding.decoders import Decoders
from daemon.edit.cut import Clip, Cut, stem
from daemon.edit.fonts import fonts
from events import Refused
from projections.files.threads import in_thread
from projections.layout import frame_name, full_id, media_path
from projections.media.drawing.told import Label
from projections.media.errors import NeedsMore, Undecodable
from projections.media.jobs import REEL, Piece

LENGTH = 8
"""Seconds of a piece: what is done at once, and told as done."""

NO_TAKE, NOT_SHOWN = "no active take", "it cannot be shown"
"""What a slate says."""


class NoShots(Refused):
    """Raised when there is nothing that a reel could show."""

    hint = "`takes ls` lists the shots."

    def __init__(self) -> None:
        super().__init__("this film has no shots yet")


class Shown(Struct, frozen=True):
    """How many of how many frames are in the reel; and what is wrong with the take that was to be seen in the last ones."""

    done: int
    total: int
    shot: str | None = None
    reason: str | None = None


async def make(cut: Cut, decoders: Decoders, file: BinaryIO) -> AsyncGenerator[Shown, None]:
    """Write the reel of a film to that file, telling how far it is. What cannot be shown is a slate. NoShots."""
    if not cut.clips:
        raise NoShots
    at, total = 0, sum(map(cut.length, cut.clips))
    for clip in cut.clips:
        label, reason = await _label(clip, decoders), None
        for path, piece in _pieces(cut, clip, at, label):
            made, trouble = await _made(decoders, path if reason is None else None, piece)
            reason = reason or trouble
            await in_thread(file.write, made)
            yield Shown(piece.first + piece.frames, total)
        if reason:
            yield Shown(at + cut.length(clip), total, full_id(clip.shot.path), reason)
        at += cut.length(clip)


async def _made(decoders: Decoders, path: Path | None, piece: Piece) -> tuple[bytes, str | None]:
    """The piece, or a slate in its place and why."""
    if path is None:
        return await decoders.piece(None, _slate(piece, piece.slate or NOT_SHOWN)), None
    try:
        return await decoders.piece(path, piece), None
    except (Undecodable, NeedsMore) as error:
        reason = error.reason
    except OSError as error:
        reason = error.strerror or str(error)
    return await decoders.piece(None, _slate(piece, NOT_SHOWN)), reason


def _slate(piece: Piece, word: str) -> Piece:
    return Piece(
        rate=piece.rate,
        first=piece.first,
        frames=piece.frames,
        label=piece.label,
        zero=piece.zero,
        slate=word,
    )


async def _label(clip: Clip, decoders: Decoders) -> bytes:
    text = f"{clip.name}  {clip.active.row.id}" if clip.active else clip.name
    found = () if text.isascii() else await in_thread(fonts)
    return await decoders.label(Label(text, REEL[0], found))


def _pieces(cut: Cut, clip: Clip, at: int, label: bytes) -> Iterator[tuple[Path | None, Piece]]:
    """The pieces of a clip that begins at that frame of the film, each with the file that is seen in it."""
    take, length, rate = clip.active, cut.length(clip), cut.rate
    found = take.media.frames if take else None
    step = 1 if found else round(LENGTH * rate)
    for first in range(0, length, step):
        start = (take.start / take.rate if take else Fraction(0)) + first / rate
        piece = Piece(
            rate=(rate.numerator, rate.denominator),
            first=at + first,
            frames=min(step, length - first),
            label=label,
            start=float(start),
            zero=cut.zero,
            slate="" if take else NO_TAKE,
        )
        if take is None:
            yield None, piece
        elif found is None:
            yield cut.root / take.path, piece
        else:  # one of its frames
            number = min(found.first + int(start * take.rate), found.last)
            name = frame_name(stem(take.media), number, found.digits, found.suffix)
            yield cut.root / media_path(clip.shot.path, take.row.number, name), piece
