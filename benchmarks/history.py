"""The history: events as a film leaves them in its log, made up, and appended fast."""

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import anyio

from events import (
    Append,
    Event,
    EventLog,
    Identity,
    Media,
    Params,
    ShotRegistered,
    Source,
    TakeActivated,
    TakeCompleted,
    TakeCreated,
    timestamp,
)
from projections.layout import media_name

PRODUCERS = 64
"""Appends that are under way at a time: they share a commit."""

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)

LINES = (
    "a lantern on the pier, fog, handheld",
    "gulls over the harbour at dawn, 35 mm, grain",
    "tide and rope, close, backlit",
    "a coin on the ticket counter, wide, overcast",
    "night swell under a far light, dolly in",
)


def recipe(dice: random.Random) -> Params:
    """Parameters as a generator states them."""
    return {
        "model": "wan2.2_t2v_14B",
        "seed": dice.getrandbits(32),
        "prompt": ", ".join(dice.choices(LINES, k=3)),
        "negativePrompt": "people, text, watermark",
        "steps": 30,
        "cfg": 6.5,
    }


def media(name: str, number: int, suffix: str) -> Media:
    """A take's media; its hash is that of the number, as `content` has it."""
    digest = hashlib.sha256(content(number)).hexdigest()
    if suffix == ".png":
        return Media(name=name, bytes=len(content(number)), sha256=digest, kind="image", width=64, height=36)
    return Media(
        name=name,
        bytes=len(content(number)),
        sha256=digest,
        kind="video",
        duration=5.041667,
        width=1920,
        height=1080,
        frame_rate=24.0,
        codec="h264",
    )


def content(number: int) -> bytes:
    """What stands for the bytes of a take."""
    return b"take %d\n" % number


def registered(path: str, inode: int, device: int = 1) -> list[Event]:
    return [ShotRegistered(path=path, device=device, inode=inode)]


def takes(shot: str, numbers: Iterable[int], dice: random.Random, *, suffix: str = ".mp4") -> Iterator[Event]:
    """Takes that are dropped and completed; a third has a recipe, the first one and some others become active."""
    for number in numbers:
        identity = Identity(
            device=1, inode=dice.getrandbits(24), size=len(content(number)), mtime_ns=1767225600 * 10**9
        )
        source = Source(kind="drop", name=f"render_{number:05d}{suffix}", identity=identity)
        yield TakeCreated(take=number, source=source)
        found = media(media_name(shot, number, suffix), number, suffix)
        yield TakeCompleted(take=number, media=found, params=recipe(dice) if number % 3 == 1 else None)
        if number == 1:
            yield TakeActivated(take=number, why="first")
        elif number % 8 == 0:
            yield TakeActivated(take=number)


def as_appends(rounds: Iterable[tuple[str, int, Sequence[Event]]]) -> Iterator[Append]:
    """What is to be appended, from (stream, its version, events)."""
    for number, (stream, expected, events) in enumerate(rounds):
        at = timestamp(BEGAN + timedelta(seconds=number))
        yield Append(stream=stream, events=events, expected=expected, at=at, actor="watcher")


async def append_all(log: EventLog, appends: Iterable[Append]) -> None:
    """Append all of that, as fast as the log takes it; those of one stream lie further apart than PRODUCERS."""
    waiting = iter(appends)

    async def produce() -> None:
        for append in waiting:
            await log.append(append)

    async with anyio.create_task_group() as group:
        for _ in range(PRODUCERS):
            group.start_soon(produce)
