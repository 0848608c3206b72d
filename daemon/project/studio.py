"""The studio: the log of a film that is in a studio's database, read from this machine's mirror of it.

The driver comes with an extra: what needs it is imported when a film says that it is in a studio.
"""

# ruff: noqa: PLC0415

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING

import anyio

from daemon.disk.mounts import journal_for
from daemon.project.home import Home, InStudio
from events import EventLog, Refused, StudioAway
from events.store.tasks import end
from projections.board import Board
from projections.files.threads import in_thread

if TYPE_CHECKING:
    from events.store.postgres.claims import Claims
    from events.store.postgres.log import PostgresLog
    from events.store.postgres.mirror import Mirror
    from events.store.postgres.studio import Studio, Studios

AT_LAST = 2.0
"""Seconds for which the end waits until the film is let go of."""

LOOK = 1.0
"""Seconds between two looks at how the database is."""

CLOCKS = 60.0
"""Seconds between two comparisons of its clock with this machine's."""

APART = 1.0
"""Seconds that two clocks may be apart before it is told."""

AWAY = "The film is shown as it was then, drops wait where they are, and commands are refused. It goes on by itself."

WRONG_CLOCK = "Times in the log are wrong by that much; its order is not. Have both clocks set by NTP."


class KeptByAnother(Refused):
    """Raised when another machine has claimed the film in the studio's database."""

    hint = "Stop takes there. Where it has crashed, or was cut off, this one goes on within 15 seconds."

    def __init__(self, owners: Sequence[str] = ()) -> None:
        hosts = ", ".join(sorted({owner.partition("/")[0] for owner in owners})) or "another machine"
        super().__init__(f"{hosts} keeps the film")


class OpenStudios:
    """The databases that the films of this daemon are in: each is connected to once for all of them."""

    def __init__(self) -> None:
        self._studios: Studios | None = None

    @asynccontextmanager
    async def connected(self, service: str) -> AsyncIterator["Studio"]:
        """The database of that service, which need not answer; StudioNotInstalled."""
        for name in ("claims", "mirror"):  # which takes a while the first time
            await in_thread(import_module, f"events.store.postgres.{name}")
        from events.store.postgres.studio import Studios

        self._studios = self._studios or Studios()
        async with self._studios.connected(service, f"takes/{socket.gethostname()}") as studio:
            yield studio


@asynccontextmanager
async def open_studio_log(home: Home, said: InStudio, studios: OpenStudios) -> AsyncIterator["Mirror"]:
    """The film's log; where the database is away for now, all that this machine has seen of it."""
    async with studios.connected(said.service) as studio, _opened(home, said, studio) as mirror:
        yield mirror


@asynccontextmanager
async def _opened(home: Home, said: InStudio, studio: "Studio") -> AsyncIterator["Mirror"]:
    from events.store.postgres.claims import Claims
    from events.store.postgres.log import PostgresLog
    from events.store.postgres.mirror import following, open_mirror

    remote, journal = PostgresLog(studio, said.log), await in_thread(journal_for, home.folder)
    async with open_mirror(home.log, remote, journal=journal) as mirror:
        home.check(mirror.id)
        claims = Claims(studio, remote, f"{said.host}/{said.machine}")
        async with following(mirror), _claimed(claims, remote):
            yield mirror


@asynccontextmanager
async def _claimed(claims: "Claims", remote: "PostgresLog") -> AsyncIterator[None]:
    """Have the film be this machine's meanwhile, and nobody else append for it; KeptByAnother.

    A restart goes on with what was claimed before: the lock on the film says that there is no other daemon here.
    """
    remote.fence = claims
    with suppress(StudioAway):  # then it is claimed once the database is back
        await claims.renew()
        if claims.is_overtaken:
            raise KeptByAnother(await claims.others())
    renewing = asyncio.create_task(claims.keep())
    try:
        yield
    finally:
        await end(renewing)
        with anyio.move_on_after(AT_LAST, shield=True), suppress(StudioAway):
            await claims.release()


def check_reach(mirror: "Mirror", position: int) -> None:
    """StudioAway where more of the film is known than the mirror has, and the database cannot be asked."""
    if mirror.remote.away and mirror.head < position:
        raise mirror.remote.away


async def watch_studio(log: EventLog, board: Board) -> None:
    """Tell how the database is, and how its clock differs, for ever.

    LogWentBack once it knows less than this machine, and KeptByAnother once another one has claimed the film.
    """
    from events.store.postgres.mirror import Mirror

    assert isinstance(log, Mirror)  # noqa: S101
    remote, since, compared = log.remote, None, -CLOCKS
    while not remote.damage:
        if remote.fence and remote.fence.is_overtaken:
            raise KeptByAnother
        if not remote.away:
            since = None
            if anyio.current_time() - compared >= CLOCKS:
                compared = anyio.current_time()
                with suppress(StudioAway):
                    _tell_clocks(board, await remote.seconds() - time.time())
        since = since or (f"{datetime.now().astimezone():%H:%M:%S}" if remote.away else None)
        told = [f"{remote.away} (since {since})"] if remote.away else []
        board.report("log", "studio", *told, hint=AWAY)
        await anyio.sleep(LOOK)
    log.close_for(remote.damage)
    raise remote.damage


def _tell_clocks(board: Board, apart: float) -> None:
    """`apart` is by how many seconds the database is ahead."""
    how = "behind" if apart > 0 else "ahead of"
    told = [f"this machine's clock is {abs(apart):.0f} s {how} the studio's"] if abs(apart) > APART else []
    board.report("log", "clock", *told, hint=WRONG_CLOCK)
