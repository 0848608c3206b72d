"""The views: what the API answers about projects, shots, takes and the log, as JSON in camelCase."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

import msgspec
from msgspec import UNSET, UnsetType

from events import Quality, Record
from projections.artifacts.sidecars import Camel, Sidecar, describe
from projections.index.rows import ShotRow, TakeRow
from projections.layout import full_id, short_id, take_name


class ProjectView(Camel, kw_only=True):
    """A project; the counts are null while it is away, or its disk does not answer."""

    id: str
    name: str
    path: str
    state: Literal["starting", "live", "suspended"]
    reason: str | None = None
    shot_count: int | None = None
    take_count: int | None = None


class ProjectList(Camel, kw_only=True):
    """The projects that the daemon keeps."""

    projects: Sequence[ProjectView]


class PathBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """The folder that is to become a project."""

    path: str


class ShotView(Camel, kw_only=True):
    """A shot: its full id, its folder's name, and where it stands.

    `making_count` are those of its takes that are being made. Deleted ones are not counted.
    """

    id: str
    shot_id: str
    path: str
    take_count: int
    making_count: int = 0
    active_take_id: str | None = None


class ShotList(Camel, kw_only=True):
    """The shots of a project, by path."""

    shots: Sequence[ShotView]


class MediaView(Camel, kw_only=True):
    """A take's bytes; the rate is in frames a second."""

    name: str
    bytes: int
    sha256: str
    kind: str
    codec: str | None = None
    frame_rate: float | None = None


Stage = Literal["arriving", "waiting", "queued", "running"]
"""How far a take is that is being made: a dropped file is taken in; a request waits for a file, is queued, or runs."""


class TakeView(Sidecar, kw_only=True):
    """A take: the fields of its sidecar, and where it stands; `origin` is what a dropped file was called.

    Of a purged one `purged_at` says since when its bytes are gone for good. `cancelled` is there, and true, where
    it failed because nobody wanted it any more.
    """

    number: int
    stage: Stage | None
    started: str | None
    origin: str | None
    active: bool
    deleted: bool
    purged: bool
    purged_at: str | None
    cancelled: bool | UnsetType = UNSET
    media: MediaView | None = None
    thumbnail_url: str | None = None
    media_url: str | None = None


class TakeList(Camel, kw_only=True):
    """The takes of a shot, by number."""

    takes: Sequence[TakeView]
    active_take_id: str | None = None


class TakeBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """The take that is to become active."""

    take_id: str


class FoundTake(Camel, kw_only=True):
    """A take that a search has found, and its shot's full id."""

    shot_id: str
    take: TakeView


class FoundList(Camel, kw_only=True):
    """What a search has found, best first."""

    takes: Sequence[FoundTake]


class RequestBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """What is to be generated."""

    generation_params: dict[str, Any]
    quality: Quality | None = None


class QueuedTake(Camel, kw_only=True):
    """The take that was asked for, and will be made."""

    take_id: str
    status: Literal["queued"] = "queued"


class EventView(Camel, kw_only=True):
    """A record of the log."""

    position: int
    stream: str
    shot_id: str
    version: int
    id: str
    type: str
    at: str
    actor: str
    cause: str | None
    data: Any
    hash: str


class EventList(Camel, kw_only=True):
    """A stretch of the log; `log_id` tells a log from the one that a restored backup brings."""

    events: Sequence[EventView]
    log_id: str


class ProgressView(Camel, kw_only=True):
    """How far a take is that is being made: 0 to 1, where that is known, and what its runner says."""

    shot_id: str
    take_id: str
    fraction: float | None
    message: str | None


class LogView(Camel, kw_only=True):
    """Which log an event stream tells of, and the position of its last event."""

    log_id: str
    position: int


def shot_view(shot: ShotRow) -> ShotView:
    """A shot as the API shows it."""
    return ShotView(
        id=full_id(shot.path),
        shot_id=short_id(shot.path),
        path=shot.path,
        take_count=shot.takes,
        making_count=shot.making,
        active_take_id=take_name(shot.active) if shot.active else None,
    )


def take_address(project: str, shot: ShotRow, take: str) -> str:
    """Where the API has a take."""
    return f"/api/projects/{quote(project, safe='')}/shots/{quote(full_id(shot.path), safe=':')}/takes/{take}"


def stage_of(take: TakeRow, *, runs: bool) -> Stage | None:
    """How far a take is that is being made; `runs` says that there is a runner."""
    if take.status != "generating":
        return None
    if take.source != "request":
        return "arriving"
    if not runs:
        return "waiting"
    return "running" if take.started else "queued"


def take_view(project: str, shot: ShotRow, take: TakeRow, *, runs: bool) -> TakeView:
    """A take as the API shows it."""
    media = take.read_media()
    address = take_address(project, shot, take.id)
    return TakeView(
        **{**describe(shot, take), "purged": bool(take.purged)},
        number=take.number,
        stage=stage_of(take, runs=runs),
        started=take.started,
        origin=take.origin,
        active=shot.active == take.number,
        deleted=take.deleted is not None,
        purged_at=take.purged,
        cancelled=bool(take.cancelled) or UNSET,
        media=msgspec.convert(media, MediaView, from_attributes=True) if media else None,
        thumbnail_url=f"{address}/thumbnail" if media else None,
        media_url=f"{address}/media" if media and not take.purged else None,
    )


def event_view(record: Record, paths: Mapping[str, str]) -> EventView:
    """A record as the API shows it."""
    return EventView(
        position=record.position,
        stream=record.stream,
        shot_id=full_id(paths.get(record.stream, "")),
        version=record.version,
        id=record.id,
        type=str(record.event.__struct_config__.tag),
        at=record.at,
        actor=record.actor,
        cause=record.cause,
        data=record.event,
        hash=record.hash,
    )
