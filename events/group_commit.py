"""Group commit: who waits while a commit is on its way goes into the next one, together with all others who wait.

One of those who wait sees to it, so nothing stands between an append and its disk but the disk's own thread.
"""

from asyncio import CancelledError, Future, get_running_loop, sleep
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class GroupCommit(Generic[T]):
    """Whatever is joined is in exactly one `commit`, unless whoever joined it was cancelled before that began."""

    def __init__(self, commit: Callable[[list[T]], Awaitable[None]]) -> None:
        self._commit = commit
        self._waiting: list[tuple[T, Future[bool]]] = []
        self._is_under_way = False
        self._last_crowd = 0

    async def join(self, one: T) -> None:
        """Return once it is committed; what the commit raises, all hear who were in it."""
        turn: Future[bool] = get_running_loop().create_future()
        self._waiting.append((one, turn))
        if not self._is_under_way or await self._is_to_commit(turn):
            await self._commit_for_all(turn)

    async def _is_to_commit(self, turn: Future[bool]) -> bool:
        """Wait until the commit is done, or it is this one's turn to see to the next."""
        try:
            return await turn
        except CancelledError:
            self._forget(turn)
            if not turn.cancelled() and turn.exception() is None and turn.result():
                self._pass_on()
            raise

    async def _commit_for_all(self, own: Future[bool]) -> None:
        self._is_under_way = True
        batch: list[tuple[T, Future[bool]]] = []
        trouble: Exception | None = None
        try:
            if self._last_crowd > 1:
                await sleep(0)  # those whose commit is just done may have more
            batch, self._waiting = self._waiting, []
            await self._commit([one for one, _ in batch])
        except CancelledError:
            self._forget(own)
            raise
        except Exception as error:
            trouble = error
            raise
        finally:  # also for one who was cancelled: the commit is done by now
            self._last_crowd = len(batch)
            for _, turn in batch:
                if turn is not own and not turn.done():
                    turn.set_exception(trouble) if trouble else turn.set_result(False)
            self._pass_on()

    def _pass_on(self) -> None:
        """Have the first who waits see to the next commit."""
        following = next((turn for _, turn in self._waiting if not turn.done()), None)
        self._is_under_way = following is not None
        if following:
            following.set_result(True)

    def _forget(self, turn: Future[bool]) -> None:
        """What nobody waits for any more must not go into some later commit."""
        self._waiting = [other for other in self._waiting if other[1] is not turn]
