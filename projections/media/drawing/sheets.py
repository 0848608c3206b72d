"""Contact sheets: takes side by side on pages of paper, with what is known of each below its picture.

Drawn where files are looked into, since there are pictures in it. A text is drawn in the first of the fonts that has its
characters; one that none has is written as its code, so that it is not lost.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from typing import BinaryIO, Final, Literal

import msgspec
from msgspec import Struct
from PIL import Image, ImageDraw, ImageFont, JpegImagePlugin, PdfImagePlugin, features

_LOADED: Final = (JpegImagePlugin, PdfImagePlugin, *map(features.check, ("raqm", "fribidi")))
"""These would be imported, and opened, at first use; a confined decoder can do neither by then."""

PAPER: Final = (1754, 1240)
RESOLUTION: Final = 150
"""A4 on its side, in dots, and how many of those are an inch."""

COLUMNS, ROWS = 4, 3
ON_A_PAGE: Final = COLUMNS * ROWS
_MARGIN, _GAP, _HEAD = 56, 28, 72
_CELL: Final = (
    (PAPER[0] - 2 * _MARGIN - (COLUMNS - 1) * _GAP) // COLUMNS,
    (PAPER[1] - 2 * _MARGIN - 2 * _HEAD + 40) // ROWS,
)
_PICTURE: Final = (_CELL[0], _CELL[0] * 9 // 16)

TITLE, BOLD, PLAIN = 34, 20, 17
"""Heights of letters, in dots."""

_LINE: Final = 20
_INK, _GREY, _PALE, _WHITE = (24, 24, 27), (105, 105, 112), (226, 226, 230), (255, 255, 255)
_FRAMES: Final = {"pick": (34, 140, 74), "reject": (196, 48, 48)}
_ACTIVE: Final = (24, 92, 196)

Face = ImageFont.FreeTypeFont | ImageFont.ImageFont


class Cell(Struct, frozen=True):
    """A take on a sheet: its picture, none where it has none; the line above all others, and those."""

    picture: bytes | None
    head: str
    lines: Sequence[str]
    mark: Literal["pick", "reject"] | None = None
    is_active: bool = False


class Sheet(Struct, frozen=True):
    """A contact sheet, or one `page` of it from 1 on; what stands on top of each, and font files in their order."""

    title: str
    about: str
    cells: Sequence[Cell]
    form: Literal["png", "pdf"]
    page: int | None = None
    fonts: Sequence[bytes] = ()

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.cells) // ON_A_PAGE))

    @property
    def places(self) -> range:
        """Which of the cells are on what is drawn."""
        first = 0 if self.page is None else (self.page - 1) * ON_A_PAGE
        return range(first, min(len(self.cells), len(self.cells) if self.page is None else first + ON_A_PAGE))


def encode(sheet: Sheet) -> bytes:
    """A sheet, to be drawn elsewhere."""
    return msgspec.msgpack.encode(sheet)


def draw(file: BinaryIO) -> bytes:
    """The sheet that is in that file: one page as a PNG, the first where none is named, or all of them as a PDF."""
    sheet = msgspec.msgpack.decode(file.read(), type=Sheet)
    pages = range(sheet.pages) if sheet.page is None else range(sheet.page - 1, sheet.page)
    writing, out = _Writing(sheet.fonts), BytesIO()
    for number in pages:
        page = _page(sheet, number, writing)
        if sheet.form == "png":
            page.save(out, "PNG", dpi=(RESOLUTION, RESOLUTION))
            break
        page.save(
            out, "PDF", append=number > pages.start, resolution=RESOLUTION, quality=88, title=sheet.title
        )
    return out.getvalue()


def _page(sheet: Sheet, number: int, writing: "_Writing") -> Image.Image:
    image = Image.new("RGB", PAPER, _WHITE)
    draw = ImageDraw.Draw(image)
    right = PAPER[0] - _MARGIN
    writing.line(draw, (_MARGIN, _MARGIN - 6), sheet.title, TITLE, _INK, (right - _MARGIN) * 2 // 3)
    writing.line(draw, (right, _MARGIN + 8), sheet.about, PLAIN, _GREY, (right - _MARGIN) // 3, to_right=True)
    foot = f"{number + 1} / {sheet.pages}"
    writing.line(draw, (right, PAPER[1] - _MARGIN - 8), foot, PLAIN, _GREY, 300, to_right=True)
    for place, cell in enumerate(sheet.cells[number * ON_A_PAGE :][:ON_A_PAGE]):
        row, column = divmod(place, COLUMNS)
        left = _MARGIN + column * (_CELL[0] + _GAP)
        _draw_cell(image, draw, (left, _MARGIN + _HEAD + row * _CELL[1]), cell, writing)
    return image


def _draw_cell(
    image: Image.Image, draw: ImageDraw.ImageDraw, at: tuple[int, int], cell: Cell, writing: "_Writing"
) -> None:
    left, top = at
    box = (left, top, left + _PICTURE[0] - 1, top + _PICTURE[1] - 1)
    draw.rectangle(box, fill=_PALE)
    if cell.picture:
        with Image.open(BytesIO(cell.picture), formats=["JPEG"]) as picture:
            image.paste(picture.resize(_PICTURE, Image.Resampling.LANCZOS), (left, top))
    if cell.mark:
        draw.rectangle(box, outline=_FRAMES[cell.mark], width=5)
    below, colour = top + _PICTURE[1] + 6, _ACTIVE if cell.is_active else _INK
    writing.line(draw, (left, below), cell.head, BOLD, colour, _CELL[0])
    room = (_CELL[1] - _PICTURE[1] - 6 - _LINE - 8) // _LINE
    for number, line in enumerate(writing.wrapped(cell.lines, PLAIN, _CELL[0], room), 1):
        writing.line(draw, (left, below + number * _LINE + 4), line, PLAIN, _GREY, _CELL[0])


class _Writing:
    """Writes with several fonts: those that came along, by their numbers from 1, and Pillow's own, which is 0."""

    def __init__(self, fonts: Sequence[bytes]) -> None:
        self._fonts = fonts
        self._order = (*range(1, len(fonts) + 1), 0)
        self._faces = lru_cache(None)(self._load)
        self._has = lru_cache(None)(self._look)

    def line(
        self,
        draw: ImageDraw.ImageDraw,
        at: tuple[int, int],
        text: str,
        size: int,
        colour: tuple[int, int, int],
        room: int,
        *,
        to_right: bool = False,
    ) -> None:
        """Write a line, as much of it as there is room for; `at` is its upper left end, or its right one."""
        text = self._fitted(text, size, room)
        left = at[0] - (self._length(text, size) if to_right else 0)
        for face, run in self._runs(text, size):
            draw.text((left, at[1] + size), run, colour, face, anchor="ls")
            left += face.getlength(run)

    def wrapped(self, lines: Sequence[str], size: int, room: int, most: int) -> list[str]:
        """Lines that are as long as there is room, at most so many; the last one says where there would be more."""
        found = [part for line in lines for part in self._parts(line, size, room)]
        if len(found) > most:
            found = [*found[: most - 1], f"{found[most - 1]} …"]
        return found

    def _parts(self, line: str, size: int, room: int) -> Iterator[str]:
        part = ""
        for word in line.split():
            longer = f"{part} {word}" if part else word
            if part and self._length(longer, size) > room:
                yield part
                longer = word
            while self._length(longer, size) > room:  # no blank in it: as much as fits
                count = next(
                    n
                    for n in range(len(longer) - 1, 0, -1)
                    if n == 1 or self._length(longer[:n], size) <= room
                )
                yield longer[:count]
                longer = longer[count:]
            part = longer
        if part:
            yield part

    def _fitted(self, text: str, size: int, room: int) -> str:
        if self._length(text, size) <= room:
            return text
        while text and self._length(f"{text}…", size) > room:
            text = text[:-1]
        return f"{text}…"

    def _length(self, text: str, size: int) -> float:
        return sum(face.getlength(run) for face, run in self._runs(text, size))

    def _runs(self, text: str, size: int) -> Iterator[tuple[Face, str]]:
        """The text in pieces, each with the font that has its characters."""
        chosen, last = list[tuple[int, str]](), self._order[0]
        for one in text:
            number = self._font_of(one, last)
            chosen += [(0, letter) for letter in f"[U+{ord(one):04X}]"] if number is None else [(number, one)]
            last = chosen[-1][0]
        for number, run in groupby(chosen, lambda one: one[0]):
            yield self._faces(number, size), "".join(letter for _, letter in run)

    def _font_of(self, one: str, last: int) -> int | None:
        """The font with that character: the last one, so that what belongs together stays so, or the first that has it."""
        return next((number for number in (last, *self._order) if self._has(number, one)), None)

    def _look(self, number: int, one: str) -> bool:
        if one == " ":
            return True
        face = self._faces(
            number, PLAIN, ImageFont.Layout.BASIC
        )  # which puts nothing round a mark that it lacks
        return one.isprintable() and bytes(face.getmask(one)) != bytes(face.getmask("\U0010fffe"))

    def _load(self, number: int, size: int, layout: ImageFont.Layout | None = None) -> Face:
        if number == 0:
            return ImageFont.load_default(size)
        return ImageFont.truetype(BytesIO(self._fonts[number - 1]), size, layout_engine=layout)
