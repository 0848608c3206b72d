"""Threads: a few that do what a loop may not wait for, and tell it what came of that."""

import asyncio
import threading
from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, TypeVar, TypeVarTuple

Args = TypeVarTuple("Args")
T = TypeVar("T")


class _Call(NamedTuple):
    """What is to be done, and who is told of it; nobody, where there is no loop."""

    work: Callable[..., Any]
    args: tuple[Any, ...] = ()
    loop: AbstractEventLoop | None = None
    done: "Future[Any] | None" = None


class Threads:
    """So many threads at most. Each begins when there is something to do and no other is free.

    An executor of the standard library takes twice the time of the processor for a call.
    """

    def __init__(self, name: str, most: int = 1) -> None:
        self._name = name
        self._most = most
        self._threads: list[threading.Thread] = []
        self._calls = SimpleQueue[_Call | None]()
        self._free = deque[None]()
        self._is_closed = False

    async def run(self, work: Callable[[*Args], T], *args: *Args) -> T:
        """What comes of the work. Where this is cancelled, the work goes on to its end unheard."""
        loop = asyncio.get_running_loop()
        done: Future[T] = loop.create_future()
        self._begin(_Call(work, args, loop, done))
        return await done

    def begin(self, work: Callable[[], object]) -> None:
        """Have the work done, unheard; RuntimeError where they have ended."""
        self._begin(_Call(work))

    def _begin(self, call: _Call) -> None:
        if self._is_closed:
            raise RuntimeError(f"the threads of {self._name} have ended")
        self._calls.put(call)
        try:
            self._free.pop()
        except IndexError:
            self._have_one_more()

    def _have_one_more(self) -> None:
        if len(self._threads) < self._most:
            name = f"{self._name} {len(self._threads) + 1}"
            # one that waits for a disk which never answers keeps no process from its end
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while call := self._calls.get():
            self._do(call)
            del call  # with what came of it, which may be much

    def _do(self, call: _Call) -> None:
        try:
            result = call.work(*call.args)
        except BaseException as error:  # noqa: BLE001 - it is raised where the work was asked for
            self._tell_of(call, None, error)
        else:
            self._tell_of(call, result, None)

    def _tell_of(self, call: _Call, result: object, error: BaseException | None) -> None:
        self._free.append(None)  # whoever is told may have more to do at once
        if call.loop and call.done:
            _tell(call.loop, _settle, call.done, result, error)

    def close(self) -> None:
        """Let the threads end, each when its call returns; what is not begun yet is cancelled."""
        self._is_closed = True
        while True:
            try:
                call = self._calls.get_nowait()
            except Empty:
                break
            if call and call.loop and call.done:
                _tell(call.loop, call.done.cancel)
        for _ in self._threads:
            self._calls.put(None)

    async def end(self) -> None:
        """The same, and wait until they have ended."""
        self.close()
        while any(one.is_alive() for one in self._threads):  # noqa: ASYNC110 - a thread says nothing at its end
            await asyncio.sleep(0.001)


def _tell(loop: AbstractEventLoop, what: Callable[[*Args], object], *args: *Args) -> None:
    """Have the loop do that, unless it has ended."""
    try:
        loop.call_soon_threadsafe(what, *args)
    except RuntimeError:
        if not loop.is_closed():
            raise


def _settle(done: "Future[T]", result: T, error: BaseException | None) -> None:
    if done.done():  # cancelled
        return
    if error is not None:
        done.set_exception(error)
    else:
        done.set_result(result)
