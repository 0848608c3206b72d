"""Reading: what there is to know of shots, takes and the log over HTTP, as it is now or as it was at a moment."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import QueryParameter
from litestar.response import Stream

from daemon.api.answers.colours import colours_of
from daemon.api.answers.event_stream import checked_position, stream_of, views_of
from daemon.api.answers.operation import ETAG, VERSIONED, Operation, as_json, header, streamed
from daemon.api.answers.roles import may_see
from daemon.api.answers.shots import view_of, views_of_all
from daemon.api.parameters import Asked, ProjectId, ShotId, TakeId
from daemon.api.past import MOST_TEXT, Asking, moment_of
from daemon.api.shot_resource import POSITION, ShotResource
from daemon.api.views.changes import ChangeList, changes_view
from daemon.api.views.found import (
    AlikeList,
    FoundList,
    SearchList,
    alike_view,
    found_view,
    searches_view,
)
from daemon.api.views.log import EventList, EventView, LogView, MomentView, ProgressView
from daemon.api.views.takes import ShotList, ShotView, TakeList, TakeView
from daemon.clock import LOCAL
from daemon.project.parts import Parts
from events import Record, TakeKey
from projections.index.search.conditions import Asker
from projections.index.search.language import MOST_QUERY

Deleted = Annotated[bool, QueryParameter(description="deleted takes too")]
Order = Literal["newest", "number", "rating", "seed", "duration"]

AS_OF = Operation(refuses=(422,))
"""May be asked about a moment that is none."""


@get(
    "/api/projects/{project_id:str}/shots",
    summary="The shots of a project, in story order",
    tags=["Shots"],
    operation=AS_OF,
)
async def list_shots(state: State, project_id: ProjectId, moment: Asking) -> Response[ShotList]:
    project = state.projects.find(project_id)
    if then := await moment.of(project):
        return await then.shots()
    return Response(ShotList(shots=await views_of_all(project)))


@get(
    "/api/projects/{project_id:str}/find",
    summary="The takes that a query describes",
    tags=["Takes"],
    operation=Operation(refuses=(422,)),
)
async def find_takes(
    state: State,
    project_id: ProjectId,
    moment: Asking,
    q: Annotated[str, QueryParameter(max_length=MOST_QUERY, description="what all of them are to be")] = "",
    limit: Annotated[int, QueryParameter(ge=0, le=1000, description="at most so many")] = 100,
    offset: Annotated[int, QueryParameter(ge=0, le=10**9, description="those after so many")] = 0,
    order: Annotated[Order, QueryParameter(name="sort", description="in which order")] = "newest",
    seen: Annotated[
        int,
        QueryParameter(
            ge=-1,
            le=2**53,
            description="for `is:new`: up to which position all was seen; -1, it is not known",
        ),
    ] = -1,
) -> Response[FoundList]:
    project = state.projects.find(project_id)
    asker = Asker(datetime.now(LOCAL), seen if seen >= 0 else None)
    if then := await moment.of(project):
        return await then.found(q, asker, limit, offset, order)
    found = await project.parts.index.find(q, asker, limit=limit, offset=offset, order=order)
    colours = await colours_of(project, [TakeKey(shot.stream, take.number) for shot, take in found.takes])
    return Response(
        found_view(project_id, found, runs=project.parts.queue.runner is not None, colours=colours)
    )


@get(
    "/api/projects/{project_id:str}/searches",
    summary="The saved searches",
    tags=["Takes"],
    operation=AS_OF,
)
async def list_searches(state: State, project_id: ProjectId, moment: Asking) -> Response[SearchList]:
    project = state.projects.find(project_id)
    if then := await moment.of(project):
        return await then.searches()
    return Response(searches_view(await project.parts.index.searches()))


@get(
    "/api/projects/{project_id:str}/shots/{shot_id:str}", summary="One shot", tags=["Shots"], operation=AS_OF
)
async def show_shot(
    state: State, project_id: ProjectId, shot_id: ShotId, moment: Asking
) -> Response[ShotView]:
    target = ShotResource(state.projects, project_id, shot_id)
    if then := await moment.of(target.project):
        return await then.shot(shot_id)
    return Response(await view_of(target.project, await target.shot()))


@get(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes",
    summary="The takes of a shot",
    tags=["Takes"],
    operation=Operation(answers={"200": {"headers": ETAG, "content": as_json(TakeList)}}, refuses=(422,)),
)
async def list_takes(
    state: State, project_id: ProjectId, shot_id: ShotId, moment: Asking, deleted: Deleted = False
) -> Response[bytes] | Response[TakeList]:
    target = ShotResource(state.projects, project_id, shot_id)
    if then := await moment.of(target.project):
        return await then.takes(shot_id, deleted=deleted)
    return await target.listing(deleted=deleted)


@get(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}",
    summary="One take",
    tags=["Takes"],
    operation=Operation(answers=VERSIONED.answers, refuses=(422,)),
)
async def show_take(
    state: State, project_id: ProjectId, shot_id: ShotId, take_id: TakeId, moment: Asking
) -> Response[TakeView]:
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    if then := await moment.of(target.project):
        return await then.take(shot_id, take_id)
    return await target.view()


@get(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/alike",
    summary="The takes that are like this one",
    tags=["Takes"],
)
async def show_alike(
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    take_id: TakeId,
    limit: Annotated[int, QueryParameter(ge=1, le=1000, description="at most so many of each")] = 20,
) -> AlikeList:
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    shot, take = await target.take()
    found = await target.parts.index.alike(shot.id, take.number, limit)
    return alike_view(project_id, found, runs=target.runs)


@get(
    "/api/projects/{project_id:str}/moment",
    summary="Which position of the log a moment is",
    tags=["Log"],
    operation=AS_OF,
)
async def show_moment(
    state: State,
    project_id: ProjectId,
    at: Annotated[
        str,
        QueryParameter(max_length=MOST_TEXT, description="a position, or a time such as `yesterday 18:00`"),
    ],
) -> MomentView:
    parts = state.projects.find(project_id).parts
    found = await moment_of(parts, at)
    last = await parts.log.read(found.position - 1, 1) if found.position else ()
    return MomentView(
        position=found.position, at=found.at, last_at=last[0].at if last else None, head=parts.log.head
    )


@get(
    "/api/projects/{project_id:str}/diff",
    summary="What has changed between two moments, shot by shot",
    tags=["Log"],
    operation=Operation(refuses=(409, 422)),
)
async def show_changes(
    state: State,
    project_id: ProjectId,
    since: Annotated[str, QueryParameter(name="from", max_length=MOST_TEXT, description="the first moment")],
    to: Annotated[str, QueryParameter(max_length=MOST_TEXT, description="the second one")] = "now",
    shot: Annotated[str | None, QueryParameter(description="of one shot only")] = None,
) -> ChangeList:
    parts = state.projects.find(project_id).parts
    before, after = [(await moment_of(parts, one)).position for one in (since, to)]
    stream = (await parts.past.find_shot(shot, after)).shot.stream if shot else None
    return changes_view(before, after, await parts.past.changes(before, after, stream))


@get(
    "/api/projects/{project_id:str}/events",
    summary="The log, as JSON or as an event stream",
    tags=["Log"],
    operation=Operation(
        reads=[header("Last-Event-ID", "the last event that came, before the connection was lost")],
        answers={
            "200": {
                "content": {
                    **as_json(EventList),
                    **streamed("text/event-stream", LogView, EventView, ProgressView),
                }
            }
        },
    ),
)
async def list_events(
    request: Asked,
    state: State,
    project_id: ProjectId,
    after: Annotated[int, QueryParameter(ge=0, le=2**53, description="those behind that position")] = 0,
    before: Annotated[
        int,
        QueryParameter(
            ge=0, le=2**53, description="the last ones before that position, unless it is 0; in JSON only"
        ),
    ] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=10_000, description="at most so many")] = 1000,
    shot: Annotated[str | None, QueryParameter(description="the events of one shot only")] = None,
) -> Response[EventList] | Stream:
    project = state.projects.find(project_id)
    parts = project.parts
    stream = (await parts.index.find_shot(shot)).stream if shot else None
    if "text/event-stream" in request.headers.get("accept", ""):
        last = request.headers.get("last-event-id", "")
        after = checked_position(parts.log, int(last) if POSITION.fullmatch(last) else after)
        return Stream(
            stream_of(parts, after, stream, partial(may_see, request, project)),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )
    records = await _records(parts, checked_position(parts.log, after), before, limit, stream)
    return Response(EventList(events=await views_of(parts, records), log_id=parts.log.id))


async def _records(parts: Parts, after: int, before: int, limit: int, stream: str | None) -> Sequence[Record]:
    """The first records behind one position, or with `before` the last ones before that."""
    last = before - 1 if before else parts.log.head
    if stream:
        after, last = [await parts.log.version_at(stream, position) for position in (after, last)]
    start = max(after, last - limit) if before else after
    count = max(0, min(limit, last - start))
    return await (parts.log.stream(stream, start, count) if stream else parts.log.read(start, count))
