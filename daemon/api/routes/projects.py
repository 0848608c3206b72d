"""Projects: whether the daemon is well, which films it keeps, and one more or less of them."""

import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from litestar import Response, delete, get, post
from litestar.datastructures import State
from litestar.params import JSONBody

from daemon.api.answers.operation import Operation
from daemon.api.answers.problems import BadRequest
from daemon.api.answers.roles import films_of, role_in
from daemon.api.answers.status import health_of
from daemon.api.parameters import Asked, By, ProjectId
from daemon.api.past import Asking
from daemon.api.routes.reading import AS_OF
from daemon.api.shot_resource import asker
from daemon.api.views.projects import AskerView, ForgottenProject, PathBody, ProjectList, ProjectView
from daemon.api.views.status import HealthView
from daemon.peer import person_of
from daemon.project.project import Project, ProjectSuspended
from events import Role

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


@get("/api/projects/{project_id:str}", summary="One project", tags=["Projects"], operation=AS_OF)
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
