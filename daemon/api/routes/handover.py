"""The API's hand-over: a film as a file that an editing program reads, and what comes back from one."""

import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import anyio
import msgspec
from litestar import Response, delete, get, post
from litestar.datastructures import State
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.response import Stream

from daemon.api.answers import files
from daemon.api.answers.operation import BYTES, IF_NONE_MATCH, RANGE, Operation, a_file, a_part, streamed
from daemon.api.parameters import Asked, Changing, ProjectId
from daemon.api.past import MOST_TEXT as LONGEST_MOMENT
from daemon.api.past import Asking, AsOf, changes_since
from daemon.api.views.guests import (
    LinkBody,
    LinkList,
    LinkView,
    NewLink,
    link_view,
)
from daemon.api.views.handover import (
    MOST_TEXT,
    ImportBody,
    ImportView,
    LeftClip,
    ReelBody,
    ReelMade,
    ReelProgress,
    import_view,
)
from daemon.decoding.decoders import Decoders
from daemon.decoding.pictures import PictureNotFound, thumbnail
from daemon.edit.conform.matching import conform
from daemon.edit.conform.readers import READERS
from daemon.edit.contact import MOST_TAKES, SheetFormat, part_of, sheet_of
from daemon.edit.cut import Clip, Cut, NoSuchPart, Plan, cut_of, with_changes, within
from daemon.edit.formats import FORMATS, FormatName
from daemon.edit.reel import NoShots, make
from daemon.project.project import Project
from daemon.shares import DAY, Kind, Share
from events import Media
from projections.artifacts.frame_lists import shown
from projections.files.threads import in_thread
from projections.files.writing import put_in_place, sync
from projections.index.answers import ShotNotFound
from projections.index.rows import ShotRow, TakeRow
from projections.layout import media_path, short_id

ShareId = Annotated[str, PathParameter(description="as `GET …/shares` lists it")]

REEL = "reel.mp4"
"""What the reel that was made last is called, in our cache."""

SHEET_TYPES: Mapping[SheetFormat, str] = {"pdf": "application/pdf", "png": "image/png"}

SHEET_PICTURE = 640
"""How wide the pictures of a contact sheet are drawn."""


@get(
    "/api/projects/{project_id:str}/export",
    summary="The film for an edit, each shot with all its takes",
    tags=["Projects"],
    operation=Operation(
        answers={
            "200": {
                "description": "The film in that format.",
                "content": {one.media_type: one.schema for one in FORMATS.values()},
            }
        },
        refuses=(409, 422),
    ),
)
async def export(
    state: State,
    project_id: ProjectId,
    moment: Asking,
    format: Annotated[FormatName, QueryParameter(description="what is to be written")],  # noqa: A002
    still: Annotated[
        float, QueryParameter(ge=0.04, le=3600, description="seconds of a picture, and of a gap")
    ] = 3.0,
    handles: Annotated[int, QueryParameter(ge=0, le=1000, description="frames left out at both ends")] = 0,
    relative: Annotated[
        bool, QueryParameter(description="paths from the film's folder, not from the root")
    ] = False,
    active: Annotated[bool, QueryParameter(description="only the active take of each shot")] = False,
    since: Annotated[
        str | None,
        QueryParameter(
            max_length=LONGEST_MOMENT, description="a moment: what has changed since goes along in words"
        ),
    ] = None,
) -> Response[bytes]:
    project = state.projects.find(project_id)
    plan, wanted = Plan(still=still, handles=handles, active=active), FORMATS[format]
    cut, headers = await _cut(project, moment, plan)
    if since is not None:
        cut = with_changes(cut, await changes_since(project, since, moment))
    written = await in_thread(partial(wanted.write, cut, relative))
    return Response(written, media_type=wanted.media_type, headers=headers)


async def _cut(project: Project, moment: AsOf, plan: Plan) -> tuple[Cut, Mapping[str, str] | None]:
    """The cut, now or as of that moment, and what is said of that."""
    if then := await moment.of(project):
        return await then.cut(plan), then.headers
    return await cut_of(project.parts.index, project.name, project.root, plan), None


@get(
    "/api/projects/{project_id:str}/sheet",
    summary="The contact sheet of a shot, of a scene or of the film",
    tags=["Projects"],
    operation=Operation(
        answers={
            "200": {
                "description": "The pages as a PDF, or one of them as a PNG.",
                "content": dict.fromkeys(SHEET_TYPES.values(), BYTES),
            }
        },
        refuses=(409, 422),
    ),
)
async def contact_sheet(
    state: State,
    project_id: ProjectId,
    moment: Asking,
    format: Annotated[SheetFormat, QueryParameter(description="a PDF of all pages, or one page as a PNG")],  # noqa: A002
    of: Annotated[
        str | None, QueryParameter(description="a shot, or the path of a scene; else all of it")
    ] = None,
    page: Annotated[int, QueryParameter(ge=1, le=MOST_TAKES, description="which one as a PNG")] = 1,
    active: Annotated[bool, QueryParameter(description="only the active take of each shot")] = False,
) -> Response[bytes]:
    project = state.projects.find(project_id)
    cut, headers = await _cut(project, moment, Plan(active=active))
    sheet = await sheet_of(
        part_of(cut, of), format, page if format == "png" else None, partial(_picture, project)
    )
    drawn = await project.decoders.sheet(sheet)
    return Response(drawn, media_type=SHEET_TYPES[format], headers=headers)


async def _picture(project: Project, clip: Clip, row: TakeRow, media: Media) -> bytes | None:
    path = project.root / shown(media_path(clip.shot.path, row.number, media.name), media)
    with suppress(PictureNotFound):
        await project.pictures.check(path, media)
        return await project.pictures.show(path, media, thumbnail(SHEET_PICTURE))
    return None


