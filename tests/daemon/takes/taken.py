"""Films that have takes already."""

from tests.film import (
    DAWN,
    Daemon,
    still,
)

OFTEN = 0.3
"""A time between two scans that a test can wait for."""


async def with_takes(daemon: Daemon, count: int, shot: str = DAWN) -> None:
    """The shot has so many complete takes, the first of them active, and everything is made of them."""
    for number in range(1, count + 1):
        daemon.film.drop(still(number), f"{number}.png", shot)
        await daemon.finished(number, shot)
    await daemon.at_rest()
