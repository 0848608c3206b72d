"""Proxies ahead: what few browsers can play has its proxy made once it is complete, before somebody looks."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from daemon.decoding.pictures import PictureNotFound
from daemon.decoding.proxies import Making, Proxies
from daemon.project.parts import Parts
from events import Media, TakeCompleted
from events.log import follow
from projections.layout import media_path

PLAYED: Final = frozenset({"h264", "vp8", "vp9", "av1"})
"""Codecs of videos that browsers know."""

PLAYED_IN: Final = frozenset({".mp4", ".m4v", ".mov", ".webm"})
"""And in which files."""


def needs_proxy(media: Media) -> bool:
    """Whether few browsers can play that; one of ten bits is found out by whoever cannot."""
    is_played = media.codec in PLAYED and Path(media.name).suffix.lower() in PLAYED_IN
    return media.kind == "video" and not is_played


async def make_ahead(root: Path, parts: Parts, proxies: Proxies) -> None:
    """Have the proxies made of all that is completed from now on, one after the other, for ever.

    No more than one is under way, so that whoever wants to look at another take waits for that one alone.
    """
    async for record in follow(parts.log, parts.log.head):
        event = record.event
        if not isinstance(event, TakeCompleted) or not needs_proxy(event.media):
            continue
        if not parts.keeping.keeps(record.stream):
            continue
        await parts.index.seen.reach(record.position)
        shot = await parts.index.shot(record.stream)
        if shot is None:
            continue
        with suppress(PictureNotFound):  # it is said to whoever asks for it
            path = root / media_path(shot.path, event.take, event.media.name)
            found = await proxies.find(path, event.media)
            if isinstance(found, Making):
                await found.done.wait()
