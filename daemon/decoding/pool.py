"""The pool: a few processes that look into media files for us, and may die of it.

No codec is ever loaded here. A job is one open file, lent to one child; a child that dies takes its job with
it and nothing else.
"""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import ExitStack, asynccontextmanager
from typing import NamedTuple

import anyio

from daemon.decoding.child import Child, Gone
from daemon.locations import families_file
from daemon.programs.program import NotStarted, Program, start
from events import TakesError
from projections.media.cage.memory import FIRST_ROOM, ROOM
from projections.media.jobs import FIRST_CHILD, Greeting

JOBS = 64
"""How many files one child looks into before another takes its place."""

FIRST = 0.25
"""Seconds of CPU for the first look at a file: what needs more, goes behind all that needs less."""

LIMIT = 15.0
"""Seconds of CPU that any look may take; hashing is not counted."""

PROXY = 3600.0
"""Seconds of CPU that a proxy may take, of which one is made at a time."""

REEL = 180.0
"""Seconds of CPU that a piece of a reel may take."""

PATIENCE = 3.0
"""Seconds after which a job does not count any more in how many are done at a time: its disk may never answer."""

REST = 180.0
"""After so many seconds without a job the codecs leave memory."""

DRAWN = 1.0
"""Seconds of CPU that a first picture may take: up to the frame that stands for a clip there are some to be decoded."""

ALONE = 3.0
"""The same where nobody else has any work."""

MOST_THREADS = 4
"""Threads that decode one file: each of them has pictures of its own in memory."""


class NoDecoder(TakesError):
    """Raised when the process that loads the codecs does not come up, time and again."""

    hint = "Its reason is in the daemon's output; installing takes anew may mend it."

    def __init__(self) -> None:
        super().__init__("the decoder cannot be started")


class Lane(NamedTuple):
    """A way to the children: how many may be under way, how long each, and whether with all that one may have."""

    slots: anyio.Semaphore
    limit: float
    is_patient: bool = False