@post(
    "/api/projects/{project_id:str}/import",
    summary="Make the takes active that an edit has used, all of them at once",
    status_code=200,
    tags=["Projects"],
    operation=Operation(refuses=(409, 422)),
    request_max_body_size=2 * MOST_TEXT,
)
async def import_edit(
    state: State, project_id: ProjectId, data: JSONBody[ImportBody], change: Changing
) -> ImportView:
    project = state.projects.find(project_id)
    used = await in_thread(READERS[data.format], data.text)
    cut = await cut_of(project.parts.index, project.name, project.root, Plan())
    found = await in_thread(conform, cut, used)
    if data.dry_run:
        return import_view(found, dry_run=True)
    chosen = {one.shot.stream: one.take.number for one in found.chosen}
    return import_view(found, dry_run=False, behind=await change.choose(project, chosen))


@post(
    "/api/projects/{project_id:str}/reel",
    summary="Make the reel of the film, or of a part of it",
    status_code=200,
    tags=["Projects"],
    operation=Operation(
        answers={
            "200": {
                "description": "A line for each piece that is made, and what has come of it in the last one.",
                "content": streamed("application/x-ndjson", ReelProgress, ReelMade),
            }
        },
        refuses=(409,),
    ),
)
async def make_reel(state: State, project_id: ProjectId, data: JSONBody[ReelBody]) -> Stream:
    project = state.projects.find(project_id)
    plan = Plan(still=data.still, active=True)
    _, cut = within(await cut_of(project.parts.index, project.name, project.root, plan), data.of)
    if not cut.clips:
        raise NoShots
    lines = _lines(cut, project.decoders, project.cache.folder)
    return Stream(lines, media_type="application/x-ndjson")


@get(
    "/api/projects/{project_id:str}/reel",
    summary="The reel that was made last",
    tags=["Projects"],
    operation=Operation(
        reads=[IF_NONE_MATCH, *RANGE], answers=a_file("The film.", "video/mp4") | a_part("video/mp4")
    ),
)
async def show_reel(request: Asked, state: State, project_id: ProjectId) -> Response[Any]:
    project = state.projects.find(project_id)
    return await files.serve(request, project.cache.folder / REEL, "there is no reel: POST makes one")


@post(
    "/api/projects/{project_id:str}/shares",
    summary="Make a link by which guests see a shot, a scene or the film, and nothing else",
    tags=["Projects"],
    operation=Operation(refuses=(404, 409)),
)
async def share(state: State, project_id: ProjectId, data: JSONBody[LinkBody]) -> NewLink:
    project = state.projects.find(project_id)
    kind, title, shots = await _part(project, data.of)
    now = time.time()
    made = Share(
        id=secrets.token_hex(4),
        key="",
        root=str(project.root),
        kind=kind,
        title=title,
        stream=shots[0].stream if kind == "shot" else None,
        path=(data.of or "").replace(":", "/").strip("/") if kind == "scene" else None,
        notes=data.notes,
        made=now,
        until=now + data.days * DAY,
    )
    secret = await state.links.make(project, made)
    return NewLink(**msgspec.structs.asdict(link_view(made)), path=f"/share?token={secret}")


@get(
    "/api/projects/{project_id:str}/shares",
    summary="The links into the film that lead somewhere",
    tags=["Projects"],
)
async def list_shares(state: State, project_id: ProjectId) -> LinkList:
    found = await state.links.of(state.projects.find(project_id))
    return LinkList(shares=[link_view(one) for one in found])


@delete(
    "/api/projects/{project_id:str}/shares/{share_id:str}",
    summary="Have a link lead nowhere from now on",
    status_code=200,
    tags=["Projects"],
)
async def withdraw_share(state: State, project_id: ProjectId, share_id: ShareId) -> LinkView:
    return link_view(await state.links.withdraw(state.projects.find(project_id), share_id))


async def _part(project: Project, of: str | None) -> tuple[Kind, str, Sequence[ShotRow]]:
    """What is meant: the film, a scene or a shot, what that is called, and its shots; NoSuchPart."""
    index = project.parts.index
    path = (of or "").replace(":", "/").strip("/")
    shots = await index.shots()
    if not path:
        return "film", project.name, shots
    with suppress(ShotNotFound):
        found = await index.find_shot(of or "")
        return "shot", short_id(found.path), [found]
    within = [one for one in shots if one.path.startswith(f"{path}/")]
    if not within:
        raise NoSuchPart(of or "")
    return "scene", path.rpartition("/")[2], within


async def _lines(cut: Cut, decoders: Decoders, folder: Path) -> AsyncIterator[bytes]:
    """Make it beside its place, telling how far that is, and put it there."""
    left, part = list[LeftClip](), folder / f".{secrets.token_hex(8)}.tmp"
    await in_thread(partial(folder.mkdir, parents=True, exist_ok=True))
    file = await in_thread(part.open, "xb")
    try:
        async with aclosing(make(cut, decoders, file)) as steps:
            async for step in steps:
                if step.reason:
                    left.append(LeftClip(name=step.shot or "", file=None, reason=step.reason))
                yield msgspec.json.encode(ReelProgress(step="reel", done=step.done, total=step.total)) + b"\n"
        await in_thread(file.close)
        await in_thread(sync, part)
        size = (await in_thread(part.stat)).st_size
        await in_thread(put_in_place, part, folder / REEL)
        yield msgspec.json.encode(ReelMade(bytes=size, shots=len(cut.clips), left=left)) + b"\n"
    finally:
        with anyio.CancelScope(shield=True):
            await in_thread(_give_up, file, part)


def _give_up(file: BinaryIO, part: Path) -> None:
    """Remove what was on its way, unless it is in its place."""
    file.close()
    with suppress(OSError):
        part.unlink(missing_ok=True)
