"""Films that have takes already, and a drop that is the user's file, too."""

import os
from pathlib import Path

from tests.support.film import DAWN, Daemon, Film, still

OFTEN = 0.3
"""A time between two scans that a test can wait for."""


async def with_takes(daemon: Daemon, count: int, shot: str = DAWN) -> None:
    """The shot has so many complete takes, the first of them active, and everything is made of them."""
    for number in range(1, count + 1):
        daemon.film.drop(still(number), f"{number}.png", shot)
        await daemon.finished(number, shot)
    await daemon.at_rest()


def linked(film: Film, content: bytes) -> Path:
    """A render of the user's that has a second name as a drop."""
    render = film.folder / "render.png"
    render.write_bytes(content)
    os.utime(render, ns=(0, 1_700_000_000_123_456_789))
    (film.takes() / "mine.png").hardlink_to(render)
    return render


async def types(daemon: Daemon, shot: str | None = None) -> list[str]:
    """The types of all events so far."""
    return [one["type"] for one in await daemon.events(shot)]
