"""What is drawn for people, a contact sheet and a reel, is drawn in the cage, where nothing can be opened by name any more."""

import io
from pathlib import Path

import av

from daemon.decoding.decoders import open_decoders
from daemon.edit.fonts import fonts
from projections.files.threads import in_thread
from projections.media.drawing.told import Cell, Label, Sheet
from projections.media.jobs import REEL, Piece
from tests.support.clips import make_video


async def test_a_sheet_is_drawn_in_the_cage_with_whatever_fonts_there_are() -> None:
    cells = [Cell(None, "take_001", ["Möwen, שש אצבעות, 六"]), Cell(None, "take_002", [])]
    async with open_decoders(1) as decoders:
        page = await decoders.sheet(Sheet("A Film", "", cells, "png", 1, await in_thread(fonts)))
        assert page.startswith(b"\x89PNG")
        assert (await decoders.sheet(Sheet("A Film", "", cells, "pdf"))).startswith(b"%PDF")


async def test_the_pieces_of_a_reel_are_encoded_in_the_cage_and_follow_on_each_other(tmp_path: Path) -> None:
    clip = make_video(tmp_path / "a.mp4", seconds=1.0)
    async with open_decoders(1) as decoders:
        label = await decoders.label(Label("001_Dawn  take_001", REEL[0]))
        first = Piece(rate=(24, 1), first=0, frames=12, label=label)
        film = await decoders.piece(clip, first)
        film += await decoders.piece(clip, Piece(rate=(24, 1), first=12, frames=12, label=label, start=0.5))
        film += await decoders.piece(
            None, Piece(rate=(24, 1), first=24, frames=6, label=label, slate="no active take")
        )
    with av.open(io.BytesIO(film), "r") as made:
        assert [round(float(frame.time) * 24) for frame in made.decode(video=0)] == [*range(30)]
