"""Records: an event as the log keeps it, with its place, its time and the hash that ties it to the one before."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from msgspec import Struct

from events.brief import BriefEvent
from events.event import Event

GENESIS = "0" * 64
"""The hash that stands before the first record."""


class TakeKey(NamedTuple):
    """Which take of a project: the stream of its shot, and its number in it."""

    stream: str
    number: int


class Head(Struct, frozen=True):
    """Where a log ends: which log it is, and the position and hash of its last record."""

    log: str
    position: int
    hash: str


class Record(Struct, frozen=True, gc=False):
    """One event in the log. `position` and `version` count from 1 without gaps."""

    position: int
    stream: str
    version: int
    id: str
    at: str
    actor: str
    cause: str | None
    event: Event
    hash: str


class Page(Struct, frozen=True):
    """Records in columns: what is needed to fold them, of each event in brief.

    `hash` is that of the last one, where they follow each other in the log.
    """

    positions: Sequence[int]
    streams: Sequence[str]
    versions: Sequence[int]
    times: Sequence[str]
    events: Sequence[BriefEvent]
    hash: str

    def __len__(self) -> int:
        return len(self.events)

    def entries(self, start: int = 0) -> Iterator[tuple[int, str, int, str, BriefEvent]]:
        """Position, stream, version, time and event of each, from that one on."""
        columns = zip(self.positions, self.streams, self.versions, self.times, self.events, strict=True)
        return islice(columns, start, None)


class Append(Struct, frozen=True, kw_only=True):
    """What a writer asks of the log.

    `expected` is the version at which the writer saw the stream. `at` is UTC with microseconds, `actor` is
    who (`watcher`, `api`, `cli`, `runner`, `filesystem`, and `:uid` where there is a peer), `cause` is the
    id of the event or `request:` and the id of the command behind it.
    """

    stream: str
    events: Sequence[Event]
    expected: int
    at: str
    actor: str
    cause: str | None = None


def timestamp(moment: datetime) -> str:
    """A UTC time as the log writes it: `2026-11-23T12:53:00.000000Z`."""
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def event_id(at: str) -> str:
    """A UUIDv7 (RFC 9562) for an event at that time."""
    millis = f"{int(datetime.fromisoformat(at).timestamp() * 1000):012x}"
    tail = f"{random.getrandbits(74):019x}"
    return f"{millis[:8]}-{millis[8:]}-7{tail[:3]}-{'89ab'[int(tail[3], 16) & 3]}{tail[4:7]}-{tail[7:]}"


def chain(previous: str, *fields: object) -> str:
    """The hash of a record: SHA-256 over the previous hash and the record's fields as lines of UTF-8.

    No field can hold a line break: JSON text escapes it, and the others are checked when they are written.
    """
    return hashlib.sha256("\n".join([previous, *map(str, fields)]).encode()).hexdigest()
