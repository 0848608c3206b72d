"""The API's people: who may do what with a film by the hub."""

from functools import partial
from typing import Annotated

from litestar import delete, get, put
from litestar.datastructures import State
from litestar.params import JSONBody, PathParameter

from daemon.api.answers.operation import Operation
from daemon.api.parameters import Change, Changing, Planned, ProjectId
from daemon.api.views.guests import PeopleList, RoleBody, people_view
from daemon.project.project import Project
from daemon.shots.shots import Rule
from events import FILM, AccessGranted, AccessRevoked, Event, people
from events.choices import LONGEST_NAME

PersonName = Annotated[
    str, PathParameter(max_length=LONGEST_NAME, description="the name that the hub's proxy tells")
]


@get(
    "/api/projects/{project_id:str}/people",
    summary="Who may see the film by the hub, and what they may do",
    tags=["People"],
)
async def list_people(state: State, project_id: ProjectId) -> PeopleList:
    return people_view(await state.projects.find(project_id).parts.index.people())


@put(
    "/api/projects/{project_id:str}/people/{name:str}",
    summary="Have somebody be a reader, an artist or a supervisor of the film; all who may see it",
    tags=["People"],
    operation=Operation(refuses=(409, 422)),
)
async def grant_access(
    state: State, project_id: ProjectId, name: PersonName, data: JSONBody[RoleBody], change: Changing
) -> PeopleList:
    rule = partial(people.grant, person=name, role=data.role)
    return await _change(
        state.projects.find(project_id), change, rule, AccessGranted(person=name, role=data.role)
    )


@delete(
    "/api/projects/{project_id:str}/people/{name:str}",
    summary="Have somebody see nothing of the film any more; those who still may",
    status_code=200,
    tags=["People"],
    operation=Operation(refuses=(409,)),
)
async def revoke_access(
    state: State, project_id: ProjectId, name: PersonName, change: Changing
) -> PeopleList:
    rule = partial(people.revoke, person=name)
    return await _change(state.projects.find(project_id), change, rule, AccessRevoked(person=name))


async def _change(project: Project, change: Change, rule: Rule, event: Event) -> PeopleList:
    await change.decide_all(project, "people", {FILM: Planned(rule, [event])})
    return people_view(await project.parts.index.people())
