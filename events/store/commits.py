"""Commits: whoever waits to append while one is on its way goes into the next one, together with all others who wait."""

from asyncio import CancelledError, Lock
from collections.abc import Awaitable, Callable, Mapping, Sequence

from msgspec import Struct

from events.record import Append, Record


class Pending(Struct):
    """Appends that wait for their commit together, and what became of them; `fence` is by which claims they are made."""

    appends: Sequence[Append]
    fence: Mapping[int, int] | None = None
    records: Sequence[Record] = ()
    error: Exception | None = None
    done: bool = False


class Commits:
    """One commit at a time, which notes what became of each of its batch, and is to end though its caller is cancelled."""

    def __init__(self, commit: Callable[[list[Pending]], Awaitable[None]]) -> None:
        self.turn = Lock()  # anyio's yields to the loop at every acquire, which is dear at this rate
        self._commit = commit
        self._waiting: list[Pending] = []

    async def append(
        self, appends: Sequence[Append], fence: Mapping[int, int] | None = None
    ) -> Sequence[Record]:
        """What became of them, once they are committed."""
        pending = Pending(appends, fence)
        self._waiting.append(pending)
        try:
            async with self.turn:
                if not pending.done:
                    batch, self._waiting = self._waiting, []
                    await self._commit(batch)
        except CancelledError:  # what nobody waits for any more must not go into some later commit
            self._waiting = [other for other in self._waiting if other is not pending]
            raise
        if pending.error:
            raise pending.error
        return pending.records
