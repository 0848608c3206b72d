"""What is shown of media: a take's file, its frames, what lies beside it, and how far a proxy of it is."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from msgspec import UNSET, UnsetType

from daemon.api.views.body import Camel
from events import Companion, Frames, Media
from projections.artifacts.frame_lists import shown
from projections.layout import Kind, Role


class GapView(Camel, kw_only=True):
    """A run of frames that are missing, by their numbers."""

    first: int
    last: int


class FramesView(Camel, kw_only=True):
    """The frames of an image sequence: their numbers, and the bytes of all; `rate` is in frames a second.

    `pattern` is how they are called in the take's folder, as editors read it, and `poster` the one that stands for all, which
    is what `mediaUrl` answers. So many are `missing` between the first
    and the last; `gaps` are the first hundred runs of those.
    """

    pattern: str
    poster: str
    first: int
    last: int
    count: int
    bytes: int
    missing: int
    gaps: Sequence[GapView]
    rate: float | None = None


class MediaView(Camel, kw_only=True):
    """A take's bytes; the rate is in frames a second. Of an image sequence they are those of the list of its `frames`."""

    name: str
    bytes: int
    sha256: str
    kind: Kind
    codec: str | None = None
    frame_rate: float | None = None
    frames: FramesView | None = None


class CompanionView(Camel, kw_only=True):
    """A file of the same render that lies beside a take's media: its `picture`, or the `silent` video.

    `missing`, and true, it is in the answer about one take, where it does not lie there any more.
    """

    name: str
    role: Role
    bytes: int
    missing: bool | UnsetType = UNSET


class Resolution(Camel, kw_only=True):
    """A picture's size in pixels."""

    width: int
    height: int


class ProxyView(Camel):
    """How far a proxy is."""

    ready: bool
    progress: float | None = None
    """From 0 to 1; null where nobody knows how long it will be."""
    bytes: int | None = None
    """How large it is, once it is ready."""


def media_view(media: Media) -> MediaView:
    """A take's bytes as the API shows them."""
    return MediaView(
        name=media.name,
        bytes=media.bytes,
        sha256=media.sha256,
        kind=media.kind,
        codec=media.codec,
        frame_rate=media.frame_rate,
        frames=_frames_view(media, media.frames) if media.frames else None,
    )


def _frames_view(media: Media, frames: Frames) -> FramesView:
    return FramesView(
        pattern=f"{PurePosixPath(media.name).stem}.%0{frames.digits}d{frames.suffix}",
        poster=shown(media.name, media),
        first=frames.first,
        last=frames.last,
        count=frames.count,
        bytes=frames.bytes,
        missing=frames.missing,
        gaps=[GapView(first=gap.first, last=gap.last) for gap in frames.gaps],
        rate=media.frame_rate,
    )


def companion_view(one: Companion) -> CompanionView:
    """A file beside a take's media as the API shows it."""
    return CompanionView(name=one.name, role=one.role, bytes=one.identity.size)
