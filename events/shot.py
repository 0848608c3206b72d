"""The shot: its takes folded from their events, and the rules for what may happen to them next.

A rule looks at a folded shot and answers with the events that follow; it never changes anything itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct, field

from events.errors import (
    TakeIsActive,
    TakeIsDeleted,
    TakeIsPurged,
    TakeIsSettled,
    TakeNotComplete,
    TakeNotFound,
    TakeNotSettled,
)
from events.record import Record
from events.vocabulary import (
    CANCELLED,
    Event,
    Identity,
    Kept,
    Media,
    Params,
    Request,
    Resources,
    ShotMoved,
    ShotRecovered,
    ShotRegistered,
    Source,
    TakeActivated,
    TakeCompleted,
    TakeCreated,
    TakeDeleted,
    TakeEvent,
    TakeFailed,
    TakePurged,
    TakeRestored,
    TakeStarted,
)

STAND_INS = ("first", "fallback")
"""Why a take is active that nobody chose, neither by hand nor by having the latest one active."""

Status = Literal["generating", "complete", "failed"]
AutoActivate = Literal["first", "latest", "never"]


class Take(Struct):
    """One take, as far as the rules care.

    `request` is what was asked for, where somebody did, and `started` says that a runner has begun with it.
    `name` is its media's file name, once there is one, `sha256` what it holds and `file` which file it was, `failed_file` that of a failed one;
    `created_by` is the id of the record that gave its number. `is_cancelled` says of a failed one that nobody
    wanted it any more.
    """

    number: int
    source: Source
    request: Request | None = None
    started: bool = False
    status: Status = "generating"
    name: str | None = None
    bytes: int = 0
    sha256: str | None = None
    file: Identity | None = None
    failed_file: Identity | None = None
    kept: Kept | None = None
    deleted: Literal["asked", "missing"] | None = None
    purged: bool = False
    is_cancelled: bool = False
    created_by: str | None = None

    @property
    def is_awaited(self) -> bool:
        """Whether it was asked for and is not made yet."""
        return self.source.kind == "request" and self.status == "generating"

    @property
    def is_usable(self) -> bool:
        """Whether the shot could use it: complete and not hidden."""
        return self.status == "complete" and self.deleted is None


class Shot(Struct):
    """A shot folded from its stream. `version` counts its events, `position` is the last one's place in the log.

    `lost` is the take that was active when it, or the log, went missing, until another one is chosen. `given` is
    the highest number that another log had given before, and `hidden` are the takes that were deleted in it.
    """

    stream: str
    version: int = 0
    position: int = 0
    path: str = ""
    device: int | None = None
    inode: int | None = None
    takes: dict[int, Take] = field(default_factory=dict)
    active: int | None = None
    lost: int | None = None
    given: int = 0
    hidden: tuple[int, ...] = ()

    @property
    def next_number(self) -> int:
        """The first number that was never given."""
        return max(self.given, *self.takes) + 1 if self.takes else self.given + 1

    @property
    def making(self) -> Iterator[Take]:
        """The takes whose number is given and whose media is not there yet; hidden ones are made, too."""
        return (take for take in self.takes.values() if take.status == "generating")


def fold(shot: Shot, records: Iterable[Record]) -> None:
    """Fold those of the records that the shot does not hold yet."""
    for record in records:
        if record.version == shot.version + 1:
            evolve(shot, record.event)
            shot.position = record.position
            if isinstance(record.event, TakeCreated):
                shot.takes[record.event.take].created_by = record.id


def evolve(shot: Shot, event: Event) -> None:
    """Fold one event into the shot."""
    match event:
        case ShotRegistered() | ShotMoved():
            shot.path, shot.device, shot.inode = event.path, event.device, event.inode
            if isinstance(event, ShotRegistered):
                shot.given, shot.hidden = event.given, event.hidden
        case ShotRecovered():
            shot.given = max(shot.given, event.given)
            shot.hidden = tuple(sorted({*shot.hidden, *event.hidden}))
            shot.lost = event.active or shot.lost
        case TakeCreated():
            shot.takes[event.take] = Take(event.take, event.source, event.request)
        case TakeActivated():
            shot.active = event.take
            shot.lost = shot.lost if event.why in STAND_INS else None
        case TakeEvent():
            _evolve_take(shot, shot.takes[event.take], event)
    shot.version += 1


def _evolve_take(shot: Shot, take: Take, event: TakeEvent) -> None:
    match event:
        case TakeStarted():
            take.started = True
        case TakeCompleted():
            take.status, take.name, take.bytes = "complete", event.media.name, event.media.bytes
            take.sha256, take.kept = event.media.sha256, event.kept
            take.file = event.identity or take.source.identity
        case TakeFailed():
            take.status, take.name, take.is_cancelled = "failed", event.name, event.is_cancelled
            take.failed_file = event.identity
        case TakeDeleted():
            take.deleted = event.why
            _evolve_choice(shot, take)
        case TakeRestored():
            take.deleted = None
            shot.lost = None if shot.lost == take.number else shot.lost
        case TakePurged():
            take.purged = True
            shot.lost = None if shot.lost == take.number else shot.lost


def _evolve_choice(shot: Shot, hidden: Take) -> None:
    """A take that is hidden is not active any more; what only stood in for a missing one was never the choice."""
    if hidden.deleted == "missing" and shot.active == hidden.number:
        shot.lost = shot.lost or hidden.number
    elif hidden.deleted == "asked" and shot.lost == hidden.number:
        shot.lost = None
    if shot.active == hidden.number:
        shot.active = None


def take_of(shot: Shot, number: int) -> Take:
    """The take with that number; TakeNotFound where there is none, TakeIsPurged where its bytes are gone."""
    take = shot.takes.get(number)
    if take is None:
        raise TakeNotFound(number)
    if take.purged:
        raise TakeIsPurged(number)
    return take


def create(
    shot: Shot, sources: Iterable[Source], *, at_least: int = 1, request: Request | None = None
) -> Sequence[TakeCreated]:
    """Give the next numbers; none is below `at_least`, and none was ever given before."""
    start = max(shot.next_number, at_least)
    return [
        TakeCreated(take=number, source=source, request=request)
        for number, source in enumerate(sources, start)
    ]


def adopt(shot: Shot, number: int, source: Source) -> Sequence[Event]:
    """Take in a take folder made by hand, under its own number; nothing where the number was given before."""
    return [] if number in shot.takes else [TakeCreated(take=number, source=source)]


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


def start(shot: Shot, number: int, runner: str) -> Sequence[Event]:
    """A runner begins with a take that was asked for; it may have to begin again."""
    take = _unsettled(shot, number)
    if take.deleted:
        raise TakeIsDeleted(number)
    return [TakeStarted(take=number, runner=runner)]


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
    auto_activate: AutoActivate = "first",
    is_linked: bool = False,
) -> Sequence[Event]:
    """The take's media is there; where the shot activates by itself, it may become the active one.

    `is_linked` says that the link leads to it already, as in a film that was cloned.
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
    )
    if take.deleted:
        return [completed, *_first_in_turn(shot, number, auto_activate)]
    return [completed, *_after_completion(shot, number, auto_activate, is_linked=is_linked)]


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
