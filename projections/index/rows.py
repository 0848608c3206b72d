"""The rows: what the takes index says of each shot and take, and how an event changes it.

Folding is pure: given the same events it gives the same rows, whatever the time and the disk.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct, field

from events import (
    BriefCompleted,
    BriefCreated,
    BriefEvent,
    BriefFailed,
    BriefJoined,
    BriefPurged,
    Companion,
    Identity,
    Kept,
    LogDamaged,
    Mark,
    Media,
    Resources,
    ShotChoice,
    ShotMoved,
    ShotRecovered,
    ShotRegistered,
    ShotStaged,
    Status,
    TakeAccepted,
    TakeActivated,
    TakeChoice,
    TakeDeactivated,
    TakeDeleted,
    TakeEvent,
    TakeRestored,
    TakeStarted,
    TakeSuperseded,
    WorkflowFile,
)
from projections.index.opinions import Note, change_opinion, note_shot, read_notes
from projections.layout import take_name

TakeId = tuple[int, int]
"""A take's key among the rows: the id of its shot, and its number in it."""

Choice = tuple[str, int]
"""Who chose something, and the position of that in the log."""

EMPTY = Raw(b"{}")

_encode = msgspec.json.Encoder().encode
_params = msgspec.json.Decoder(dict[str, Any]).decode
_media = msgspec.json.Decoder(Media).decode


class UsedWorkflow(WorkflowFile, frozen=True):
    """The workflow that a take is made with; `was` is the hash of the one at hand when it was asked for, if another."""

    was: str | None = None


class ShotRow(Struct, gc=False):
    """A shot. `takes` counts those that are not deleted, and `making` those of them that are not made yet.

    `position` is its last event's place in the log, `given` the highest number that was ever given,
    `deleted_numbers` the JSON of those that were deleted on purpose, and `chosen` when a take became active last.
    `stage` is how far the work on it is, where somebody has said so, and `notes` the JSON of its own notes.
    """

    id: int
    stream: str
    path: str = ""
    device: int | None = None
    inode: int | None = None
    version: int = 0
    position: int = 0
    active: int | None = None
    takes: int = 0
    making: int = 0
    given: int = 0
    deleted_numbers: str = "[]"
    chosen: str | None = None
    stage: str | None = None
    notes: str | None = None

    def read_notes(self) -> list[Note]:
        return read_notes(self.notes)

    def read_deleted_numbers(self) -> list[int]:
        return msgspec.json.decode(self.deleted_numbers, type=list[int])


class TakeRow(Struct, gc=False):
    """A take. `name` is the media's file name; `media`, `params` and `resources` are the JSON of the event's.

    `source` says where it comes from, `started` when a runner last began with it, `ended` when it was
    complete or had failed, `deleted_at` when it was deleted, `purged` since when its bytes are gone.
    `file` is the JSON of the identity of its file, as far as the log has it, or of the one that is to go
    where the take is purged; `kept` how its bytes got an object. `cancelled` says since when nobody wants it.
    `left_out` is the JSON of the parameters that the log does not have, `recipe_error` why there are none.
    `numbered` says since when it has its number, which can be long after it was `created` elsewhere.
    `rating` is 1 to 5, `tags` the JSON of those it has, `notes` that of all its notes, and `open_notes` counts those
    that wait for something. `workflow` is the JSON of the one that it is made with, where it was asked for.
    `accepted` is why it had failed, where a person wants it complete all the same.
    `companions` is the JSON of the other files of its render, `superseded` the number of the take that holds more of it.
    """

    shot: int
    number: int
    created: str
    status: Status = "generating"
    source: Literal["drop", "adopted", "request"] = "drop"
    origin: str | None = None
    name: str | None = None
    media: str | None = None
    params: str | None = None
    ended: str | None = None
    file: str | None = None
    kept: Kept | None = None
    numbered: str | None = None
    deleted: Literal["asked", "missing"] | None = None
    purged: str | None = None
    error: str | None = None
    resources: str | None = None
    started: str | None = None
    deleted_at: str | None = None
    cancelled: str | None = None
    left_out: str | None = None
    recipe_error: str | None = None
    rating: int | None = None
    mark: Mark | None = None
    tags: str | None = None
    notes: str | None = None
    open_notes: int | None = None
    workflow: str | None = None
    accepted: str | None = None
    companions: str | None = None
    superseded: int | None = None

    @property
    def id(self) -> str:
        return take_name(self.number)

    @property
    def is_being_made(self) -> bool:
        return self.status == "generating" and self.deleted is None

    def read_file(self) -> Identity | None:
        return msgspec.json.decode(self.file, type=Identity) if self.file else None

    def read_media(self) -> Media | None:
        return _media(self.media) if self.media else None

    def read_params(self) -> dict[str, Any] | None:
        return _params(self.params) if self.params else None

    def read_left_out(self) -> dict[str, int]:
        return msgspec.json.decode(self.left_out, type=dict[str, int]) if self.left_out else {}

    def read_tags(self) -> list[str]:
        return msgspec.json.decode(self.tags, type=list[str]) if self.tags else []

    def read_notes(self) -> list[Note]:
        return read_notes(self.notes)

    def read_companions(self) -> list[Companion]:
        return msgspec.json.decode(self.companions, type=list[Companion]) if self.companions else []

    def read_resources(self) -> Resources | None:
        return msgspec.json.decode(self.resources, type=Resources) if self.resources else None

    def read_workflow(self) -> UsedWorkflow | None:
        return msgspec.json.decode(self.workflow, type=UsedWorkflow) if self.workflow else None


