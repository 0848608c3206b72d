"""The rules of a shot: what may happen to its takes next.

A rule looks at a folded shot and answers with the events that follow; it never changes anything itself.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from events.errors import (
    TakeHasNoFile,
    TakeIsActive,
    TakeIsDeleted,
    TakeIsPurged,
    TakeIsSettled,
    TakeNotComplete,
    TakeNotFailed,
    TakeNotFound,
    TakeNotSettled,
)
from events.event import Event
from events.facts import (
    CANCELLED,
    Companion,
    Identity,
    Kept,
    Left,
    Media,
    Params,
    Request,
    Resources,
    Source,
    WorkflowFile,
)
from events.folding import Shot, Take
from events.vocabulary import (
    ShotRecovered,
    TakeAccepted,
    TakeActivated,
    TakeCompleted,
    TakeCreated,
    TakeDeleted,
    TakeFailed,
    TakeJoined,
    TakeMeasured,
    TakePurged,
    TakeRestored,
    TakeStarted,
    TakeSuperseded,
)

AutoActivate = Literal["first", "latest", "never"]


def take_of(shot: Shot, number: int) -> Take:
    """The take with that number; TakeNotFound where there is none, TakeIsPurged where its bytes are gone."""
    take = shot.takes.get(number)
    if take is None:
        raise TakeNotFound(number)
    if take.purged:
        raise TakeIsPurged(number)
    return take


def create(
    shot: Shot,
    sources: Iterable[Source],
    *,
    at_least: int = 1,
    request: Request | None = None,
    workflow: WorkflowFile | None = None,
) -> Sequence[TakeCreated]:
    """Give the next numbers; none is below `at_least`, and none was ever given before."""
    start = max(shot.next_number, at_least)
    return [
        TakeCreated(take=number, source=source, request=request, workflow=workflow)
        for number, source in enumerate(sources, start)
    ]


def adopt(shot: Shot, number: int, source: Source, told: Sequence[Event] = ()) -> Sequence[Event]:
    """Take in a take folder made by hand, under its own number; nothing where the number was given before.

    `told` is what is known of it from a log before this one.
    """
    return [] if number in shot.takes else [TakeCreated(take=number, source=source), *told]


def recover(shot: Shot, given: int, hidden: Iterable[int] = (), active: int | None = None) -> Sequence[Event]:
    """Take over what a log that is lost knew of the shot; nothing where this one knows all of it.

    A take that is there is hidden, or active, at once, and any other one when it is taken in.
    """
    gone = {number for number in hidden if number != active}
    there = shot.takes.get(active or 0)
    events: list[Event] = []
    unknown = sorted(gone - shot.takes.keys() - {*shot.hidden})
    awaited = active if active and there is None and active != shot.lost else None
    if given >= shot.next_number or unknown or awaited:
        given = max(given, shot.next_number - 1)
        events.append(ShotRecovered(given=given, hidden=tuple(unknown), active=awaited))
    if there and there.is_usable and shot.active != active:
        events.append(TakeActivated(take=there.number, why="link"))
    known = (shot.takes[number] for number in sorted(gone & shot.takes.keys()))
    return [*events, *(TakeDeleted(take=one.number) for one in known if one.deleted is None)]


def start(shot: Shot, number: int, runner: str, workflow: WorkflowFile | None = None) -> Sequence[Event]:
    """A runner begins with a take that was asked for; it may have to begin again."""
    take = _unsettled(shot, number)
    if take.deleted:
        raise TakeIsDeleted(number)
    return [TakeStarted(take=number, runner=runner, workflow=workflow)]


def complete(
    shot: Shot,
    number: int,
    media: Media,
    *,
    params: Params | None = None,
    left_out: dict[str, int] | None = None,
    recipe_error: str | None = None,
    resources: Resources | None = None,
    identity: Identity | None = None,
    kept: Kept | None = None,
    refused: str | None = None,
    companions: Sequence[Companion] = (),
    left: Sequence[Left] = (),
    auto_activate: AutoActivate = "first",
    is_linked: bool = False,
) -> Sequence[Event]:
    """The take's media is there; where the shot activates by itself, it may become the active one.

    `is_linked` says that the link leads to it already, as in a film that was cloned. `refused` is what is wrong with a
    file that a person had accepted as it is, in a log before this one.
    """
    take = _unsettled(shot, number)
    completed = TakeCompleted(
        take=number,
        media=media,
        params=params,
        left_out=left_out,
        recipe_error=recipe_error,
        resources=resources,
        identity=identity,
        kept=kept,
        companions=tuple(companions),
        left=tuple(left),
    )
    events: list[Event] = [completed]
    if refused:
        failed = TakeFailed(take=number, error=refused, name=media.name, identity=identity)
        events = [failed, TakeAccepted(take=number), completed]
    if take.deleted:
        return [*events, *_first_in_turn(shot, number, auto_activate)]
    superseded = _supersede(shot, take)
    if any(isinstance(event, TakeActivated) for event in superseded):
        return [*events, *superseded]
    return [*events, *superseded, *_after_completion(shot, number, auto_activate, is_linked=is_linked)]


def measure(shot: Shot, number: int, loudness: float | None) -> Sequence[TakeMeasured]:
    """The sound of a complete take was measured."""
    take = take_of(shot, number)
    return [TakeMeasured(take=number, loudness=loudness)] if take.status == "complete" else []


def _supersede(shot: Shot, take: Take) -> Sequence[Event]:
    """Hide the take that was made of less of the same render, unless it is hidden; where it was active, this one is."""
    old = shot.takes.get(take.source.supersedes or 0)
    if old is None or not old.is_usable or take.number in shot.hidden:
        return []
    superseded = TakeSuperseded(take=old.number, by=take.number)
    is_active = shot.active == old.number
    return [superseded, TakeActivated(take=take.number, why="fallback")] if is_active else [superseded]


def join(
    shot: Shot, number: int, companion: Companion, *, params: Params | None = None
) -> Sequence[TakeJoined]:
    """A file of the same render is the complete take's, too; one of its kind that is there already stays the only one."""
    take = take_of(shot, number)
    if take.status != "complete":
        raise TakeNotComplete(number, take.status)
    if any(one.role == companion.role for one in take.companions):
        return []
    return [TakeJoined(take=number, companion=companion, params=params)]


