"""The colours of pictures, which stand in their places until they have come: known, or read from the pictures."""

from collections.abc import Collection

import anyio

from daemon.project.project import Project
from events import TakeKey
from projections.artifacts.thumbnails import read_colours

GLANCE = 0.25
"""Seconds that a list waits for a disk to tell them: they are not worth more."""


async def colours_of(project: Project, keys: Collection[TakeKey]) -> dict[TakeKey, str]:
    """The mean colours of the pictures of those takes, as far as they are known or can be read soon."""
    index = project.parts.index
    known, found = await index.colours(keys), dict[TakeKey, str]()
    unknown = dict[str, set[int]]()
    for stream, number in keys:
        if (stream, number) not in known:
            unknown.setdefault(stream, set()).add(number)
    if unknown:
        with anyio.move_on_after(GLANCE):
            async for page in index.pages(unknown):
                await read_colours(project.root, page, found)
    if found:
        await index.note_colours(found)
    return known | found
