"""Together: small work on a disk that many ask for at once is done in one call of a thread, not in one for each.

Whoever asks while it is being done for others is next, with all who ask by then: one who asks alone waits for nobody.
"""

from asyncio import CancelledError, Future, get_running_loop
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Generic, TypeVar

from projections.files.threads import check_allowed, start_in_thread

A = TypeVar("A")
R = TypeVar("R")

MOST = 64
"""How many are done in one call: nobody waits for more than so many others."""

CALLS = 2
"""Calls at a time: one that the disk does not answer holds up no other."""


class Together(Generic[A, R]):
    """`work` does it for all that it is given, and tells of each what came of it; an exception goes to who asked for that."""

    def __init__(self, work: Callable[[Sequence[A]], Sequence[R | Exception]]) -> None:
        self._work = work
        self._waiting: list[tuple[A, Future[R]]] = []
        self._calls = 0

    async def do(self, one: A) -> R:
        """Have it done for that one. Where this is cancelled before its turn, it is not done at all."""
        check_allowed()
        done: Future[R] = get_running_loop().create_future()
        self._waiting.append((one, done))
        self._go_on()
        try:
            return await done
        except CancelledError:
            self._waiting = [other for other in self._waiting if other[1] is not done]
            raise

    def _go_on(self) -> None:
        while self._waiting and self._calls < CALLS:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            promised = [done for _, done in batch]
            try:
                working: Future[Sequence[R | Exception]] = start_in_thread(
                    self._work, [one for one, _ in batch]
                )
            except RuntimeError as error:  # that disk is used no more
                _keep(promised, [error] * len(batch))
            else:
                self._calls += 1
                working.add_done_callback(partial(self._end, promised))

    def _end(self, promised: Sequence[Future[R]], working: Future[Sequence[R | Exception]]) -> None:
        self._calls -= 1
        if working.cancelled():
            for done in promised:
                done.cancel()
        else:
            _keep(promised, _outcomes(working, len(promised)))
        self._go_on()


def _keep(promised: Sequence[Future[R]], outcomes: Sequence[R | Exception]) -> None:
    for done, came in zip(promised, outcomes, strict=True):
        if done.done():  # cancelled
            continue
        if isinstance(came, Exception):
            done.set_exception(came)
        else:
            done.set_result(came)


def _outcomes(working: Future[Sequence[R | Exception]], count: int) -> Sequence[R | Exception]:
    """What came of each; the same of all where the work itself has failed."""
    try:
        return working.result()
    except Exception as error:  # noqa: BLE001 - each of those who wait must hear of it
        return [error] * count


def each(work: Callable[[A], R], all_of: Iterable[A | Exception]) -> list[R | Exception]:
    """What comes of that work for each of them: one that fails, or has failed before, is no other's trouble."""
    return [one if isinstance(one, Exception) else outcome(work, one) for one in all_of]


def outcome(work: Callable[[A], R], one: A) -> R | Exception:
    """What comes of it: the result, or the exception."""
    try:
        return work(one)
    except Exception as error:  # noqa: BLE001 - it is raised to who asked for this one
        return error
