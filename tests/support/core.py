"""The core of a film that is kept: its real parts, and nothing of the world but a folder.

The watch hears what a test says, a decoder finds what it is told, a runner makes what it is let make, and it is
as late as the test turns the clock. There is no server and no other process, and the log is in memory.
"""

import hashlib
import os
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import anyio
import msgspec
from msgspec.structs import replace

from daemon.api.new_take import ask_for_take
from daemon.config.policies import Policies
from daemon.config.table import Config
from daemon.decoding.child import Child
from daemon.decoding.decoders import Decoders
from daemon.decoding.pool import Lane, Pool
from daemon.disk.marker import Marker
from daemon.project.assembly import open_parts
from daemon.project.parts import Parts, Shared
from daemon.project.project import start
from daemon.runners.choice import Chosen, choose
from daemon.runners.runner import Job, JobFailed, Made, RunnerAway, Tell
from daemon.shots.shots import Origin
from daemon.takes.finishing import AT_ONCE
from daemon.watching.mailbox import Mailbox
from events import EventLog, MemoryLog, Request, Shot, Take
from events.shot import activate, delete, restore
from projections.files.threads import in_thread
from projections.index.index import open_index
from projections.index.rows import TakeRow
from projections.layout import OWN_FOLDER, TAKES
from projections.media.errors import NeedsMore
from projections.media.jobs import Answer, DecoderJob, Step
from projections.recipes.labels import NotARecipe, from_recipe
from tests.support.clock import Clock
from tests.support.film import DAWN, Film, until

T = TypeVar("T")

EACH: Sequence[Step] = ("look", "hash", "labels", "picture")
"""What is asked of a file that is asked all."""

SCAN_EVERY = 60.0
"""Seconds of the clock between two looks at everything, for which a take that was removed has to be gone."""


ASKED = Origin("test")


class ScriptedWatch:
    """Hears nothing by itself: the test tells the mailbox."""

    mode = "watching"
    problem = ""

    def __init__(self) -> None:
        self.armed: set[str] = set()
        self.alive = True

    def arm(self, folder: str) -> None:
        self.armed.add(folder)

    @property
    def folders(self) -> int:
        return len(self.armed)

    def is_well(self) -> bool:
        return self.alive

    def close(self) -> None:
        self.alive = False


class ToldDecoder(Pool):
    """Finds a still in every file, but for the contents in `refused`, for which it has a reason.

    Those in `renders` came of one of these. Those in `needs_more` are too much for its first look, and whatever is
    `held` is not looked into before that is set. `lent` is how many were lent at a time.
    """

    def __init__(self) -> None:
        super().__init__(parallel=4, limit=60.0, rest=60.0)
        self.refused: dict[bytes, str] = {}
        self.renders: dict[bytes, dict[str, Any]] = {}
        self.needs_more: set[bytes] = set()
        self.asked: list[bytes] = []
        self.lent: list[int] = []
        self.held: dict[bytes, anyio.Event] = {}
        self.opened = anyio.Event()
        self.opened.set()

    def close(self) -> None:
        """Answer nobody from now on."""
        self.opened = anyio.Event()

    def open(self) -> None:
        """Answer everybody again."""
        self.opened.set()

    @asynccontextmanager
    async def child(self, lane: Lane) -> AsyncIterator[Child]:
        child = ToldChild(self, lane)
        try:
            yield child
        finally:
            child.close()


