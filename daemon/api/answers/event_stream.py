"""The event stream: the event log as those who listen see it, record by record, as soon as it can be asked about too.

Two things are told that are in no log, and so have no id: which log it is, and how far a take is that is
being made right now.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial

import anyio
import msgspec
from msgspec import UNSET

from daemon.api.views.log import EventView, LogView, ProgressView, event_view
from daemon.project.parts import Parts
from daemon.runners.runner import Progress
from events import EventLog, Record, Refused, TakeKey
from projections.layout import full_id, take_name

HEARTBEAT = 15.0
"""Seconds of silence after which a feed says that it is still there."""

BREATH = 0.05
"""Seconds between two looks at what is under way, which may get further a thousand times in each of them."""


class BeyondLog(Refused):
    """Raised when what follows a position is asked for to which the log has not come."""

    hint = "The log may be another one now, or an older copy of it: begin anew with `after=0`."

    def __init__(self, after: int, head: int) -> None:
        super().__init__(f"the log ends at position {head}, and nothing follows {after}")


def checked_position(log: EventLog, after: int) -> int:
    """The position, if the log has come to it; BeyondLog."""
    if after > log.head:
        raise BeyondLog(after, log.head)
    return after


async def stream_of(
    parts: Parts, after: int, stream: str | None, may_see: Callable[[], Awaitable[bool]]
) -> AsyncIterator[bytes]:
    """Every record as an event whose id is its position, once the index has seen it, to whom may still see it then."""
    yield _message("log.opened", LogView(log_id=parts.log.id, position=parts.log.head))
    told: Mapping[TakeKey, Progress] = {}
    while True:
        with anyio.move_on_after(HEARTBEAT) as silence:
            if parts.queue.under_way.progress == told:
                await _first(
                    partial(parts.index.seen.reach, after + 1), parts.queue.under_way.moved, parts.gone.wait
                )
        if parts.gone.is_set() or not await may_see():
            return
        records = [one for one in await parts.log.read(after, 500) if one.position <= parts.index.seen.level]
        for view in await views_of(parts, [one for one in records if stream in (None, one.stream)]):
            yield f"id: {view.position}\n".encode() + _message(view.type, view)
        after = records[-1].position if records else after
        before, told = told, dict(parts.queue.under_way.progress)
        for progress in await _progress_of(parts, before, told, stream):
            yield _message("take.progress", progress)
        if silence.cancelled_caught:
            yield b":\n\n"
        elif not records:
            await anyio.sleep(BREATH)


def _message(kind: str, data: object) -> bytes:
    return f"event: {kind}\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"


async def _progress_of(
    parts: Parts, before: Mapping[TakeKey, Progress], now: Mapping[TakeKey, Progress], stream: str | None
) -> list[ProgressView]:
    """What has got further, as the API shows it."""
    further = {
        key: one for key, one in now.items() if before.get(key) != one and stream in (None, key.stream)
    }
    loaded = await parts.index.load({key.stream: () for key in further}) if further else []
    paths = {one.shot.stream: one.shot.path for one in loaded}
    return [
        ProgressView(
            shot_id=full_id(paths.get(shot, "")),
            take_id=take_name(number),
            fraction=progress.fraction,
            message=progress.message,
            waits=progress.waits or UNSET,
        )
        for (shot, number), progress in further.items()
    ]


async def _first(*waits: Callable[[], Awaitable[object]]) -> None:
    """Return once one of them does."""

    async def wait(one: Callable[[], Awaitable[object]]) -> None:
        await one()
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for one in waits:
            group.start_soon(wait, one)


async def views_of(parts: Parts, records: Sequence[Record]) -> list[EventView]:
    """The records as the API shows them, each with its shot's id."""
    shots = await parts.index.load({record.stream: () for record in records})
    paths = {one.shot.stream: one.shot.path for one in shots}
    return [event_view(record, paths) for record in records]
