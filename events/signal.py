"""The signal: wakes the one who waits, once for all that has happened since the last time."""

import anyio


class Signal:
    """What is given while nobody waits is not lost: the next wait returns at once."""

    def __init__(self) -> None:
        self._given = anyio.Event()

    def give(self) -> None:
        """Wake the one who waits."""
        self._given.set()

    async def wait(self) -> None:
        """Return once it was given, since the last wait returned."""
        await self._given.wait()
        self._given = anyio.Event()
