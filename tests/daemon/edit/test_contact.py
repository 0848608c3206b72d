"""The contact sheet: who is on it, what is said of each, and what it looks like."""

from io import BytesIO
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image

from daemon.edit.contact import NoSuchPage, TooManyTakes, part_of, sheet_of
from daemon.edit.cut import Clip, NoSuchPart
from events import Media, TakeMarked, TakeNoted, TakeRated, TakeTagged
from projections.index.rows import TakeRow
from projections.media.drawing import sheets
from projections.media.drawing.sheets import PAPER
from projections.media.drawing.told import ON_A_PAGE, Cell, Sheet, encode
from projections.media.drawing.writing import Writing
from tests.daemon.edit.cuts import DAWN, SEED, film

GREEN, RED = (0, 200, 0), (200, 0, 0)


def jpeg(colour: tuple[int, int, int]) -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 36), colour).save(out, "JPEG", quality=95)
    return out.getvalue()


async def picture_of(clip: Clip, row: TakeRow, media: Media) -> bytes | None:
    return jpeg(GREEN) if row.number == 2 else None


async def test_each_take_has_its_picture_and_what_is_known_of_it(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        await one.tell(
            DAWN,
            TakeRated(take=2, rating=4, by="anna"),
            TakeMarked(take=2, mark="pick", by="anna"),
            TakeTagged(take=2, added=("hero",), by="anna"),
            TakeNoted(take=2, note=1, text="six\nfingers", frame=12, by="anna"),
        )
        cut = await one.cut()
    sheet = await sheet_of(part_of(cut, "001_Dawn"), "png", 1, picture_of)
    assert (sheet.title, sheet.about) != ("", "")
    assert [cell.head.split()[0] for cell in sheet.cells[:3]] == ["take_001", "take_002", "take_003"]
    two = sheet.cells[1]
    assert (two.head, two.mark, two.is_active) == ("take_002  4/5  pick  active", "pick", True)
    assert [*two.lines] == [f"seed {SEED}, wan2.1.safetensors", "hero", "anna at 12: six fingers"]
    assert (two.picture, sheet.cells[0].picture) == (jpeg(GREEN), None)
    assert sheet.fonts == ()


async def test_it_is_of_a_shot_of_a_scene_or_of_the_film(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        cut = await one.cut()
    assert len(part_of(cut, None).takes) == 6  # the one that is hidden is not among them
    assert len(part_of(cut, "01_Sea").takes) == 5
    assert len(part_of(cut, "01_Sea:001_Dawn").takes) == 3
    assert [clip.name for clip, _ in part_of(cut, "02_Pier/").takes] == ["001_Dusk"]
    assert part_of(cut, "01_Sea").name == "A Film: 01_Sea"
    with pytest.raises(NoSuchPart):
        part_of(cut, "03_Nowhere")
    many = replace(cut, clips=[cut.clips[0]] * 401)
    with pytest.raises(TooManyTakes, match="1203"):
        part_of(many, None)
    with pytest.raises(NoSuchPage, match="has 1"):
        await sheet_of(part_of(cut, None), "png", 2, picture_of)


def drawn(sheet: Sheet) -> bytes:
    return sheets.draw(BytesIO(encode(sheet)))


def seen(content: bytes) -> Image.Image:
    with Image.open(BytesIO(content)) as image:
        return image.convert("RGB")


def sheet(count: int, form: str = "png", page: int | None = 1) -> Sheet:
    cells = [Cell(jpeg(GREEN if number else RED), f"take_{number:03d}", ["a"]) for number in range(count)]
    return Sheet("A Film", "", cells, form, page)  # type: ignore[arg-type]


def near(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(one - other) < 12 for one, other in zip(found, wanted, strict=True))


def test_a_page_has_the_pictures_in_their_places() -> None:
    first, second = (seen(drawn(sheet(ON_A_PAGE + 1, page=page))) for page in (1, 2))
    assert first.size == PAPER
    left, top = 56, 128
    for column in range(4):
        pixel = first.getpixel((left + column * 418 + 190, top + 100))
        assert isinstance(pixel, tuple)
        assert near(pixel, RED if column == 0 else GREEN)
    assert near(second.getpixel((left + 190, top + 100)), GREEN)  # type: ignore[arg-type]
    assert second.getpixel((left + 418 + 190, top + 100)) == (255, 255, 255)


def test_a_pdf_has_all_pages() -> None:
    content = drawn(sheet(2 * ON_A_PAGE + 1, "pdf", None))
    assert content.startswith(b"%PDF")
    *_, last = content.split(b"/Type /Pages")
    assert b"/Count 3" in last


def test_a_character_that_no_font_has_is_written_as_its_code() -> None:
    writing = Writing(())
    assert "".join(run for _, run in writing._runs("a\u591cb", 17)) == "a[U+591C]b"


def test_a_long_text_is_broken_and_the_end_says_that_there_is_more() -> None:
    writing = Writing(())
    lines = writing.wrapped(["one two three " * 9, "x" * 200], 17, 300, 4)
    assert len(lines) == 4
    assert lines[-1].endswith("…")
    assert all(writing._length(line, 17) <= 300 for line in lines[:-1])
