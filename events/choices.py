"""The choices: what people may say of takes and shots, and how each is taken back.

Rules as those of a shot. Who chose is not for a rule to know: whoever appends what it answers signs it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import get_args

from msgspec import Struct
from msgspec.structs import replace

from events.drawing import drawn
from events.errors import ChoiceNotKept, NoteNotFound, NotFound, Refused, SearchNotFound, TakeNotFound
from events.event import Event, ShotChoice, TakeChoice
from events.facts import Mark, NoteState, Stroke
from events.folding import Shot, Take, evolve_all, retagged
from events.shot import activate, delete, restore
from events.vocabulary import (
    AccessGranted,
    AccessRevoked,
    SearchRemoved,
    SearchSaved,
    ShotNoted,
    ShotNoteMarked,
    ShotReceived,
    ShotStaged,
    TakeAccepted,
    TakeActivated,
    TakeCreated,
    TakeDeactivated,
    TakeDeleted,
    TakeMarked,
    TakeNoted,
    TakeNoteMarked,
    TakeRated,
    TakeRestored,
    TakeTagged,
)

Rule = Callable[[Shot], Sequence[Event]]

BEST = 5
LONGEST_NOTE, LONGEST_NAME = 10_000, 64
"""Characters of a note; of a tag, of a person's name and of that of a stage."""

MOST_TAGS, MOST_NOTES = 64, 200
"""Of one take."""

LAST_FRAME = 1_000_000_000

LONGEST_QUERY, MOST_SEARCHES = 1000, 200
"""Characters of a query, and how many of them a film keeps."""


class Before(Struct, frozen=True):
    """What a note was in a log before this one: its number, which it keeps where that is free, and when it was written."""

    number: int
    written: str | None


def rate(shot: Shot, number: int, rating: int) -> Sequence[Event]:
    """Say how good a take is, from 1 to 5; 0 takes the rating away."""
    take = _known(shot, number)
    if not 0 <= rating <= BEST:
        raise ChoiceNotKept(f"{rating} is no rating", "A rating is 1 to 5, or 0 for none.")
    return [] if take.rating == rating else [TakeRated(take=number, rating=rating)]


def mark(shot: Shot, number: int, mark: Mark) -> Sequence[Event]:
    """Make a take a pick, reject it, or neither."""
    take = _known(shot, number)
    if mark not in get_args(Mark):
        raise ChoiceNotKept(f"{mark!r} is no mark", "A take is a pick, a reject, or none of them.")
    return [] if take.mark == mark else [TakeMarked(take=number, mark=mark)]


def tag(shot: Shot, number: int, add: Collection[str] = (), remove: Collection[str] = ()) -> Sequence[Event]:
    """Give a take tags, and take others away; what it has already, or has not, changes nothing."""
    take = _known(shot, number)
    for one in add:
        checked_name("tag", one)
        if "," in one:
            raise ChoiceNotKept(f"{one!r} is no tag", "A tag has no comma: that stands between two of them.")
    event = TakeTagged(
        take=number,
        added=tuple(sorted({*add} - {*take.tags} - {*remove})),
        removed=tuple(sorted({*remove} & {*take.tags})),
    )
    if len(retagged(take.tags, event)) > MOST_TAGS:
        raise ChoiceNotKept(f"that would be more than {MOST_TAGS} tags", "Take some of them away first.")
    return [event] if event.added or event.removed else []


def note(
    shot: Shot,
    number: int,
    text: str,
    *,
    frame: int | None = None,
    last_frame: int | None = None,
    answers: int | None = None,
    drawing: Sequence[Stroke] = (),
    before: Before | None = None,
) -> Sequence[Event]:
    """Write a note on a take: on all of it, on one frame, or on those from one to another; perhaps with a drawing."""
    said = _next(_known(shot, number).notes, text, answers, before)
    first = 0 if frame is None else frame
    if (frame is None and last_frame is not None) or not 0 <= first <= (last_frame or first) <= LAST_FRAME:
        raise ChoiceNotKept(
            f"{frame} to {last_frame} are no frames",
            "Frames count from 0, and the last one is not before the first.",
        )
    last = None if last_frame == frame else last_frame
    return [
        TakeNoted(
            take=number,
            note=said,
            text=text,
            frame=frame,
            last_frame=last,
            answers=answers,
            drawing=drawn(drawing),
            written=before.written if before else None,
        )
    ]


