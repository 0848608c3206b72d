"""The strangers: connections at the port that have shown no token, and what they may cost.

Any user of this machine can connect to the port. So they are few, the oldest makes room for the newest, each has
little time and room for the head of a request, and the last descriptors are not for them: the owner's socket has to
answer however many there are.
"""

import asyncio
import resource
from collections import Counter
from collections.abc import Callable
from typing import Protocol

import structlog

from daemon.api.answers.problems import document

log = structlog.get_logger()

MOST = 64
"""Connections that have shown no token."""

HEAD_BYTES = 32 * 1024
"""The longest head of a request: its first line and its headers."""

HEAD_SECONDS = 10.0
"""From the connection, or the first byte of a later request, to the end of its head."""

MINUTE = 60.0
"""Seconds between two lines of the log that tell what was refused."""

CONNECTION = "takes.connection"
"""Where a request has the connection that it came by, among the extensions of its scope."""


class Connection(Protocol):
    """What a request can do to the connection that it came by."""

    def trust(self) -> None:
        """It has shown the token."""

    def abort(self) -> None:
        """Close it at once, whatever was not read yet."""


class Refusals:
    """What was refused, and how often: told at once, and then every minute in which there was more."""

    def __init__(self, pause: float = MINUTE) -> None:
        self._pause = pause
        self._counts: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def count(self, why: str) -> None:
        """Something was refused once more for that reason."""
        self._counts[why] += 1
        if self._timer is None:
            self._tell()

    def _tell(self) -> None:
        self._timer = None
        if self._counts:
            log.warning("refused at the port", **self._counts)
            self._counts.clear()
            self._timer = asyncio.get_running_loop().call_later(self._pause, self._tell)


class Strangers:
    """The connections that have shown no token, the oldest first."""

    def __init__(
        self,
        most: int = MOST,
        seconds: float = HEAD_SECONDS,
        reserve: int | None = None,
        refusals: Refusals | None = None,
    ) -> None:
        self.seconds = seconds
        self.refusals = refusals or Refusals()
        self._most = most
        self._reserve = reserve
        self._waiting: dict[Connection, None] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def may_have(self, descriptor: int) -> bool:
        """Whether that descriptor is not one of the last, a quarter of all, which are kept for the owner."""
        most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if most == resource.RLIM_INFINITY:
            return True
        return descriptor < most - (most // 4 if self._reserve is None else self._reserve)

    def enter(self, connection: Connection) -> None:
        """One more; the one that has waited longest has to go where they are too many."""
        if len(self._waiting) >= self._most:
            oldest = next(iter(self._waiting))
            self.leave(oldest)
            self.refusals.count("crowded")
            oldest.abort()
        self._waiting[connection] = None

    def leave(self, connection: Connection) -> None:
        """It is gone, or no stranger any more."""
        self._waiting.pop(connection, None)


class Head:
    """The head of a request as it comes in: how much of it, and until when it may take."""

    def __init__(self, seconds: float, give_up: Callable[[], None]) -> None:
        self._seconds = seconds
        self._give_up = give_up
        self._bytes = 0
        self._is_due = True
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_too_long(self) -> bool:
        """Whether more has come than a head may have, and its end has not."""
        return self._is_due and self._bytes > HEAD_BYTES

    def wait(self) -> None:
        """The time for it begins, unless it has begun."""
        if self._is_due and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._give_up)

    def add(self, count: int) -> None:
        """So many bytes have come, of it or of what follows it."""
        self.wait()
        self._bytes += count

    def end(self) -> None:
        """It is whole, or there will be no more of it."""
        self._is_due = False
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def expect(self) -> None:
        """The request is whole, and another one may come."""
        self._is_due, self._bytes = True, 0


def refusal(status: int, title: str, detail: str) -> bytes:
    """The whole answer to a request of which not even the head is there."""
    body = document(status, title, detail, "Send the whole request at once, with few headers.")
    head = (
        f"HTTP/1.1 {status} {title}\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