def accept(shot: Shot, completed: TakeCompleted, *, auto_activate: AutoActivate = "first") -> Sequence[Event]:
    """A failed take is complete after all, with its file as it is; it may become the active one as any other."""
    number = completed.take
    events = [*ask_to_accept(shot, number), completed]
    if shot.takes[number].deleted:  # since it was asked for
        return [*events, *_first_in_turn(shot, number, auto_activate)]
    return [*events, *_after_completion(shot, number, auto_activate, is_linked=False)]


def ask_to_accept(shot: Shot, number: int) -> Sequence[Event]:
    """A failed take is to be complete with its file as it is; asking for that again changes nothing."""
    if take_of(shot, number).is_accepted:
        return []
    check_failed(shot, number)
    return [TakeAccepted(take=number)]


def check_failed(shot: Shot, number: int) -> Take:
    """The failed take that could be accepted: there is to be a file of it, and it is not hidden."""
    take = take_of(shot, number)
    if take.deleted:
        raise TakeIsDeleted(number)
    if take.status != "failed":
        raise TakeNotFailed(number, take.status)
    if take.name is None:
        raise TakeHasNoFile(number, "it never had one")
    return take


def _after_completion(
    shot: Shot, number: int, auto_activate: AutoActivate, *, is_linked: bool
) -> Sequence[Event]:
    """What a take that is complete becomes by itself: hidden, as it was before there was a log, or active, or neither."""
    if number in shot.hidden:
        return [TakeDeleted(take=number), *_first_in_turn(shot, number, auto_activate)]
    if number == shot.lost or (is_linked and shot.active is None):
        return [TakeActivated(take=number, why="link")]
    if auto_activate == "latest":
        return [TakeActivated(take=number, why="latest")] if number > (shot.active or 0) else []
    return _first_in_turn(shot, number, auto_activate, is_usable=True)


