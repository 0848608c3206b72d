"""The contact sheet: takes of a shot, of a scene or of the film, as they are to be seen side by side."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Literal

import anyio
from msgspec import Struct

from daemon.edit.cut import Clip, Cut, notes_of, within
from daemon.edit.fonts import fonts
from daemon.edit.saying import one_line, said
from events import Media, NotFound, Refused
from projections.files.threads import in_thread
from projections.index.rows import TakeRow
from projections.media.drawing.told import Cell, Sheet

SheetFormat = Literal["pdf", "png"]

MOST_TAKES = 1200
"""Of one sheet: a hundred pages."""

AT_ONCE = 4
"""Pictures that are asked for at once."""

PictureOf = Callable[[Clip, TakeRow, Media], Awaitable[bytes | None]]
"""Has a take's picture drawn, as a JPEG; None where it cannot be had."""


class NoSuchPage(NotFound):
    """Raised when a sheet has fewer pages."""

    hint = "Pages count from 1."

    def __init__(self, page: int, pages: int) -> None:
        super().__init__(f"there is no page {page}: the sheet has {pages}")


class TooManyTakes(Refused):
    """Raised when a sheet would have more pages than anybody looks through."""

    hint = "Name a scene or a shot, or have only the active takes on it."

    def __init__(self, takes: int) -> None:
        super().__init__(f"a sheet has at most {MOST_TAKES} takes, and these are {takes}")


class Part(Struct, frozen=True):
    """The part of a film that a sheet is of: what it is called, and its takes, each with its shot."""

    name: str
    takes: Sequence[tuple[Clip, TakeRow]]

    @property
    def shots(self) -> int:
        return len({clip.shot.stream for clip, _ in self.takes})


def part_of(cut: Cut, name: str | None) -> Part:
    """The shot or scene of that name, or all of the film, without the takes that are hidden. NoSuchPart, TooManyTakes."""
    title, found = within(cut, name)
    takes = [(clip, row) for clip in found.clips for row in clip.rows if not row.deleted]
    if len(takes) > MOST_TAKES:
        raise TooManyTakes(len(takes))
    return Part(title, takes)


async def sheet_of(part: Part, form: SheetFormat, page: int | None, picture_of: PictureOf) -> Sheet:
    """That part as a sheet, with the pictures of those that are on it. NoSuchPage."""
    about = f"{_count(len(part.takes), 'take')}, {_count(part.shots, 'shot')}"
    cells = [_cell(clip, row, has_shot=part.shots > 1) for clip, row in part.takes]
    sheet = Sheet(part.name, about, cells, form, page)
    if page is not None and page > sheet.pages:
        raise NoSuchPage(page, sheet.pages)
    return Sheet(
        part.name, about, await _with_pictures(part, sheet, picture_of), form, page, await _fonts(sheet)
    )


async def _with_pictures(part: Part, sheet: Sheet, picture_of: PictureOf) -> Sequence[Cell]:
    """The cells, those that are drawn with their pictures."""
    cells, turns = list(sheet.cells), anyio.CapacityLimiter(AT_ONCE)

    async def draw(place: int) -> None:
        clip, row = part.takes[place]
        media = row.read_media()
        async with turns:
            picture = await picture_of(clip, row, media) if media else None
        cell = cells[place]
        cells[place] = Cell(picture, cell.head, cell.lines, cell.mark, cell.is_active)

    async with anyio.create_task_group() as group:
        for place in sheet.places:
            group.start_soon(draw, place)
    return cells


async def _fonts(sheet: Sheet) -> Sequence[bytes]:
    """The fonts of the system, where there are other characters than ours has."""
    texts = [sheet.title, *(text for cell in sheet.cells for text in (cell.head, *cell.lines))]
    return () if all(map(str.isascii, texts)) else await in_thread(fonts)


def _cell(clip: Clip, row: TakeRow, *, has_shot: bool) -> Cell:
    is_active = clip.shot.active == row.number
    head = [row.id, *([f"{row.rating}/5"] if row.rating else []), *([row.mark] if row.mark else [])]
    head += ["active"] if is_active else []
    lines = [*([clip.name] if has_shot else []), *_lines(row)]
    return Cell(None, "  ".join(head), lines, row.mark if row.mark != "none" else None, is_active)


def _lines(row: TakeRow) -> Iterator[str]:
    params = row.read_params() or {}
    facts = [f"seed {params['seed']}"] if params.get("seed") is not None else []
    facts += [str(params["model"])] if params.get("model") else []
    if facts:
        yield one_line(", ".join(facts))
    if row.status != "complete":
        yield one_line(f"{row.status}: {row.error}" if row.error else row.status)
    if tags := row.read_tags():
        yield ", ".join(tags)
    yield from map(said, notes_of(row))


def _count(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
