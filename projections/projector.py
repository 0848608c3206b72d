"""The projector: brings the index up to the log, then everything that is made on disk up to the index.

Projections and reactors, menders both, go at their own pace: a slow picture holds up no link. A mender's position is
noted after its work, never before: what was under way when the process died is looked at again. What could not
be done since a folder was away is not done either: it is remembered, and looked at until it is.
"""

import math
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import suppress

import anyio
from anyio.abc import TaskGroup, TaskStatus
from msgspec import Struct

from events import EventLog, NotFound, Record, ShotMoved, Signal, TakeEvent, TakeKey, Watermark
from projections.absences import RETRY, Absences, Touched
from projections.film import Film
from projections.index.queries import ALL
from projections.index.rows import ShotTakes
from projections.index.tables import NAME as INDEX
from projections.projection import Away, Mender, Trouble

CHUNK = 200
"""Shots looked at together when everything is looked at."""

TURNS = 20
"""How often a mender that follows others lets them catch up with what has happened meanwhile."""


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


def touch(touched: Touched, record: Record) -> None:
    """Note what the record happened to."""
    takes = touched.setdefault(record.stream, set())
    if isinstance(record.event, TakeEvent):
        takes.add(record.event.take)
    elif isinstance(record.event, ShotMoved):
        takes.add(ALL)


class Worker:
    """Runs one mender: gathers what was touched while that was at work, and has it look at all of it together.

    It looks at a thing when those that it follows have, or something stands in their way; then once more later.
    """

    def __init__(self, mender: Mender, film: Film, follows: Sequence["Worker"] = ()) -> None:
        self.mender = mender
        self.position = 0
        self.problems: Sequence[str] = ()
        self.at_work = anyio.Lock()
        self._film = film
        self._touched: Touched = {}
        self._working: Touched = {}
        self._until = 0
        self._more = Signal()
        self._looked = Watermark()
        self._follows = follows
        self.followers: list[Worker] = []
        self.absences = Absences(mender.name, film)
        for other in follows:
            other.followers.append(self)

    async def load(self) -> int:
        """How far it had come when it last ran."""
        await self.absences.load()
        self.position = await self._film.index.position_of(self.mender.name, self.mender.version)
        self._until = self.position
        self._looked.rise(self.position)
        return self.position

    def position_in(self, stream: str) -> int:
        """How far it has come with that shot: 0 while the shot waits to be looked at, or for what is away."""
        is_waiting = stream in self._touched or stream in self._working or self.absences.of(stream)
        return 0 if is_waiting else self._until

    def add(self, records: Sequence[Record]) -> None:
        """Have these records' shots and takes looked at."""
        for record in records:
            if record.position > self.position:
                touch(self._touched, record)
            self._until = max(self._until, record.position)
        if self._touched:
            self._more.give()

    def touch(self, stream: str, takes: Collection[int] = ()) -> None:
        """Have that shot looked at, and those takes of it, though nothing happened to them in the log."""
        self._touched.setdefault(stream, set()).update(takes)
        self._more.give()

    def touch_all(self, shots: Sequence[ShotTakes]) -> None:
        """Have these looked at, every take of them."""
        for one in shots:
            self._touched.setdefault(one.shot.stream, set()).add(ALL)
        self._more.give()

    async def start_anew(self) -> None:
        """Forget how far it has come, so that a rebuild that is cut short goes on at the next start."""
        self.position = 0
        await self._film.index.save_position(self.mender.name, self.mender.version, 0)

    def look_again(self, stream: str) -> None:
        """What was away of that shot may be back."""
        if takes := self.absences.of(stream):
            self.touch(stream, takes)

    def touch_what_is_away(self) -> None:
        """Have all that was away looked at again."""
        for stream, takes in self.absences.touched().items():
            self._touched.setdefault(stream, set()).update(takes)

    async def run(self) -> None:
        """Mend whatever is touched, for ever; after a problem, try again in a while."""
        while True:
            patience = RETRY if self.problems or self._touched else math.inf
            with anyio.move_on_after(min(patience, self.absences.due - anyio.current_time())):
                await self._more.wait()
            if self.absences.due <= anyio.current_time():
                self.touch_what_is_away()
            async with self.at_work:
                await self.mend_all()
            await anyio.sleep(self.mender.pause)

    async def _let_others_go_first(self) -> None:
        """Wait until those that it follows have done what the index says by now, but not through a whole burst."""
        for _ in range(TURNS):
            known = self._film.index.seen.level
            for other in self._follows:
                await other.look(known)
            if known == self._film.index.seen.level:
                return

    async def look(self, position: int) -> None:
        """Wait until it has looked at all up to there, though something may have stood in its way."""
        await self._looked.reach(position)

    async def mend_all(self) -> None:
        """Mend everything that is touched by now."""
        self._working, self._touched, until = self._touched, {}, self._until
        if self._follows:
            await self._let_others_go_first()
        streams = list(self._working)
        parts = [streams[start : start + CHUNK] for start in range(0, len(streams), CHUNK)]
        self.problems = [problem for part in parts for problem in await self._mend_part(part)]
        self._film.board.report("projection", self.mender.name, *self.problems)
        await self._save_absences()
        self._working = {}
        if not self.problems and not self.absences.holds and until > self.position:
            self.position = until
            await self._film.index.save_position(self.mender.name, self.mender.version, until)
        self._looked.rise(until)

    async def _save_absences(self) -> None:
        """Note what is away, and have those that follow look at what is there again."""
        for follower in self.followers if self.absences.back else ():
            await follower.look_at_last(self.absences.back)
        await self.absences.save()

    async def look_at_last(self, keys: Collection[TakeKey]) -> None:
        """Those that it follows are through with these only now."""
        self.absences.owe(keys)
        await self.absences.save()
        for stream, number in keys:
            self.touch(stream, {number})

    async def _mend_part(self, streams: Sequence[str]) -> list[str]:
        """Mend these shots; where something stands in the way, one by one, so that only those are tried again."""
        touched = {stream: self._working[stream] for stream in streams}
        found = await self._mend(touched)
        problems = [one for one in found if isinstance(one, str)]
        if any(other.problems for other in self._follows):
            for stream, takes in touched.items():  # once more, when those are through
                self._touched.setdefault(stream, set()).update(takes)
        if problems and self.mender.apart and len(streams) > 1:
            return [problem for stream in streams for problem in await self._mend_part([stream])]
        self.absences.note(touched, [one for one in found if isinstance(one, Away)], is_sure=not problems)
        if problems:
            for stream, takes in touched.items():
                self._touched.setdefault(stream, set()).update(takes)
        return problems

    async def _mend(self, touched: Touched) -> list[Trouble]:
        """Mend these; what stood in the way."""
        try:
            return list(await self.mender.mend(self._film, await self._film.index.load(touched)))
        except Exception as error:  # noqa: BLE001 - one mender may hold up no other; it is reported
            return [f"{type(error).__name__}: {error}"]


