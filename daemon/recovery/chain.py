"""The chain: whether the log still holds what was written to it. Its end is checked at each start, all of it after that.

A log with a record that is not what was written is not written to any more, and goes on being read.
"""

import time

import anyio

from events import EventLog, LogDamaged

END = 1000
"""Records that are checked before anybody is answered: what was on its way when the machine went down is among them."""

QUIET = 2.0
"""Seconds after the start in which nothing is checked, since there is enough to do."""

BATCH = 200
"""Records between two pauses: about a millisecond, which is how late an answer may be for it."""

SHARE = 4
"""One part of so many of a core's time is what the check takes at most."""


async def check_end(log: EventLog, known: LogDamaged | None) -> LogDamaged | None:
    """What is wrong with the end of the log, or still is with the record that is known for it; None where nothing is.

    Where something is known and no record could be named, all of them are looked at.
    """
    try:
        async for _ in log.verify(0 if known and not known.position else max(log.head - END, 0)):
            pass
        if known and 0 < known.position <= log.head:
            async for _ in log.verify(known.position - 1, 1):
                break
    except LogDamaged as error:
        return error
    return None


async def check_all(log: EventLog) -> None:
    """Go through the whole log in the spare time; LogDamaged where a record is not what was written, and it is closed."""
    await anyio.sleep(QUIET)
    begun = time.perf_counter()
    try:
        async for _ in log.verify(0, BATCH):
            await anyio.sleep((time.perf_counter() - begun) * (SHARE - 1))
            begun = time.perf_counter()
    except LogDamaged as damage:
        log.close_for(damage)
        raise
