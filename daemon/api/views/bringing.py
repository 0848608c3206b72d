"""What is brought into a film, as the API shows and reads it."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from daemon.api.views.body import Camel
from daemon.ingest.importing import Entry, Plan, State
from daemon.ingest.matching import By, Sure
from projections.layout import full_id, take_name

UPLOAD_ID = "^[A-Za-z0-9-]{8,64}$"


class NewShotBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """A shot that is to be: `name` as a person writes it, with its number or without; `scene` where there are several.

    With `make_scene`, the scene's folder is made, too.
    """

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    scene: Annotated[str, Meta(min_length=1, max_length=1000)] | None = None
    make_scene: bool = False


class NewShot(Camel, kw_only=True):
    """A shot whose folders are there; the list of shots has it once they are looked at."""

    id: str
    shot_id: str
    path: str


class FilesBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """Files and folders of frames, by their full paths; copied, or with `move` moved. Or all that was sent as an `upload`.

    Or, by their `names`, what was put into the shot's `takes/` whole: nobody need wait to see whether more of it comes.
    """

    paths: Annotated[
        Sequence[Annotated[str, Meta(min_length=1, max_length=4096)]], Meta(max_length=1000)
    ] = ()
    move: bool = False
    upload: Annotated[str, Meta(pattern=UPLOAD_ID)] | None = None
    names: Annotated[
        Sequence[Annotated[str, Meta(min_length=1, max_length=255)]], Meta(max_length=10_000)
    ] = ()


class BroughtFile(Camel, kw_only=True):
    """A file, or a folder of frames, and what it is called in the shot's `takes/`."""

    path: str
    name: str


class LeftFile(Camel, kw_only=True):
    """A file that can be no take, and why."""

    path: str
    reason: str


class BroughtList(Camel, kw_only=True):
    """What was brought in; the log tells which takes become of it, each with that name in its `source`.

    `left` is what of an upload can be no take. Nothing else of it is kept.
    """

    files: Sequence[BroughtFile]
    left: Sequence[LeftFile] = ()


class UploadPart(Camel, kw_only=True, forbid_unknown_fields=True):
    """A file that is to be sent: its path in the upload, with the folders that it is in, and how large it is."""

    path: Annotated[str, Meta(min_length=1, max_length=4096)]
    bytes: Annotated[int, Meta(ge=0)]


class UploadBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """What is to be sent."""

    files: Annotated[Sequence[UploadPart], Meta(min_length=1, max_length=20_000)]


class UploadView(Camel, kw_only=True):
    """There is room for it; `left` are the files that cannot become takes, as far as their names tell."""

    bytes: int
    left: Sequence[LeftFile]


class UploadedFile(Camel, kw_only=True):
    """A file that is there, whole, until its upload is brought into a shot."""

    path: str
    bytes: int


class RendersBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """A folder of old renders, by its full path; they are copied, or with `move` moved.

    A `dry_run` only says what would come of it. With its `plan`, nothing is brought unless it is just that. With
    `only_sure`, what is likely of a shot is left, too.
    """

    folder: Annotated[str, Meta(min_length=1, max_length=4096)]
    move: bool = False
    only_sure: bool = False
    dry_run: bool = False
    plan: str | None = None


class RenderView(Camel, kw_only=True):
    """A file, or a sequence, of that folder: its state, the shot that it is of by full id, and what told that.

    Its `state` is `new`, or `resumed` where it was cut short before; `there`, as the take `take_id`; `coming`, as it
    waits in `takes/`; or `unclear`: it may be of any of the `shot_ids`, or nothing tells it. `files` come together, and
    have `bytes` in all.
    """

    path: str
    files: int
    bytes: int
    state: State
    shot_id: str | None = None
    by: By | None = None
    matched: str | None = None
    sure: Sure | None = None
    shot_ids: Sequence[str] = ()
    take_id: str | None = None


class RendersView(Camel, kw_only=True):
    """What becomes of a folder of old renders: so many of them were `brought`, where it was no dry run."""

    folder: str
    plan: str
    dry_run: bool
    brought: int
    renders: Sequence[RenderView]
    left: Sequence[LeftFile]


def renders_view(plan: Plan, brought: int, *, dry_run: bool) -> RendersView:
    """What becomes of a folder, as the API shows it."""
    return RendersView(
        folder=str(plan.folder),
        plan=plan.mark,
        dry_run=dry_run,
        brought=brought,
        renders=[_render_view(one) for one in plan.entries],
        left=[LeftFile(path=str(path), reason=reason) for path, reason in plan.left],
    )


def _render_view(entry: Entry) -> RenderView:
    match, parcel = entry.match, entry.parcel
    return RenderView(
        path=str(parcel.shown),
        files=len(parcel.files),
        bytes=parcel.bytes,
        state=entry.state,
        shot_id=full_id(match.shot) if match else None,
        by=match.by if match else None,
        matched=match.matched if match else None,
        sure=match.sure if match else None,
        shot_ids=[full_id(shot) for shot in entry.shots],
        take_id=take_name(entry.take) if entry.take else None,
    )
