"""Records: an event as the log keeps it, with its place, its time and the hash that ties it to the one before."""

import hashlib
import random
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from events.vocabulary import Event

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


class Record(Struct, frozen=True):
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
    millis = int(datetime.fromisoformat(at).timestamp() * 1000)
    tail = f"{random.getrandbits(74):019x}"
    head = f"{millis:012x}"
    return f"{head[:8]}-{head[8:]}-7{tail[:3]}-{'89ab'[int(tail[3], 16) & 3]}{tail[4:7]}-{tail[7:]}"


def chain(previous: str, *fields: object) -> str:
    """The hash of a record: SHA-256 over the previous hash and the record's fields as lines of UTF-8.

    No field can hold a line break: JSON text escapes it, and the others are checked when they are written.
    """
    return hashlib.sha256("\n".join([previous, *map(str, fields)]).encode()).hexdigest()