class Projector:
    """The menders of one project, behind its index; the `last` look at a thing when the others are through with it."""

    def __init__(
        self, film: Film, log: EventLog, menders: Sequence[Mender], last: Sequence[Mender] = ()
    ) -> None:
        self._film = film
        self._log = log
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
                self._hand_out(await self._film.index.advance(self._log))

    async def _resume(self, group: TaskGroup) -> None:
        while await self._film.index.advance(self._log):
            pass
        after = min([await worker.load() for worker in self._workers.values()], default=0)
        while records := await self._log.read(after):
            self._hand_out(records)
            after = records[-1].position
        for worker in self._workers.values():
            group.start_soon(worker.run)

    def _hand_out(self, records: Sequence[Record]) -> None:
        for worker in self._workers.values():
            worker.add(records)

    def position(self, name: str, stream: str) -> int:
        """How far that mender has come with that shot."""
        return self._workers[name].position_in(stream)

    def touch(self, name: str, stream: str, takes: Collection[int] = ()) -> None:
        """Have that mender look at a shot, and those takes of it, in which somebody changed something."""
        self._workers[name].touch(stream, takes)

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

    async def touch_all(self, name: str) -> None:
        """Have that mender look at everything."""
        async for shots in self._everything():
            self._workers[name].touch_all(shots)

    def standings(self) -> list[Standing]:
        """How far the index and every mender have come."""
        head, seen = self._log.head, self._film.index.seen.level
        workers = [
            Standing(name, worker.position, head - worker.position) for name, worker in self._workers.items()
        ]
        return [Standing(INDEX, seen, head - seen), *workers]

    async def rebuild(self, name: str | None = None) -> list[str]:
        """Make the index or a projection, or all of them, again from the log; their names. A reactor looks at everything again."""
        names = self._names(name)
        if INDEX in names:
            await self._film.index.rebuild(self._log)
        for worker in self._chosen(names):
            async with worker.at_work:
                await worker.start_anew()
                async for shots in self._everything():
                    with suppress(
                        OSError
                    ):  # what is in the way is in the way of mending, too, which tells of it
                        await worker.mender.start_over(self._film, shots)
                    worker.touch_all(shots)
                await worker.mend_all()
        return names

    async def differences(self, name: str | None = None) -> list[Difference]:
        """All that is not what the log would have it be; empty where everything is well."""
        names, found = self._names(name), []
        if INDEX in names:
            found += [
                Difference(INDEX, what)
                for what in await self._film.index.differences(self._log, self._film.own_folder)
            ]
        for worker in self._chosen(names):
            async with worker.at_work:
                worker.touch_what_is_away()
                await worker.mend_all()  # what is only late is no difference
                async for shots in self._everything():
                    different = await worker.mender.differences(self._film, shots)
                    found += [Difference(worker.mender.name, what) for what in different]
        return found

    def _chosen(self, names: Sequence[str]) -> list[Worker]:
        return [worker for known, worker in self._workers.items() if known in names]

    def _names(self, name: str | None) -> list[str]:
        names = [INDEX, *self._workers]
        if name is not None and name not in names:
            raise ProjectionNotFound(name, names)
        return [name] if name else names

    async def _everything(self) -> AsyncIterator[Sequence[ShotTakes]]:
        index = self._film.index
        shots = await index.shots()
        for start in range(0, len(shots), CHUNK):
            yield [ShotTakes(shot, await index.takes(shot.id)) for shot in shots[start : start + CHUNK]]
