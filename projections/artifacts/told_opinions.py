"""Told opinions: what a sidecar or a project file says that people thought, as the events that a log lacks.

What no log could keep is passed over.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from msgspec.structs import replace

from events import Event, Shot, Source, Take, TakeCreated, TakesError, evolve
from events.choices import (
    Before,
    checked_name,
    copied,
    mark,
    mark_note,
    mark_shot_note,
    note,
    note_shot,
    rate,
    save_search,
    signed,
    stage,
    tag,
)
from projections.artifacts.project_text import told_apart
from projections.artifacts.sidecars import MOMENT, Sidecar
from projections.index.opinions import Note

LAST_NUMBER = 10_000
"""What a note may be numbered that a file tells of; one with a higher number gets the next one."""


def opinions_told(told: Sidecar | None, number: int, known: Take | None = None) -> list[Event]:
    """What a sidecar says of that take, behind what a log knows of it already that is older than the sidecar."""
    if told is None:
        return []
    takes = {number: replace(known, notes={**known.notes})} if known else {}
    saying = _Saying(Shot("", takes=takes))
    if known is None:
        evolve(saying.shot, TakeCreated(take=number, source=Source(kind="adopted")))
    take, tags, notes = saying.shot.takes[number], {*(told.tags or ())}, told.notes or ()
    saying.say(rate, number, told.rating or 0)
    saying.say(mark, number, told.mark or "none")
    saying.say(tag, number, tags, {*take.tags} - tags)
    for withdrawn in take.notes.keys() - {one.note for one in notes}:
        saying.say(mark_note, number, withdrawn, "withdrawn")
    numbers = {one: one for one in take.notes}
    for one in notes:
        if one.note not in numbers:
            about = {"frame": one.frame, "last_frame": one.last_frame, "drawing": one.drawing}
            if not saying.say(note, number, one.text, by=one.by, **about, **_told_before(one, numbers)):
                continue
            numbers[one.note] = max(take.notes)
        saying.say(mark_note, number, numbers[one.note], one.state, by=one.by)
    return saying.events


def opinions_of_shot_told(known: Shot, stage_told: str | None, notes: Sequence[Note]) -> list[Event]:
    """The same of what a project file says of a shot; a note that the shot has is known by its number."""
    saying = _Saying(copied(known))
    if stage_told:
        saying.say(stage, stage_told)
    numbers = {number: number for number in known.notes}
    for one in notes:
        if _note_shot(saying, one, numbers):
            saying.say(mark_shot_note, numbers[one.note], one.state, by=one.by)
    return saying.events


def opinions_brought(
    known: Shot, known_notes: Sequence[Note], stage_told: str | None, notes: Sequence[Note]
) -> list[Event]:
    """The same of what git has brought from another branch or clone, where a note may have another number and time.

    What is settled there is so here; what was withdrawn here stays so.
    """
    saying = _Saying(copied(known))
    if stage_told:
        saying.say(stage, stage_told)
    had, came = (told_apart([msgspec.to_builtins(one) for one in these]) for these in (known_notes, notes))
    numbers = {came[key]["note"]: had[key]["note"] for key in came.keys() & had.keys()}
    for one in notes:
        is_known = _note_shot(saying, one, numbers)
        if is_known and one.state == "resolved" and saying.shot.notes.get(numbers[one.note]) == "open":
            saying.say(mark_shot_note, numbers[one.note], "resolved", by=one.by)
    return saying.events


def searches_told(film: Shot, told: Mapping[str, str]) -> list[Event]:
    """The same of the searches that a project file tells of."""
    saying = _Saying(copied(film))
    for name, query in told.items():
        saying.say(save_search, name, query)
    return saying.events


class _Saying:
    """The events that were said so far, and the shot as they make it."""

    def __init__(self, shot: Shot) -> None:
        self.shot = shot
        self.events: list[Event] = []

    def say(
        self, rule: Callable[..., Sequence[Event]], *about: Any, by: str | None = None, **more: Any
    ) -> bool:
        """What the rule answers, signed by whoever said it; whether it has not refused."""
        with suppress(TakesError):
            for event in signed(rule(self.shot, *about, **more), by and checked_name("person", by)):
                evolve(self.shot, event)
                self.events.append(event)
            return True
        return False


def _note_shot(saying: _Saying, one: Note, numbers: dict[int, int]) -> bool:
    """Have that note on the shot, unless its number is known; `numbers` are by which number the shot has each.

    False where it is none that a shot can have.
    """
    if one.note not in numbers:
        if not saying.say(note_shot, one.text, by=one.by, **_told_before(one, numbers)):
            return False
        numbers[one.note] = max(saying.shot.notes)
    return True


def _told_before(one: Note, numbers: Mapping[int, int]) -> dict[str, Any]:
    """What a note was before, as far as that makes sense, and the one that it answers by today's number."""
    answers = numbers.get(one.answers) if one.answers else None
    written = one.at if MOMENT.fullmatch(one.at) else None
    return {"answers": answers, "before": Before(one.note if one.note <= LAST_NUMBER else 0, written)}
