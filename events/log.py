"""The event log: what every log promises, whichever way it keeps its records."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import anyio

from events.errors import LogDamaged
from events.record import Append, Page, Record


class EventLog(Protocol):
    """An append-only log of records in streams.

    Positions count the whole log and versions count a stream, both from 1 without gaps. A record that was
    appended is on disk, and is never changed.
    """

    @property
    def id(self) -> str:
        """What tells this log from every other one."""

    @property
    def head(self) -> int:
        """The position of the last record, 0 in an empty log."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes append to it, too: then a stream may go on though nobody here has changed it."""

    async def append(self, append: Append, *more: Append) -> Sequence[Record]:
        """Append all the events or none; they are on disk when this returns.

        A command (`cause` of the form `request:…`) that was appended before is not appended again: its
        records are returned as they are. StaleVersion where the stream is not at `expected`. What is to happen to
        several streams, all of it or nothing, has one cause: `more` are those of the others.
        """

    async def read(self, after: int = 0, limit: int = 1000) -> Sequence[Record]:
        """Up to `limit` records that follow that position, in order."""

    async def page(self, after: int, limit: int) -> Page:
        """Of the same records what is needed to fold them, which is read in a fraction of the time."""

    async def stream(self, stream: str, after: int = 0, limit: int | None = None) -> Sequence[Record]:
        """The records of one stream that follow that version, in order; up to `limit` of them, all by default."""

    async def version_at(self, stream: str, position: int) -> int:
        """The version that a stream had when the log was at that position, 0 before its first record."""

    async def streams(self, until: int) -> Sequence[tuple[str, int]]:
        """The streams of the records up to that position, in the order in which they began, each with how many it has."""

    async def histories(self, streams: Sequence[str], until: int) -> Page:
        """Of all records of these streams up to that position what is needed to fold them, one stream after the other."""

    async def position_at(self, at: str) -> int:
        """The position of the last record that was appended up to that time, written as a record's; 0 before the first.

        It is not later than that, and the next one is; where a clock was set back, that is so of more than one.
        """

    async def hash_at(self, position: int) -> str | None:
        """The hash of the record there, GENESIS before the first one; None where there is no record."""

    async def command(self, cause: str) -> Sequence[Record]:
        """The records that the command of that cause appended; none where it never came."""

    async def wait(self, position: int) -> None:
        """Return once the log has reached that position."""

    async def ready(self) -> None:
        """Return once whoever appended now would have his turn."""

    def verify(self, after: int = 0, batch: int = 2000) -> AsyncIterator[int]:
        """Walk the chain of hashes behind that position, so many records at a time, telling how far it has come.

        LogDamaged at the first record that is not what was written.
        """

    @property
    def damage(self) -> LogDamaged | None:
        """What is wrong with it, since it was closed for that."""

    def close_for(self, damage: LogDamaged) -> None:
        """Take no record from now on, and say why; it is still read."""


class Watermark:
    """Lets tasks wait until a count has risen to a mark: a log's head, a projection's position."""

    def __init__(self, level: int = 0) -> None:
        self.level = level
        self._risen: anyio.Event | None = None

    def rise(self, level: int) -> None:
        """Raise the level and wake everybody who waits."""
        self.level = max(level, self.level)
        if self._risen:
            self._risen.set()
            self._risen = None

    async def reach(self, level: int) -> None:
        """Return once the level is at least that."""
        while self.level < level:
            self._risen = self._risen or anyio.Event()
            await self._risen.wait()


async def follow(log: EventLog, after: int) -> AsyncIterator[Record]:
    """Every record after that position: those that are there, then each new one as it comes, for ever."""
    while True:
        await log.wait(after + 1)
        for record in await log.read(after):
            yield record
            after = record.position


COMMAND = "request:"
"""How a cause begins that is a command's id, and so may stand behind one append only."""


def check(*appends: Append) -> None:
    """Raise ValueError for what no log could append at once."""
    if len({one.stream for one in appends}) < len(appends) or len({one.cause for one in appends}) > 1:
        raise ValueError("what is appended at once has one cause, and each stream once")
    for one in appends:
        _check(one)


def _check(append: Append) -> None:
    if not append.events:
        raise ValueError("there is nothing to append")
    texts = (append.stream, append.at, append.actor, append.cause or "")
    if not "".join(texts).isprintable():
        odd = next(text for text in texts if not text.isprintable())
        raise ValueError(f"not one line of printable text: {odd!r}")


def is_command(cause: str | None) -> bool:
    """Whether that cause may stand behind one append only."""
    return cause is not None and cause.startswith(COMMAND)
