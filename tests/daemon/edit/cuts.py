"""Cuts: films of which only the log knows, and what is written of them for an edit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from daemon.edit.cut import Cut, Plan, cut_of
from daemon.edit.formats import FORMATS, FormatName
from events import (
    Append,
    Event,
    MemoryLog,
    ShotRegistered,
    Source,
    TakeActivated,
    TakeCompleted,
    TakeCreated,
    TakeDeleted,
    TakeFailed,
)
from projections.index.index import Index, open_index
from tests.events.samples import AT, media

ROOT = Path("/films/A Film")
SEED = 2**64 - 1
RECIPE = {
    "model": "wan2.1.safetensors",
    "seed": SEED,
    "prompt": "gulls & \x0b <fog>\n=1+1",
    "loras": [{"name": "grain"}],
}
STILL: dict[str, Any] = {"kind": "image", "codec": "png", "duration": None, "frame_rate": None}

DAWN, NOON, NIGHT, DUSK = "01_Sea/001_Dawn", "01_Sea/002_Noon", "01_Sea/003_Night", "02_Pier/001_Dusk"


class Told:
    """A film to which things are told."""

    def __init__(self, log: MemoryLog, index: Index) -> None:
        self.log, self.index = log, index

    async def tell(self, shot: str, *events: Event) -> None:
        version = len(await self.log.stream(shot))
        more = [] if version else [ShotRegistered(path=shot)]
        await self.log.append(
            Append(stream=shot, events=[*more, *events], expected=version, at=AT, actor="cli")
        )
        while await self.index.advance(self.log):
            pass

    async def drop(self, shot: str, number: int, recipe: dict[str, Any] | None = None, **facts: Any) -> None:
        found = replace(media(number), **facts)
        created = TakeCreated(take=number, source=Source(kind="drop", name="=render.mp4"))
        await self.tell(shot, created, TakeCompleted(take=number, media=found, params=recipe))

    async def cut(self, **plan: Any) -> Cut:
        return await cut_of(self.index, "A Film", ROOT, Plan(**plan))


@asynccontextmanager
async def told(folder: Path) -> AsyncIterator[Told]:
    log = MemoryLog()
    async with open_index(folder / "index.db", log) as index:
        yield Told(log, index)


@asynccontextmanager
async def film(folder: Path) -> AsyncIterator[Told]:
    """Three takes at dawn, the second of them active; a picture at noon; none at night; and one of another rate at dusk."""
    async with told(folder) as one:
        for number in (1, 2, 3, 4):
            await one.drop(DAWN, number, RECIPE if number == 2 else None, duration=2.002)
        await one.tell(DAWN, TakeActivated(take=2), TakeDeleted(take=4))
        await one.drop(NOON, 1, **STILL, name="noon_take_001.png")
        await one.tell(NOON, TakeActivated(take=1))
        await one.tell(
            NIGHT, TakeCreated(take=1, source=Source(kind="drop")), TakeFailed(take=1, error="cut off")
        )
        await one.drop(DUSK, 1, duration=2.0, frame_rate=25.0)
        await one.tell(DUSK, TakeActivated(take=1))
        yield one


def written(cut: Cut, name: FormatName, *, relative: bool = False) -> str:
    return FORMATS[name].write(cut, relative).decode()
