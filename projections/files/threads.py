"""Threads: where work that waits for a disk is done, so that nothing else waits for it.

Each film has a few threads of its own. A disk that never answers holds those, and no other film's.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, TypeVar, TypeVarTuple

Args = TypeVarTuple("Args")
T = TypeVar("T")

THREADS = 6
"""Calls that may wait for one disk at the same time; more would only have it jump between them."""


class Disk:
    """The threads in which calls wait for one disk; they are started when they are needed."""

    def __init__(self, name: str, threads: int = THREADS) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=f"disk of {name}")
        self._waiting: set[asyncio.Future[Any]] = set()

    def use(self) -> None:
        """Have this task, and those that it starts from now on, wait for this disk and no other."""
        _USED.set(self)

    async def run(self, work: Callable[[*Args], T], *args: *Args) -> T:
        """Run the work in one of the threads. Where this is cancelled, the work goes on to its end unheard.

        anyio's own way waits for that end, and costs three times as much, which a burst of drops feels.
        """
        return await self.start(work, *args)

    def start(self, work: Callable[[*Args], T], *args: *Args) -> asyncio.Future[T]:
        """Begin it; what comes of it is told later."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.add(done)
        try:
            self._threads.submit(self._work, done, work, args)
        except RuntimeError:
            self._waiting.discard(done)
            raise
        return done

    def _work(self, done: asyncio.Future[T], work: Callable[[*Args], T], args: tuple[*Args]) -> None:
        """Do it, and have the loop know what came of it. To ask the pool's own future for that takes twice as long."""
        self._waiting.discard(done)
        try:
            tell = partial(_settle, done, work(*args))
        except BaseException as error:  # noqa: BLE001 - it is raised where the work was asked for
            tell = partial(_fail, done, error)
        _tell(done, tell)
        del tell  # an error would have it, and it the error, until somebody looks for cycles

    def begin(self, work: Callable[[], object]) -> None:
        """Have the work done in one of the threads, unheard; here, where they have ended."""
        try:
            self._threads.submit(work)
        except RuntimeError:
            work()

    def close(self) -> None:
        """Let the threads end, each when its call returns."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for done in tuple(self._waiting):
            _tell(done, done.cancel)


def _tell(done: asyncio.Future[T], tell: Callable[[], object]) -> None:
    """Do that on the loop that waits, where it still runs."""
    loop = done.get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(tell)


def _settle(done: asyncio.Future[T], result: T) -> None:
    if not done.done():  # else it was cancelled
        done.set_result(result)


def _fail(done: asyncio.Future[T], error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)


_HOUSE = Disk("the house")

_USED = ContextVar("disk", default=_HOUSE)
"""Whose disk a call waits for: it follows from the task, as which film is meant does."""

_ALLOWED = ContextVar[Callable[[], None] | None]("allowed", default=None)
"""Raises where the steps of this task are not to be done any more."""


@contextmanager
def only_while(allowed: Callable[[], None]) -> Iterator[None]:
    """Have `allowed` be asked before each step on the disk that this task does meanwhile; it raises where none may follow."""
    before = _ALLOWED.set(allowed)
    try:
        yield
    finally:
        _ALLOWED.reset(before)


def check_allowed() -> None:
    """Raise where no step on the disk may follow that this task does."""
    if (allowed := _ALLOWED.get()) is not None:
        allowed()


async def in_thread(work: Callable[[*Args], T], *args: *Args) -> T:
    """Run the work where this task waits for its disk."""
    check_allowed()
    return await start_in_thread(work, *args)


def start_in_thread(work: Callable[[*Args], T], *args: *Args) -> asyncio.Future[T]:
    """Begin it there, for whoever has checked that it is allowed."""
    return _USED.get().start(work, *args)


def close_soon(close: Callable[[], object]) -> None:
    """Close a file, in a thread where the loop would wait for it: some disks write what they have before they answer.

    It takes no lock: where a file goes with the last who had it, that may be in the midst of anything.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        close()
    else:
        loop.call_soon(_USED.get().begin, close)
