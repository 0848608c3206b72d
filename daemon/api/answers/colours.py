"""The colours of a shot's pictures, which stand in their places until they have come: known, or read from the pictures."""

from pathlib import Path

import anyio

from events import TakeKey
from projections.artifacts.thumbnails import read_colours
from projections.index.index import Index
from projections.index.rows import ShotTakes

GLANCE = 0.25
"""Seconds that a list waits for a disk to tell them: they are not worth more."""


async def colours_of(root: Path, index: Index, shot: ShotTakes) -> dict[int, str]:
    """The mean colours of the takes' pictures by number, as far as they are known or can be read soon."""
    found = dict[TakeKey, str]()
    known = await index.colours(shot.shot.stream)
    with anyio.move_on_after(GLANCE):
        await read_colours(root, shot, known, found)
    if found:
        await index.note_colours(found)
    return known | {key.number: colour for key, colour in found.items()}