class ToldChild(Child):
    """One answer after the other."""

    def __init__(self, told: ToldDecoder, lane: Lane) -> None:
        self._asked = deque()
        self._told = told
        self._lane = lane
        self._files: list[int] = []
        self._of: deque[int] = deque()

    def lend(self, *lent: tuple[int, Sequence[DecoderJob]]) -> None:
        self._told.lent.append(len(lent))
        for file, jobs in lent:
            self._files.append(os.dup(file))
            self._asked.extend(jobs)
            self._of.extend(self._files[-1:] * len(jobs))

    def close(self) -> None:
        for file in self._files:
            os.close(file)

    async def answer(self, patience: float | None = None) -> tuple[Answer, bytes]:
        job, content = self._asked[0], await in_thread(os.pread, self._of[0], 1 << 20, 0)
        answer, picture = await self._find(job, content)
        self._asked.popleft()
        self._of.popleft()
        if answer.ends(job):
            self._asked.clear()
        return answer, picture

    async def _find(self, job: DecoderJob, content: bytes) -> tuple[Answer, bytes]:
        if job.do == "all":
            found = [await self._find(replace(job, do=do), content) for do in EACH]
            refused = next((answer for answer, _ in found if answer.reason), None)
            values = {name: value for answer, _ in found for name, value in answer.values.items()}
            return refused or Answer(values=values), found[-1][1]
        if job.do == "hash":
            digest = hashlib.sha256(content).hexdigest()
            return Answer(values={"bytes": len(content), "sha256": digest}), b""
        if job.do == "labels":
            return Answer(values={"params": {}}), b""
        if job.do == "loudness":
            return Answer(), b""
        if job.do == "render":
            return Answer(values={"render": self._told.renders.get(content)}), b""
        if job.do == "recipe" and content in self._told.renders:
            return Answer(values={"params": {"seed": len(content)}}), b""
        if job.do == "recipe":
            try:
                return Answer(values={"params": from_recipe(content)}), b""
            except NotARecipe as error:
                return Answer(reason=error.reason), b""
        if job.do == "picture":
            return Answer(values={"colour": "#336699"}), b"\x89PNG of " + content
        self._told.asked.append(content)
        await self._told.opened.wait()
        if content in self._told.needs_more and not self._lane.is_patient:
            raise NeedsMore("it took too long")
        if held := self._told.held.get(content):
            await held.wait()
        if reason := self._told.refused.get(content):
            return Answer(reason=reason), b""
        return Answer(values={"kind": "image", "width": 64, "height": 36}), b""


class ToldRunner:
    """Makes the take's number as its content, once `may_make` is set; `away` says why it cannot be reached."""

    kind = "told"
    inputs: Sequence[str] | None = None

    def __init__(self) -> None:
        self.may_make = anyio.Event()
        self.away = ""
        self.fails = ""
        self.begun: list[int] = []
        self.let_go: list[int] = []

    async def ready(self) -> None:
        if self.away:
            raise RunnerAway(self.away)

    async def workflow(self, root: Path, shot: str, named: str | None) -> Chosen | None:
        return await in_thread(choose, root, shot, named, "")

    async def run(self, job: Job, tell: Tell) -> Made:
        self.begun.append(job.take)
        await self.may_make.wait()
        if self.fails:
            raise JobFailed(self.fails)
        path = job.folder / f"{job.stem}.png"
        await in_thread(path.write_bytes, b"made %d" % job.take)
        return Made(path)

    async def resume(self, job: Job, tell: Tell) -> Made | None:
        return None

    async def tidy(self, root: Path, left: str, sha256: str) -> str | None:
        return None

    async def cancel(self, job: Job) -> None:
        self.let_go.append(job.take)


