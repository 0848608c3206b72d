"""The API's hand-over: a film as a file that an editing program reads, and what comes back from one."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Annotated

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import JSONBody, QueryParameter

from daemon.api.answers.operation import BYTES, Operation
from daemon.api.parameters import Changing, ProjectId
from daemon.api.past import MOST_TEXT as LONGEST_MOMENT
from daemon.api.past import Asking, AsOf, changes_since
from daemon.api.views.handover import MOST_TEXT, ImportBody, ImportView, import_view
from daemon.decoding.pictures import PictureNotFound, thumbnail
from daemon.edit.conform.matching import conform
from daemon.edit.conform.readers import READERS
from daemon.edit.contact import MOST_TAKES, SheetFormat, part_of, sheet_of
from daemon.edit.cut import Clip, Cut, Plan, cut_of, with_changes
from daemon.edit.formats import FORMATS, FormatName
from daemon.project.project import Project
from events import Media
from projections.artifacts.frame_lists import shown
from projections.files.threads import in_thread
from projections.index.rows import TakeRow
from projections.layout import media_path

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
