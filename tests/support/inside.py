"""The daemon inside the test's own process: the same projects, server and files, and no process to start or to wait for.

A call of ours that would block the event loop fails the test. What a decoder does is done in a thread.
"""

import os
import shutil
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
from anyio.abc import TaskStatus
from litestar import Litestar

from daemon.api.app import build_app, state_of
from daemon.clock import CLOCK, Clock
from daemon.config.file import load_config
from daemon.config.policies import Policies
from daemon.decoding.child import Child
from daemon.decoding.decoders import Decoders
from daemon.decoding.pool import Lane, Pool
from daemon.http.gallery import Gallery, open_gallery
from daemon.http.hub import Hub, open_hub
from daemon.http.sockets import bind
from daemon.project.parts import Shared
from daemon.project.projects import Projects
from daemon.run import runner_of, serving
from projections.files.threads import in_thread
from projections.media import clip
from projections.media.jobs import Answer, DecoderJob, Greeting
from projections.media.lent_file import LentFile
from projections.media.steps import answered
from tests.support import film as questions
from tests.support.deadline import DEADLINE
from tests.support.film import Film, asking, environment, write_config


class LocalPool(Pool):
    """Does in a thread of this process what a decoder's child would do in its own."""

    def __init__(self) -> None:
        super().__init__(parallel=2, limit=60.0, rest=60.0)

    @asynccontextmanager
    async def child(self, lane: Lane) -> AsyncIterator[Child]:
        child = LocalChild()
        try:
            yield child
        finally:
            child.close()


class LocalChild(Child):
    """Looks into a file; nobody is at the other end."""

    greeting = Greeting(pid=0, holes=(), ffmpeg=clip.FFMPEG)

    def __init__(self) -> None:
        self._asked = deque()
        self._files: list[LentFile] = []
        self._of: deque[LentFile] = deque()
        self._said: deque[tuple[Answer, bytes]] = deque()

    def lend(self, *lent: tuple[int, Sequence[DecoderJob]]) -> None:
        for file, jobs in lent:
            self._files.append(LentFile(os.dup(file)))
            self._asked.extend(jobs)
            self._of.extend(self._files[-1:] * len(jobs))

    async def answer(self, patience: float | None = None) -> tuple[Answer, bytes]:
        if not self._said:
            job, file = self._asked.popleft(), self._of.popleft()
            send = lambda *part: self._said.append(part)  # noqa: E731
            said = await in_thread(answered, job, file, send)
            self._said.append(said)
            if said[0].ends(job):
                self._asked.clear()
        return self._said.popleft()

    def close(self) -> None:
        for file in self._files:
            file.close()


SPARE: list[Litestar] = []
"""Applications that nobody uses: to make one costs more than all that most tests ask of it."""


@contextmanager
def lent_app() -> Iterator[Callable[..., Litestar]]:
    """What makes an application over the projects of one daemon, of one that another daemon has left behind."""
    lent: list[Litestar] = []

    def build(*over: Any) -> Litestar:
        app = SPARE.pop() if SPARE else build_app(*over)
        app.state = state_of(*over)
        lent.append(app)
        return app

    yield build
    SPARE.extend(lent)


class Daemon(questions.Daemon):
    """The daemon in this process; `projects` are its own, and what they share.

    `gallery` is its port, where a `port` was chosen, and `hub` where a proxy comes in, where that was.
    """

    def __init__(self, film: Film, socket: Path, client: httpx.AsyncClient) -> None:
        super().__init__(film, socket, client)
        self.projects: Projects | None = None
        self.gallery: Gallery | None = None
        self.hub: Hub | None = None
        self.shared: Shared | None = None
        self._told = anyio.Event()
        self._ended = anyio.Event()

    async def serve(
        self, shared: Shared, roots: list[Path], *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Keep those films until told to stop."""
        self.shared = shared
        stack = ExitStack()
        try:
            listener = await anyio.to_thread.run_sync(stack.enter_context, bind(self.socket))
            self.gallery = await anyio.to_thread.run_sync(
                stack.enter_context, open_gallery(shared.config.port, self.socket)
            )
            self.hub = await anyio.to_thread.run_sync(stack.enter_context, open_hub(shared.config.hub))
            build = stack.enter_context(lent_app())
            async with serving(roots, shared, listener, self.gallery, self.hub, build) as self.projects:
                task_status.started()
                await self._told.wait()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(stack.close)
            self._ended.set()

    async def stop(self) -> int:
        """Tell it to stop, and wait until it has."""
        self._told.set()
        with anyio.fail_after(DEADLINE):
            await self._ended.wait()
        return 0


@asynccontextmanager
async def running_daemon(
    film: Film, *more: Film, env: Mapping[str, str] | None = None, clock: Clock = CLOCK, **choices: Any
) -> AsyncIterator[Daemon]:
    """The daemon, answering for those films, with the quick settings of tests and what was chosen beyond that.

    It is as late as that clock says.
    """
    write_config(film.folder, **choices)
    sockets = Path(tempfile.mkdtemp(prefix="takes-"))  # a socket's path is short, a test's folder is not
    try:
        with surroundings(environment(film.folder, **(env or {}))):
            shared = await anyio.to_thread.run_sync(_shared, film.folder / "config.toml", clock)
            async with (
                asking(sockets / "s") as client,
                _serving(Daemon(film, sockets / "s", client), shared, [film, *more]) as daemon,
            ):
                yield daemon
    finally:
        shutil.rmtree(sockets)


@asynccontextmanager
async def _serving(daemon: Daemon, shared: Shared, films: Sequence[Film]) -> AsyncIterator[Daemon]:
    async with anyio.create_task_group() as group:
        await group.start(daemon.serve, shared, [film.root for film in films])
        try:
            yield daemon
        finally:
            with anyio.CancelScope(shield=True):
                await daemon.stop()


def _shared(path: Path, clock: Clock) -> Shared:
    config = load_config(path)
    slots = anyio.Semaphore(config.runner.parallel)
    return Shared(Policies(config), Decoders(LocalPool()), runner_of(config.runner), slots, clock)


@contextmanager
def surroundings(env: Mapping[str, str]) -> Iterator[None]:
    """Have this process in that environment for a while."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(env)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
