"""The keys: which request each Idempotency-Key came with, so that none stands for two.

What a request has changed is in the log under its key. One that had nothing to change is known here only, and so
forgotten when the daemon stops.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from cachetools import LRUCache
from msgspec.structs import replace

from events import (
    AccessGranted,
    AccessRevoked,
    Event,
    Record,
    Refused,
    ShotChoice,
    ShotNoted,
    TakeAccepted,
    TakeChoice,
    TakeCreated,
    TakeNoted,
    TakeTagged,
)

REMEMBERED = 10_000
"""Keys; of more, the one that was not used for longest is forgotten."""


class KeyUsed(Refused):
    """Raised when an Idempotency-Key comes with another request than the one that it came with before."""

    hint = "Give every request a key of its own, and the same one only to its repetitions."

    def __init__(self) -> None:
        super().__init__("the Idempotency-Key belongs to another request, which was done")


class Wish(NamedTuple):
    """What a request is for: the events that it wants, of which shot in which project.

    A number that is not for the request to say is 0, as that of a take that is asked for, nor is its workflow.
    """

    project: str
    stream: str
    events: tuple[Event, ...]

    def check(self, records: Iterable[Record]) -> None:
        """KeyUsed where another wish has led to those records."""
        wanted = [wished(one) for one in self.events]
        if not any(one.stream == self.stream and wished(one.event) in wanted for one in records):
            raise KeyUsed


def wished(event: Event) -> Event:
    """The event as a request may want it: without what only the log knew: numbers that it gave, what was so before,
    and who asked.
    """
    match event:
        case TakeCreated():
            return replace(event, take=0, workflow=None, by=None)
        case TakeNoted() | ShotNoted():
            return replace(event, note=0, by=None, undoes=None)
        case TakeTagged():
            return TakeTagged(take=event.take)
        case TakeAccepted() | AccessGranted() | AccessRevoked():
            return replace(event, by=None)
        case TakeChoice() | ShotChoice():
            return replace(event, by=None, undoes=None)
    return event


class Keys:
    """The last keys that came, each with what it was for, and whether that is done."""

    def __init__(self) -> None:
        self._known: LRUCache[str, tuple[Wish, bool]] = LRUCache(REMEMBERED)

    @contextmanager
    def claimed(self, key: str | None, wish: Wish) -> Iterator[bool]:
        """Have the key stand for that wish, unless it is refused; True where it was granted before."""
        if key is None:
            yield False
            return
        known, is_done = self._known.setdefault(key, (wish, False))
        if known != wish:
            raise KeyUsed
        try:
            yield is_done
        except BaseException:
            if not is_done:
                self._known.pop(key, None)
            raise
        self._known[key] = (wish, True)