def mark_note(shot: Shot, number: int, note: int, state: NoteState) -> Sequence[Event]:
    """Say that a note on a take is resolved, is withdrawn, or is open again."""
    is_so = _state(_known(shot, number).notes, note) == state
    return [] if is_so else [TakeNoteMarked(take=number, note=note, state=state)]


def note_shot(
    shot: Shot, text: str, *, answers: int | None = None, before: Before | None = None
) -> Sequence[Event]:
    """Write a note on the shot itself."""
    said, written = _next(shot.notes, text, answers, before), before.written if before else None
    return [ShotNoted(note=said, text=text, answers=answers, written=written)]


def mark_shot_note(shot: Shot, note: int, state: NoteState) -> Sequence[Event]:
    """The same as `mark_note`, of one on the shot itself."""
    return [] if _state(shot.notes, note) == state else [ShotNoteMarked(note=note, state=state)]


def stage(shot: Shot, name: str) -> Sequence[Event]:
    """Say how far the work on the shot is; nothing says it any more for an empty name."""
    if name:
        checked_name("stage", name)
    return [] if shot.stage == name else [ShotStaged(stage=name)]


def save_search(film: Shot, name: str, query: str) -> Sequence[Event]:
    """Keep a query under that name, in place of the one that was."""
    checked_name("search", name)
    if "/" in name:
        raise ChoiceNotKept(
            f"{name!r} is no name of a search", "It has no slash: the name is a part of addresses."
        )
    if not query.strip() or len(query) > LONGEST_QUERY or not query.isprintable():
        hint = f"A query is 1 to {LONGEST_QUERY:,} printable characters."
        raise ChoiceNotKept(f"that is no query: {query[:50]!r}", hint)
    if name not in film.searches and len(film.searches) >= MOST_SEARCHES:
        hint = "Remove one that nobody needs: `takes search rm NAME`."
        raise ChoiceNotKept(f"there are {MOST_SEARCHES} saved searches already", hint)
    return [] if film.searches.get(name) == query else [SearchSaved(name=name, query=query)]


def remove_search(film: Shot, name: str) -> Sequence[Event]:
    """Keep no query under that name any more; SearchNotFound."""
    if name not in film.searches:
        raise SearchNotFound(name, sorted(film.searches))
    return [SearchRemoved(name=name)]


def checked_name(what: str, name: str) -> str:
    """The name of something, as it may stand in the log; ChoiceNotKept."""
    if not name or name != name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        hint = f"It is 1 to {LONGEST_NAME} printable characters, with no blank at its ends."
        raise ChoiceNotKept(f"that is not what a {what} is called: {name[:100]!r}", hint)
    return name


def each(
    shot: Shot, numbers: Iterable[int], rules: Sequence[Callable[[Shot, int], Sequence[Event]]]
) -> Sequence[Event]:
    """What those rules decide of those takes, all of it or nothing; what is active comes last."""
    made = copied(shot)
    ordered = sorted(set(numbers), key=lambda number: (number == shot.active, number))
    return [event for number in ordered for rule in rules for event in evolve_all(made, rule(made, number))]


def signed(events: Iterable[Event], by: str | None, undoes: str | None = None) -> list[Event]:
    """The same, with who chose it in what is a choice."""
    if by is None:
        return [*events]
    return [_signed(one, by, undoes) for one in events]


def _signed(event: Event, by: str, undoes: str | None) -> Event:
    if isinstance(event, TakeCreated):
        return replace(event, by=by) if event.request else event
    if isinstance(event, TakeAccepted | AccessGranted | AccessRevoked):  # which undo does not take back
        return replace(event, by=by)
    return replace(event, by=by, undoes=undoes) if isinstance(event, TakeChoice | ShotChoice) else event


def is_choice(event: Event) -> bool:
    """Whether somebody chose that, who may take it back."""
    return isinstance(event, TakeChoice | ShotChoice) and event.by is not None


def take_back(events: Sequence[Event], before: Shot, after: Shot, current: Shot) -> Sequence[Event]:
    """What takes back what those events have made of the shot `before`; nothing where none of it stands any more.

    `after` is what they made of it, and what was changed since then by others stays as it is.
    """
    made, found = copied(current), list[Event]()
    for event in reversed(events):
        try:
            found += evolve_all(made, _inverse(event, before, after, made))
        except (NotFound, Refused):  # purged since, perhaps: it stands for good
            continue
    if before.active != after.active == current.active:
        found += evolve_all(made, _activity(made, before.active))
    return found


