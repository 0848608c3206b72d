"""Thumbnails: the `_thumbnail.png` beside each take's media, stamped with the bytes it was made from."""

import struct
import zlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

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


def stamp(png: bytes, sha256: str) -> bytes:
    """The picture with a tEXt chunk that names the media it was made from."""
    body = b"tEXt" + STAMP + b"\0" + sha256.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_HEADER] + chunk + png[_HEADER:]


def stamped(path: Path) -> str | None:
    """The hash of the media that a thumbnail was made from; None where it is not one of ours."""
    try:
        with opened(path) as file:
            head = file.read(_HEADER + 8 + len(STAMP) + 1 + 64)
    except OSError:
        return None
    name, _, sha256 = head[_HEADER + 8 :].partition(b"\0")
    return sha256.decode("ascii", "replace") if name == STAMP else None


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


def _stale(film: Film, touched: Sequence[ShotTakes]) -> list[Wanted]:
    """The thumbnails that are missing, or show something else."""
    return [one for one in wanted(touched) if stamped(film.root / one.path) != one.media.sha256]


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
            png, colours[one.key] = await film.picture(film.root / one.source, one.media.sha256)
            await self._together.do((film.root / one.path, stamp(png, one.media.sha256)))
        except Undecodable:
            return  # what has no picture now will have none later
        except ABSENT:
            troubles.append(one.away)
        except OSError as error:
            troubles.append(f"{one.path}: {error.strerror}")

    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        different = []
        for one in wanted(touched):
            try:
                png, _ = await film.picture(film.root / one.source, one.media.sha256)
            except (OSError, Undecodable):
                continue
            if await in_thread(read_fit, film.root / one.path, OURS) != stamp(png, one.media.sha256):
                different.append(one.path)
        return different

    async def erase(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        def work() -> None:
            for one in wanted(touched):
                remove(film.root / one.path)

        await in_thread(work)