class ShotTakes(Struct, frozen=True):
    """A shot and those of its takes that are to be looked at."""

    shot: ShotRow
    takes: list[TakeRow]


class Fold(Struct):
    """The rows that a run of events touches, and those that it changed.

    `load_shot` and `load_take` fetch what an earlier run left. `choices` are the positions of what somebody chose, with
    who that was. `totals` are to be added to what there ever was: of each type of event, of takes from each source, of `bytes` that
    were completed and of `purged bytes`.
    """

    load_shot: Callable[[str], ShotRow]
    load_take: Callable[[int, int], TakeRow]
    shots: dict[str, ShotRow] = field(default_factory=dict)
    takes: dict[TakeId, TakeRow] = field(default_factory=dict)
    choices: list[Choice] = field(default_factory=list)
    totals: Counter[Any] = field(default_factory=Counter)

    def fold(self, position: int, stream: str, version: int, at: str, event: BriefEvent) -> None:
        """Change the rows as the record says; LogDamaged where it says nothing that can be understood."""
        try:
            self._fold(position, stream, version, at, event)
        except msgspec.DecodeError as error:
            raise LogDamaged(position, str(error), stream) from error

    def _fold(self, position: int, stream: str, version: int, at: str, event: BriefEvent) -> None:
        shot = self.shots.get(stream) or self._shot(stream)
        shot.version, shot.position = version, position
        if isinstance(event, BriefCreated):
            self._create(shot, at, event)
        elif isinstance(event, BriefCompleted):
            self._complete(shot, self._known_take(shot.id, event.take), at, event)
        elif isinstance(event, BriefJoined):
            self._join(self._known_take(shot.id, event.take), event)
        elif isinstance(event, TakeActivated | TakeDeactivated):
            shot.active, shot.chosen = event.take if isinstance(event, TakeActivated) else None, at
        elif isinstance(event, TakeEvent):
            self._change(shot, self._known_take(shot.id, event.take), at, event)
        elif isinstance(event, ShotStaged):
            shot.stage = event.stage or None
        elif isinstance(event, ShotChoice):
            shot.notes = note_shot(shot.notes, at, event)
        else:
            _place(shot, event)
        if isinstance(event, TakeChoice | ShotChoice) and event.by is not None:
            self.choices.append((event.by, position))
        self.totals[type(event).__struct_config__.tag] += (
            1  # last: a take that is not here yet has it tried again
        )

    def _shot(self, stream: str) -> ShotRow:
        self.shots[stream] = self.load_shot(stream)
        return self.shots[stream]

    def _known_take(self, shot: int, number: int) -> TakeRow:
        take = self.takes.get((shot, number))
        if take is None:
            take = self.takes[shot, number] = self.load_take(shot, number)
        return take

    def _change(self, shot: ShotRow, take: TakeRow, at: str, event: TakeEvent) -> None:
        was_made = take.is_being_made
        _change(shot, take, at, event)
        shot.making += take.is_being_made - was_made
        if isinstance(event, BriefPurged):
            self.totals["purged bytes"] += event.bytes
        elif isinstance(event, TakeChoice):
            change_opinion(take, at, event)

    def _create(self, shot: ShotRow, at: str, event: BriefCreated) -> None:
        source, number = event.source, event.take
        take = TakeRow(shot.id, number, source.created or at, "generating", source.kind, source.name)
        take.numbered, take.file = at, _text(source.identity)
        self.totals[source.kind] += 1
        if event.request:
            take.params = _text(event.request.params)
            take.resources = _encode(Resources(quality=event.request.quality)).decode()
        if event.workflow:
            take.workflow = _encode(event.workflow).decode()
        self.takes[shot.id, number] = take
        shot.takes += 1
        shot.making += 1
        shot.given = max(shot.given, number)

    def _complete(self, shot: ShotRow, take: TakeRow, at: str, event: BriefCompleted) -> None:
        shot.making -= take.is_being_made
        media = _held(event.media)
        take.status, take.name, take.ended = "complete", media.name, at
        self.totals["bytes"] += media.bytes + (media.frames.bytes if media.frames else 0)
        take.file, take.kept = _text(event.identity) or take.file, event.kept
        take.media = _text(event.media)
        if event.params and event.params != EMPTY:
            take.params = _text(event.params)
        take.left_out = _text(event.left_out) if event.left_out and event.left_out != EMPTY else None
        take.recipe_error = event.recipe_error
        if event.resources:
            take.resources = _text(event.resources)
        take.companions = _encode(event.companions).decode() if event.companions else None

    def _join(self, take: TakeRow, event: BriefJoined) -> None:
        take.companions = _encode([*take.read_companions(), event.companion]).decode()
        if not take.params and event.params and event.params != EMPTY:
            take.params = _text(event.params)


