"""The views: what the API answers, as JSON in camelCase."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from events import Quality, Record
from projections.layout import full_id, short_id, take_name
from projections.projector import Difference
from projections.rows import ShotRow, TakeRow
from projections.sidecars import Camel, Sidecar, describe


class ProjectView(Camel, kw_only=True):
    """A project; the counts are null while it is away."""

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
    """A take: the fields of its sidecar, and where it stands; `origin` is what a dropped file was called."""

    number: int
    stage: Stage | None
    started: str | None
    origin: str | None
    active: bool
    deleted: bool
    media: MediaView | None = None
    thumbnail_url: str | None = None
    media_url: str | None = None


class TakeList(Camel, kw_only=True):
    """The takes of a shot, by number."""

    takes: Sequence[TakeView]
    active_take_id: str | None = None


class FoundTake(Camel, kw_only=True):
    """A take that a search has found, and its shot's full id."""

    shot_id: str
    take: TakeView


class FoundList(Camel, kw_only=True):
    """What a search has found, best first."""

    takes: Sequence[FoundTake]


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


class Problem(Camel, kw_only=True):
    """Something that stands in the way, and what to do about it."""

    what: str
    hint: str = ""


class ProjectHealth(Camel, kw_only=True):
    """Whether a project is well."""

    id: str
    state: str
    problems: Sequence[Problem]


class GalleryView(Camel, kw_only=True):
    """Where the gallery is, on this machine only: its port, and the file with the token that opens it."""

    port: int
    token_file: str


class HealthView(Camel, kw_only=True):
    """Whether the daemon is well, and where its gallery is, if it serves one."""

    status: Literal["ok", "degraded"]
    version: str
    pid: int
    projects: Sequence[ProjectHealth]
    gallery: GalleryView | None = None


class ProjectionView(Camel, kw_only=True):
    """How far a projection has come in the log."""

    name: str
    position: int
    behind: int


class WatchView(Camel, kw_only=True):
    """How drops are noticed: folders watched, times that hints were lost, shots that only a scan found."""

    mode: str
    folders: int
    losses: int
    missed: int


class ScanView(Camel, kw_only=True):
    """The last look at everything: seconds ago, seconds it took, shots it found."""

    ago: float
    seconds: float
    shots: int


class Reason(Camel, kw_only=True):
    """A path, and why it waits or was not taken."""

    path: str
    reason: str


class RunnerView(Camel, kw_only=True):
    """Who makes the takes that are asked for; `inputs` are the parameters that it listens to, null for all."""

    kind: str
    queued: int
    running: int
    problem: str | None
    inputs: Sequence[str] | None


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


class StatusView(Camel, kw_only=True):
    """Everything about how a project is kept."""

    id: str
    name: str
    path: str
    state: str
    position: int
    projections: Sequence[ProjectionView]
    watch: WatchView
    last_scan: ScanView | None
    runner: RunnerView
    waiting: Sequence[Reason]
    not_taken: Sequence[Reason]
    problems: Sequence[Problem]


class Rebuilt(Camel, kw_only=True):
    """The projections that were made again, or the differences found instead."""

    rebuilt: Sequence[str] = ()
    differences: Sequence[Difference] = ()


class PathBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """The folder that is to become a project."""

    path: str


class TakeBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """The take that is to become active."""

    take_id: str


class RequestBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """What is to be generated."""

    generation_params: dict[str, Any]
    quality: Quality | None = None


class QueuedTake(Camel, kw_only=True):
    """The take that was asked for, and will be made."""

    take_id: str
    status: Literal["queued"] = "queued"


class RebuildBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """Which projection to rebuild, all where none is named; `verify` only compares."""

    name: str | None = None
    verify: bool = False


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
        **describe(shot, take),
        number=take.number,
        stage=stage_of(take, runs=runs),
        started=take.started,
        origin=take.origin,
        active=shot.active == take.number,
        deleted=take.deleted is not None,
        media=msgspec.convert(media, MediaView, from_attributes=True) if media else None,
        thumbnail_url=f"{address}/thumbnail" if media else None,
        media_url=f"{address}/media" if media else None,
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
