"""OpenTimelineIO: a cut as a timeline, in which every clip has all its takes, and the active one chosen.

The file is JSON of a published form, and written as that: made of the library's objects, a film of 20,000 takes took it
two seconds, and everybody would have to install it. The tests read it with the library.

https://opentimelineio.readthedocs.io/en/stable/tutorials/otio-serialized-schema.html
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import msgspec

from daemon.edit.cut import Clip, Cut, CutTake, notes_of, stem
from projections.index.opinions import Note
from projections.layout import full_id

Json = dict[str, Any]

OURS = "takes"
"""Our key in the metadata of a timeline."""

LARGEST = 2**63 - 1
"""Whole numbers beyond are written as texts: its readers have 64 bits with a sign for them."""

NOTHING: Json = {"source_range": None, "effects": [], "markers": [], "enabled": True}
"""What an item of a timeline has beside its name, where nothing is said."""

COLOURS = {"open": "RED", "resolved": "GREEN"}
"""Of the marker of a note, by how that stands."""


def write(cut: Cut, *, is_relative: bool) -> bytes:
    """The timeline of a cut, with one track of video; a shot without an active take is a gap in it."""
    track = {
        **_schema("Track.1", "V1", {}),
        **NOTHING,
        "kind": "Video",
        "children": [_item(cut, clip, is_relative=is_relative) for clip in cut.clips],
    }
    stack = {**_schema("Stack.1", "tracks", {}), **NOTHING, "children": [track]}
    about = {"film": cut.film, "folder": str(cut.root)}
    timeline = {**_schema("Timeline.1", cut.film, about), "global_start_time": None, "tracks": stack}
    return msgspec.json.format(msgspec.json.encode(timeline))


def _item(cut: Cut, clip: Clip, *, is_relative: bool) -> Json:
    about, active = _of_shot(clip), clip.active
    if active is None:
        gap = _schema("Gap.1", clip.name, {**about, "missing": "no active take"})
        return {**gap, **NOTHING, "source_range": _range(0, cut.gap, cut.rate)}
    return {
        **_schema("Clip.2", clip.name, about),
        **NOTHING,
        "source_range": _range(active.start, active.length, active.rate),
        "markers": [_marker(note, first, length, active.rate) for note, first, length in active.markers],
        "media_references": {
            take.row.id: _reference(cut, take, is_relative=is_relative) for take in clip.takes
        },
        "active_media_reference_key": active.row.id,
    }


def _of_shot(clip: Clip) -> Json:
    shot, notes = clip.shot, [msgspec.to_builtins(note) for note in notes_of(clip.shot)]
    said = {"stage": shot.stage, "notes": notes, "changes": clip.changed}
    return {"shot": full_id(shot.path)} | {key: value for key, value in said.items() if value}


def _of_take(take: CutTake) -> Json:
    """What people have said of a take, as far as they have."""
    row = take.row
    notes = [msgspec.to_builtins(note) for note in notes_of(row)]
    said = {"rating": row.rating, "mark": row.mark, "tags": row.read_tags(), "notes": notes}
    return {key: value for key, value in said.items() if value}


def _marker(note: Note, first: int, length: int, rate: Fraction) -> Json:
    """A note at its frames, which are counted in the take's own."""
    about = msgspec.to_builtins(note)
    return {
        **_schema("Marker.2", note.by or "", about),
        "comment": note.text,
        "color": COLOURS[note.state],
        "marked_range": _range(first, length, rate),
    }


def _reference(cut: Cut, take: CutTake, *, is_relative: bool) -> Json:
    about = {
        "take": take.row.id,
        "created": take.row.created,
        "sha256": take.media.sha256,
        "recipe": _plain(take.row.read_params() or {}),
        **_of_take(take),
    }
    url, found = cut.url(take, is_relative=is_relative), take.media.frames
    facts = {"available_range": _range(0, take.frames, take.rate), "available_image_bounds": None}
    if found is None:
        return {**_schema("ExternalReference.1", "", about), **facts, "target_url": url}
    return {
        **_schema("ImageSequenceReference.1", "", about),
        **facts,
        "target_url_base": url[: url.rindex("/") + 1],
        "name_prefix": f"{stem(take.media)}.",
        "name_suffix": found.suffix,
        "start_frame": found.first,
        "frame_step": 1,
        "rate": float(take.rate),
        "frame_zero_padding": found.digits,
        "missing_frame_policy": "black",
    }


def _schema(schema: str, name: str, about: Mapping[str, Any]) -> Json:
    return {"OTIO_SCHEMA": schema, "metadata": {OURS: about} if about else {}, "name": name}


def _plain(value: Any) -> Any:
    """A value as a reader can hold it."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, int) and abs(value) > LARGEST else value


def _range(start: int, length: int, rate: Fraction) -> Json:
    return {"OTIO_SCHEMA": "TimeRange.1", "duration": _time(length, rate), "start_time": _time(start, rate)}


def _time(value: int, rate: Fraction) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(value)}
