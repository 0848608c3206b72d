"""The studio: the log of a film that is in a studio's database, read from this machine's mirror of it.

The driver comes with an extra: what needs it is imported when a film says that it is in a studio.
"""

# ruff: noqa: PLC0415

import secrets
import socket
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import anyio
from msgspec import Struct

from daemon.config.table import Role
from daemon.disk.marker import MarkerGone
from daemon.disk.mounts import journal_for
from daemon.home.home import Home, InStudio, read_studio
from events import EventLog, LogWentBack, Refused, StudioAway, TakesError
from events.store.log_file import copy_log
from projections.board import Board
from projections.files.threads import in_thread

if TYPE_CHECKING:
    from daemon.desks.doing import Doer
    from daemon.keeping.keeper import Keeper
    from daemon.keeping.takeover import Takeover
    from daemon.project.parts import Parts
    from events.store.postgres.log import Meter, PostgresLog
    from events.store.postgres.mirror import Mirror
    from events.store.postgres.shares import FilmShares
    from events.store.postgres.studio import Studio, Studios

LOOK = 1.0
"""Seconds between two looks at how the database is."""

CLOCKS = 60.0
"""Seconds between two comparisons of its clock with this machine's."""

KEEPERS = 5.0
"""Seconds between two looks at who keeps the film."""

APART = 1.0
"""Seconds that two clocks may be apart before it is told."""

START_ONE = "Start one on a machine that has the film: `takes worker`."

AWAY = "The film is shown as it was then, drops wait where they are, and commands are refused. It goes on by itself."

WRONG_CLOCK = "Times in the log are wrong by that much; its order is not. Have both clocks set by NTP."


class ForKeepers(Refused):
    """Raised when something is asked of a machine that only one that keeps the film does."""

    def __init__(self, project: str, keepers: Sequence[str], command: str) -> None:
        """`keepers` are the hosts of those that do, by that command."""
        super().__init__(
            f"{project!r} is kept by another machine, and this one does not do that in its folder"
        )
        where = (
            f"On {' or '.join(keepers)}, run"
            if keepers
            else "Nobody keeps it now. On a machine that does, run"
        )
        self.hint = f"{where}: {command} --project {project}"


class OpenStudios:
    """The databases that the films of this daemon are in: each is connected to once for all of them."""

    def __init__(self) -> None:
        self._studios: Studios | None = None

    @asynccontextmanager
    async def connected(self, service: str) -> AsyncIterator["Studio"]:
        """The database of that service, which need not answer; StudioNotInstalled."""
        for name in ("events.store.postgres.mirror", "daemon.keeping.takeover", "daemon.keeping.keeper"):
            await in_thread(import_module, name)  # which takes a while the first time
        from events.store.postgres.studio import Studios

        self._studios = self._studios or Studios()
        async with self._studios.connected(service, f"takes/{socket.gethostname()}") as studio:
            yield studio


@asynccontextmanager
async def open_studio_log(
    home: Home, said: InStudio, studios: OpenStudios, role: Role
) -> AsyncIterator[tuple["Mirror", "Keeper | None"]]:
    """The film's log, and who keeps its shards here; where the database is away, all that this machine has seen of it."""
    async with studios.connected(said.service) as studio, _opened(home, said, studio, role) as opened:
        yield opened


@asynccontextmanager
async def _opened(
    home: Home, said: InStudio, studio: "Studio", role: Role
) -> AsyncIterator[tuple["Mirror", "Keeper | None"]]:
    from daemon.keeping.keeper import Keeper
    from events.store.postgres.log import PostgresLog
    from events.store.postgres.mirror import following, open_mirror

    remote = PostgresLog(studio, said.log, says="command" if role == "desk" else "append")
    journal = await in_thread(journal_for, home.folder)
    # a desk does not even read the film's own log: SQLite would write beside that
    path = home.log if role == "desk" else await mirror_of(home)
    async with open_mirror(path, remote, journal=journal) as mirror:
        home.check(mirror.id)
        async with following(mirror):
            if role == "desk":
                yield mirror, None
                return
            answers = partial(_see_film, home.root, said)
            keeper = Keeper(studio, remote, role, home.folder, answers, mirror.catch_up)
            try:
                await keeper.begin()
                yield mirror, keeper
            finally:
                await keeper.end()


def _see_film(root: Path, said: InStudio) -> None:
    """MarkerGone unless the film is there."""
    if read_studio(root) != said:
        raise MarkerGone(root)


async def mirror_of(home: Home) -> Path:
    """The file of the mirror on this machine, which begins as what is here of the film's own log."""
    await in_thread(_begin_mirror, home)
    return home.log


def _begin_mirror(home: Home) -> None:
    own = home.own_log
    if home.log.exists() or not own.exists():
        return
    made = home.folder / f".{secrets.token_hex(8)}.tmp"
    try:
        copy_log(own, made)
        with suppress(FileExistsError):
            home.log.hardlink_to(made)
    finally:
        made.unlink(missing_ok=True)


