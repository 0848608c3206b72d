"""A film of old takes, and what became of their bytes."""

import hashlib
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import anyio
from msgspec import Struct

from events import (
    Append,
    Event,
    EventLog,
    Media,
    ShotRegistered,
    Source,
    TakeActivated,
    TakeCompleted,
    TakeCreated,
    TakeDeleted,
    TakeFailed,
    open_log,
    timestamp,
)
from projections.layout import recipe_name
from tests.support.film import DAWN, Daemon, Film, make_film

POLICY = {"deleted_after_days": 7.0}

Became = Literal["complete", "active", "deleted", "failed"]


class Old(Struct):
    """A take of a month ago, and what became of it since."""

    number: int
    content: bytes = b""
    became: Became = "deleted"
    has_object: bool = True


def object_of(film: Film, content: bytes) -> Path:
    sha256 = hashlib.sha256(content).hexdigest()
    return film.root / ".takes/objects" / sha256[:2] / sha256[2:]


async def make_old_film(folder: Path, *takes: Old, shot: str = DAWN) -> Film:
    """A film with these takes, each with its file, its recipe and its object."""
    film = await make_film(folder)
    async with open_log(film.log) as log:
        await append_past(film, log, *takes, shot=shot)
    return film


async def append_past(film: Film, log: EventLog, *takes: Old, shot: str = DAWN, stream: str = "s1") -> None:
    """Have the files of these takes lie where they belong, and the log tell of a month ago."""
    found = await anyio.Path(film.shot(shot)).stat()
    events: list[Event] = [ShotRegistered(path=shot, device=found.st_dev, inode=found.st_ino)]
    for take in takes:
        events += await anyio.to_thread.run_sync(make_take, film, take, shot)
    for version, event in enumerate(events):
        days = 10 if isinstance(event, TakeDeleted) else 30
        at = timestamp(datetime.now(UTC) - timedelta(days=days))
        await log.append(Append(stream=stream, events=[event], expected=version, at=at, actor="watcher"))


def make_take(film: Film, take: Old, shot: str) -> Sequence[Event]:
    """Put a take's files where they belong; the events that tell of them."""
    media = film.media(take.number, shot)
    media.parent.mkdir()
    media.write_bytes(take.content)
    media.chmod(0o444)
    (media.parent / recipe_name(shot, take.number)).write_text('{"seed": 7}')
    number, name, sha256 = take.number, media.name, hashlib.sha256(take.content).hexdigest()
    found = media.stat()
    identity = {"device": found.st_dev, "inode": found.st_ino, "size": found.st_size}
    source = Source(kind="drop", name="render.png", identity=_identity(identity, found.st_mtime_ns))
    created = TakeCreated(take=number, source=source)
    if take.became == "failed":
        return [created, TakeFailed(take=number, error="it is cut off", name=name)]
    if take.has_object:
        second = object_of(film, take.content)
        second.parent.mkdir(parents=True, exist_ok=True)
        if not second.exists():
            os.link(media, second)
    facts = Media(name=name, bytes=len(take.content), sha256=sha256, kind="image", width=64, height=36)
    then: dict[str, Event] = {"active": TakeActivated(take=number), "deleted": TakeDeleted(take=number)}
    made = TakeCompleted(take=number, media=facts, params={"prompt": "waves"})
    return [created, made, *([then[take.became]] if take.became in then else [])]


def _identity(facts: dict[str, int], mtime_ns: int) -> Any:
    from events import Identity

    return Identity(**facts, mtime_ns=mtime_ns)


async def purges(daemon: Daemon) -> list[int]:
    return [one["data"]["take"] for one in await daemon.events() if one["type"] == "take.purged"]
