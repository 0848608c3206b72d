"""Takes and their shots, as the API shows and reads them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from daemon.api.views.body import Camel
from daemon.api.views.judging import NoteView, note_views
from daemon.api.views.media import CompanionView, MediaView, Resolution, companion_view, media_view
from events import Mark, Media, Quality, Status, TakeKey
from projections.artifacts.large_recipes import PACKED
from projections.artifacts.picture_cache import mark_of
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.layout import full_id, short_id, sidecar_name, take_name


class ShotView(Camel, kw_only=True):
    """A shot: its full id, its folder's name, and where it stands. `active_length` is that of its active take, in seconds,
    and `active_colour` the mean one of that one's picture, as `#rrggbb`, where it is known.

    `making_count` are those of its takes that are being made. Deleted ones are not counted. `stage` is how far the work
    on it is, null where nobody has said so, and `notes` are those on the shot itself. `last_number` is the highest that
    was ever given to a take of it, 0 before the first.
    """

    id: str
    shot_id: str
    path: str
    take_count: int
    making_count: int = 0
    active_take_id: str | None = None
    active_length: float | None = None
    active_colour: str | UnsetType = UNSET
    last_number: int = 0
    stage: str | None = None
    notes: Sequence[NoteView] = ()


class ShotList(Camel, kw_only=True):
    """The shots of a project, by path."""

    shots: Sequence[ShotView]


class WorkflowView(Camel, kw_only=True):
    """The workflow that a take is made with, and whose it is: named for the take, its shot's, film's, or for all.

    `was` is the SHA-256 of what was chosen when the take was asked for, where that has changed until it was begun.
    """

    path: str
    chosen_for: Literal["take", "shot", "film", "configuration"]
    sha256: str
    was: str | None = None


class AgainView(Camel, kw_only=True):
    """The take that this one is made again of; whether it holds the `same` bytes, once both were complete."""

    take_id: str
    same: bool | None = None


Stage = Literal["arriving", "waiting", "queued", "running"]
"""How far a take is that is being made: a dropped file is taken in; a request waits for a file, is queued, or runs."""


class Cost(Camel, kw_only=True):
    """What making a take cost: peak VRAM in MB, time in seconds, the quality that was asked for."""

    vram_used: float | None = None
    generation_time: float | None = None
    quality: Quality | None = None


class TakeView(Camel, kw_only=True):
    """A take: the fields of its sidecar, and where it stands.

    - `duration` is in seconds, `loudness`, of its sound where it has any, in LUFS (EBU R 128), `timecode` that of its
      first frame.
    - `origin` is what a dropped file was called, and `position` the place in the log of the event that gave it its number.
    - `stage` is how far one is that is being made: its file is arriving; or what was asked for is waiting for a file,
      queued or running. `waits` says in the answer about one take why nobody is at it yet.
    - `cancelled` is there, and true, where it failed because nobody wanted it any more. `accepted` is why it had failed,
      where a person wants it complete all the same. `recipe_error` says why its recipe, or the labels of its file, could
      not be read.
    - `rating` is 1 to 5, or 0 for none; of `notes` those that were withdrawn are not shown.
    - `colour` is the mean one of its picture, as `#rrggbb`, in lists and where it is known.
    - `companions` are the other files of the same render; `superseded_by` is the take that holds more of it, for which
      this one is hidden. `again` names the one whose recipe it is made of once more.
    - `purged_at` says since when the bytes of a purged one are gone for good; `purged_since`, of a take as it was at a
      moment, when the bytes went that it had then.
    - `behind` is there in the answer to a change that is not all on the disk: the projections that do not show it yet.
    """

    id: str
    shot_id: str
    created: str
    duration: float | None = None
    resolution: Resolution | None = None
    channels: int | UnsetType = UNSET
    loudness: float | UnsetType = UNSET
    timecode: str | UnsetType = UNSET
    generation_params: dict[str, Any] | None = None
    resources: Cost = field(default_factory=Cost)
    status: Status
    error: str | UnsetType = UNSET
    recipe_error: str | UnsetType = UNSET
    accepted: str | UnsetType = UNSET
    purged: bool
    left_out: dict[str, int] | UnsetType = UNSET
    whole: str | UnsetType = UNSET
    number: int
    stage: Stage | None
    started: str | None
    origin: str | None
    active: bool
    deleted: bool
    purged_at: str | None
    rating: int = 0
    mark: Mark = "none"
    tags: Sequence[str] = ()
    notes: Sequence[NoteView] = ()
    cancelled: bool | UnsetType = UNSET
    workflow: WorkflowView | UnsetType = UNSET
    waits: str | UnsetType = UNSET
    media: MediaView | None = None
    companions: Sequence[CompanionView] | UnsetType = UNSET
    superseded_by: str | UnsetType = UNSET
    again: AgainView | UnsetType = UNSET
    thumbnail_url: str | None = None
    colour: str | UnsetType = UNSET
    media_url: str | None = None
    behind: Sequence[str] | UnsetType = UNSET
    purged_since: str | UnsetType = UNSET
    position: int | None = None


class TakeList(Camel, kw_only=True):
    """The takes of a shot, by number."""

    takes: Sequence[TakeView]
    active_take_id: str | None = None


class TakeBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """The take that is to become active."""

    take_id: str


class RequestBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """What is to be generated; `workflow` is a file for this take alone, from the film's folder on or a full path."""

    generation_params: dict[str, Any]
    quality: Quality | None = None
    workflow: Annotated[str, Meta(min_length=1, max_length=4096)] | None | UnsetType = UNSET


class AgainBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """How a take is to be made again: as it was, or with this seed."""

    seed: Annotated[int, Meta(ge=0)] | None = None


class QueuedTake(Camel, kw_only=True):
    """The take that was asked for, and will be made; `waits` says why nothing goes on for now, where that is known."""

    take_id: str
    status: Literal["queued"] = "queued"
    waits: str | UnsetType = UNSET


NONE: Mapping[TakeKey, str] = MappingProxyType({})
"""Of pictures whose colours nobody has looked for."""


def shot_view(shot: ShotRow, lengths: Mapping[int, float], colours: Mapping[TakeKey, str] = NONE) -> ShotView:
    """A shot as the API shows it, with the lengths of active takes by their shots' ids, and the colours of their pictures."""
    return ShotView(
        id=full_id(shot.path),
        shot_id=short_id(shot.path),
        path=shot.path,
        take_count=shot.takes,
        making_count=shot.making,
        active_take_id=take_name(shot.active) if shot.active else None,
        active_length=lengths.get(shot.id),
        active_colour=(shot.active and colours.get(TakeKey(shot.stream, shot.active))) or UNSET,
        last_number=shot.given,
        stage=shot.stage,
        notes=note_views(shot.read_notes()),
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


def _again_view(take: TakeRow, media: Media | None) -> AgainView | UnsetType:
    again = take.read_again()
    if again is None:
        return UNSET
    same = again.sha256 == media.sha256 if again.sha256 and media else None
    return AgainView(take_id=take_name(again.take), same=same)


def _purged_since(take: TakeRow, today: ShotTakes | None) -> str | None:
    """When the bytes went that a take of the past had then; None where they are there still, or were gone."""
    if take.purged or today is None:
        return None
    return next((one.purged for one in today.takes if one.number == take.number), None)


def take_view(
    project: str,
    shot: ShotRow,
    take: TakeRow,
    *,
    runs: bool,
    today: ShotTakes | None = None,
    colours: Mapping[TakeKey, str] = NONE,
) -> TakeView:
    """A take as the API shows it; one of the past with what is known of it `today`: where its files are, if they are."""
    media, cost, workflow = take.read_media(), take.read_resources(), take.read_workflow()
    address = take_address(project, today.shot if today else shot, take.id)
    gone = _purged_since(take, today)
    return TakeView(
        id=take.id,
        shot_id=short_id(shot.path),
        created=take.created,
        duration=media.duration if media else None,
        resolution=Resolution(width=media.width, height=media.height or 0) if media and media.width else None,
        channels=UNSET if media is None or media.channels is None else media.channels,
        loudness=UNSET if media is None or media.loudness is None else media.loudness,
        timecode=(media and media.timecode) or UNSET,
        generation_params=take.read_params(),
        resources=msgspec.convert(cost, Cost, from_attributes=True) if cost else Cost(),
        status=take.status,
        error=take.error or UNSET,
        recipe_error=take.recipe_error or UNSET,
        accepted=take.accepted or UNSET,
        left_out=take.read_left_out() or UNSET,
        whole=f"{sidecar_name(shot.path, take.number)}{PACKED}" if take.left_out else UNSET,
        purged=bool(take.purged),
        number=take.number,
        stage=stage_of(take, runs=runs),
        started=take.started,
        origin=take.origin,
        active=shot.active == take.number,
        deleted=take.deleted is not None,
        purged_at=take.purged,
        rating=take.rating or 0,
        mark=take.mark or "none",
        tags=take.read_tags(),
        notes=note_views(take.read_notes()) if take.notes else (),
        cancelled=bool(take.cancelled) or UNSET,
        workflow=msgspec.convert(workflow, WorkflowView, from_attributes=True) if workflow else UNSET,
        media=media_view(media) if media else None,
        companions=[companion_view(one) for one in take.read_companions()] or UNSET,
        superseded_by=take_name(take.superseded) if take.superseded else UNSET,
        again=_again_view(take, media) if take.again else UNSET,
        thumbnail_url=f"{address}/thumbnail?of={mark_of(media.sha256)}" if media else None,
        colour=colours.get(TakeKey(shot.stream, take.number)) or UNSET,
        media_url=f"{address}/media" if media and not take.purged and not gone else None,
        purged_since=gone or UNSET,
        position=take.position,
    )
