"""The feed: the event log as those who listen see it, record by record, as soon as it can be asked about too."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial

import anyio
import msgspec

from daemon.project import Live
from daemon.views import EventView, event_view
from events import Record

HEARTBEAT = 15.0
"""Seconds of silence after which a feed says that it is still there."""


async def stream_of(live: Live, after: int, stream: str | None) -> AsyncIterator[bytes]:
    """Every record as an event whose id is its position, once the index has seen it."""
    yield b": " + live.log.id.encode() + b"\n\n"
    while True:
        with anyio.move_on_after(HEARTBEAT):
            await _first(partial(live.index.seen.reach, after + 1), live.gone.wait)
        if live.gone.is_set():
            return
        records = [one for one in await live.log.read(after, 500) if one.position <= live.index.seen.level]
        for view in await views_of(live, [one for one in records if stream in (None, one.stream)]):
            yield (
                f"id: {view.position}\nevent: {view.type}\ndata: ".encode()
                + msgspec.json.encode(view)
                + b"\n\n"
            )
        after = records[-1].position if records else after
        if not records:
            yield b":\n\n"


async def _first(*waits: Callable[[], Awaitable[object]]) -> None:
    """Return once one of them does."""

    async def wait(one: Callable[[], Awaitable[object]]) -> None:
        await one()
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for one in waits:
            group.start_soon(wait, one)


async def views_of(live: Live, records: Sequence[Record]) -> list[EventView]:
    """The records as the API shows them, each with its shot's id."""
    shots = await live.index.load({record.stream: () for record in records})
    paths = {one.shot.stream: one.shot.path for one in shots}
    return [event_view(record, paths) for record in records]