def takeover(parts: "Parts") -> "Takeover":
    """What is done for the shards of a film that come."""
    from daemon.keeping.takeover import Takeover

    make_up = partial(_doer(parts).make_up, parts.log)
    return Takeover(parts.index, parts.projector, parts.scheduler, parts.restorer.overwrites, make_up)


def _doer(parts: "Parts") -> "Doer":
    from daemon.desks.doing import Doer

    return Doer(parts.index, parts.projector, parts.mailbox, parts.board, parts.restorer)


async def check_reach(mirror: "Mirror", position: int) -> None:
    """Have the mirror reach as far as the film is known to go; StudioAway, and LogWentBack where the database does not."""
    if mirror.head < position:
        if mirror.remote.away:
            raise mirror.remote.away
        await mirror.catch_up()
    if mirror.head < position:
        raise LogWentBack(position, mirror.head)


class StudioStanding(Struct, frozen=True):
    """How a film in a studio's database stands on this machine: its part in it, and the hosts of those that keep it.

    `shards` is for how many of its sixteen this machine may act, `behind` how many records of its log are not shown here
    yet, as far as is known, and `away` why the database does not answer. It `polls` where it is not told of new records,
    as behind a pooler, but has to look for them each second.
    """

    role: Literal["keeper", "desk"]
    kept_by: Sequence[str]
    behind: int
    away: str | None
    shards: int
    polls: bool


def standing_of(parts: "Parts") -> StudioStanding | None:
    """How the film stands; None where it is in no studio."""
    if not parts.log.is_shared:
        return None
    from daemon.keeping.shards import Shards

    remote = _mirror(parts.log).remote
    return StudioStanding(
        role="desk" if parts.keeping.is_desk else "keeper",
        kept_by=remote.keepers.hosts,
        behind=max(0, remote.head - parts.index.seen.level),
        away=str(remote.away) if remote.away else None,
        shards=parts.keeping.acting if isinstance(parts.keeping, Shards) else 0,
        polls=remote.studio.bell.is_deaf,
    )


def keepers_of(log: EventLog) -> Sequence[str]:
    """The hosts of those that keep the film; none where it is in no studio, or nobody does."""
    return _mirror(log).remote.keepers.hosts if log.is_shared else ()


def shares_of(log: EventLog) -> "FilmShares | None":
    """The links into the film that every hub of its studio knows; None where it is in no studio."""
    return _mirror(log).remote.shares if log.is_shared else None


def measure(log: EventLog, meter: "Meter") -> None:
    """Have it told of each append to the studio's database."""
    _mirror(log).remote.meter = meter


def _mirror(log: EventLog) -> "Mirror":
    """The log of a film that is in a studio."""
    from events.store.postgres.mirror import Mirror

    assert isinstance(log, Mirror)  # noqa: S101
    return log


async def work_together(root: Path, parts: "Parts") -> None:
    """Tell what is seen here where others keep it, and, unless at a desk, hear that and do what was asked for
    elsewhere, for ever.
    """
    from daemon.desks.hearing import hear
    from daemon.desks.looking_out import LookOut
    from daemon.keeping.takeover import look_where_shots_come

    remote, index, mailbox, keeping = _mirror(parts.log).remote, parts.index, parts.mailbox, parts.keeping
    look_out = partial(LookOut, root, watch=parts.watch, hints=remote.hints, keeping=keeping)
    async with anyio.create_task_group() as group:
        desk = f"{socket.gethostname()}/{uuid.uuid4().hex}" if keeping.is_desk else None
        group.start_soon(_know_others, remote, parts, desk)
        if keeping.is_desk:
            await look_out(mailbox).run(parts.log, index)
        if parts.share:  # of which the others hear nothing
            group.start_soon(look_out(mailbox.second()).run, parts.log, index)
        group.start_soon(look_where_shots_come, parts.log, index, keeping, mailbox)
        group.start_soon(hear, root, remote.hints, mailbox, index, keeping)
        await _doer(parts).run(parts.log, remote.keepers)


async def _know_others(remote: "PostgresLog", parts: "Parts", desk: str | None) -> None:
    """Know who keeps the film and whether anybody makes what is asked for, and have a desk be known, for ever."""
    while True:
        with suppress(TakesError):
            await remote.keepers.look()
            if desk:
                await remote.keepers.attend(desk)
            await remote.workers.look()
            is_needed = remote.workers.missing and await parts.index.awaited()
            parts.queue.under_way.lack(missing_worker(parts.log) if is_needed else None)
        await anyio.sleep(KEEPERS)


def missing_worker(log: EventLog) -> str | None:
    """That nobody is there who makes what is asked for in the film, and what to do; None where somebody is, or need not be."""
    missing = _mirror(log).remote.workers.missing if log.is_shared else None
    return f"{missing}. {START_ONE}" if missing else None


async def watch_studio(log: EventLog, board: Board) -> None:
    """Tell how the database is, and how its clock differs, for ever.

    LogWentBack once it knows less than this machine.
    """
    remote, since, compared = _mirror(log).remote, None, -CLOCKS
    while not remote.damage:
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
