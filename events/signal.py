"""The signal: wakes the one who waits, once for all that has happened since the last time."""

import asyncio
import math


class Signal:
    """What is given while nobody waits is not lost: the next wait returns at once."""

    def __init__(self) -> None:
        self._given = asyncio.Event()

    def give(self) -> None:
        """Wake the one who waits."""
        self._given.set()

    async def wait(self, seconds: float = math.inf) -> None:
        """Return once it was given, since the last wait returned, or after so many seconds.

        To cancel a wait that takes too long would cost ten times as much, which those feel who wait over and over.
        """
        loop = asyncio.get_running_loop()
        timer = None if seconds == math.inf else loop.call_later(seconds, self._given.set)
        try:
            await self._given.wait()
        finally:
            if timer:
                timer.cancel()
        self._given.clear()
