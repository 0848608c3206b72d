"""Takes: another one is asked for, and one is chosen, hidden, brought back or accepted."""

from functools import partial

from litestar import Response, delete, post, put
from litestar.datastructures import State
from litestar.params import JSONBody

from daemon.api.answers.operation import ETAG, LOCATION, VERSIONED, Operation
from daemon.api.new_take import checked, recipe_of
from daemon.api.parameters import Changing, ProjectId, ShotId, TakeId
from daemon.api.shot_resource import ShotResource, number_of
from daemon.api.views.takes import AgainBody, QueuedTake, RequestBody, TakeBody, TakeView
from events import Again, TakeAccepted, TakeActivated, TakeDeleted, TakeRestored
from events.shot import activate
from events.shot import delete as hide
from events.shot import restore as bring_back


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
