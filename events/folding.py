"""The folded shot: what its events have made of it and of its takes, as far as the rules care."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct, field

from events.event import Event, TakeEvent
from events.facts import Companion, Identity, Kept, Mark, NoteState, Request, Role, Source, WorkflowFile
from events.record import Record
from events.vocabulary import (
    AccessGranted,
    AccessRevoked,
    SearchRemoved,
    SearchSaved,
    ShotMoved,
    ShotNoted,
    ShotNoteMarked,
    ShotRecovered,
    ShotRegistered,
    ShotStaged,
    TakeAccepted,
    TakeActivated,
    TakeCompleted,
    TakeCreated,
    TakeDeactivated,
    TakeDeleted,
    TakeFailed,
    TakeJoined,
    TakeMarked,
    TakeNoted,
    TakeNoteMarked,
    TakePurged,
    TakeRated,
    TakeRestored,
    TakeStarted,
    TakeSuperseded,
    TakeTagged,
)

STAND_INS = ("first", "fallback")
"""Why a take is active that nobody chose, neither by hand nor by having the latest one active."""

Status = Literal["generating", "complete", "failed"]

NO_NOTES: Final[Mapping[int, NoteState]] = {}
"""One for all takes of which nobody has said anything: there may be very many in memory."""


class Take(Struct, gc=False):
    """One take, as far as the rules care.

    `request` is what was asked for, where somebody did, with the `workflow` of that moment, and `started` says that
    a runner has begun with it. `name` is its media's file name, once there is one, `sha256` what it holds and
    `file` which file it was, `failed_file` that of a failed one; `created_by` is the id of the record that gave its
    number. `is_cancelled` says of a failed one that nobody wanted it any more, and `is_accepted` of one that had
    failed that somebody wants complete, and nobody has done so yet. `tags` are in the order of the alphabet;
    `notes` says by number how each stands. `companions` are the other files of the same render, and `superseded`
    says which take holds more of it.
    """

    number: int
    source: Source
    request: Request | None = None
    workflow: WorkflowFile | None = None
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
    is_accepted: bool = False
    created_by: str | None = None
    rating: int = 0
    mark: Mark = "none"
    tags: tuple[str, ...] = ()
    notes: Mapping[int, NoteState] = field(default_factory=lambda: NO_NOTES)
    companions: tuple[Companion, ...] = ()
    superseded: int | None = None

    @property
    def is_awaited(self) -> bool:
        """Whether it was asked for and is not made yet."""
        return self.source.kind == "request" and self.status == "generating" and not self.is_accepted

    @property
    def is_usable(self) -> bool:
        """Whether the shot could use it: complete and not hidden."""
        return self.status == "complete" and self.deleted is None


class Shot(Struct):
    """A shot folded from its stream. `version` counts its events, `position` is the last one's place in the log.

    `lost` is the take that was active when it, or the log, went missing, until another one is chosen. `given` is
    the highest number that another log had given before, and `hidden` are the takes that were deleted in it. `stage`
    is the name of how far the work on it is, and `notes` says by number how each of its own stands.

    The film's own stream is one, too, without a path and without takes: `searches` are the queries that are kept in it,
    by name, and `people` says what each may do with the film who comes by a hub.
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
    stage: str = ""
    notes: dict[int, NoteState] = field(default_factory=dict)
    searches: dict[str, str] = field(default_factory=dict)
    people: dict[str, Role] = field(default_factory=dict)

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
            shot.takes[event.take] = Take(event.take, event.source, event.request, event.workflow)
        case TakeActivated():
            shot.active = event.take
            shot.lost = shot.lost if event.why in STAND_INS else None
        case TakeDeactivated():
            shot.active = shot.lost = None
        case TakeEvent():
            take = shot.takes[event.take]
            _evolve_take(shot, take, event)
            _evolve_opinion(take, event)
        case ShotStaged():
            shot.stage = event.stage
        case ShotNoted():
            shot.notes[event.note] = "open"
        case ShotNoteMarked():
            shot.notes[event.note] = event.state
        case _:
            _evolve_film(shot, event)
    shot.version += 1


def evolve_all(shot: Shot, events: Sequence[Event]) -> Sequence[Event]:
    """The events, once the shot is as they make it."""
    for event in events:
        evolve(shot, event)
    return events


def _evolve_film(film: Shot, event: Event) -> None:
    """What is said of the film, and of none of its shots."""
    match event:
        case SearchSaved():
            film.searches[event.name] = event.query
        case SearchRemoved():
            film.searches.pop(event.name, None)
        case AccessGranted():
            film.people[event.person] = event.role
        case AccessRevoked():
            film.people.pop(event.person, None)


def _evolve_take(shot: Shot, take: Take, event: TakeEvent) -> None:
    match event:
        case TakeStarted():
            take.started = True
        case TakeCompleted():
            take.status, take.name, take.bytes = "complete", event.media.name, event.media.bytes
            take.is_accepted, take.failed_file = False, None
            take.sha256, take.kept = event.media.sha256, event.kept
            # Of two that are the same, one is kept: a film may have very many of them.
            is_as_dropped = event.identity in (None, take.source.identity)
            take.file = take.source.identity if is_as_dropped else event.identity
            take.companions = event.companions
        case TakeJoined():
            take.companions = (*take.companions, event.companion)
        case TakeSuperseded():
            take.deleted, take.superseded = "asked", event.by
            _evolve_choice(shot, take)
        case TakeFailed():
            take.status, take.name, take.is_cancelled = "failed", event.name, event.is_cancelled
            take.failed_file, take.is_accepted = event.identity, False
        case TakeAccepted():
            take.status, take.is_accepted = "generating", True
        case TakeDeleted():
            take.deleted = event.why
            _evolve_choice(shot, take)
        case TakeRestored():
            take.deleted = take.superseded = None
            shot.lost = None if shot.lost == take.number else shot.lost
        case TakePurged():
            take.purged = True
            shot.lost = None if shot.lost == take.number else shot.lost


def _evolve_opinion(take: Take, event: TakeEvent) -> None:
    """What somebody thinks of a take."""
    match event:
        case TakeRated():
            take.rating = event.rating
        case TakeMarked():
            take.mark = event.mark
        case TakeTagged():
            take.tags = retagged(take.tags, event)
        case TakeNoted():
            take.notes = {**take.notes, event.note: "open"}
        case TakeNoteMarked():
            take.notes = {**take.notes, event.note: event.state}


def retagged(tags: Iterable[str], event: TakeTagged) -> tuple[str, ...]:
    """The tags of a take that had those before, in the order of the alphabet."""
    return tuple(sorted({*tags, *event.added} - {*event.removed}))


def _evolve_choice(shot: Shot, hidden: Take) -> None:
    """A take that is hidden is not active any more; what only stood in for a missing one was never the choice."""
    if hidden.deleted == "missing" and shot.active == hidden.number:
        shot.lost = shot.lost or hidden.number
    elif hidden.deleted == "asked" and shot.lost == hidden.number:
        shot.lost = None
    if shot.active == hidden.number:
        shot.active = None
