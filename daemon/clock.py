"""The clock: how late it is for the daemon, and how it waits until it is later. A test has one that it turns."""

import time
from datetime import UTC, datetime, timedelta, tzinfo

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


class LocalZone(tzinfo):
    """The zone of this machine's clock on the wall, at any time of the year: a fixed offset knows but one half of it."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return _on_the_wall(moment).utcoffset()

    def dst(self, moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        return _on_the_wall(moment).tzname()

    def fromutc(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)


def _on_the_wall(moment: datetime | None) -> datetime:
    return (moment or datetime.now(UTC)).replace(tzinfo=None).astimezone()


LOCAL = LocalZone()
"""That zone."""
