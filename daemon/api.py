"""The API: HTTP for asking a daemon, and for telling it what to do."""

import os
import re
from collections.abc import AsyncIterator, Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Litestar, Request, Response, delete, get, post, put
from litestar.datastructures import State
from litestar.exceptions import HTTPException, SerializationException
from litestar.params import HeaderParameter, JSONBody, PathParameter, QueryParameter
from litestar.response import Stream

from daemon import media, pictures, schema
from daemon.config import Policy
from daemon.dedupe import dedupe as share_bytes
from daemon.doctor import examine
from daemon.feed import stream_of, views_of
from daemon.house import House
from daemon.problems import BadRequest, on_http_error, on_other_error, on_takes_error
from daemon.project import Live, Project, ProjectSuspended
from daemon.request import checked
from daemon.status import health_of, status_of
from daemon.target import Target, asker, number_of
from daemon.usage import usage_of
from daemon.verify import verify_media
from daemon.views import (
    CleanupBody,
    CleanupView,
    DedupeBody,
    Deduped,
    DoctorView,
    EventList,
    FoundList,
    FoundTake,
    GalleryView,
    HealthView,
    PathBody,
    ProjectList,
    ProjectView,
    QueuedTake,
    RebuildBody,
    Rebuilt,
    RequestBody,
    ShotList,
    ShotView,
    StatusView,
    TakeBody,
    TakeList,
    TakeView,
    UsageView,
    cleanup_view,
    shot_view,
    take_view,
    usage_view,
)
from events import TakesError
from events.shot import activate
from events.shot import delete as hide
from events.shot import restore as bring_back
from projections.film import beside_media, take_folder
from projections.layout import Kind, full_id
from projections.thumbnails import ENDING

VERSION = version("takes")

ProjectId = Annotated[
    str, PathParameter(description="`id` in project.json, else the folder's name as a slug")
]
ShotId = Annotated[str, PathParameter(description="the shot's folder name, or its path with `:` for `/`")]
PictureSize = Annotated[
    str | None,
    QueryParameter(
        description="its width in pixels; without it, the picture beside the media",
        schema_extra={"enum": [str(size) for size in pictures.SIZES]},
    ),
]
TakeId = Annotated[str, PathParameter(description="`take_003`")]
Deleted = Annotated[bool, QueryParameter(description="deleted takes too")]
IfMatch = Annotated[
    str | None, HeaderParameter(name="If-Match", description="the ETag that the decision rests on")
]
CommandId = Annotated[
    str | None,
    HeaderParameter(name="Idempotency-Key", description="a request sent twice with it is done once"),
]
POSITION = re.compile("[0-9]{1,15}")


class Asked(Request[Any, Any, State]):
    """A request whose body is JSON; BadRequest where it is not."""

    async def json(self) -> Any:
        try:
            return await super().json()
        except SerializationException as error:
            raise BadRequest(f"the body cannot be read: {error}") from error
        except UnicodeDecodeError as error:
            raise BadRequest("the body is not UTF-8") from error
        except RecursionError as error:
            raise BadRequest("the body is nested too deep") from error


async def _project_view(project: Project) -> ProjectView:
    view = ProjectView(id=project.id, name=project.name, path=str(project.root), state=project.state)
    try:
        counts = await project.live.index.counts()
    except ProjectSuspended:
        view.reason = project.reason
    else:
        view.shot_count, view.take_count = counts.shots, counts.takes
    return view


@get("/api/health", summary="Whether the daemon is well")
async def health(state: State) -> HealthView:
    projects = [health_of(project) for project in state.house.projects]
    is_well = not any(project.problems for project in projects)
    return HealthView(
        status="ok" if is_well else "degraded",
        version=VERSION,
        pid=os.getpid(),
        projects=projects,
        gallery=state.gallery,
    )


@get("/api/projects", summary="The projects")
async def list_projects(state: State) -> ProjectList:
    return ProjectList(projects=[await _project_view(project) for project in state.house.projects])


@post("/api/projects", summary="Keep one more project", raises=[])
async def add_project(state: State, data: JSONBody[PathBody]) -> ProjectView:
    if not Path(data.path).is_absolute():
        raise BadRequest(f"{data.path!r} is not an absolute path")
    return await _project_view(await state.house.admit(Path(data.path)))


@get("/api/projects/{project_id:str}", summary="One project")
async def show_project(state: State, project_id: ProjectId) -> ProjectView:
    return await _project_view(state.house.find(project_id))


@get("/api/projects/{project_id:str}/status", summary="How a project is kept")
async def show_status(state: State, project_id: ProjectId) -> StatusView:
    return await status_of(state.house.find(project_id))


@get("/api/projects/{project_id:str}/doctor", summary="Whether git and the codecs have what they need")
async def show_doctor(state: State, project_id: ProjectId) -> DoctorView:
    return await examine(state.house.find(project_id), state.house.config.git)


