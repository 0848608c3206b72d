"""Handing over: what an edit has chosen, as the API reads and shows it."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from daemon.api.views.body import Camel
from daemon.edit.conform.matching import Conformed
from daemon.edit.conform.readers import EditName
from projections.layout import full_id, take_name

MOST_TEXT = 64 << 20
"""Characters of an edit."""


class ImportBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """An edit, as the text of its file; `dry_run` only tells what it would change."""

    format: EditName
    text: Annotated[str, Meta(max_length=MOST_TEXT)]
    dry_run: bool = False


class ChosenTake(Camel, kw_only=True):
    """A take that the edit uses, of a shot which had another one, or none, until then."""

    shot_id: str
    take_id: str
    was: str | None


class LeftClip(Camel, kw_only=True):
    """A clip of the edit that changes nothing: its name, its file as far as one is named, and why."""

    name: str
    file: str | None
    reason: str


class ImportView(Camel, kw_only=True):
    """What an edit has chosen, or would: the shots that change, how many stay as they are, and the clips that are left."""

    chosen: Sequence[ChosenTake]
    unchanged: int
    left: Sequence[LeftClip]
    dry_run: bool
    behind: Sequence[str] = ()


def import_view(found: Conformed, *, dry_run: bool, behind: Sequence[str] = ()) -> ImportView:
    """What an edit has chosen as the API shows it."""
    chosen = [
        ChosenTake(
            shot_id=full_id(one.shot.path),
            take_id=one.take.id,
            was=take_name(one.shot.active) if one.shot.active else None,
        )
        for one in found.chosen
        if one.shot.active != one.take.number
    ]
    left = [LeftClip(name=one.name, file=one.file, reason=one.reason) for one in found.left]
    unchanged = len(found.chosen) - len(chosen)
    return ImportView(chosen=chosen, unchanged=unchanged, left=left, dry_run=dry_run, behind=behind)


class ReelBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """What a reel is of: a shot, the path of a scene, or the film; `still` is for how many seconds a picture is seen."""

    of: str | None = None
    still: Annotated[float, Meta(ge=0.04, le=60)] = 3.0


class ReelProgress(Camel, kw_only=True):
    """So many of so many frames are in the reel."""

    step: str
    done: int
    total: int


class ReelMade(Camel, kw_only=True):
    """The reel is there: its size, the shots in it, and those whose take could not be shown, which are slates."""

    bytes: int
    shots: int
    left: Sequence[LeftClip]
