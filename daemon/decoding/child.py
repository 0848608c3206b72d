"""The child: one process that looks into files, as the daemon knows it: what it was asked, and what it owes."""

import asyncio
import errno
import os
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

import msgspec
from msgspec import structs

from projections.media.errors import NeedsMore
from projections.media.jobs import LENGTHS, Answer, DecoderJob, Greeting

STUCK = 600.0
"""Seconds after which a look that takes no time of the CPU is given up for now: its disk may hang."""

_MAX_ANSWER = 64 << 20

_PIECE = 1 << 18
"""Bytes that are read at a time: most answers have come by then, and more than one of them."""


class Stuck(OSError):
    """Raised when nothing comes back from a look, nor takes it any time."""

    def __init__(self) -> None:
        super().__init__(errno.ETIMEDOUT, "no look into it comes to an end, its disk may hang")


class Gone(Exception):
    """Raised when a child has closed its connection instead of answering."""


class Child:
    """One connection to a process that sees to one file at a time; `greeting` is what it has said first.

    `files` is how many it was lent. What it refuses after another is no verdict, and nobody lends it a further one: codecs
    may have left so much of the others in it that it has no room for this.
    """

    greeting: Greeting

    def __init__(self, connection: socket.socket) -> None:
        self.files = 0
        self.has_refused = False
        self._connection = connection
        self._asked: deque[DecoderJob] = deque()
        self._begun = 0.0
        self._heard = bytearray()
        self._process: int | None = None

    @property
    def owes(self) -> bool:
        """Whether it was asked something that it has not answered."""
        return bool(self._asked)

    async def greet(self) -> None:
        """Wait for its first word."""
        greeting, _ = self._take(await self._hear())
        self.greeting = msgspec.convert(greeting.values, Greeting)
        if sys.platform == "linux":
            with suppress(OSError):  # an older kernel has none, and there hanging up has to do
                self._process = os.pidfd_open(self.greeting.pid)

    def lend(self, *lent: tuple[int, Sequence[DecoderJob]]) -> None:
        """Lend it files, each with all that is asked of it; from here on it has them whatever becomes of ours."""
        files, asked = zip(*lent, strict=True)
        self.files += len(files)
        self._asked.extend(job for jobs in asked for job in jobs)
        self._begun = time.monotonic()
        with suppress(ConnectionError):  # who waits for the answer hears of it
            socket.send_fds(self._connection, [msgspec.json.encode(asked)], files)

    async def answer(self, patience: float | None = None) -> tuple[Answer, bytes]:
        """Wait for the next answer, or a part of it; its death is one, too. Stuck where none comes, in that many seconds.

        After one that ends all of it, nothing more is owed.
        """
        job = self._asked[0]
        try:
            if not (end := self._end()):
                # anyio's costs as much as all else here
                async with asyncio.timeout((patience or STUCK) if job.limit else None):
                    end = await self._hear()
            answer, picture = self._take(end)
        except TimeoutError:
            raise Stuck from None
        except (Gone, ConnectionError) as error:
            raise NeedsMore(_last_words(job.limit, time.monotonic() - self._begun)) from error
        if answer.reason is not None:
            self.has_refused = True
            answer = structs.replace(answer, needs_more=answer.needs_more or self.files > 1)
        if not answer.is_part:
            self._asked.popleft()
        self._begun = time.monotonic()
        if answer.ends(job):
            self._asked.clear()
        return answer, picture

    async def _hear(self) -> int:
        """Wait until all of an answer has been said, and others, perhaps, with it; where it ends."""
        while not (end := self._end()):
            part = await asyncio.get_running_loop().sock_recv(self._connection, _PIECE)
            if not part:
                raise Gone
            self._heard += part
        return end

    def _end(self) -> int:
        """Where the next answer ends in what was heard; 0 where not all of it was."""
        if len(self._heard) < LENGTHS.size:
            return 0
        end: int = LENGTHS.size + sum(LENGTHS.unpack_from(self._heard))
        if end > _MAX_ANSWER:
            raise Gone
        return end if len(self._heard) >= end else 0

    def _take(self, end: int) -> tuple[Answer, bytes]:
        """The next answer, which ends there in what was heard."""
        text = LENGTHS.size + LENGTHS.unpack_from(self._heard)[0]
        said, drawn = bytes(self._heard[LENGTHS.size : text]), bytes(self._heard[text:end])
        del self._heard[:end]
        try:
            return msgspec.json.decode(said, type=Answer), drawn
        except msgspec.MsgspecError as error:
            raise Gone from error

    def is_there(self) -> bool:
        """Whether it is still at the other end, waiting for a job and saying nothing."""
        try:
            self._connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return not self._heard
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Hang up, which ends it, in the middle of a job or not; where it does not heed that, it is killed."""
        self._connection.close()
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(process, signal.SIGKILL)
            os.close(process)


def _last_words(limit: float | None, took: float) -> str:
    if limit is not None and took >= limit:
        return f"looking at it took longer than {limit:g} s"
    return "the decoder crashed on it"
