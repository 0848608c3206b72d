"""Thumbnails: the `_thumbnail.png` beside each take's media, stamped with the bytes it was made from and its mean colour.

The stamp ends with a seal over all that, so that whoever compares need not draw a picture again that is as it was made.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from events import Media, TakeKey
from projections.artifacts.frame_lists import shown
from projections.concurrency import for_each
from projections.files.opening import opened
from projections.files.reading import OURS, read_fit
from projections.files.threads import in_thread
from projections.files.together import Together
from projections.files.writing import remove, write_each
from projections.film import Film, beside_media, present, take_folder
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.layout import THUMBNAIL
from projections.media.errors import Undecodable
from projections.projection import ABSENT, Away, Projection, Trouble

STAMP = b"takes:media"
_HEADER = 8 + 25
"""A PNG begins with a signature of 8 bytes and the IHDR chunk of 25."""

_TOLD = re.compile(rb"([0-9a-f]{64})(?: (#[0-9a-f]{6}))?")
"""What a stamp says before its seal; in 0.2.0 it was without a colour, and without a seal for longer."""

LOOKS = 6
"""Thumbnails that are looked at together for their colours: as many calls as may wait for one disk."""


class Stamp(NamedTuple):
    """The hash of the media that a thumbnail was made from, and its mean colour, empty where it does not say."""

    sha256: str
    colour: str


def stamp(png: bytes, sha256: str, colour: str = "", seal: str = "") -> bytes:
    """The picture with a tEXt chunk that names the media it was made from, and its mean colour."""
    body = b"tEXt" + STAMP + b"\0" + " ".join(filter(None, (sha256, colour, seal))).encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_HEADER] + chunk + png[_HEADER:]


def sealed(png: bytes, sha256: str, colour: str) -> bytes:
    """The same, with the seal."""
    return stamp(png, sha256, colour, hashlib.sha256(stamp(png, sha256, colour)).hexdigest())


def is_as_made(content: bytes, sha256: str) -> bool:
    """Whether that is a thumbnail of the media of that hash, and nobody has changed anything in it since it was made."""
    told = _told(content)
    if told is None or told.sha256 != sha256:
        return False
    (length,) = struct.unpack_from(">I", content, _HEADER)
    return content == sealed(content[:_HEADER] + content[_HEADER + length + 12 :], *told)


def stamped(path: Path | str) -> Stamp | None:
    """What is stamped on a thumbnail; None where it is not one of ours."""
    try:
        with opened(path) as file:
            return _told(file.read(_HEADER + 8 + len(STAMP) + 1 + 64 + 8))
    except OSError:
        return None


def _told(content: bytes) -> Stamp | None:
    name = content[_HEADER + 8 :][: len(STAMP) + 1]
    found = _TOLD.match(content, _HEADER + 8 + len(name)) if name == STAMP + b"\0" else None
    return Stamp(found[1].decode(), (found[2] or b"").decode()) if found else None


class Wanted:
    """A thumbnail that should be there."""

    def __init__(self, shot: ShotRow, take: TakeRow, media: Media) -> None:
        self.key = TakeKey(shot.stream, take.number)
        self.source = shown(f"{take_folder(shot, take)}/{media.name}", media)
        self.path = beside_media(shot, take, THUMBNAIL)
        self.away = Away.of_take(shot, take, self.source)
        self.media = media


def wanted(touched: Sequence[ShotTakes]) -> Iterator[Wanted]:
    """The thumbnails of all those takes that have media."""
    for one in touched:
        for take, media in present(one.takes):
            yield Wanted(one.shot, take, media)


async def read_colours(root: Path, shots: Sequence[ShotTakes], found: dict[TakeKey, str]) -> None:
    """Note in `found` which colours the thumbnails of those takes say of themselves.

    They may have been made elsewhere: by another keeper, or before a clone. Of one without a colour it is empty.
    """

    async def look(one: Wanted) -> None:
        told = await in_thread(stamped, root / one.path)
        if told and told.sha256 == one.media.sha256:
            found[one.key] = told.colour

    await for_each(wanted(shots), look, LOOKS)


def _stale(film: Film, touched: Sequence[ShotTakes]) -> list[Wanted]:
    """The thumbnails that are missing, or show something else."""

    def shows(one: Wanted) -> bool:
        told = stamped(f"{film.root}/{one.path}")
        return told is not None and told.sha256 == one.media.sha256

    return [one for one in wanted(touched) if not shows(one)]


def _unsure(film: Film, touched: Sequence[ShotTakes]) -> list[Wanted]:
    """The thumbnails of which only a new one can tell whether they are right."""

    def is_sure(one: Wanted) -> bool:
        try:
            content = read_fit(film.root / one.path, OURS)
        except OSError:
            return False
        return content is not None and is_as_made(content, one.media.sha256)

    return [one for one in wanted(touched) if not is_sure(one)]


class Thumbnails(Projection):
    """Makes the picture of each take once, and again when it is missing or shows something else."""

    name = "thumbnails"
    pause = 0.02

    def __init__(self) -> None:
        self._together = Together(write_each)

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
        troubles: list[Trouble] = []
        colours: dict[TakeKey, str] = {}

        async def make(one: Wanted) -> None:
            await self._make(film, one, troubles, colours)

        await for_each(await in_thread(_stale, film, touched), make)
        if colours:
            await film.index.note_colours(colours)
        return troubles

    async def _make(
        self, film: Film, one: Wanted, troubles: list[Trouble], colours: dict[TakeKey, str]
    ) -> None:
        try:
            png, colour = await film.picture(film.root / one.source, one.media.sha256)
            colours[one.key] = colour
            await self._together.do((film.root / one.path, sealed(png, one.media.sha256, colour)))
        except Undecodable:
            colours[one.key] = ""  # what has no picture now will have none later
        except ABSENT:
            troubles.append(one.away)
        except OSError as error:
            troubles.append(f"{one.path}: {error.strerror}")

    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        different = []

        async def compare(one: Wanted) -> None:
            sha256 = one.media.sha256
            try:
                png, colour = await film.picture(film.root / one.source, sha256)
            except (OSError, Undecodable):
                return
            right = sealed(png, sha256, colour), stamp(png, sha256, colour), stamp(png, sha256)
            if await in_thread(read_fit, film.root / one.path, OURS) not in right:
                different.append(one.path)

        await for_each(await in_thread(_unsure, film, touched), compare)
        return different

    async def erase(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        def work() -> None:
            for one in wanted(touched):
                remove(film.root / one.path)

        await in_thread(work)
