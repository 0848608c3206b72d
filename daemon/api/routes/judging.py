"""Judging: what people say of takes and shots over HTTP, and how they take it back."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated

import msgspec
from litestar import Response, delete, patch, post, put
from litestar.datastructures import State
from litestar.params import JSONBody, PathParameter
from msgspec import UNSET

from daemon.api.answers.event_stream import views_of
from daemon.api.answers.operation import VERSIONED, Operation
from daemon.api.parameters import Change, Changing, Planned, ProjectId, ShotId, TakeId
from daemon.api.shot_resource import ShotResource, number_of
from daemon.api.views.found import SearchBody, SearchList, searches_view
from daemon.api.views.judging import (
    JudgeBody,
    JudgeFilmBody,
    JudgeShotBody,
    JudgeTakesBody,
    NoteBody,
    NoteStateBody,
)
from daemon.api.views.log import EventList
from daemon.api.views.takes import ShotView, TakeList, TakeView
from daemon.clock import LOCAL
from daemon.commands.undo import undone_by
from daemon.ingest.putting_back import put_back
from daemon.project.project import Project
from daemon.shots.shots import Rule
from events import (
    FILM,
    ChoiceNotKept,
    Event,
    SearchRemoved,
    SearchSaved,
    Shot,
    ShotNoted,
    ShotNoteMarked,
    ShotStaged,
    Stroke,
    TakeDeleted,
    TakeMarked,
    TakeNoted,
    TakeNoteMarked,
    TakeRated,
    TakeRestored,
    TakeTagged,
    choices,
)
from events.choices import (
    LONGEST_NAME,
    each,
    mark,
    mark_note,
    mark_shot_note,
    note,
    note_shot,
    rate,
    stage,
    tag,
)
from events.drawing import drawn
from events.shot import delete as hide
from events.shot import restore
from projections.index.search.conditions import Asker

NoteNumber = Annotated[
    int, PathParameter(ge=1, le=10**6, description="the note's number in the take, or in the shot")
]

SearchName = Annotated[str, PathParameter(max_length=LONGEST_NAME, description="what the search is called")]

Judgement = tuple[Callable[[Shot, int], Sequence[Event]], Callable[[int], Event]]
"""What is wanted of a take: the rule that decides on it, and the event that is wished for."""


@patch(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes",
    summary="Judge several takes, hide them or bring them back: all of them or none",
    tags=["Takes"],
    operation=VERSIONED,
)
async def judge_takes(
    state: State, project_id: ProjectId, shot_id: ShotId, data: JSONBody[JudgeTakesBody], change: Changing
) -> Response[TakeList]:
    target = ShotResource(state.projects, project_id, shot_id)
    numbers = sorted({number_of(take) for take in data.take_ids})
    behind = await _judge(target, numbers, data, change)
    return await target.views(numbers, behind)


@patch(
    "/api/projects/{project_id:str}/takes",
    summary="Judge takes of several shots as one choice, which is undone as one; the events that say it",
    tags=["Takes"],
    operation=Operation(refuses=(409,)),
)
async def judge_film(
    state: State, project_id: ProjectId, data: JSONBody[JudgeFilmBody], change: Changing
) -> EventList:
    project = state.projects.find(project_id)
    await _may_hide(project, data, change)
    parts, judgements = project.parts, list(_of_takes(data))
    wanted = dict[str, set[int]]()
    for one in data.shots:
        stream = (await parts.index.find_shot(one.shot_id)).stream
        wanted.setdefault(stream, set()).update(number_of(take) for take in one.take_ids)
    rules = [one for one, _ in judgements]
    plan = {
        stream: Planned(
            partial(each, numbers=numbers, rules=rules),
            [wish(number) for number in sorted(numbers) for _, wish in judgements],
            sorted(numbers) if data.deleted is False else (),
        )
        for stream, numbers in wanted.items()
    }
    records = await change.decide_all(project, "judge", plan)
    return EventList(events=await views_of(parts, records), log_id=parts.log.id)


@patch(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}",
    summary="Judge a take: its rating, mark, tags, and a note",
    tags=["Takes"],
    operation=VERSIONED,
)
async def judge_take(
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    take_id: TakeId,
    data: JSONBody[JudgeBody],
    change: Changing,
) -> Response[TakeView]:
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    return await target.view(await _judge(target, [number_of(take_id)], data, change))


@patch(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/notes/{note:int}",
    summary="Resolve a note on a take, withdraw it, or open it again",
    tags=["Takes"],
    operation=VERSIONED,
)
async def change_note(
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    take_id: TakeId,
    note: NoteNumber,
    data: JSONBody[NoteStateBody],
    change: Changing,
) -> Response[TakeView]:
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    number = number_of(take_id)
    rule = partial(mark_note, number=number, note=note, state=data.state)
    await change.decide(target, rule, [TakeNoteMarked(take=number, note=note, state=data.state)])
    return await target.view()


@patch(
    "/api/projects/{project_id:str}/shots/{shot_id:str}",
    summary="Say how far the work on a shot is, or write a note on it",
    tags=["Shots"],
    operation=VERSIONED,
)
async def judge_shot(
    state: State, project_id: ProjectId, shot_id: ShotId, data: JSONBody[JudgeShotBody], change: Changing
) -> Response[ShotView]:
    target = ShotResource(state.projects, project_id, shot_id)
    if data.stage and data.stage not in (names := state.projects.config.stages):
        raise ChoiceNotKept(
            f"{data.stage!r} is none of the stages of a shot", f"They are {', '.join(names)}."
        )
    wishes = list(_of_shot(data))
    await change.decide(
        target,
        lambda shot: [event for rule, _ in wishes for event in rule(shot)],
        [event for _, event in wishes],
    )
    return await target.shot_view()


@patch(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/notes/{note:int}",
    summary="Resolve a note on a shot, withdraw it, or open it again",
    tags=["Shots"],
    operation=VERSIONED,
)
async def change_shot_note(
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    note: NoteNumber,
    data: JSONBody[NoteStateBody],
    change: Changing,
) -> Response[ShotView]:
    target = ShotResource(state.projects, project_id, shot_id)
    rule = partial(mark_shot_note, note=note, state=data.state)
    await change.decide(target, rule, [ShotNoteMarked(note=note, state=data.state)])
    return await target.shot_view()


@put(
    "/api/projects/{project_id:str}/searches/{name:str}",
    summary="Save a search under that name, in place of the one that was; all that are saved",
    tags=["Takes"],
    operation=Operation(refuses=(409, 422)),
)
async def save_search(
    state: State, project_id: ProjectId, name: SearchName, data: JSONBody[SearchBody], change: Changing
) -> SearchList:
    project = state.projects.find(project_id)
    asker = Asker(datetime.now(LOCAL), seen=0)
    await project.parts.index.find(data.query, asker, limit=0)  # WrongQuery where nobody would understand it
    rule = partial(choices.save_search, name=name, query=data.query)
    return await _change_searches(project, change, rule, SearchSaved(name=name, query=data.query))


@delete(
    "/api/projects/{project_id:str}/searches/{name:str}",
    summary="Remove a saved search; those that are left",
    status_code=200,
    tags=["Takes"],
    operation=Operation(refuses=(409,)),
)
async def remove_search(
    state: State, project_id: ProjectId, name: SearchName, change: Changing
) -> SearchList:
    rule = partial(choices.remove_search, name=name)
    return await _change_searches(state.projects.find(project_id), change, rule, SearchRemoved(name=name))


async def _change_searches(project: Project, change: Change, rule: Rule, event: Event) -> SearchList:
    await change.decide_all(project, "search", {FILM: Planned(rule, [event])})
    return searches_view(await project.parts.index.searches())


@post(
    "/api/projects/{project_id:str}/undo",
    summary="Take back what you chose last; the events that do",
    status_code=200,
    tags=["Log"],
    operation=Operation(refuses=[409]),
)
async def undo(state: State, project_id: ProjectId, change: Changing) -> EventList:
    return await _undo(state, project_id, change, again=False)


@post(
    "/api/projects/{project_id:str}/redo",
    summary="Choose again what you took back last; the events that do",
    status_code=200,
    tags=["Log"],
    operation=Operation(refuses=[409]),
)
async def redo(state: State, project_id: ProjectId, change: Changing) -> EventList:
    return await _undo(state, project_id, change, again=True)


async def _undo(state: State, project_id: str, change: Change, *, again: bool) -> EventList:
    project = state.projects.find(project_id)
    records = await change.undo(project, again=again)
    if not again:
        await put_back(project.root, project.parts.log, project.parts.index, undone_by(records))
    return EventList(events=await views_of(project.parts, records), log_id=project.parts.log.id)


async def _judge(
    target: ShotResource, numbers: Sequence[int], wanted: JudgeBody, change: Change
) -> Sequence[str]:
    """Have all of that be so of those takes, or nothing; the projections that do not show it yet."""
    await _may_hide(target.project, wanted, change)
    judgements = list(_of_takes(wanted))
    rule = partial(each, numbers=numbers, rules=[one for one, _ in judgements])
    wishes = [wish(number) for number in numbers for _, wish in judgements]
    is_back = wanted.deleted is False
    await change.decide(target, rule, wishes, partial(target.bring_back, numbers) if is_back else None)
    return [] if wanted.deleted is UNSET else await target.behind()


async def _may_hide(project: Project, wanted: JudgeBody, change: Change) -> None:
    """NotAllowed, where takes are to be hidden or brought back by somebody who may only judge them."""
    if wanted.deleted is not UNSET:
        await change.demand(project, "supervisor")


def _of_takes(wanted: JudgeBody) -> Iterator[Judgement]:
    if wanted.rating is not UNSET:
        rating = wanted.rating
        yield partial(rate, rating=rating), lambda take: TakeRated(take=take, rating=rating)
    if wanted.mark is not UNSET:
        name = wanted.mark
        yield partial(mark, mark=name), lambda take: TakeMarked(take=take, mark=name)
    if wanted.add_tags or wanted.remove_tags:
        add, remove = tuple(wanted.add_tags), tuple(wanted.remove_tags)
        yield (
            partial(tag, add=add, remove=remove),
            lambda take: TakeTagged(take=take, added=add, removed=remove),
        )
    if isinstance(wanted.note, NoteBody):
        yield _note(wanted.note)
    if wanted.deleted is not UNSET:
        yield (
            (hide, lambda take: TakeDeleted(take=take))
            if wanted.deleted
            else (restore, lambda take: TakeRestored(take=take))
        )


def _note(said: NoteBody) -> Judgement:
    drawing = drawn([msgspec.convert(one, Stroke, from_attributes=True) for one in said.drawing])

    def wish(take: int) -> Event:
        return TakeNoted(
            take=take,
            note=0,
            text=said.text,
            frame=said.frame,
            last_frame=None if said.last_frame == said.frame else said.last_frame,
            answers=said.answers,
            drawing=drawing,
        )

    rule = partial(
        note,
        text=said.text,
        frame=said.frame,
        last_frame=said.last_frame,
        answers=said.answers,
        drawing=drawing,
    )
    return rule, wish


def _of_shot(wanted: JudgeShotBody) -> Iterator[tuple[Callable[[Shot], Sequence[Event]], Event]]:
    if wanted.stage is not UNSET:
        yield partial(stage, name=wanted.stage), ShotStaged(stage=wanted.stage)
    if isinstance(wanted.note, NoteBody):
        said = wanted.note
        if said.frame is not None or said.last_frame is not None or said.drawing:
            raise ChoiceNotKept("a note on a shot is at no frame", "Write it on a take.")
        yield (
            partial(note_shot, text=said.text, answers=said.answers),
            ShotNoted(note=0, text=said.text, answers=said.answers),
        )
