"""The log, and what is told beside it in a stream of events, as the API shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from daemon.api.views.body import Camel
from events import Record
from projections.layout import full_id


class EventView(Camel, kw_only=True):
    """A record of the log."""

    position: int
    stream: str
    shot_id: str
    version: int
    id: str
    type: str
    at: str
    actor: str
    cause: str | None
    data: Any
    hash: str


class EventList(Camel, kw_only=True):
    """A stretch of the log; `log_id` tells a log from the one that a restored backup brings."""

    events: Sequence[EventView]
    log_id: str


class ProgressView(Camel, kw_only=True):
    """How far a take is that is being made: 0 to 1, where that is known, and what its runner says.

    `waits`: nobody is at it, and the message says why.
    """

    shot_id: str
    take_id: str
    fraction: float | None
    message: str | None
    waits: bool | UnsetType = UNSET


class LogView(Camel, kw_only=True):
    """Which log an event stream tells of, and the position of its last event."""

    log_id: str
    position: int


class MomentView(Camel, kw_only=True):
    """A moment: the last position of the log until then; 0 before there was anything.

    `at` is the time that was understood, null where a position was asked for; `last_at` is the time of the event
    at that position, and `head` where the log ends now.
    """

    position: int
    at: str | None
    last_at: str | None
    head: int


def event_view(record: Record, paths: Mapping[str, str]) -> EventView:
    """A record as the API shows it."""
    return EventView(
        position=record.position,
        stream=record.stream,
        shot_id=full_id(paths.get(record.stream, "")),
        version=record.version,
        id=record.id,
        type=str(record.event.__struct_config__.tag),
        at=record.at,
        actor=record.actor,
        cause=record.cause,
        data=record.event,
        hash=record.hash,
    )