class Core:
    """One film that is kept, and what plays the world around it."""

    def __init__(self, film: Film, parts: Parts, world: "World") -> None:
        self.film = film
        self.parts = parts
        self.world = world
        self.clock = world.clock
        self.decoder = world.decoder
        self.at_once = AT_ONCE
        self._errands = 0
        scheduler = parts.scheduler
        for owner, name in ((scheduler, "scan"), (scheduler, "_look_below"), (scheduler._strays, "look_at")):
            setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, errand: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """That errand, under way from the moment in which somebody is sent on it: what is to be done comes after it."""

        async def run(*given: Any, **named: Any) -> None:
            try:
                await errand(*given, **named)
            finally:
                self._errands -= 1

        def send(*given: Any, **named: Any) -> Awaitable[None]:
            self._errands += 1
            return run(*given, **named)

        return send

    def turn(self, seconds: float) -> None:
        """Have it be so much later. What was just said to the core has to be done before: see `at_rest`."""
        self.clock.turn(seconds)
        self.parts.mailbox.ring()

    def hears(self, name: str, shot: str = DAWN, *, moved_in: bool = False, is_folder: bool = False) -> None:
        """The watch hears of that name in a shot's `takes/`."""
        self.parts.mailbox.happened(f"{shot}/{TAKES}", name, is_folder=is_folder, moved_in=moved_in)

    def drop(self, content: bytes, name: str = "render.png", shot: str = DAWN) -> None:
        """A whole file is renamed into a shot's `takes/`, and the watch hears of it."""
        self.film.drop(content, name, shot)
        self.hears(name, shot, moved_in=True)

    async def shot(self, shot: str = DAWN) -> Shot:
        """The shot as the log has it; an empty one where it does not know it."""
        return await self.parts.shots.at(shot) or Shot("")

    async def takes(self, shot: str = DAWN) -> dict[int, Take]:
        return (await self.shot(shot)).takes

    async def take(self, number: int, shot: str = DAWN) -> Take:
        return (await self.takes(shot))[number]

    async def events(self) -> list[str]:
        """What the log tells, by the names of the events."""
        return [type(record.event).__name__ for record in await self.parts.log.read()]

    async def settled(self, number: int = 1, shot: str = DAWN) -> Take:
        """That take, once it is complete or has failed."""

        async def done() -> Take | None:
            take = (await self.takes(shot)).get(number)
            return take if take and take.status != "generating" else None

        return await until(done)

    async def row(self, number: int, shot: str = DAWN) -> TakeRow:
        """What the index says of that take, once it knows all that the log does."""
        index = self.parts.index
        await index.seen.reach(self.parts.log.head)
        known = await index.shot_at(shot)
        take = await index.take(known.id, number) if known else None
        assert take is not None
        return take

    async def said(self, number: int) -> str:
        """Why that take failed."""
        return (await self.row(number)).error or ""

    async def delete(self, number: int, shot: str = DAWN) -> None:
        """Somebody asks to have that take deleted."""
        stream = (await self.shot(shot)).stream
        await self.parts.shots.change(stream, partial(delete, number=number), ASKED)

    async def activate(self, number: int, shot: str = DAWN) -> None:
        """Somebody asks to have that take be the active one."""
        stream = (await self.shot(shot)).stream
        await self.parts.shots.change(stream, partial(activate, number=number), ASKED)

    async def restore(self, number: int, shot: str = DAWN) -> None:
        """Somebody asks to have that take back."""
        stream = (await self.shot(shot)).stream
        await self.parts.shots.change(stream, partial(restore, number=number), ASKED)
        await self.parts.index.seen.reach(self.parts.log.head)

    async def at_rest(self) -> None:
        """Return once nothing is to be done before the clock is turned."""

        async def resting() -> bool:
            return not self._is_busy()

        await until(resting)

    def _is_busy(self) -> bool:
        scheduler, clock = self.parts.scheduler, self.clock
        return bool(
            self._errands
            or scheduler._agenda.under_way
            or scheduler._agenda.next_due <= clock()
            or scheduler._finishing.under_way
            or scheduler._scanner.at_work.locked()
            or scheduler._scanner.due <= clock()
            or self.parts.mailbox._told
            or self.parts.restorer.overwrites._comparing
            or any(one.behind for one in self.parts.projector.standings())
        )

    async def scan(self) -> None:
        """Look at everything, and do what comes of it."""
        await self.parts.scheduler.scan()
        await self.at_rest()

    async def ask_for(self, shot: str = DAWN, **params: Any) -> None:
        """Ask for a take."""
        row = await self.parts.index.shot_at(shot)
        assert row is not None
        await ask_for_take(self.parts, self.film.root, row, Request(params=params), ASKED, None)


class World:
    """What a film's core needs from outside, and what stays when it is opened again."""

    def __init__(self, **choices: Any) -> None:
        self.config = msgspec.convert({"scan_every": SCAN_EVERY, **choices}, Config)
        self.log: EventLog = MemoryLog()
        self.clock = Clock()
        self.decoder = ToldDecoder()
        self.decoders = Decoders(self.decoder)
        self.watch = ScriptedWatch()
        self.runner: ToldRunner | None = None

    def shared(self) -> Shared:
        return Shared(
            Policies(self.config),
            self.decoders,
            self.runner,
            anyio.Semaphore(self.config.runner.parallel),
            self.clock,
            self._watch,
        )

    def _watch(self, root: Path, mailbox: Mailbox) -> ScriptedWatch:
        self.watch = ScriptedWatch()
        return self.watch


def new_film(folder: Path, name: str = "MyFilm", *shots: str) -> Film:
    """A film whose log is elsewhere."""
    film = Film(folder, name, *shots)
    film.log.parent.mkdir()
    film.log.touch()
    return film


@asynccontextmanager
async def running_core(film: Film, world: World) -> AsyncIterator[Core]:
    """The core at work, begun as a project begins it, once everything was looked at for the first time."""
    shared, marker = world.shared(), await in_thread(Marker, film.root)
    async with (
        open_index(film.root / OWN_FOLDER / "index.db", world.log) as index,
        anyio.create_task_group() as group,
        open_parts(film.root, "myfilm", shared, shared.decoders, marker, world.log, index) as parts,
    ):
        await start(film.root, world.config, parts, group)
        group.start_soon(parts.scheduler.run)
        core = Core(film, parts, world)
        await parts.scheduler.scanned.wait()
        await core.at_rest()
        yield core
        group.cancel_scope.cancel()
