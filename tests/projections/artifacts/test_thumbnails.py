"""Thumbnails: one that is as it was made is known by its seal, and any other is held against a new one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from events import MemoryLog, ShotRegistered, TakeCompleted, TakeCreated
from projections.artifacts.thumbnails import Thumbnails, sealed, stamp
from projections.film import Film, Thumbnail
from projections.index.index import open_index
from tests.events.samples import DROP, append, media
from tests.projections.test_replay import a_png

SHOT = "001_Dawn"
PATH = f"{SHOT}/takes/take_001/shot_001_take_001_thumbnail.png"
SHA256, COLOUR = media(1).sha256, "#336699"


class Shown:
    """A film with one take that has its thumbnail; `drawn` counts the pictures that were made."""

    def __init__(self) -> None:
        self.drawn = 0
        self.thumbnails = Thumbnails()

    async def begin(self, film: Film) -> None:
        self.film = film
        self.picture = film.root / PATH
        self.picture.parent.mkdir(parents=True)
        assert not await self.thumbnails.mend(film, await film.index.load({"s": [1]}))

    async def draw(self, path: Path, sha256: str) -> Thumbnail:
        self.drawn += 1
        return Thumbnail(a_png(), COLOUR)

    async def differences(self) -> list[str]:
        self.drawn = 0
        return list(await self.thumbnails.differences(self.film, await self.film.index.load({"s": [1]})))


@pytest.fixture
async def shown(tmp_path: Path) -> AsyncIterator[Shown]:
    log, shown = MemoryLog(), Shown()
    made = TakeCompleted(take=1, media=media(1))
    await log.append(append("s", ShotRegistered(path=SHOT), TakeCreated(take=1, source=DROP), made))
    async with open_index(tmp_path / "index.db", log) as index:
        await shown.begin(Film(tmp_path, index, shown.draw))
        yield shown


async def test_a_thumbnail_that_is_as_it_was_made_is_not_drawn_to_be_compared(shown: Shown) -> None:
    assert shown.drawn == 1
    assert await shown.differences() == []
    assert shown.drawn == 0


async def test_one_in_which_anything_was_changed_is_told(shown: Shown) -> None:
    content = shown.picture.read_bytes()
    for place in range(len(content)):
        shown.picture.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert await shown.differences() == [PATH], place
    for other in (b"", content[:-1], content + b"\0", content[: content.index(b"tEXt") + 20]):
        shown.picture.write_bytes(other)
        assert await shown.differences() == [PATH]
    shown.picture.unlink()
    assert await shown.differences() == [PATH]


async def test_one_of_other_media_is_told_though_it_is_sealed(shown: Shown) -> None:
    shown.picture.write_bytes(sealed(a_png(), "0" * 64, COLOUR))
    assert await shown.differences() == [PATH]


@pytest.mark.parametrize("before", [stamp(a_png(), SHA256), stamp(a_png(), SHA256, COLOUR)])
async def test_one_of_an_older_release_is_right_where_a_new_one_is_the_same(
    shown: Shown, before: bytes
) -> None:
    shown.picture.write_bytes(before)
    assert (await shown.differences(), shown.drawn) == ([], 1)
    assert not await shown.thumbnails.mend(shown.film, await shown.film.index.load({"s": [1]}))
    assert shown.picture.read_bytes() == before
