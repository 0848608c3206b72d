"""Changes: how a shot and its takes differ between two moments, in what people look at."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from projections.index.opinions import Note
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.layout import take_name

Value = str | int | Sequence[str] | None
"""What can be said of a shot or a take; None where nothing is, or was."""


class Change(Struct, frozen=True):
    """Something that is otherwise: what it is, and what it was and is.

    Of a note, `before` and `after` are how it stood and stands, `note` its number, and `text` what it says.
    """

    what: str
    before: Value
    after: Value
    note: int | None = None
    text: str | None = None


class TakeChange(Struct, frozen=True):
    """A take that is new, or otherwise than it was."""

    number: int
    is_new: bool
    changes: Sequence[Change]


class ShotChange(Struct, frozen=True):
    """A shot that is new, or otherwise than it was, with those of its takes that are."""

    shot: ShotRow
    is_new: bool
    changes: Sequence[Change]
    takes: Sequence[TakeChange]


_OF_SHOT: Mapping[str, Callable[[ShotRow], Value]] = {
    "path": lambda shot: shot.path,
    "active": lambda shot: take_name(shot.active) if shot.active else None,
    "stage": lambda shot: shot.stage,
}

_OF_TAKE: Mapping[str, Callable[[TakeRow], Value]] = {
    "status": lambda take: take.status,
    "deleted": lambda take: take.deleted,
    "purged": lambda take: take.purged,
    "rating": lambda take: take.rating,
    "mark": lambda take: take.mark,
    "tags": lambda take: take.read_tags() or None,
}


def changed(before: ShotTakes | None, after: ShotTakes) -> ShotChange | None:
    """How a shot differs from what it was, None where it does not; the takes by number."""
    known = {take.number: take for take in before.takes} if before else {}
    takes = [one for take in after.takes if (one := _take(known.get(take.number), take))]
    was, current = (before.shot if before else ShotRow(0, after.shot.stream)), after.shot
    changes = [*_fields(_OF_SHOT, was, current), *_notes(was.read_notes(), current.read_notes())]
    found = ShotChange(current, before is None, changes, takes)
    return found if changes or takes else None


def _take(before: TakeRow | None, after: TakeRow) -> TakeChange | None:
    was = before or TakeRow(0, after.number, after.created)
    changes = [*_fields(_OF_TAKE, was, after), *_notes(was.read_notes(), after.read_notes())]
    if before is None:  # how far a new one is, is always said, and it was nothing before
        changes = [Change("status", None, after.status), *(one for one in changes if one.what != "status")]
    return TakeChange(after.number, before is None, changes) if changes else None


def _fields(said: Mapping[str, Callable[..., Value]], before: object, after: object) -> Iterator[Change]:
    for name, read in said.items():
        was, current = read(before), read(after)
        if was != current:
            yield Change(name, was or None, current)


def _notes(before: Sequence[Note], after: Sequence[Note]) -> Iterator[Change]:
    """The notes that are new or stand otherwise; one that was written and withdrawn between the two is none."""
    known: Mapping[int, str] = {note.note: note.state for note in before}
    for note in after:
        if note.state != known.get(note.note, "withdrawn"):
            yield Change("note", known.get(note.note), note.state, note.note, note.text)


def in_words(change: Change) -> str:
    """A change as a person says it, on one line: `rated 4, was 3`."""
    new, was = change.after, f", was {change.before}" if change.before else ""
    match change.what:
        case "path":
            return f"moved from {change.before}" if change.before else "new"
        case "active":
            return f"{new} is active{was}" if new else f"no take is active{was}"
        case "stage":
            return f"at {new}{was}" if new else f"at no stage any more{was}"
        case "rating":
            return f"rated {new}{was}" if new else f"not rated any more{was}"
        case "mark":
            return f"{_MARKS[str(new)]}{was}"
        case "deleted":
            return _HIDDEN[str(new)]
        case "purged":
            return "purged"
        case "tags":
            return _tags(change)
        case "note":
            return _note(change)
    return f"{new}{was}"


def lines(shot: ShotChange) -> dict[int, str]:
    """What has changed in words: under 0 of the shot itself, and by number of each of its takes."""
    found = {0: ", ".join(in_words(one) for one in shot.changes if not (shot.is_new and one.what == "path"))}
    for take in shot.takes:
        words = ", ".join(in_words(one) for one in take.changes)
        found[take.number] = f"new: {words}" if take.is_new else words
    return {number: said for number, said in found.items() if said}


_MARKS = {"pick": "picked", "reject": "rejected", "None": "neither picked nor rejected"}
_HIDDEN = {"asked": "hidden", "missing": "its folder is gone", "None": "back"}


def _tags(change: Change) -> str:
    was, new = ({*value} if isinstance(value, list) else set() for value in (change.before, change.after))
    return ", ".join([*(f"+{tag}" for tag in sorted(new - was)), *(f"-{tag}" for tag in sorted(was - new))])


def _note(change: Change) -> str:
    text = " ".join((change.text or "").split())
    if change.before is None and change.after == "open":
        return f"note {change.note}: {text}"
    return f"note {change.note} is {change.after}: {text}"
