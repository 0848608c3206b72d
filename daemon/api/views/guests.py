"""What a guest sees: the shots that belong to a link, and of those the takes that can be looked at; links as their
owner has them.

And the people who come by the hub, each with a role.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

import msgspec
from msgspec import Meta

from daemon.api.views.body import Camel
from daemon.api.views.judging import NoteView, note_views
from daemon.api.views.media import GapView
from daemon.shares import Kind, Share
from events import Media, Role, TakeKey
from projections.artifacts.picture_cache import mark_of
from projections.index.rows import PersonRow, ShotRow, ShotTakes, TakeRow
from projections.layout import short_id, take_name


class LinkBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """What is to be shown: a shot, or the path of a scene, else all of the film; for so many days, with notes or without."""

    of: Annotated[str, Meta(min_length=1, max_length=4096)] | None = None
    days: Annotated[float, Meta(gt=0, le=366)] = 7
    notes: bool = False


class LinkView(Camel, kw_only=True):
    """A link, and until when it leads anywhere."""

    id: str
    kind: Kind
    title: str
    notes: bool
    made: str
    until: str


class NewLink(LinkView, kw_only=True):
    """A link that was just made: its `path` holds what lets guests in, and is told this once."""

    path: str


class LinkList(Camel, kw_only=True):
    """The links of a film that lead somewhere."""

    shares: Sequence[LinkView]


class GuestFrames(Camel, kw_only=True):
    """The frames of an image sequence by their numbers, as a guest sees them; `gaps` are those that are missing."""

    first: int
    last: int
    gaps: Sequence[GapView]


class GuestTake(Camel, kw_only=True):
    """A take as a guest sees it; `picture`, `media` and `proxy` are where these are, from the guest's page on.

    `duration` is in seconds, `rate` in frames a second, and `colour` the mean one of the picture, where it is
    known. What has `frames` is played by them.
    """

    id: str
    number: int
    active: bool
    created: str
    kind: str
    codec: str | None
    duration: float | None
    rate: float | None
    width: int | None
    height: int | None
    frames: GuestFrames | None
    picture: str
    colour: str | None
    media: str
    proxy: str | None
    notes: Sequence[NoteView]


class GuestShot(Camel, kw_only=True):
    """A shot as a guest sees it."""

    id: str
    name: str
    takes: Sequence[GuestTake]
    notes: Sequence[NoteView]


class GuestFilm(Camel, kw_only=True):
    """What a link leads to, its shots in story order; `until` is empty of a folder that plays without a daemon."""

    title: str
    until: str
    with_notes: bool
    shots: Sequence[GuestShot]


def link_view(share: Share) -> LinkView:
    """A link as its owner sees it."""
    return LinkView(
        id=share.id,
        kind=share.kind,
        title=share.title,
        notes=share.notes,
        made=moment(share.made),
        until=moment(share.until),
    )


def moment(seconds: float) -> str:
    """Seconds of the epoch, as the API writes a moment."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def is_for_guests(take: TakeRow) -> bool:
    """Whether there is something of a take to look at, and nobody has hidden it."""
    return take.status == "complete" and take.deleted is None and not take.purged and take.media is not None


def guest_film(share: Share, loaded: Iterable[ShotTakes], colours: Mapping[TakeKey, str]) -> GuestFilm:
    """The shots of a link, with the takes that a guest may see, and the colours of their pictures."""
    shots = [_shot(one, colours, with_notes=share.notes) for one in loaded]
    return GuestFilm(
        title=share.title,
        until=moment(share.until),
        with_notes=share.notes,
        shots=[one for one in shots if one.takes],
    )


def _shot(one: ShotTakes, colours: Mapping[TakeKey, str], *, with_notes: bool) -> GuestShot:
    shot = one.shot
    takes = [
        _take(shot, take, media, colours, with_notes=with_notes)
        for take in one.takes
        if is_for_guests(take) and (media := take.read_media())
    ]
    return GuestShot(
        id=shot.stream,
        name=short_id(shot.path),
        takes=takes,
        notes=note_views(shot.read_notes()) if with_notes else (),
    )


def _take(
    shot: ShotRow, take: TakeRow, media: Media, colours: Mapping[TakeKey, str], *, with_notes: bool
) -> GuestTake:
    address = f"shots/{quote(shot.stream, safe='')}/takes/{take_name(take.number)}"
    of = f"?of={mark_of(media.sha256)}"
    return GuestTake(
        id=take.id,
        number=take.number,
        active=shot.active == take.number,
        created=take.created,
        kind=media.kind,
        codec=media.codec,
        duration=media.duration,
        rate=media.frame_rate,
        width=media.width,
        height=media.height,
        frames=msgspec.convert(media.frames, GuestFrames, from_attributes=True) if media.frames else None,
        picture=f"{address}/thumbnail{of}",
        colour=colours.get(TakeKey(shot.stream, take.number)) or None,
        media=f"{address}/media",
        proxy=f"{address}/proxy{of}" if media.kind == "video" else None,
        notes=note_views(take.read_notes()) if with_notes else (),
    )


class PersonView(Camel, kw_only=True):
    """What a person may do with the film who comes by the hub; who said so, and when."""

    name: str
    role: Role
    by: str | None
    since: str


class PeopleList(Camel, kw_only=True):
    """Who may see the film by the hub, by their names."""

    people: Sequence[PersonView]


class RoleBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """What somebody is to be in a film: each role may do all that the one before it may."""

    role: Role


def people_view(rows: Iterable[PersonRow]) -> PeopleList:
    """The people as the API shows them."""
    return PeopleList(
        people=[PersonView(name=one.name, role=one.role, by=one.by, since=one.at) for one in rows]
    )
