"""The application: HTTP for asking a daemon, and for telling it what to do.

Here is the application, with what is asked about projects, and done with takes.
"""

import os
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

from litestar import Litestar, Request, Response, delete, get, post, put
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.params import JSONBody

from daemon.api import bringing, handover, judging, media, metrics, people, reading, schema, upkeep
from daemon.api.answers.heads import WithHeads
from daemon.api.answers.operation import ETAG, LOCATION, VERSIONED, Json, Operation
from daemon.api.answers.problems import (
    BadRequest,
    on_disk_error,
    on_http_error,
    on_other_error,
    on_takes_error,
)
from daemon.api.answers.roles import films_of, guard, role_in
from daemon.api.answers.status import health_of
from daemon.api.new_take import checked, recipe_of
from daemon.api.parameters import Asked, By, Change, Changing, ProjectId, ShotId, TakeId
from daemon.api.past import Asking, AsOf
from daemon.api.shot_resource import ShotResource, asker, number_of
from daemon.api.views.projects import AskerView, ForgottenProject, PathBody, ProjectList, ProjectView
from daemon.api.views.status import GalleryView, HealthView
from daemon.api.views.takes import AgainBody, QueuedTake, RequestBody, TakeBody, TakeView
from daemon.commands.keys import Keys
from daemon.peer import person_of
from daemon.project.links import Links
from daemon.project.project import Project, ProjectSuspended
from daemon.project.projects import Projects
from events import Again, Role, TakeAccepted, TakeActivated, TakeDeleted, TakeRestored, TakesError
from events.shot import activate
from events.shot import delete as hide
from events.shot import restore as bring_back

VERSION = version("takes")


@get("/api/health", summary="Whether the daemon is well", tags=["Upkeep"])
async def health(request: Asked, state: State) -> HealthView:
    person = person_of(request.scope)
    projects = [health_of(project) for project, _ in await films_of(state.projects, person)]
    is_well = not any(project.problems for project in projects)
    return HealthView(
        status="ok" if is_well else "degraded",
        version=VERSION,
        pid=os.getpid(),
        projects=projects,
        gallery=state.gallery if person is None else None,
        hub=state.hub if person is None else None,
    )


async def _project_view(project: Project, stages: Sequence[str], role: Role = "supervisor") -> ProjectView:
    view = ProjectView(
        id=project.id,
        name=project.name,
        path=str(project.root),
        state=project.state,
        stages=stages,
        role=role,
    )
    try:
        if counts := await project.counts():
            view.shot_count, view.take_count = counts.shots, counts.takes
    except ProjectSuspended:
        view.reason = project.reason
    except OSError as error:
        view.reason = str(error)
    return view


@get("/api/projects", summary="The projects", tags=["Projects"])
async def list_projects(request: Asked, state: State, by: By = None) -> ProjectList:
    person, stages = person_of(request.scope), state.projects.config.stages
    films = await films_of(state.projects, person)
    return ProjectList(
        projects=[await _project_view(project, stages, role) for project, role in films],
        asker=AskerView(name=asker(request, None, by).by or "", owner=person is None),
    )


@post(
    "/api/projects",
    summary="Keep one more project",
    raises=[],
    tags=["Projects"],
    operation=Operation(refuses=(422, 503)),
)
async def add_project(state: State, data: JSONBody[PathBody]) -> ProjectView:
    if not Path(data.path).is_absolute():
        raise BadRequest(f"{data.path!r} is not an absolute path")
    return await _project_view(await state.projects.admit(Path(data.path)), state.projects.config.stages)


@get("/api/projects/{project_id:str}", summary="One project", tags=["Projects"], operation=reading.AS_OF)
async def show_project(
    request: Asked, state: State, project_id: ProjectId, moment: Asking
) -> Response[ProjectView]:
    project = state.projects.find(project_id)
    view = await _project_view(project, state.projects.config.stages, await role_in(request, project))
    if then := await moment.of(project):
        counts = await then.counts()
        view.shot_count, view.take_count = counts.shots, counts.takes
    return Response(view, headers=then.headers if then else None)


@delete(
    "/api/projects/{project_id:str}",
    summary="Keep a project no longer; its folder stays as it is",
    status_code=200,
    tags=["Projects"],
)
async def forget_project(state: State, project_id: ProjectId) -> ForgottenProject:
    path = str(state.projects.find(project_id).root)
    await state.projects.forget(project_id)
    return ForgottenProject(id=project_id, path=path)


@post(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes",
    summary="Ask for another take",
    status_code=202,
    tags=["Takes"],
    operation=Operation(answers={"202": {"headers": {**ETAG, **LOCATION}}}),
)
async def new_take(
    state: State, project_id: ProjectId, shot_id: ShotId, data: JSONBody[RequestBody], change: Changing
) -> Response[QueuedTake]:
    target = ShotResource(state.projects, project_id, shot_id)
    wanted = checked(data.generation_params, data.quality, data.workflow or None)
    return await change.ask_for(target, wanted)


@post(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/again",
    summary="Ask for a take's recipe again, perhaps with another seed",
    status_code=202,
    tags=["Takes"],
    operation=Operation(answers={"202": {"headers": {**ETAG, **LOCATION}}}, refuses=(409,)),
)
async def make_again(
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    take_id: TakeId,
    data: JSONBody[AgainBody],
    change: Changing,
) -> Response[QueuedTake]:
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    _, take = await target.take()
    media, resources, workflow = take.read_media(), take.read_resources(), take.read_workflow()
    wanted = checked(
        recipe_of(take) | ({} if data.seed is None else {"seed": data.seed}),
        resources.quality if resources else None,
        workflow.path if workflow and workflow.chosen_for == "take" else None,
        Again(take=take.number, sha256=media.sha256 if media else None),
    )
    return await change.ask_for(ShotResource(state.projects, project_id, shot_id), wanted)


