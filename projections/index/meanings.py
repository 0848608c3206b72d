"""Meanings: what each event changes of the rows of its shot and its takes."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct

from events import (
    AccessGranted,
    AccessRevoked,
    BriefCompleted,
    BriefCreated,
    BriefEvent,
    BriefFailed,
    BriefJoined,
    BriefPurged,
    Resources,
    SearchRemoved,
    SearchSaved,
    ShotChoice,
    ShotMoved,
    ShotNoted,
    ShotNoteMarked,
    ShotReceived,
    ShotRecovered,
    ShotRegistered,
    ShotStaged,
    TakeAccepted,
    TakeActivated,
    TakeChoice,
    TakeDeactivated,
    TakeDeleted,
    TakeMarked,
    TakeMeasured,
    TakeNoted,
    TakeNoteMarked,
    TakeRated,
    TakeRestored,
    TakeStarted,
    TakeSuperseded,
    TakeTagged,
    WorkflowFile,
)
from projections.index.opinions import change_opinion, note_shot
from projections.index.rows import PersonRow, SearchRow, ShotRow, TakeId, TakeRow, UsedWorkflow

Choice = tuple[str, int]
"""Who chose something, and the position of that in the log."""

Place = tuple[int, int, str]
"""The id of a shot, the position of the event that says where it is, and its path from then on."""

EMPTY = Raw(b"{}")

_encode = msgspec.json.Encoder().encode


class _Held(Struct, frozen=True, gc=False):
    name: str
    bytes: int
    frames: "_HeldFrames | None" = None
    channels: int | None = None
    loudness: float | None = None


class _HeldFrames(Struct, frozen=True, gc=False):
    bytes: int


_held = msgspec.json.Decoder(_Held).decode


class Touched:
    """The rows that a run of events touches, and those that it changed.

    `load_shot` and `load_take` fetch what an earlier run left; KeyError where that has no such take. `choices` are
    the positions of what somebody chose, with who that was, `places` where shots came to be, `searches` by name
    what is kept under it, and `people` what each may do, None for nothing. `sums` count takes by where they come
    from, and bytes. `reading` is the position of the record that is being folded.
    """

    def __init__(self, load_shot: Callable[[str], ShotRow], load_take: Callable[[int, int], TakeRow]) -> None:
        self.load_shot = load_shot
        self.load_take = load_take
        self.reading = 0
        self.shots: dict[str, ShotRow] = {}
        self.takes: dict[TakeId, TakeRow] = {}
        self.choices: list[Choice] = []
        self.places: list[Place] = []
        self.searches: dict[str, SearchRow | None] = {}
        self.people: dict[str, PersonRow | None] = {}
        self.sums: Counter[str] = Counter()

    def take(self, shot: ShotRow, number: int) -> TakeRow:
        """The row of a take that there is."""
        key = (shot.id, number)
        take = self.takes.get(key)
        if take is None:
            take = self.takes[key] = self.load_take(*key)
        return take


def _register(rows: Touched, shot: ShotRow, at: str, event: ShotRegistered) -> None:
    _move(rows, shot, at, event)
    shot.given, shot.deleted_numbers = event.given, _encode(event.hidden).decode()


def _move(rows: Touched, shot: ShotRow, _at: str, event: ShotRegistered | ShotMoved) -> None:
    shot.path, shot.device, shot.inode = event.path, event.device, event.inode
    rows.places.append((shot.id, rows.reading, event.path))


def _recover(_: Touched, shot: ShotRow, _at: str, event: ShotRecovered) -> None:
    shot.given = max(shot.given, event.given)
    shot.deleted_numbers = _encode(sorted({*shot.read_deleted_numbers(), *event.hidden})).decode()


def _create(rows: Touched, shot: ShotRow, at: str, event: BriefCreated) -> None:
    source, number = event.source, event.take
    take = TakeRow(shot.id, number, source.created or at, "generating", source.kind, source.name)
    take.numbered, take.position, take.file = at, rows.reading, _text(source.identity)
    rows.sums[source.kind] += 1
    if event.request:
        take.params = _text(event.request.params)
        take.resources = _encode(Resources(quality=event.request.quality)).decode()
        _note_person(take, event.by)
        take.again = _encode(event.request.again).decode() if event.request.again else None
    if event.workflow:
        take.workflow = _encode(event.workflow).decode()
    rows.takes[shot.id, number] = take
    shot.takes += 1
    shot.making += 1
    shot.given = max(shot.given, number)


def _complete(rows: Touched, shot: ShotRow, at: str, event: BriefCompleted) -> None:
    take, media = rows.take(shot, event.take), _held(event.media)
    shot.making -= take.is_being_made
    take.status, take.name, take.ended = "complete", media.name, at
    rows.sums["bytes"] += media.bytes + (media.frames.bytes if media.frames else 0)
    take.file, take.kept = _text(event.identity) or take.file, event.kept
    take.media = _text(event.media)
    if event.params and event.params != EMPTY:
        take.params = _text(event.params)
    take.left_out = _text(event.left_out) if event.left_out and event.left_out != EMPTY else None
    take.recipe_error = event.recipe_error
    if event.resources:
        take.resources = _text(event.resources)
    take.companions = _encode(event.companions).decode() if event.companions else None
    take.left = _encode(event.left).decode() if event.left else None
    take.unheard = 1 if media.channels and media.loudness is None else None


def _measure(rows: Touched, shot: ShotRow, _at: str, event: TakeMeasured) -> None:
    take = rows.take(shot, event.take)
    take.unheard = None
    if take.media and event.loudness is not None:
        take.media = _encode({**msgspec.json.decode(take.media), "loudness": event.loudness}).decode()


def _join(rows: Touched, shot: ShotRow, _at: str, event: BriefJoined) -> None:
    take = rows.take(shot, event.take)
    take.companions = _encode([*take.read_companions(), event.companion]).decode()
    if not take.params and event.params and event.params != EMPTY:
        take.params = _text(event.params)


def _start(rows: Touched, shot: ShotRow, at: str, event: TakeStarted) -> None:
    take = rows.take(shot, event.take)
    take.started = at
    if event.workflow:
        take.workflow = _encode(_used(event.workflow, take.read_workflow())).decode()


def _used(begun: WorkflowFile, before: UsedWorkflow | None) -> UsedWorkflow:
    """The workflow that a runner has begun with, beside the one that was at hand when the take was asked for."""
    asked = (before.was or before.sha256) if before else begun.sha256
    was = asked if asked != begun.sha256 else None
    return UsedWorkflow(path=begun.path, sha256=begun.sha256, chosen_for=begun.chosen_for, was=was)


def _fail(rows: Touched, shot: ShotRow, at: str, event: BriefFailed) -> None:
    take = rows.take(shot, event.take)
    shot.making -= take.is_being_made
    take.status, take.name, take.error, take.ended = "failed", event.name, event.error, at
    take.accepted = None
    take.file = _text(event.identity) or take.file
    take.cancelled = at if event.is_cancelled else None


def _accept(rows: Touched, shot: ShotRow, _at: str, event: TakeAccepted) -> None:
    take = rows.take(shot, event.take)
    was_made = take.is_being_made
    take.status, take.accepted, take.error = "generating", take.error, None
    shot.making += take.is_being_made - was_made


def _hide(rows: Touched, shot: ShotRow, at: str, event: TakeDeleted | TakeSuperseded) -> None:
    take = rows.take(shot, event.take)
    shot.making -= take.is_being_made
    shot.takes -= take.deleted is None
    take.deleted_at = take.deleted_at if take.deleted else at
    take.deleted = event.why if isinstance(event, TakeDeleted) else "asked"
    take.superseded = event.by if isinstance(event, TakeSuperseded) else None
    _note_deleted(shot, take)
    if shot.active == take.number:
        shot.active = None


def _restore(rows: Touched, shot: ShotRow, _at: str, event: TakeRestored) -> None:
    take = rows.take(shot, event.take)
    was_made = take.is_being_made
    shot.takes += take.deleted is not None
    take.deleted = take.deleted_at = take.superseded = None
    shot.making += take.is_being_made - was_made
    _note_deleted(shot, take)


def _note_deleted(shot: ShotRow, take: TakeRow) -> None:
    """Have the take among those of its shot that were deleted on purpose, or not any more."""
    others = [number for number in shot.read_deleted_numbers() if number != take.number]
    own = [take.number] if take.deleted == "asked" else []
    shot.deleted_numbers = _encode(sorted(others + own)).decode()


def _purge(rows: Touched, shot: ShotRow, at: str, event: BriefPurged) -> None:
    take = rows.take(shot, event.take)
    take.purged, take.file = at, _text(event.identity)
    rows.sums["purged bytes"] += event.bytes


def _activate(_: Touched, shot: ShotRow, at: str, event: TakeActivated) -> None:
    shot.active, shot.chosen = event.take, at


def _deactivate(_: Touched, shot: ShotRow, at: str, _event: TakeDeactivated) -> None:
    shot.active, shot.chosen = None, at


def _judge(
    rows: Touched,
    shot: ShotRow,
    at: str,
    event: TakeRated | TakeMarked | TakeTagged | TakeNoted | TakeNoteMarked,
) -> None:
    take = rows.take(shot, event.take)
    change_opinion(take, at, event)
    _note_person(take, event.by)


def _note_person(take: TakeRow, name: str | None) -> None:
    if name and name not in (people := take.read_people()):
        take.people = _encode(sorted([*people, name])).decode()


def _note_on_shot(_: Touched, shot: ShotRow, at: str, event: ShotNoted | ShotNoteMarked) -> None:
    shot.notes = note_shot(shot.notes, at, event)


def _stage(_: Touched, shot: ShotRow, _at: str, event: ShotStaged) -> None:
    shot.stage = event.stage or None


def _receive(_: Touched, shot: ShotRow, _at: str, _event: ShotReceived) -> None:
    shot.received = shot.received or shot.version + 1


def _save_search(rows: Touched, _: ShotRow, at: str, event: SearchSaved) -> None:
    rows.searches[event.name] = SearchRow(event.name, event.query, event.by, at)


def _remove_search(rows: Touched, _: ShotRow, _at: str, event: SearchRemoved) -> None:
    rows.searches[event.name] = None


def _grant_access(rows: Touched, _: ShotRow, at: str, event: AccessGranted) -> None:
    rows.people[event.person] = PersonRow(event.person, event.role, event.by, at)


def _revoke_access(rows: Touched, _: ShotRow, _at: str, event: AccessRevoked) -> None:
    rows.people[event.person] = None


def _text(part: Raw) -> str | None:
    """The text of a part of an event; None where there is none."""
    return str(part, "utf-8") if part else None


MEANINGS: Mapping[type[BriefEvent], Callable[[Touched, ShotRow, str, Any], None]] = {
    ShotRegistered: _register,
    ShotMoved: _move,
    ShotRecovered: _recover,
    ShotNoted: _note_on_shot,
    ShotNoteMarked: _note_on_shot,
    ShotStaged: _stage,
    ShotReceived: _receive,
    SearchSaved: _save_search,
    SearchRemoved: _remove_search,
    AccessGranted: _grant_access,
    AccessRevoked: _revoke_access,
    BriefCreated: _create,
    TakeStarted: _start,
    BriefCompleted: _complete,
    TakeMeasured: _measure,
    BriefJoined: _join,
    BriefFailed: _fail,
    TakeAccepted: _accept,
    TakeActivated: _activate,
    TakeDeactivated: _deactivate,
    TakeDeleted: _hide,
    TakeSuperseded: _hide,
    TakeRestored: _restore,
    BriefPurged: _purge,
    TakeRated: _judge,
    TakeMarked: _judge,
    TakeTagged: _judge,
    TakeNoted: _judge,
    TakeNoteMarked: _judge,
}
"""What each event changes: one look at a table, since a million of them are folded at a time."""

CHOICES = frozenset(one for one in MEANINGS if issubclass(one, TakeChoice | ShotChoice))
"""The events that somebody chose, and can take back."""
