"""OpenTimelineIO, read: the clips of a timeline, each with the media reference that is chosen.

https://opentimelineio.readthedocs.io/en/stable/tutorials/otio-serialized-schema.html
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct, field

from daemon.edit.conform.used import UnreadableEdit, Used
from daemon.edit.otio import OURS

DEFAULT = "DEFAULT_MEDIA"
"""The key of a clip's only media reference, from before there were several."""

CONTAINERS = ("Timeline", "Stack", "Track", "SerializableCollection")


class _Reference(Struct, rename={"schema": "OTIO_SCHEMA"}):
    schema: str = ""
    name: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    target_url: str | None = None
    target_url_base: str | None = None
    name_prefix: str = ""
    name_suffix: str = ""
    start_frame: int = 0
    frame_zero_padding: int = 0

    @property
    def file(self) -> str | None:
        """Its file; of an image sequence, that of its first frame."""
        if self.target_url_base is None:
            return self.target_url
        number = f"{self.start_frame:0{self.frame_zero_padding}d}"
        return f"{self.target_url_base.rstrip('/')}/{self.name_prefix}{number}{self.name_suffix}"


class _Item(Struct, rename={"schema": "OTIO_SCHEMA"}):
    """Anything of a timeline, with what a clip and what holds clips has."""

    schema: str = ""
    name: str | None = None
    kind: str | None = None
    enabled: bool = True
    metadata: dict[str, Any] = field(default_factory=dict)
    tracks: "_Item | None" = None
    children: Sequence["_Item"] = ()
    media_reference: _Reference | None = None
    media_references: dict[str, _Reference] = field(default_factory=dict)
    active_media_reference_key: str = DEFAULT

    @property
    def kind_of_item(self) -> str:
        return self.schema.partition(".")[0]


def read(text: str) -> list[Used]:
    """The clips in their order, without sound and what is switched off; UnreadableEdit where it is no timeline."""
    try:
        top = msgspec.json.decode(text, type=_Item)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableEdit("OTIO", str(error)) from error
    if top.kind_of_item not in CONTAINERS:
        raise UnreadableEdit("OTIO", f"it holds {top.schema or 'nothing'}, and no timeline")
    return list(_clips(top))


def _clips(item: _Item) -> Iterator[Used]:
    if item.kind == "Audio" or not item.enabled:
        return
    if item.kind_of_item == "Clip":
        yield _used(item)
    for child in (*([item.tracks] if item.tracks else []), *item.children):
        yield from _clips(child)


def _used(clip: _Item) -> Used:
    chosen = clip.media_references.get(clip.active_media_reference_key) or clip.media_reference
    shot = _ours(clip.metadata).get("shot")
    if chosen is None:
        return Used(clip.name or "a clip")
    about = _ours(chosen.metadata)
    name = clip.name or chosen.name or "a clip"
    return Used(name, chosen.file, _text(about.get("sha256")), _text(shot), _text(about.get("take")))


def _ours(metadata: dict[str, Any]) -> dict[str, Any]:
    found = metadata.get(OURS)
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
