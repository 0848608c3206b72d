"""Contact sheets: takes side by side on pages of paper, with what is known of each below its picture.

Drawn where files are looked into, since there are pictures in it. A text is drawn in the first of the fonts that has its
characters; one that none has is written as its code, so that it is not lost.
"""

from io import BytesIO
from typing import BinaryIO, Final

import msgspec
from PIL import Image, ImageDraw, JpegImagePlugin, PdfImagePlugin

from projections.media.drawing.told import COLUMNS, ON_A_PAGE, ROWS, Cell, Sheet
from projections.media.drawing.writing import Writing

_LOADED: Final = (JpegImagePlugin, PdfImagePlugin)
"""These would be imported at first use; a confined decoder can open no module by then."""

PAPER: Final = (1754, 1240)
RESOLUTION: Final = 150
"""A4 on its side, in dots, and how many of those are an inch."""

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


def draw(file: BinaryIO) -> bytes:
    """The sheet that is in that file: one page as a PNG, the first where none is named, or all of them as a PDF."""
    sheet = msgspec.msgpack.decode(file.read(), type=Sheet)
    pages = range(sheet.pages) if sheet.page is None else range(sheet.page - 1, sheet.page)
    writing, out = Writing(sheet.fonts), BytesIO()
    for number in pages:
        page = _page(sheet, number, writing)
        if sheet.form == "png":
            page.save(out, "PNG", dpi=(RESOLUTION, RESOLUTION))
            break
        page.save(
            out, "PDF", append=number > pages.start, resolution=RESOLUTION, quality=88, title=sheet.title
        )
    return out.getvalue()


def _page(sheet: Sheet, number: int, writing: Writing) -> Image.Image:
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
    image: Image.Image, draw: ImageDraw.ImageDraw, at: tuple[int, int], cell: Cell, writing: Writing
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
