"""Opinions: what people said of a take or a shot, as its row has it."""

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from events import (
    NoteState,
    ShotChoice,
    ShotNoted,
    ShotNoteMarked,
    Stroke,
    TakeChoice,
    TakeMarked,
    TakeNoted,
    TakeNoteMarked,
    TakeRated,
    TakeTagged,
)
from events.folding import retagged

if TYPE_CHECKING:
    from projections.index.rows import TakeRow


class Note(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A note: its number, what it says, who wrote it and when, to which frames and which note it belongs, and what was drawn."""

    note: int
    text: str
    by: str | None
    at: str
    frame: int | None = None
    last_frame: int | None = None
    answers: int | None = None
    state: NoteState = "open"
    drawing: tuple[Stroke, ...] = ()


_encode = msgspec.json.Encoder().encode
_notes = msgspec.json.Decoder(list[Note]).decode


def read_notes(notes: str | None) -> list[Note]:
    """The notes in a row, by number; those that were withdrawn, too."""
    return _notes(notes) if notes else []


def change_opinion(take: "TakeRow", at: str, event: TakeChoice) -> None:
    """Change the row of a take as somebody said of it."""
    match event:
        case TakeRated():
            take.rating = event.rating or None
        case TakeMarked():
            take.mark = None if event.mark == "none" else event.mark
        case TakeTagged():
            tags = retagged(take.read_tags(), event)
            take.tags = _encode(tags).decode() if tags else None
        case TakeNoted() | TakeNoteMarked():
            notes = _with(take.read_notes(), at, event)
            take.notes = _encode(notes).decode()
            take.open_notes = sum(note.state == "open" for note in notes) or None


def note_shot(notes: str | None, at: str, event: ShotChoice) -> str | None:
    """The notes on a shot after that event."""
    if isinstance(event, ShotNoted | ShotNoteMarked):
        return _encode(_with(read_notes(notes), at, event)).decode()
    return notes


def _with(
    notes: list[Note], at: str, event: TakeNoted | TakeNoteMarked | ShotNoted | ShotNoteMarked
) -> list[Note]:
    match event:
        case TakeNoted():
            said = Note(
                event.note,
                event.text,
                event.by,
                event.written or at,
                event.frame,
                event.last_frame,
                event.answers,
                drawing=event.drawing,
            )
            return [*notes, said]
        case ShotNoted():
            return [
                *notes,
                Note(event.note, event.text, event.by, event.written or at, answers=event.answers),
            ]
    return [replace(one, state=event.state) if one.note == event.note else one for one in notes]
