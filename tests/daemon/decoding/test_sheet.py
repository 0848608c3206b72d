"""A contact sheet is drawn in the cage of the decoders, where nothing can be opened by name any more."""

from daemon.decoding.decoders import open_decoders
from daemon.edit.fonts import fonts
from projections.files.threads import in_thread
from projections.media.drawing.sheets import Cell, Sheet


async def test_a_sheet_is_drawn_in_the_cage_with_whatever_fonts_there_are() -> None:
    cells = [Cell(None, "take_001", ["Möwen, שש אצבעות, 六"]), Cell(None, "take_002", [])]
    async with open_decoders(1) as decoders:
        page = await decoders.sheet(Sheet("A Film", "", cells, "png", 1, await in_thread(fonts)))
        assert page.startswith(b"\x89PNG")
        assert (await decoders.sheet(Sheet("A Film", "", cells, "pdf"))).startswith(b"%PDF")