def _first_in_turn(
    shot: Shot, number: int, auto_activate: AutoActivate, *, is_usable: bool = False
) -> Sequence[Event]:
    """What becomes active by itself now that this take is settled: it, or the next one, if it cannot be.

    None before whom a drop is still being made: the first that was dropped is the first, whichever is decoded first.
    """
    if auto_activate != "first" or shot.active is not None:
        return []
    usable = [take.number for take in shot.takes.values() if take.is_usable and take.number > number]
    first = number if is_usable else min(usable, default=None)
    dropped = {take.number for take in shot.making if not take.is_awaited} - {number}
    if first is None or any(one < first for one in dropped):
        return []
    return [TakeActivated(take=first, why="first")]


def fail(
    shot: Shot,
    number: int,
    error: str,
    *,
    name: str | None = None,
    identity: Identity | None = None,
    auto_activate: AutoActivate = "never",
) -> Sequence[Event]:
    """The take came to nothing; `name` and `identity` are those of the file that was kept, if there is one."""
    _unsettled(shot, number)
    failed = TakeFailed(take=number, error=error, name=name, identity=identity)
    return [failed, *_first_in_turn(shot, number, auto_activate)]


def activate(shot: Shot, number: int, *, why: Literal["asked", "link"] = "asked") -> Sequence[Event]:
    """Make a completed take the active one; activating it again changes nothing."""
    take = take_of(shot, number)
    if take.deleted:
        raise TakeIsDeleted(number)
    if take.status != "complete":
        raise TakeNotComplete(number, take.status)
    return [] if shot.active == number else [TakeActivated(take=number, why=why)]


def delete(shot: Shot, number: int, *, why: Literal["asked", "missing"] = "asked") -> Sequence[Event]:
    """Hide a take; if it was the active one, the latest other usable take becomes active.

    One that was asked for and is not made yet is cancelled: it fails, too.
    """
    take = take_of(shot, number)
    if take.deleted in (why, "asked"):  # what is missing can still be deleted on purpose
        return []
    events: list[Event] = [TakeDeleted(take=number, why=why)]
    if why == "asked" and take.is_awaited:
        events.insert(0, TakeFailed(take=number, error=CANCELLED, why="cancelled"))
    if shot.active == number:
        others = [other.number for other in shot.takes.values() if other.is_usable and other is not take]
        events += [TakeActivated(take=max(others), why="fallback")] if others else []
    return events


def restore(shot: Shot, number: int, *, why: Literal["asked", "found"] = "asked") -> Sequence[Event]:
    """Bring a hidden take back; restoring one that is not hidden changes nothing.

    One that was active when it went missing is so again, unless another one was chosen since: what became
    active by itself meanwhile only stood in for it.
    """
    take = take_of(shot, number)
    if not take.deleted:
        return []
    restored = TakeRestored(take=number, why=why)
    return [restored, TakeActivated(take=number, why="link")] if shot.lost == number else [restored]


def purge(shot: Shot, number: int, *, size: int, identity: Identity | None = None) -> Sequence[Event]:
    """Give up a take's bytes for good, and hide it where it is not hidden yet; doing it again changes nothing.

    It can never be the active one, nor one that is still being made; its number stays given.
    """
    take = shot.takes.get(number)
    if take is not None and take.purged:
        return []
    take = take_of(shot, number)
    if shot.active == number:
        raise TakeIsActive(number)
    if take.status == "generating":
        raise TakeNotSettled(number)
    hidden = [] if take.deleted else [TakeDeleted(take=number)]
    return [*hidden, TakePurged(take=number, bytes=size, identity=identity)]


def _unsettled(shot: Shot, number: int) -> Take:
    take = take_of(shot, number)
    if take.status != "generating":
        raise TakeIsSettled(number, take.status)
    return take