def _activity(made: Shot, wanted: int | None) -> Sequence[Event]:
    """Have that take be the active one, or none."""
    if wanted is None:
        return [TakeDeactivated(take=made.active)] if made.active else []
    take = made.takes[wanted]
    return activate(made, wanted) if take.is_usable and not take.purged else []


def _inverse(event: Event, before: Shot, after: Shot, current: Shot) -> Sequence[Event]:
    """What has a shot again as it was before that event, in what stands of it."""
    match event:
        case ShotStaged():
            return stage(current, before.stage) if current.stage == after.stage else []
        case ShotNoted() | ShotNoteMarked():
            stands = current.notes[event.note] == after.notes[event.note]
            return (
                mark_shot_note(current, event.note, before.notes.get(event.note, "withdrawn"))
                if stands
                else []
            )
        case ShotReceived():
            return _turned_away(event, after, current)
        case SearchSaved() | SearchRemoved():
            return _searched_before(event.name, before, after, current)
        case TakeActivated() | TakeDeactivated():
            return []  # all of them together are one choice
        case TakeChoice():
            number = event.take
            return _inverse_of_take(event, before.takes[number], after, current)
    return []


def _searched_before(name: str, before: Shot, after: Shot, film: Shot) -> Sequence[Event]:
    """Keep under that name what was kept there before."""
    if film.searches.get(name) != after.searches.get(name):
        return []
    query = before.searches.get(name)
    return remove_search(film, name) if query is None else save_search(film, name, query)


def _turned_away(event: ShotReceived, after: Shot, current: Shot) -> Sequence[Event]:
    """Hide the takes that became of what was brought in, those that somebody has not hidden since."""
    names = {one.name for one in event.files}
    came = [
        number
        for number, take in current.takes.items()
        if number not in after.takes and take.source.name in names and not take.deleted and not take.purged
    ]
    return each(current, came, [delete])


def _inverse_of_take(event: TakeChoice, before: Take, after: Shot, current: Shot) -> Sequence[Event]:
    number = event.take
    then, take = after.takes[number], current.takes[number]
    match event:
        case TakeRated():
            return rate(current, number, before.rating) if take.rating == then.rating else []
        case TakeMarked():
            return mark(current, number, before.mark) if take.mark == then.mark else []
        case TakeTagged():
            return tag(current, number, add=event.removed, remove=event.added)
        case TakeNoted() | TakeNoteMarked():
            stands = take.notes[event.note] == then.notes[event.note]
            return (
                mark_note(current, number, event.note, before.notes.get(event.note, "withdrawn"))
                if stands
                else []
            )
        case TakeDeleted():
            return restore(current, number) if take.deleted == then.deleted else []
        case TakeRestored():
            is_used = current.active == number != after.active
            return [] if is_used or take.deleted else delete(current, number)
    return []


def copied(shot: Shot) -> Shot:
    """The shot, to try something on."""
    takes = {number: replace(take) for number, take in shot.takes.items()}
    return replace(shot, takes=takes, notes={**shot.notes}, searches={**shot.searches})


def _known(shot: Shot, number: int) -> Take:
    """The take with that number, whatever has become of it: of a purged one the picture is there still."""
    take = shot.takes.get(number)
    if take is None:
        raise TakeNotFound(number)
    return take


def _next(notes: Mapping[int, NoteState], text: str, answers: int | None, before: Before | None) -> int:
    """The number of the next note, if that is what one may say."""
    if answers is not None:
        _state(notes, answers)
    if not text.strip() or len(text) > LONGEST_NOTE or not text.replace("\n", "").isprintable():
        hint = f"A note is 1 to {LONGEST_NOTE:,} printable characters; lines may end."
        raise ChoiceNotKept(f"that is no note: {text[:50]!r}", hint)
    if len(notes) >= MOST_NOTES:
        raise ChoiceNotKept(f"there are {MOST_NOTES:,} notes already", "Write it to one that is there.")
    return max(max(notes, default=0) + 1, before.number if before else 0)


def _state(notes: Mapping[int, NoteState], note: int) -> NoteState:
    if note not in notes:
        raise NoteNotFound(note)
    return notes[note]
