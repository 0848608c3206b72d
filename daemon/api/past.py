"""The past: the moment that a request asks about, and a film as it was then.

A moment is a position of the log, or a time: then it is the last position up to that time.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Struct

from daemon.api.answers.colours import colours_of
from daemon.api.answers.shots import views_of
from daemon.api.shot_resource import etag, number_of
from daemon.api.views.found import FoundList, SearchList, found_view, searches_view
from daemon.api.views.takes import NONE, ShotList, ShotView, TakeList, TakeView, take_view
from daemon.clock import LOCAL
from daemon.edit.cut import Cut, Plan, cut_of
from daemon.project.parts import Parts
from daemon.project.project import Project
from events import TakeKey, TakeNotFound, timestamp
from projections.index.answers import Counts
from projections.index.changes import ShotChange
from projections.index.loading import ALL
from projections.index.moments import WrongMoment, moment
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.index.search.conditions import Asker
from projections.layout import take_name

AS_OF = "Takes-As-Of"
"""The header that says as of which position an answer is."""

MOST_TEXT = 100
"""Characters of a moment."""


class Moment(Struct, frozen=True):
    """A moment that is understood: a position of the log, and the time that was meant, where it was one."""

    position: int
    at: str | None = None


async def moment_of(parts: Parts, text: str) -> Moment:
    """The moment that is meant; WrongMoment."""
    head = parts.index.seen.level
    if text.isdecimal() and text.isascii():
        if int(text) > head:
            raise WrongMoment(f"the log ends at position {head}, and {text} is yet to come")
        return Moment(int(text))
    now = datetime.now(LOCAL)
    found = moment(text, now)
    if found > now:
        raise WrongMoment(f"{text!r} is yet to come")
    at = timestamp(found)
    if found == now:  # that is the end, also where a clock that went wrong has dated what is there after it
        return Moment(head, at)
    return Moment(min(await parts.log.position_at(at), head), at)


class AsOf:
    """As of which moment a request wants its answer, if not as of now."""

    def __init__(
        self,
        as_of: Annotated[
            str | None,
            QueryParameter(
                name="asOf",
                max_length=MOST_TEXT,
                description="as it was then: a position of the log, or a time such as `2026-11-27T18:00` or `yesterday 18:00`",
            ),
        ] = None,
    ) -> None:
        self._text = as_of

    async def of(self, project: Project) -> "Then | None":
        """The film as it was then; None where it is asked for as it is now."""
        if self._text is None:
            return None
        return Then(project, (await moment_of(project.parts, self._text)).position)


async def changes_since(project: Project, since: str, until: AsOf) -> Sequence[ShotChange]:
    """What has changed from one moment to the other, shot by shot."""
    parts, then = project.parts, await until.of(project)
    before, after = (
        (await moment_of(parts, since)).position,
        then.position if then else parts.index.seen.level,
    )
    return await parts.past.changes(before, after)


Asking = NamedDependency[AsOf]
"""As of which moment, as it comes to a route."""


class Then:
    """A film as it was at that position of its log.

    What the log has is told as it was. Where a file lies is told as of today, as is the colour of a picture, which never
    changes; and what was purged since is said.
    """

    def __init__(self, project: Project, position: int) -> None:
        self._project = project
        self._parts = project.parts
        self.position = position

    @property
    def headers(self) -> dict[str, str]:
        """What an answer says of its moment."""
        return {AS_OF: str(self.position)}

    async def counts(self) -> Counts:
        """How much there was."""
        async with self._parts.past.film(self.position) as film:
            return await film.counts()

    async def shots(self) -> Response[ShotList]:
        """The shots, by the paths that they had."""
        async with self._parts.past.film(self.position) as film:
            shots, lengths = await film.shots(), await film.lengths()
        views = await views_of(self._project, shots, lengths)
        return Response(ShotList(shots=views), headers=self.headers)

    async def searches(self) -> Response[SearchList]:
        """The saved searches."""
        async with self._parts.past.film(self.position) as film:
            view = searches_view(await film.searches())
        return Response(view, headers=self.headers)

    async def found(
        self, query: str, asker: Asker, limit: int, offset: int, order: str
    ) -> Response[FoundList]:
        """What a query would have found."""
        async with self._parts.past.film(self.position) as film:
            found = await film.find(query, asker, limit=limit, offset=offset, order=order)
        keys = [TakeKey(shot.stream, take.number) for shot, take in found.takes]
        today, colours = await self._today(keys), await colours_of(self._project, keys)
        view = found_view(self._project.id, found, runs=self._runs, today=today, colours=colours)
        return Response(view, headers=self.headers)

    async def cut(self, plan: Plan) -> Cut:
        """The cut that there was, of what can be had of it today."""
        project = self._project
        async with self._parts.past.film(self.position) as film:
            return await cut_of(film, project.name, project.root, plan, today=self._parts.index)

    async def shot(self, shot_id: str) -> Response[ShotView]:
        """A shot."""
        found = await self._parts.past.find_shot(shot_id, self.position)
        shot = found.shot
        media = next((take.read_media() for take in found.takes if take.number == shot.active), None)
        lengths = {shot.id: media.duration} if media and media.duration else {}
        (view,) = await views_of(self._project, [shot], lengths)
        return self._versioned(view, shot)

    async def takes(self, shot_id: str, *, deleted: bool) -> Response[TakeList]:
        """The takes of a shot."""
        found = await self._parts.past.find_shot(shot_id, self.position)
        takes = [take for take in found.takes if deleted or not take.deleted]
        keys = [TakeKey(found.shot.stream, take.number) for take in takes]
        views = await self._views(found.shot, takes, await colours_of(self._project, keys))
        active = take_name(found.shot.active) if found.shot.active else None
        return self._versioned(TakeList(takes=views, active_take_id=active), found.shot)

    async def take(self, shot_id: str, take_id: str) -> Response[TakeView]:
        """One take; TakeNotFound where its number was not given yet."""
        found, number = await self._parts.past.find_shot(shot_id, self.position), number_of(take_id)
        takes = [take for take in found.takes if take.number == number]
        if not takes:
            raise TakeNotFound(number)
        return self._versioned((await self._views(found.shot, takes))[0], found.shot)

    @property
    def _runs(self) -> bool:
        return self._parts.queue.runner is not None

    def _versioned(self, view: Any, shot: ShotRow) -> Response[Any]:
        return Response(view, headers={**self.headers, "ETag": etag(shot)})

    async def _views(
        self, shot: ShotRow, takes: Sequence[TakeRow], colours: Mapping[TakeKey, str] = NONE
    ) -> list[TakeView]:
        today = (await self._today((shot.stream, ALL) for _ in takes[:1])).get(shot.stream)
        return [
            take_view(self._project.id, shot, take, runs=self._runs, today=today, colours=colours)
            for take in takes
        ]

    async def _today(self, keys: Iterable[tuple[str, int]]) -> Mapping[str, ShotTakes]:
        """What is known today of those takes, by the streams of their shots."""
        wanted = dict[str, set[int]]()
        for stream, number in keys:
            wanted.setdefault(stream, set()).add(number)
        return {one.shot.stream: one for one in await self._parts.index.load(wanted)}
