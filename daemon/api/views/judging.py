"""Judgements: what people may say of takes and shots, as the API reads and shows it."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from daemon.api.views.body import Camel
from events import Mark, NoteState
from events.choices import BEST, LAST_FRAME, LONGEST_NAME, LONGEST_NOTE, MOST_TAGS
from events.drawing import LONGEST_WORDS, MOST_POINTS, MOST_STROKES
from events.facts import Colour
from projections.index.opinions import Note

MOST_TAKES = 10_000
"""Takes that one request may speak of."""

Rating = Annotated[int, Meta(ge=0, le=BEST)]
Tags = Annotated[
    Sequence[Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]], Meta(max_length=MOST_TAGS)
]
Frame = Annotated[int, Meta(ge=0, le=LAST_FRAME)]


class StrokeView(Camel, kw_only=True, forbid_unknown_fields=True):
    """What is drawn on a frame: a `pen` along its points, an `arrow` from one to another, or a `text` at one.

    `points` are x and y by turns, as shares of the picture's width and height.
    """

    kind: Literal["pen", "arrow", "text"]
    points: Annotated[
        Sequence[Annotated[float, Meta(ge=0, le=1)]], Meta(min_length=2, max_length=2 * MOST_POINTS)
    ]
    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_WORDS)] | None = None
    colour: Colour = "yellow"


class NoteView(Camel, kw_only=True):
    """A note: its number in the take, or in the shot, what it says, who wrote it and when.

    `frame` and `lastFrame` count from 0 and are null for a note on the whole take, `lastFrame` also for one on a
    single frame; `answers` is the note to which it is an answer. One that was withdrawn is not shown.
    """

    note: int
    text: str
    by: str | None
    at: str
    frame: int | None
    last_frame: int | None
    answers: int | None
    state: NoteState
    drawing: Sequence[StrokeView]


def note_views(notes: Sequence[Note]) -> list[NoteView]:
    """The notes that stand."""
    return [msgspec.convert(one, NoteView, from_attributes=True) for one in notes if one.state != "withdrawn"]


class NoteBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """What somebody has to say, at one frame of a take or at those up to the last one, where it is not about all of it."""

    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_NOTE)]
    frame: Frame | None = None
    last_frame: Frame | None = None
    answers: Annotated[int, Meta(ge=1)] | None = None
    drawing: Annotated[Sequence[StrokeView], Meta(max_length=MOST_STROKES)] = ()


class JudgeBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """What is to be so of a take; what is left out stays as it is. A rating is 1 to 5, or 0 for none."""

    rating: Rating | UnsetType = UNSET
    mark: Mark | UnsetType = UNSET
    add_tags: Tags = ()
    remove_tags: Tags = ()
    note: NoteBody | UnsetType = UNSET
    deleted: bool | UnsetType = UNSET


class JudgeTakesBody(JudgeBody, kw_only=True, forbid_unknown_fields=True):
    """What is to be so of all of these takes, or of none where it cannot be of one."""

    take_ids: Annotated[Sequence[str], Meta(min_length=1, max_length=MOST_TAKES)]


class TakesOfShotBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """Some takes of one shot."""

    shot_id: str
    take_ids: Annotated[Sequence[str], Meta(min_length=1, max_length=MOST_TAKES)]


class JudgeFilmBody(JudgeBody, kw_only=True, forbid_unknown_fields=True):
    """What is to be so of all of these takes of several shots, or of none where it cannot be of one."""

    shots: Annotated[Sequence[TakesOfShotBody], Meta(min_length=1, max_length=MOST_TAKES)]


class JudgeShotBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """How far the work on a shot is, empty where nobody says so any more; and a note on it."""

    stage: str | UnsetType = UNSET
    note: NoteBody | UnsetType = UNSET


class NoteStateBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """How a note is to stand."""

    state: NoteState