@put(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/active-take",
    summary="Make a take the active one",
    tags=["Takes"],
    operation=VERSIONED,
)
async def set_active(
    state: State, project_id: ProjectId, shot_id: ShotId, data: JSONBody[TakeBody], change: Changing
) -> Response[TakeView]:
    target = ShotResource(state.projects, project_id, shot_id, data.take_id)
    number = number_of(data.take_id)
    return await change.make(target, partial(activate, number=number), TakeActivated(take=number))


@delete(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}",
    summary="Hide a take; its bytes stay",
    status_code=200,
    tags=["Takes"],
    operation=VERSIONED,
)
async def delete_take(
    state: State, project_id: ProjectId, shot_id: ShotId, take_id: TakeId, change: Changing
) -> Response[TakeView]:
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    number = number_of(take_id)
    return await change.make(target, partial(hide, number=number), TakeDeleted(take=number))


@post(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/restore",
    summary="Bring a hidden take back",
    status_code=200,
    tags=["Takes"],
    operation=VERSIONED,
)
async def restore_take(
    state: State, project_id: ProjectId, shot_id: ShotId, take_id: TakeId, change: Changing
) -> Response[TakeView]:
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    number = number_of(take_id)
    rule = partial(bring_back, number=number)
    return await change.make(target, rule, TakeRestored(take=number), partial(target.bring_back, [number]))


@post(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/accept",
    summary="Have a failed take complete, with its file as it is",
    status_code=200,
    tags=["Takes"],
    operation=VERSIONED,
)
async def accept_take(
    state: State, project_id: ProjectId, shot_id: ShotId, take_id: TakeId, change: Changing
) -> Response[TakeView]:
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    number = number_of(take_id)
    accepting = target.accepting(number)
    await change.decide(target, accepting.rule, [TakeAccepted(take=number)], accepting.prepare)
    await accepting.done()
    return await target.view(await target.behind())


ROUTES = (
    health,
    list_projects,
    add_project,
    show_project,
    forget_project,
    upkeep.show_status,
    upkeep.show_doctor,
    reading.list_shots,
    bringing.new_shot,
    bringing.import_renders,
    reading.find_takes,
    reading.show_shot,
    reading.list_takes,
    new_take,
    make_again,
    bringing.add_files,
    bringing.plan_upload,
    bringing.upload_file,
    bringing.cancel_upload,
    reading.show_take,
    reading.show_alike,
    media.reveal_shot,
    media.reveal_take,
    media.show_thumbnail,
    media.show_filmstrip,
    media.show_waveform,
    media.show_frame,
    media.show_still,
    media.show_proxy,
    media.make_proxy,
    media.show_media,
    handover.export,
    handover.contact_sheet,
    handover.make_reel,
    handover.show_reel,
    handover.import_edit,
    handover.share,
    handover.list_shares,
    handover.withdraw_share,
    people.list_people,
    people.grant_access,
    people.revoke_access,
    set_active,
    delete_take,
    restore_take,
    accept_take,
    judging.judge_takes,
    judging.judge_film,
    judging.judge_take,
    judging.change_note,
    judging.judge_shot,
    judging.change_shot_note,
    judging.undo,
    judging.redo,
    reading.list_searches,
    judging.save_search,
    judging.remove_search,
    reading.list_events,
    reading.show_moment,
    reading.show_changes,
    upkeep.disk_usage,
    upkeep.clean_up,
    upkeep.rebuild,
    upkeep.dedupe,
    upkeep.verify,
    metrics.show_metrics,
)
"""In the order in which the schema has them."""


async def _use_its_disk(request: Request[Any, Any, State]) -> None:
    """Have a request about a project wait for that one's disk, so that it holds up no other's."""
    if project := request.path_params.get("project_id"):
        request.app.state.projects.find(project).disk.use()


def build_app(
    projects: Projects,
    gallery: GalleryView | None = None,
    hub: str | None = None,
    links: Links | None = None,
) -> Litestar:
    """The application over those projects.

    `gallery` is where a browser finds it, `hub` the address by which many people come, `links` are those into it.
    """
    return WithHeads(
        ROUTES,
        guards=[guard],
        before_request=_use_its_disk,
        dependencies={
            "change": Provide(Change, sync_to_thread=False),
            "moment": Provide(AsOf, sync_to_thread=False),
        },
        state=State(
            {
                "projects": projects,
                "gallery": gallery,
                "hub": hub,
                "links": links,
                "idempotency_keys": Keys(),
            }
        ),
        exception_handlers={
            TakesError: on_takes_error,
            HTTPException: on_http_error,
            OSError: on_disk_error,
            Exception: on_other_error,
        },
        openapi_config=schema.config(VERSION, ROUTES),
        request_class=Asked,
        logging_config=None,
        request_max_body_size=1_000_000,
        debug=False,
    )


def describe_api() -> Json:
    """What `/schema` shows, by an application that keeps no project."""
    return schema.completed(build_app(cast("Projects", None)).openapi_schema.to_schema(), ROUTES)