@get("/api/projects/{project_id:str}/shots", summary="The shots of a project")
async def list_shots(state: State, project_id: ProjectId) -> ShotList:
    shots = await state.house.find(project_id).live.index.shots()
    return ShotList(shots=[shot_view(shot) for shot in shots])


@get("/api/projects/{project_id:str}/search", summary="The takes whose recipe has those words")
async def search(
    state: State,
    project_id: ProjectId,
    q: Annotated[str, QueryParameter(max_length=200, description="beginnings of words")] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="at most so many")] = 100,
) -> FoundList:
    live = state.house.find(project_id).live
    runs = live.queue.runner is not None
    found = [
        FoundTake(shot_id=full_id(shot.path), take=take_view(project_id, shot, take, runs=runs))
        for shot, take in await live.index.search(q, limit)
    ]
    return FoundList(takes=found)


@get("/api/projects/{project_id:str}/shots/{shot_id:str}", summary="One shot")
async def show_shot(state: State, project_id: ProjectId, shot_id: ShotId) -> ShotView:
    return shot_view(await Target(state.house, project_id, shot_id).shot())


@get("/api/projects/{project_id:str}/shots/{shot_id:str}/takes", summary="The takes of a shot")
async def list_takes(
    state: State, project_id: ProjectId, shot_id: ShotId, deleted: Deleted = False
) -> Response[TakeList]:
    return await Target(state.house, project_id, shot_id).listing(deleted=deleted)


@post(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes",
    summary="Ask for another take",
    status_code=202,
)
async def new_take(
    request: Asked,
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    data: JSONBody[RequestBody],
    if_match: IfMatch = None,
    command: CommandId = None,
) -> Response[QueuedTake]:
    target = Target(state.house, project_id, shot_id)
    wanted = checked(data.generation_params, data.quality)
    return await target.ask_for(wanted, asker(request, command), if_match)


@get("/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}", summary="One take")
async def show_take(
    state: State, project_id: ProjectId, shot_id: ShotId, take_id: TakeId
) -> Response[TakeView]:
    return await Target(state.house, project_id, shot_id, take_id).view()


@get(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/thumbnail",
    summary="A take's picture",
)
async def show_thumbnail(
    request: Asked,
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    take_id: TakeId,
    size: PictureSize = None,
) -> Response[Any]:
    target = Target(state.house, project_id, shot_id, take_id)
    width = pictures.width_of(size)
    drawn = partial(_drawn, request, target, partial(pictures.thumbnail, width=width))
    if width != pictures.BESIDE:
        return await drawn()
    shot = await target.shot()
    path = beside_media(shot, await target.take(shot), ENDING)
    try:
        return await media.serve(request, target.project.root / path, "it has no picture yet")
    except media.MediaNotFound:
        if size is None:
            raise
        return await drawn()  # a page asks as soon as it hears of the take, and has not to ask again


@get(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/filmstrip",
    summary="Sixteen frames of a video, side by side",
)
async def show_filmstrip(
    request: Asked, state: State, project_id: ProjectId, shot_id: ShotId, take_id: TakeId
) -> Response[Any]:
    return await _drawn(request, Target(state.house, project_id, shot_id, take_id), pictures.strip)


async def _drawn(request: Asked, target: Target, view_of: Callable[[Kind], pictures.View]) -> Response[Any]:
    """A view of the take's media, drawn unless the client or the cache has it."""
    path, found = await target.media()
    view, drawer = view_of(found.kind), target.project.pictures
    await drawer.check(path, found)
    return await media.serve_made(request, view.tag(found), partial(drawer.show, path, found, view))


@get("/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/media", summary="A take's media")
async def show_media(
    request: Asked, state: State, project_id: ProjectId, shot_id: ShotId, take_id: TakeId
) -> Response[Any]:
    target = Target(state.house, project_id, shot_id, take_id)
    shot = await target.shot()
    take = await target.take(shot)
    path = f"{take_folder(shot, take)}/{take.name or ''}"
    return await media.serve(request, target.project.root / path, "it has no media on the disk")


@put("/api/projects/{project_id:str}/shots/{shot_id:str}/active-take", summary="Make a take the active one")
async def set_active(
    request: Asked,
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    data: JSONBody[TakeBody],
    if_match: IfMatch = None,
    command: CommandId = None,
) -> Response[TakeView]:
    target = Target(state.house, project_id, shot_id, data.take_id)
    rule = partial(activate, number=number_of(data.take_id))
    await target.change(rule, asker(request, command), if_match)
    return await target.view()


@delete(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}",
    summary="Hide a take; its bytes stay",
    status_code=200,
)
async def delete_take(
    request: Asked,
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    take_id: TakeId,
    if_match: IfMatch = None,
    command: CommandId = None,
) -> Response[TakeView]:
    target = Target(state.house, project_id, shot_id, take_id)
    await target.change(partial(hide, number=number_of(take_id)), asker(request, command), if_match)
    return await target.view()


