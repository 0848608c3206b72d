"""The projector: brings the index up to the log, then everything that is made on disk up to the index.

Projections and reactors, menders both, go at their own pace: a slow picture holds up no link. A mender's position is
noted after its work, never before: what was under way when the process died is looked at again. What could not
be done since a folder was away is not done either: it is remembered, and looked at until it is.
"""

import math
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import suppress

import anyio
from anyio.abc import TaskGroup, TaskStatus
from msgspec import Struct

from events import EventLog, NotFound, Page
from projections.backoff import Backoff
from projections.board import persist
from projections.film import Film
from projections.index.loading import ALL
from projections.index.rows import ShotTakes
from projections.index.tables import NAME as INDEX
from projections.keeping import Others
from projections.projection import CHUNK, Mender
from projections.worker import Worker, touched_by

PAGE = 1000
"""Records that are handed out at a time to those who look at what they happened to."""

GATHER = Backoff(first=0.01, longest=0.32)
"""Seconds after the index has learnt something in which what follows is gathered: to learn it at once costs the same.

In a burst they are more each time: whatever is made of the log goes by what the index learns at once.
"""


class ProjectionNotFound(NotFound):
    """Raised when there is no projection of that name."""

    def __init__(self, name: str, names: Sequence[str]) -> None:
        super().__init__(f"there is no projection {name!r}")
        self.hint = f"There are {', '.join(names)}."


class Standing(Struct, frozen=True):
    """How far the index, or a mender, has come in the log."""

    name: str
    position: int
    behind: int


class Difference(Struct, frozen=True):
    """Something that is not what the index, or a mender, would make of the log."""

    name: str
    what: str


