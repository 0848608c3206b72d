"""Changes: how a film differs between two moments, as the API shows it."""

from collections.abc import Iterable, Sequence

from msgspec import UNSET, UnsetType, field

from daemon.api.views.body import Camel
from projections.index.changes import Change, ShotChange, TakeChange, Value, in_words
from projections.layout import full_id, short_id, take_name


class ChangeView(Camel, kw_only=True):
    """Something that is otherwise: `what` it is, what it was and is, and the same as it is `said`: `rated 4, was 3`.

    It is the `path`, `active` take or `stage` of a shot, the `status`, `rating`, `mark` or `tags` of a take, whether
    that is `deleted` or `purged`, or a `note`, with its number and its `text`.
    """

    what: str
    before: Value
    after: Value
    said: str
    note: int | UnsetType = UNSET
    text: str | UnsetType = UNSET


class TakeChangeView(Camel, kw_only=True):
    """A take that is new, or otherwise than it was."""

    take_id: str
    is_new: bool
    changes: Sequence[ChangeView]


class ShotChangeView(Camel, kw_only=True):
    """A shot that is new, or otherwise than it was, with those of its takes that are."""

    id: str
    shot_id: str
    path: str
    is_new: bool
    changes: Sequence[ChangeView]
    takes: Sequence[TakeChangeView]


class ChangeList(Camel, kw_only=True):
    """What is otherwise at the position `to` than at `from`, shot by shot, by path."""

    from_: int = field(name="from")
    to: int
    shots: Sequence[ShotChangeView]


def changes_view(before: int, after: int, found: Iterable[ShotChange]) -> ChangeList:
    """The changes of a film."""
    return ChangeList(from_=before, to=after, shots=[_shot(one) for one in found])


def _shot(one: ShotChange) -> ShotChangeView:
    return ShotChangeView(
        id=full_id(one.shot.path),
        shot_id=short_id(one.shot.path),
        path=one.shot.path,
        is_new=one.is_new,
        changes=[_change(change) for change in one.changes],
        takes=[_take(take) for take in one.takes],
    )


def _take(one: TakeChange) -> TakeChangeView:
    return TakeChangeView(
        take_id=take_name(one.number), is_new=one.is_new, changes=[_change(change) for change in one.changes]
    )


def _change(one: Change) -> ChangeView:
    return ChangeView(
        what=one.what,
        before=one.before,
        after=one.after,
        said=in_words(one),
        note=one.note or UNSET,
        text=one.text or UNSET,
    )
