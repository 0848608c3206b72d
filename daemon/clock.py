"""The clock: how late it is for the daemon, and how it waits until it is later. A test has one that it turns."""

import time

import anyio


class Clock:
    """Counts seconds, and never goes back."""

    def __call__(self) -> float:
        return time.monotonic()

    def until(self, moment: float) -> anyio.CancelScope:
        """What is awaited inside is given up at that moment, and the block is left."""
        return anyio.move_on_after(moment - self())

    async def sleep(self, seconds: float) -> None:
        """Return once it is so many seconds later."""
        with self.until(self() + seconds):
            await anyio.sleep_forever()


CLOCK = Clock()
"""The clock of this machine."""