class Projector:
    """The menders of one project, behind its index; the `last` look at a thing when the others are through with it."""

    def __init__(
        self, film: Film, log: EventLog, menders: Sequence[Mender], last: Sequence[Mender] = ()
    ) -> None:
        self._film = film
        self._log = log
        self._advanced = -math.inf
        self._rest = GATHER.first
        self._workers = {mender.name: Worker(mender, film) for mender in menders}
        followers = [Worker(mender, film, list(self._workers.values())) for mender in last]
        self._workers |= {worker.mender.name: worker for worker in followers}

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Follow the log for ever; started once the index knows all that the log has."""
        async with anyio.create_task_group() as group:
            await self._resume(group)
            task_status.started()
            while True:
                await self._log.wait(self._film.index.seen.level + 1)
                await self._let_gather()
                self._hand_out(await persist(self._film.board, INDEX, self._advance))

    async def _let_gather(self) -> None:
        """In a burst, have some records come before they are folded together, unless somebody waits for one."""
        left = self._advanced + self._rest - anyio.current_time()
        self._rest = GATHER.after(self._rest if left > 0 else 0.0)
        if left > 0:
            await self._film.index.hurry.wait(left)

    async def _advance(self) -> Page:
        page = await self._film.index.advance(self._log)
        self._advanced = anyio.current_time()
        return page

    async def _resume(self, group: TaskGroup) -> None:
        while await self._film.index.advance(self._log):
            pass
        after = min([await worker.load() for worker in self._workers.values()], default=0)
        while page := await self._log.page(after, PAGE):
            self._hand_out(page)
            after = page.positions[-1]
        for worker in self._workers.values():
            group.start_soon(worker.run)

    def _hand_out(self, page: Page) -> None:
        touched = touched_by(page)
        for worker in self._workers.values() if page else ():
            worker.add(page, touched)

    def position(self, name: str, stream: str) -> int:
        """How far that mender has come with that shot."""
        return self._workers[name].position_in(stream)

    def touch(self, name: str, stream: str, takes: Collection[int] = ()) -> None:
        """Have that mender look at a shot, and those takes of it, in which somebody changed something."""
        self._workers[name].touch(stream, takes)

    def touch_shots(self, streams: Collection[str]) -> None:
        """Have all looked at again that each of these shots has by itself."""
        for worker in self._of(is_apart=True):
            worker.touch_whole(streams)

    def touch_film(self, streams: Collection[str]) -> None:
        """The same of what is one for all shots, which are these."""
        for worker in self._of(is_apart=False):
            worker.touch_whole(streams)

    def is_through(self, streams: Collection[str]) -> bool:
        """Whether all of that was looked at in these shots."""
        return not any(worker.waits(stream) for worker in self._of(is_apart=True) for stream in streams)

    def is_through_film(self, streams: Collection[str]) -> bool:
        """The same of what is one for all shots, which are these."""
        return not any(worker.waits(stream) for worker in self._of(is_apart=False) for stream in streams)

    def _of(self, *, is_apart: bool) -> list[Worker]:
        return [worker for worker in self._workers.values() if worker.mender.apart == is_apart]

    def looked_at(self, name: str) -> int:
        """Up to which position that mender has noted all to be as it should."""
        return self._workers[name].position

    def look_again(self, stream: str) -> None:
        """The shot's folder was seen: what was away of it may be back."""
        for worker in self._workers.values():
            worker.look_again(stream)

    def waiting(self) -> dict[str, str]:
        """By path, what is waited for, and what it is for."""
        waits: dict[str, list[str]] = {}
        for name, worker in self._workers.items():
            for one in worker.absences.all():
                if one.is_missed:
                    waits.setdefault(one.path, []).append(name)
        return {path: f"it is not there; for it wait {', '.join(names)}" for path, names in waits.items()}

    async def catch_up(self, name: str, position: int) -> None:
        """Return once that mender has done all that the log asks for up to there, or as much of it as it can."""
        await self._film.index.seen.reach(position)
        worker = self._workers[name]
        async with worker.at_work:
            await worker.mend_all()

    async def others_catch_up(self, name: str, positions: Mapping[str, int], patience: float) -> None:
        """Return once those shots show what was said up to these positions, where others keep them, or after so many seconds."""
        with anyio.move_on_after(patience):
            for stream, position in positions.items():
                if others := self._others(name, stream):
                    await others.reach(name, stream, position)

    async def behind(
        self, names: Collection[str], stream: str, position: int, patience: float
    ) -> Sequence[str]:
        """Have these menders look at a shot at once; those that do not show it as it was at that position, in so many
        seconds at the latest.
        """
        with anyio.move_on_after(patience):
            async with anyio.create_task_group() as group:
                for name in names:
                    group.start_soon(self._show, name, stream, position)
        return [name for name in names if not self._shows(name, stream, position)]

    async def _show(self, name: str, stream: str, position: int) -> None:
        if others := self._others(name, stream):
            await others.reach(name, stream, position)
        else:
            await self._workers[name].show(stream, position)

    def _shows(self, name: str, stream: str, position: int) -> bool:
        if others := self._others(name, stream):
            return others.shows(name, stream, position)
        return self._workers[name].shows(stream, position)

    def _others(self, name: str, stream: str) -> Others | None:
        """Those whose work that is, where it is not ours."""
        return None if self._workers[name].is_ours(stream) else self._film.keeping.others

    def is_ours(self, name: str, stream: str) -> bool:
        """Whether that mender is to mend what the shot has, and nobody else does."""
        return self._workers[name].is_ours(stream)

    def began(self, name: str) -> int:
        """How far that mender had come when this run began."""
        return self._workers[name].began

    def rests_at(self, name: str) -> int | None:
        """How far that mender has come, where it has done all that it knows of; None where it has not."""
        worker = self._workers[name]
        return worker.position if worker.is_at_rest else None

    async def touch_all(self, name: str) -> None:
        """Have that mender look at everything."""
        worker = self._workers[name]
        async for shots in self._everything(worker):
            worker.touch_all(shots)

    def standings(self) -> list[Standing]:
        """How far the index and every mender have come."""
        head, seen = self._log.head, self._film.index.seen.level
        workers = [
            Standing(name, worker.position, head - worker.position)
            for name, worker in self._workers.items()
            if not self._film.keeping.is_desk
        ]
        return [Standing(INDEX, seen, head - seen), *workers]

    async def rebuild(self, name: str | None = None) -> list[str]:
        """Make the index, a projection or all of them again from the log; their names. A reactor looks at everything again."""
        names = self._names(name)
        if INDEX in names:
            await self._film.index.rebuild(self._log)
        for worker in self._chosen(names):
            async with worker.at_work:
                await worker.start_anew()
                async for shots in self._everything(worker):
                    with suppress(OSError):  # it is in the way of mending, too, which tells of it
                        await worker.mender.start_over(self._film, shots)
                    worker.touch_all(shots)
                await worker.mend_all()
        return names

    async def differences(self, name: str | None = None) -> list[Difference]:
        """All that is not what the log would have it be; empty where everything is well."""
        names = self._names(name)
        found: dict[Difference, None] = {}
        if INDEX in names:
            tables = await self._film.index.differences(self._log, self._film.index.folder)
            found |= dict.fromkeys(Difference(INDEX, table) for table in tables)
        for worker in self._chosen(names):
            async with worker.at_work:
                worker.touch_what_is_away()
                if different := await self._compare(worker):  # some of which may just have come
                    again = await self._compare(worker)
                    found |= dict.fromkeys(one for one in different if one in again)
        return [*found]

    async def _compare(self, worker: Worker) -> dict[Difference, None]:
        """What of that projection is not as it should be once it has mended what is only late."""
        await worker.mend_all()
        found: dict[Difference, None] = {}  # a shot that comes several times differs once
        async for shots in self._everything(worker):
            different = await worker.mender.differences(self._film, shots)
            found |= dict.fromkeys(Difference(worker.mender.name, what) for what in different)
        return found

    def _chosen(self, names: Sequence[str]) -> list[Worker]:
        return [worker for known, worker in self._workers.items() if known in names]

    def _names(self, name: str | None) -> list[str]:
        names = [INDEX] if self._film.keeping.is_desk else [INDEX, *self._workers]
        if name is not None and name not in names:
            raise ProjectionNotFound(name, names)
        return [name] if name else names

    async def _everything(self, worker: Worker) -> AsyncIterator[Sequence[ShotTakes]]:
        """All that is for that one to look at, in pieces; a shot of very many takes comes several times."""
        index = self._film.index
        streams = [shot.stream for shot in await index.shots() if worker.is_ours(shot.stream)]
        for start in range(0, len(streams), CHUNK):
            async for page in index.pages(dict.fromkeys(streams[start : start + CHUNK], (ALL,))):
                yield page
