"""The parameters: what a request to the API brings along, the same in every route that reads it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from time import monotonic
from typing import Annotated, Any, NamedTuple

from litestar import Request, Response
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import SerializationException
from litestar.params import HeaderParameter, PathParameter

from daemon.api.answers.problems import BadRequest
from daemon.api.answers.roles import Need, demand
from daemon.api.shot_resource import PATIENCE, ShotResource, asker, bring_back
from daemon.api.views.takes import QueuedTake, TakeView
from daemon.commands.keys import Keys, KeyUsed, Wish
from daemon.commands.undo import undo
from daemon.desks.doing import SHOWN
from daemon.project.project import Project
from daemon.shots.shots import Origin, Rule
from events import Event, Record, ShotChoice, Source, TakeActivated, TakeChoice, TakeCreated
from events import Request as TakeRequest
from events.shot import activate

Prepare = Callable[[Rule, str | None], Awaitable[None]]
"""What a change needs done first, where its rule and the ETag that it rests on allow it."""

ProjectId = Annotated[
    str, PathParameter(description="`id` in project.json, else the folder's name as a slug")
]
ShotId = Annotated[str, PathParameter(description="the shot's folder name, or its path with `:` for `/`")]
TakeId = Annotated[str, PathParameter(description="`take_003`")]
IfMatch = Annotated[
    str | None, HeaderParameter(name="If-Match", description="the ETag that the decision rests on")
]
CommandId = Annotated[
    str | None,
    HeaderParameter(name="Idempotency-Key", description="a request sent twice with it is done once"),
]
By = Annotated[
    str | None,
    HeaderParameter(
        name="Takes-By",
        description="at the port: the name of who chooses, percent-encoded; else it is the user's",
    ),
]


class Planned(NamedTuple):
    """What is to happen to one of several shots: the rule that decides, the events that are wished for, and the
    takes to be back before.
    """

    rule: Rule
    events: Sequence[Event]
    back: Sequence[int] = ()


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


class Change:
    """A change of a shot: who asks for it, and the ETag that the decision rests on."""

    def __init__(
        self, request: Asked, if_match: IfMatch = None, command: CommandId = None, by: By = None
    ) -> None:
        self._keys: Keys = request.app.state.idempotency_keys
        self._if_match = if_match
        self._request = request
        self._command = command
        self._by = by

    @property
    def _origin(self) -> Origin:
        """Who asks; BadRequest where the Idempotency-Key is none."""
        return asker(self._request, self._command, self._by)

    async def demand(self, project: Project, need: Need) -> None:
        """NotAllowed, where this part of it takes more than its route does."""
        await demand(self._request, project, need)

    async def make(
        self, target: ShotResource, rule: Rule, event: Event, prepare: Prepare | None = None
    ) -> Response[TakeView]:
        """Let the rule decide whether that event follows, and show the take as it is then, once it is on the disk."""
        await self.decide(target, rule, [event], prepare)
        return await target.view(await target.behind())

    async def decide(
        self, target: ShotResource, rule: Rule, events: Sequence[Event], prepare: Prepare | None = None
    ) -> None:
        """Let the rule decide whether those events follow, and return once they can be asked about.

        `prepare` is what has to be done before it may; neither is done for a request that was granted before.
        """
        origin, wish = self._origin, await target.wish(*events)
        with self._keys.claimed(self._command, wish) as is_done:
            if not (is_done or (self._command and await target.was_done(origin, wish))):
                if prepare:
                    await prepare(rule, self._if_match)
                await target.change(rule, origin, self._if_match, wish)

    async def undo(self, project: Project, *, again: bool) -> Sequence[Record]:
        """Take back the last choice of who asks, or make it again; the records, those of before where it was done."""
        origin, parts = self._origin, project.parts
        wish = Wish(project.id, "redo" if again else "undo", ())
        with self._keys.claimed(self._command, wish):
            records = await parts.log.command(origin.cause or "")
            records = records or await undo(parts, origin, partial(bring_back, parts), again=again)
            if not any(
                isinstance(one.event, TakeChoice | ShotChoice) and one.event.undoes for one in records
            ):
                raise KeyUsed
        await self._shown(project, records)
        return records

    async def _shown(self, project: Project, records: Sequence[Record]) -> Sequence[str]:
        """Return once those can be asked about, with the projections that do not show them yet though waited for."""
        if not records:
            return ()
        await project.parts.index.show(records[-1].position)
        last, behind = {one.stream: one.position for one in records}, dict[str, None]()
        deadline = monotonic() + PATIENCE
        for stream, position in last.items():
            patience = max(0.0, deadline - monotonic())
            behind |= dict.fromkeys(await project.parts.projector.behind(SHOWN, stream, position, patience))
        return [*behind]

    async def choose(self, project: Project, takes: Mapping[str, int]) -> Sequence[str]:
        """Make those takes active, by their shots' streams, all of them or none; what does not show it yet."""
        plan = {
            stream: Planned(partial(activate, number=number), [TakeActivated(take=number)])
            for stream, number in takes.items()
        }
        return await self._shown(project, await self._decide_all(project, "import", plan))

    async def decide_all(self, project: Project, what: str, plan: Mapping[str, Planned]) -> Sequence[Record]:
        """Have that happen to several shots, by their streams, all of it or nothing, as one command."""
        records = await self._decide_all(project, what, plan)
        await self._shown(project, records)
        return records

    async def _decide_all(self, project: Project, what: str, plan: Mapping[str, Planned]) -> Sequence[Record]:
        origin, parts = self._origin, project.parts
        wish = Wish(project.id, what, tuple(one for stream in sorted(plan) for one in plan[stream].events))
        with self._keys.claimed(self._command, wish):
            done = await parts.log.command(origin.cause or "")
            if not done:
                for stream, one in plan.items():
                    one.rule(await parts.shots.load(stream))  # what is refused brings nothing back
                for stream, one in plan.items():
                    if one.back:
                        await bring_back(parts, stream, one.back)
            records = done or await parts.shots.change_all(
                {stream: one.rule for stream, one in plan.items()}, origin
            )
            for stream, found in groupby(records, lambda one: one.stream):
                wanted = plan[stream].events if stream in plan else ()
                Wish(project.id, stream, tuple(wanted)).check([*found])
        return records

    async def ask_for(self, target: ShotResource, wanted: TakeRequest) -> Response[QueuedTake]:
        """Ask for another take."""
        event = TakeCreated(take=0, source=Source(kind="request"), request=wanted)
        origin, wish = self._origin, await target.wish(event)
        with self._keys.claimed(self._command, wish):
            return await target.ask_for(wanted, origin, self._if_match, wish)


Changing = NamedDependency[Change]
"""A change, as it comes to a route."""
