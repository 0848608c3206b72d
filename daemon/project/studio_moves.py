"""Moves into a studio's database and out of it: a film's log is copied, compared, and only then the other one is used.

Every record keeps its position and its hash. A kill between any two steps leaves one log to which may be appended or
none, and the same command goes on from there. The daemon may not keep the film meanwhile. It needs the extra: only the
commands of a studio import it.
"""

import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from msgspec import Struct

from daemon.disk import crash_points
from daemon.disk.mounts import journal_for
from daemon.home.holding import NotAProject, hold
from daemon.home.home import Home, find_home, settle_in_studio, settle_out_of_studio
from daemon.home.init import describe
from daemon.project.studio import mirror_of
from events import Refused, SqliteLog, open_log
from events.store.log_file import end_of
from events.store.postgres.errors import FilmKnownOtherwise, FilmNotOpen
from events.store.postgres.films import Member, StudioFilm, enter, film_of, films, server_of
from events.store.postgres.jobs import make_tables
from events.store.postgres.log import PostgresLog
from events.store.postgres.migrations import check_format, migrate
from events.store.postgres.mirror import Mirror, is_mirror, make_log_of, open_mirror
from events.store.postgres.studio import Studio, open_studio
from projections.files.threads import in_thread

PIECE = 200
"""Records that are copied with one call."""


class InStudioAlready(Refused):
    """Raised when a film is to go into a studio's database where it is already, or another film of the same log."""

    def __init__(self, root: Path, what: str) -> None:
        super().__init__(f"{root} cannot be brought in: {what}")
        self.hint = "`takes studio status` lists the films that are there. Of a copy of a film, only one can be in a studio."


class NotInStudio(Refused):
    """Raised when something is asked of a film's studio that is in none."""

    def __init__(self, root: Path) -> None:
        super().__init__(f"the log of {root} is on this machine, and in no studio's database")
        self.hint = f"Bring it in with `takes studio join {root}`."


class FilmIsKept(Refused):
    """Raised when a film is to leave its studio while machines keep it there."""

    hint = "Stop takes there, and try again. One that has crashed counts for 15 seconds."

    def __init__(self, root: Path, hosts: Sequence[str]) -> None:
        super().__init__(f"{root} is kept by {', '.join(hosts)}")


class Standing(Struct, frozen=True):
    """A film, and where its log ends; `added` is how many records were brought along as it moved, `members` who has it."""

    path: str
    log: str
    position: int
    hash: str
    state: str
    added: int = 0
    members: Sequence[Member] = ()


async def make_ready(service: str) -> list[str]:
    """Make or renew the tables in the database of that service; the steps that were taken."""
    async with open_studio(service, _name()) as studio:
        return [*await migrate(studio), *await make_tables(studio)]


async def join(path: Path, service: str) -> Standing:
    """Have the film's log be in the studio's database from now on; done again, it goes on where it was cut short."""
    home = await _home_of(path)
    if home.studio and home.studio.service != service:
        raise InStudioAlready(home.root, f"it is in that of {home.studio.service}")
    async with hold(home), _studio(service) as studio:
        if home.studio is None:
            home = await _copy_in(home, studio, service)
        return await _open_there(home, studio)


async def _copy_in(home: Home, studio: Studio, service: str) -> Home:
    """Copy all of its log, and have the film say where that is now; the database takes nothing in yet."""
    if await is_mirror(home.log):  # and the file that says so is lost
        return await in_thread(settle_in_studio, home, service, (await in_thread(end_of, home.log)).log)
    async with open_log(home.log, journal=await in_thread(journal_for, home.folder)) as log:
        async for _ in log.verify():
            pass
        film = await enter(studio, log.id, await _name_of(home))
        if film.state == "open":
            raise InStudioAlready(home.root, f"the studio has a film of its log, up to position {film.head}")
        await _check_follows(film, log)
        if film.state == "left":
            await film.turn("left", "moving")
        await _copy_beyond(film, log)
        crash_points.point("copied")
        return await in_thread(settle_in_studio, home, service, log.id)


async def _open_there(home: Home, studio: Studio) -> Standing:
    """From here on nobody appends to the log on this machine; then the database takes it up."""
    crash_points.point("bound")
    async with _mirror(home, studio, home.own_log):
        pass  # no release goes on with it from now on
    async with _mirror(home, studio, await mirror_of(home)) as mirror:
        crash_points.point("mirrored")
        film = await film_of(studio, mirror.id)
        added = 0
        if film.state == "left":
            raise FilmNotOpen(film.state)
        if film.state == "moving":
            added = await _bring(film, mirror)
        return _standing(home, film, added)