def _place(shot: ShotRow, event: BriefEvent) -> None:
    if isinstance(event, ShotRegistered | ShotMoved):
        shot.path, shot.device, shot.inode = event.path, event.device, event.inode
        if isinstance(event, ShotRegistered):
            shot.given, shot.deleted_numbers = event.given, _encode(event.hidden).decode()
    elif isinstance(event, ShotRecovered):
        shot.given = max(shot.given, event.given)
        shot.deleted_numbers = _encode(sorted({*shot.read_deleted_numbers(), *event.hidden})).decode()


def _change(shot: ShotRow, take: TakeRow, at: str, event: TakeEvent) -> None:
    if isinstance(event, TakeStarted):
        take.started = at
        if event.workflow:
            take.workflow = _encode(_used(event.workflow, take.read_workflow())).decode()
    elif isinstance(event, BriefFailed):
        take.status, take.name, take.error, take.ended = "failed", event.name, event.error, at
        take.file = _text(event.identity) or take.file
        take.cancelled = at if event.is_cancelled else None
    elif isinstance(event, TakeAccepted):
        take.status, take.accepted, take.error = "generating", take.error, None
    elif isinstance(event, TakeDeleted | TakeSuperseded):
        shot.takes -= take.deleted is None
        take.deleted_at = take.deleted_at if take.deleted else at
        take.deleted = event.why if isinstance(event, TakeDeleted) else "asked"
        take.superseded = event.by if isinstance(event, TakeSuperseded) else None
        _note_deleted(shot, take)
        if shot.active == take.number:
            shot.active = None
    elif isinstance(event, TakeRestored):
        shot.takes += take.deleted is not None
        take.deleted = take.deleted_at = take.superseded = None
        _note_deleted(shot, take)
    elif isinstance(event, BriefPurged):
        take.purged, take.file = at, _text(event.identity)


def _used(begun: WorkflowFile, before: UsedWorkflow | None) -> UsedWorkflow:
    """The workflow that a runner has begun with, beside the one that was at hand when the take was asked for."""
    asked = (before.was or before.sha256) if before else begun.sha256
    was = asked if asked != begun.sha256 else None
    return UsedWorkflow(path=begun.path, sha256=begun.sha256, chosen_for=begun.chosen_for, was=was)


def _note_deleted(shot: ShotRow, take: TakeRow) -> None:
    """Have the take among those of its shot that were deleted on purpose, or not any more."""
    others = [number for number in shot.read_deleted_numbers() if number != take.number]
    own = [take.number] if take.deleted == "asked" else []
    shot.deleted_numbers = _encode(sorted(others + own)).decode()


def _text(part: Raw) -> str | None:
    """The text of a part of an event; None where there is none."""
    return str(part, "utf-8") if part else None


class _Held(Struct, frozen=True):
    name: str
    bytes: int
    frames: "_HeldFrames | None" = None


class _HeldFrames(Struct, frozen=True):
    bytes: int


_held = msgspec.json.Decoder(_Held).decode
