"""The pool: a few processes that look into media files for us, and may die of it.

No codec is ever loaded here. A job is one open file, lent to one child; a child that dies takes its job with
it and nothing else.
"""

import asyncio
import errno
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import NamedTuple

import anyio
import msgspec

from daemon.locations import families_file
from daemon.programs.program import NotStarted, Program, start
from events import TakesError
from projections.media.errors import NeedsMore
from projections.media.jobs import FIRST_CHILD, FIRST_ROOM, ROOM, Answer, DecoderJob, Greeting

JOBS = 64
"""How many files one child looks into before another takes its place."""

FIRST = 0.25
"""Seconds of CPU for the first look at a file: what needs more, goes behind all that needs less."""

LIMIT = 15.0
"""Seconds of CPU that any look may take; hashing is not counted."""

STUCK = 600.0
"""Seconds after which a look that takes no time of the CPU is given up for now: its disk may hang."""

PATIENCE = 3.0
"""Seconds after which a job does not count any more in how many are done at a time: its disk may never answer."""

REST = 180.0
"""After so many seconds without a job the codecs leave memory."""

_MAX_ANSWER = 64 << 20


class NoDecoder(TakesError):
    """Raised when the process that loads the codecs does not come up, time and again."""

    hint = "Its reason is in the daemon's output; installing takes anew may mend it."

    def __init__(self) -> None:
        super().__init__("the decoder cannot be started")


class Stuck(OSError):
    """Raised when nothing comes back from a look, nor takes it any time."""

    def __init__(self) -> None:
        super().__init__(errno.ETIMEDOUT, "no look into it comes to an end, its disk may hang")


class Lane(NamedTuple):
    """A way to the children: how many may be under way, how long each, and whether with all that one may have."""

    slots: anyio.Semaphore
    limit: float
    is_patient: bool = False


class _Gone(Exception):
    """Raised when a child has closed its connection instead of answering."""


class Pool:
    """The processes, and how many of them are at work at a time."""

    def __init__(self, parallel: int, *, limit: float, rest: float) -> None:
        self.parallel = parallel
        self.first = Lane(anyio.Semaphore(parallel), min(FIRST, limit))
        self.front = Lane(anyio.Semaphore(max(1, parallel // 2)), min(FIRST, limit))
        patient, others = most_children(_memory())
        self.last = Lane(anyio.Semaphore(min(patient, max(1, parallel // 2))), limit, is_patient=True)
        self._children = anyio.Semaphore(others)
        self.greeting: Greeting | None = None
        self._rest = rest
        self._at_work = 0
        self._busy_at = time.monotonic()
        self._idle: list[Child] = []
        self._server: _Server | None = None
        self._starting = anyio.Lock()

    @property
    def is_loaded(self) -> bool:
        """Whether the codecs are in memory."""
        return self._server is not None

    async def rest_when_idle(self) -> None:
        """Let the codecs leave memory whenever nobody has asked for a while."""
        while True:
            await anyio.sleep(self._rest)
            if not self._at_work and time.monotonic() - self._busy_at >= self._rest:
                await self.stop()

    async def stop(self) -> None:
        """End every process; the next job starts them again."""
        while self._idle:
            self._idle.pop().close()
        server, self._server = self._server, None
        if server:
            await server.stop()

    @asynccontextmanager
    async def child(self, lane: Lane) -> AsyncIterator["Child"]:
        """A child for one file: it comes back for the next one, unless its answer is still outstanding."""
        async with self._turn(lane):
            child = (None if lane.is_patient else self._waiting()) or await self._hire(lane)
            try:
                yield child
            finally:
                child.files += 1
                if lane.is_patient or child.owes or child.files >= JOBS:
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

    def _waiting(self) -> "Child | None":
        while self._idle:
            child = self._idle.pop()
            if child.is_there():
                return child
            child.close()
        return None

    async def _hire(self, lane: Lane) -> "Child":
        """A new child; where the server has died, from a new server."""
        for _ in range(3):
            try:
                server = await self._ready()
            except NotStarted:
                continue
            try:
                child = await server.fork(b"%g" % lane.limit if lane.is_patient else FIRST_CHILD)
            except (_Gone, OSError):
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

    async def fork(self, kind: bytes) -> "Child":
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


class Child:
    """One connection to a process that does one job at a time; `greeting` is what it has said first.

    It `owes` an answer from when it is asked until that has come.
    """

    greeting: Greeting
    owes = False

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.files = 0
        self.owes = True
        self._process: int | None = None

    async def greet(self) -> None:
        """Wait for its first word."""
        answer, _ = await self._receive()
        self.greeting = msgspec.convert(answer.values, Greeting)
        if sys.platform == "linux":
            with suppress(OSError):  # an older kernel has none, and there hanging up has to do
                self._process = os.pidfd_open(self.greeting.pid)

    async def ask(self, job: DecoderJob, file: int) -> tuple[Answer, bytes]:
        """Lend it a file and wait for the answer; its death is one, too. Stuck where none comes."""
        with anyio.move_on_after(STUCK if job.limit else None):
            return await self._answer(job, file)
        raise Stuck

    async def _answer(self, job: DecoderJob, file: int) -> tuple[Answer, bytes]:
        begun, self.owes = time.monotonic(), True
        try:
            socket.send_fds(self._connection, [msgspec.json.encode(job)], [file])
            answer, png = await self._receive()
        except (_Gone, ConnectionError) as error:
            raise NeedsMore(_last_words(job.limit, time.monotonic() - begun)) from error
        answer.check()
        return answer, png

    async def _receive(self) -> tuple[Answer, bytes]:
        head = await self._exactly(8)
        text, png = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")
        if text + png > _MAX_ANSWER:
            raise _Gone
        body = await self._exactly(text + png)
        try:
            answer = msgspec.json.decode(body[:text], type=Answer)
        except msgspec.MsgspecError as error:
            raise _Gone from error
        self.owes = False
        return answer, body[text:]

    async def _exactly(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            try:
                part = self._connection.recv(count - len(parts))
            except BlockingIOError:
                await anyio.wait_readable(self._connection)
                continue
            if not part:
                raise _Gone
            parts += part
        return bytes(parts)

    def is_there(self) -> bool:
        """Whether it is still at the other end, waiting for a job and saying nothing."""
        try:
            self._connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Hang up, which ends it, in the middle of a job or not; where it does not heed that, it is killed."""
        self._connection.close()
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(process, signal.SIGKILL)
            os.close(process)


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
    return {**known, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}


def most_children(memory: int) -> tuple[int, int]:
    """How many patient children, and how many others, may have a file at a time on a machine of so many bytes.

    Each kind can take a quarter of it at most; one patient child and two others there are on any machine.
    """
    quarter = memory // 4
    return max(1, min(32, quarter // ROOM)), max(2, min(64, quarter // FIRST_ROOM))


def _memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _last_words(limit: float | None, took: float) -> str:
    if limit is not None and took >= limit:
        return f"looking at it took longer than {limit:g} s"
    return "the decoder crashed on it"