class Pool:
    """The processes, and how many of them are at work at a time."""

    def __init__(self, parallel: int, *, limit: float, rest: float) -> None:
        self.parallel = parallel
        self.first = Lane(anyio.Semaphore(parallel, fast_acquire=True), min(FIRST, limit))
        self.front = Lane(anyio.Semaphore(max(1, parallel // 2), fast_acquire=True), min(FIRST, limit))
        patient, others = most_children(_memory())
        self.last = Lane(
            anyio.Semaphore(min(patient, max(1, parallel // 2)), fast_acquire=True), limit, is_patient=True
        )
        self.proxies = Lane(anyio.Semaphore(1, fast_acquire=True), max(PROXY, limit), is_patient=True)
        self.reel = Lane(anyio.Semaphore(1, fast_acquire=True), REEL, is_patient=True)
        self._children = anyio.Semaphore(others, fast_acquire=True)
        self.greeting: Greeting | None = None
        self._rest = rest
        self._at_work = 0
        self._busy_at = time.monotonic()
        self._idle: list[Child] = []
        self._server: _Server | None = None
        self._starting = anyio.Lock()
        self._begun: set[asyncio.Task[None]] = set()

    @property
    def is_at_rest(self) -> bool:
        """Whether no child has anything to do."""
        return not self._at_work

    @property
    def is_loaded(self) -> bool:
        """Whether the codecs are in memory."""
        return self._server is not None

    @property
    def threads(self) -> int:
        """How many threads may decode a file: as many as there are cores, where nobody else needs one."""
        return min(MOST_THREADS, self.parallel) if self.is_at_rest else 1

    def most(self, lane: Lane) -> float:
        """Seconds of CPU that a picture may take: more than a look, and most where nobody is kept waiting by that."""
        return max(lane.limit, min(ALONE if self.is_at_rest else DRAWN, self.last.limit))

    async def rest_when_idle(self) -> None:
        """Let the codecs leave memory whenever nobody has asked for a while."""
        while True:
            await anyio.sleep(self._rest)
            if not self._at_work and time.monotonic() - self._busy_at >= self._rest:
                await self.stop()

    def begin(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Have that done whether somebody waits for it or not, but not beyond the end of the pool."""
        task = asyncio.get_running_loop().create_task(work)
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
        return task

    async def end(self) -> None:
        """Give up all that was begun, and end every process."""
        for task in self._begun:
            task.cancel()
        await asyncio.gather(*self._begun, return_exceptions=True)
        await self.stop()

    async def stop(self) -> None:
        """End every process; the next job starts them again."""
        while self._idle:
            self._idle.pop().close()
        server, self._server = self._server, None
        if server:
            await server.stop()

    @asynccontextmanager
    async def child(self, lane: Lane) -> AsyncIterator[Child]:
        """A child for what is lent at a time: it comes back for the next, unless its answer is still outstanding."""
        async with self._turn(lane):
            child = (None if lane.is_patient else self._waiting()) or await self._hire(lane)
            try:
                yield child
            finally:
                if lane.is_patient or child.owes or child.has_refused or child.files >= JOBS:
                    child.close()
                else:
                    self._idle.append(child)

    @asynccontextmanager
    async def _turn(self, lane: Lane) -> AsyncIterator[None]:
        """A slot of those; a first look that takes long gives it to the next one, and goes on."""
        if lane.is_patient:
            async with lane.slots, self._working():
                yield
            return
        await lane.slots.acquire()
        with ExitStack() as held:
            giving_on = asyncio.get_running_loop().call_later(PATIENCE, held.close)
            held.callback(lane.slots.release)
            try:
                async with self._children, self._working():
                    yield
            finally:
                giving_on.cancel()

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1
            self._busy_at = time.monotonic()

    def _waiting(self) -> Child | None:
        while self._idle:
            child = self._idle.pop()
            if child.is_there():
                return child
            child.close()
        return None

    async def _hire(self, lane: Lane) -> Child:
        """A new child; where the server has died, from a new server."""
        for _ in range(3):
            try:
                server = await self._ready()
            except NotStarted:
                continue
            try:
                child = await server.fork(b"%g" % lane.limit if lane.is_patient else FIRST_CHILD)
            except (Gone, OSError):
                await self._lose(server)
            else:
                self.greeting = child.greeting
                return child
        raise NoDecoder

    async def _ready(self) -> "_Server":
        async with self._starting:
            self._server = self._server or await _start()
            return self._server

    async def _lose(self, server: "_Server") -> None:
        if self._server is server:
            self._server = None
        await server.stop()


class _Server:
    """The process that has the codecs loaded, and our end of the socket to it."""

    def __init__(self, program: Program, control: socket.socket) -> None:
        self._program = program
        self._control = control

    async def fork(self, kind: bytes) -> Child:
        """Have a child of that kind forked and wait until it says that it is there."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        child = Child(ours)
        try:
            with theirs:
                socket.send_fds(self._control, [kind], [theirs.fileno()])
            await child.greet()
        except BaseException:
            child.close()
            raise
        return child

    async def stop(self) -> None:
        """Close its socket, which ends it; be sure that it is gone."""
        self._control.close()
        with anyio.move_on_after(5, shield=True):
            await self._program.wait()
        self._program.close()


async def _start() -> _Server:
    """Start the process that loads the codecs, importing from where we import."""
    command = [sys.executable, "-P", "-m", "projections.media.decoder", families_file()]
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    try:
        with theirs:
            program = await start(command, [theirs.fileno()], _environment())
    except BaseException:
        ours.close()
        raise
    return _Server(program, ours)


def _environment() -> dict[str, str]:
    """What a decoder has to know, and nothing else that stands in ours."""
    known = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    # threads would take more address space for their heaps than a first look has, and children lose those of numpy
    alone = {"MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {**known, **alone, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}


def most_children(memory: int) -> tuple[int, int]:
    """How many patient children, and how many others, may have a file at a time on a machine of so many bytes.

    Each kind can take a quarter of it at most; one patient child and two others there are on any machine.
    """
    quarter = memory // 4
    return max(1, min(32, quarter // ROOM)), max(2, min(64, quarter // FIRST_ROOM))


def _memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