async def _bring(film: StudioFilm, mirror: Mirror) -> int:
    """Copy what the mirror has beyond, and open the film; how many records those were."""
    await _check_follows(film, mirror)
    before = film.head
    await _copy_beyond(film, mirror)
    crash_points.point("brought in")
    if not await film.turn("moving", "open"):  # somebody else does the same
        await film.look()
        if film.state != "open":
            raise FilmNotOpen(film.state)
    return film.head - before


async def mend(path: Path) -> Standing:
    """Bring back what this machine's mirror has beyond a database that went back; FilmKnownOtherwise where it cannot be."""
    home = await _home_of(path)
    if home.studio is None:
        raise NotInStudio(home.root)
    async with (
        hold(home),
        _studio(home.studio.service) as studio,
        _mirror(home, studio, await mirror_of(home)) as mirror,
    ):
        async for _ in mirror.verify():
            pass
        film = await enter(studio, mirror.id, await _name_of(home))  # it may be older than the film
        await mirror.remote.load(is_open=False)
        while film.state == "open":
            if await mirror.remote.hash_at(mirror.head) == mirror.end[1]:
                return _standing(home, film)
            await _check_follows(film, mirror)
            if not await film.turn("open", "moving"):  # somebody has appended meanwhile
                await film.look()
        crash_points.point("closed")
        return _standing(home, film, await _bring(film, mirror))


async def leave(path: Path) -> Standing:
    """Have the film's log be on this machine again, as it is in the database, which takes nothing in for it any more."""
    home = await _home_of(path)
    if home.studio is None:
        raise NotInStudio(home.root)
    async with hold(home), _studio(home.studio.service) as studio:
        async with _mirror(home, studio, home.own_log) as mirror:
            await mirror.remote.load(is_open=False)
            film = await film_of(studio, mirror.id)
            if film.state == "moving":
                raise FilmNotOpen(film.state)
            if hosts := sorted({one.host for one in await film.members() if one.shards}):
                raise FilmIsKept(home.root, hosts)
            await mirror.catch_up()
            async for _ in mirror.verify():
                pass
            while film.state == "open":
                await mirror.catch_up()
                await film.look()
                if (film.head, film.hash) == mirror.end:
                    await film.turn("open", "left")
        crash_points.point("left")
        await make_log_of(home.own_log, journal=await in_thread(journal_for, home.own_log.parent))
        crash_points.point("unmarked")
        await in_thread(settle_out_of_studio, home)
        return _standing(home, film)


class StudioFacts(Struct, frozen=True):
    """What a studio has: its films, each with what it is called as its `path`, and the server that they are on.

    `ahead` is by how many seconds the server's clock is ahead of this machine's, as near as an answer can tell.
    """

    version: str
    ahead: float
    has_standby: bool
    films: Sequence[Standing]


async def look_at(service: str) -> StudioFacts:
    """How the studio is."""
    async with _studio(service) as studio:
        asked = time.time()
        server = await server_of(studio)
        ahead = server.clock - (asked + time.time()) / 2
        found = [
            Standing(one.name, one.id, one.head, one.hash, one.state, members=await one.members())
            for one in await films(studio)
        ]
        return StudioFacts(server.version, ahead, server.has_standby, found)


async def _home_of(path: Path) -> Home:
    root = await in_thread(_resolved, path)
    home = await in_thread(find_home, root)
    # one of an earlier release on a share is moved away from there by a start
    if not home.studio and (home.is_on_share or not await anyio.Path(home.log).exists()):
        raise NotAProject(root)
    return home


def _resolved(path: Path) -> Path:
    return path.expanduser().resolve()


async def _check_follows(film: StudioFilm, log: SqliteLog) -> None:
    """FilmKnownOtherwise unless the log goes on from where the database ends."""
    found = await log.hash_at(film.head)
    if found != film.hash:
        raise FilmKnownOtherwise(film.head, found, film.hash)


async def _copy_beyond(film: StudioFilm, log: SqliteLog) -> None:
    while rows := await log.rows(film.head, PIECE):
        await film.copy(rows)
        crash_points.point("piece")


@asynccontextmanager
async def _studio(service: str) -> AsyncIterator[Studio]:
    """The database of that service, which has what we need."""
    async with open_studio(service, _name()) as studio:
        await check_format(studio)
        yield studio


@asynccontextmanager
async def _mirror(home: Home, studio: Studio, path: Path) -> AsyncIterator[Mirror]:
    assert home.studio  # noqa: S101
    remote, journal = PostgresLog(studio, home.studio.log), await in_thread(journal_for, path.parent)
    async with open_mirror(path, remote, journal=journal) as mirror:
        home.check(mirror.id)
        yield mirror


def _standing(home: Home, film: StudioFilm, added: int = 0) -> Standing:
    return Standing(str(home.root), film.id, film.head, film.hash, film.state, added)


async def _name_of(home: Home) -> str:
    return (await in_thread(describe, home.root)).name


def _name() -> str:
    return f"takes/{socket.gethostname()}"