@post(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/restore",
    summary="Bring a hidden take back",
    status_code=200,
)
async def restore_take(
    request: Asked,
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    take_id: TakeId,
    if_match: IfMatch = None,
    command: CommandId = None,
) -> Response[TakeView]:
    target = Target(state.house, project_id, shot_id, take_id)
    rule = partial(bring_back, number=number_of(take_id))
    await target.bring_back(rule, if_match)
    await target.change(rule, asker(request, command), if_match)
    return await target.view()


@get("/api/projects/{project_id:str}/events", summary="The log, as JSON or as an event stream")
async def list_events(
    request: Asked,
    state: State,
    project_id: ProjectId,
    after: Annotated[int, QueryParameter(ge=0, le=2**53, description="those behind that position")] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=10_000, description="at most so many")] = 1000,
    shot: Annotated[str | None, QueryParameter(description="the events of one shot only")] = None,
) -> Response[EventList] | Stream:
    live = state.house.find(project_id).live
    stream = (await live.index.find_shot(shot)).stream if shot else None
    if "text/event-stream" in request.headers.get("accept", ""):
        last = request.headers.get("last-event-id", "")
        after = int(last) if POSITION.fullmatch(last) else after
        return Stream(
            stream_of(live, after, stream),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )
    if stream:
        records = [one for one in await live.log.stream(stream) if one.position > after][:limit]
    else:
        records = list(await live.log.read(after, limit))
    return Response(EventList(events=await views_of(live, records), log_id=live.log.id))


@post(
    "/api/projects/{project_id:str}/rebuild",
    summary="Make projections again, or compare them",
    status_code=200,
)
async def rebuild(state: State, project_id: ProjectId, data: JSONBody[RebuildBody]) -> Rebuilt:
    projector = state.house.find(project_id).live.projector
    if data.verify:
        return Rebuilt(differences=await projector.differences(data.name))
    return Rebuilt(rebuilt=await projector.rebuild(data.name))


@get("/api/projects/{project_id:str}/du", summary="What a project takes up on the disk")
async def disk_usage(state: State, project_id: ProjectId) -> UsageView:
    project = state.house.find(project_id)
    return usage_view(await usage_of(project.root, project.live.index))


@post(
    "/api/projects/{project_id:str}/cleanup",
    summary="Purge the takes that are not worth their bytes any more",
    status_code=200,
)
async def clean_up(
    request: Asked,
    state: State,
    project_id: ProjectId,
    data: JSONBody[CleanupBody],
    command: CommandId = None,
) -> CleanupView:
    cleanup, by = state.house.find(project_id).live.cleanup, asker(request, command)
    asked = (data.deleted_after_days, data.failed_after_days, data.keep_newest)
    is_asked = any(one is not None for one in asked)
    policy = Policy(asked[0] or 0, asked[1] or 0, asked[2] or 0) if is_asked else cleanup.policy
    if data.dry_run:
        return cleanup_view(await cleanup.plan(policy), dry_run=True)
    return cleanup_view(await cleanup.clean(policy, by, data.plan), dry_run=False)


@post(
    "/api/projects/{project_id:str}/dedupe",
    summary="Have takes of the same bytes share them, or say which could",
    status_code=200,
)
async def dedupe(state: State, project_id: ProjectId, data: JSONBody[DedupeBody]) -> Deduped:
    live = state.house.find(project_id).live
    return await share_bytes(live.bytes, live.shots, dry_run=data.dry_run)


@post(
    "/api/projects/{project_id:str}/verify",
    summary="Check the log's chain and the media's hashes",
    status_code=200,
)
async def verify(state: State, project_id: ProjectId) -> Stream:
    project = state.house.find(project_id)
    return Stream(_lines(project, project.live), media_type="application/x-ndjson")


async def _lines(project: Project, live: Live) -> AsyncIterator[bytes]:
    async for line in verify_media(project.root, live.log, live.index, live.bytes.store):
        yield msgspec.json.encode(line) + b"\n"


def build_app(house: House, gallery: GalleryView | None = None) -> Litestar:
    """The application over those projects; `gallery` is where a browser finds it."""
    return Litestar(
        [
            health,
            list_projects,
            add_project,
            show_project,
            show_status,
            show_doctor,
            list_shots,
            search,
            show_shot,
            list_takes,
            new_take,
            show_take,
            show_thumbnail,
            show_filmstrip,
            show_media,
            set_active,
            delete_take,
            restore_take,
            list_events,
            disk_usage,
            clean_up,
            rebuild,
            dedupe,
            verify,
        ],
        state=State({"house": house, "gallery": gallery}),
        exception_handlers={
            TakesError: on_takes_error,
            HTTPException: on_http_error,
            Exception: on_other_error,
        },
        openapi_config=schema.config(VERSION),
        request_class=Asked,
        logging_config=None,
        request_max_body_size=1_000_000,
        debug=False,
    )
