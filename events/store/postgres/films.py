"""The films of a studio's database: how one comes in, opens, and leaves. Each step can be done again after a kill."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from events.store.postgres.errors import FilmNotInStudio
from events.store.postgres.migrations import check_format
from events.store.postgres.studio import Studio
from events.store.rows import Row

FILMS = "SELECT film, id, name, head, hash, state FROM takes.films"


class StudioFilm:
    """A film in a studio's database, as it stood when it was asked for or last changed."""

    def __init__(
        self, studio: Studio, film: int, log: str, name: str, head: int, digest: str, state: str
    ) -> None:
        self._studio = studio
        self._film = film
        self.id = log
        self.name = name
        self.head = head
        self.hash = digest
        self.state = state

    async def copy(self, rows: Sequence[Row]) -> None:
        """Add records as they are, to a film that is moving; all of them follow what is there, or none is added."""
        sent = msgspec.json.encode(rows).decode()
        self.head = int(await self._studio.one("SELECT takes.copy(%s, %s::jsonb)", self._film, sent))
        self.hash = rows[-1][9]

    async def turn(self, before: str, after: str) -> bool:
        """Open it, have it leave, or move it again; False where it has changed meanwhile."""
        arguments = (self._film, before, after, self.head, self.hash)
        done = await self._studio.one("SELECT takes.turn(%s, %s, %s, %s, %s)", *arguments)
        self.state = after if done else self.state
        return bool(done)

    async def members(self) -> list["Member"]:
        """Who has it open, and which workers look into its queues."""
        found = await self._studio.rows(MEMBERS, self._film)
        if await check_format(self._studio) >= WITH_WORKERS:
            found += await self._studio.rows(WORKERS, self._film)
        return [Member(*row) for row in found]

    async def look(self) -> None:
        """Learn how it stands."""
        found = await film_of(self._studio, self.id)
        self.head, self.hash, self.state = found.head, found.hash, found.state


async def enter(studio: Studio, log: str, name: str) -> StudioFilm:
    """The film of that log, which is moving in where it was not there yet."""
    await studio.rows("SELECT * FROM takes.enter(%s, %s)", log, name)
    return await film_of(studio, log)


async def film_of(studio: Studio, log: str) -> StudioFilm:
    """The film of that log; FilmNotInStudio."""
    found = await studio.rows(f"{FILMS} WHERE id = %s", log)
    if not found:
        raise FilmNotInStudio(log)
    return StudioFilm(studio, *found[0])


MEMBERS = """SELECT host, role, extract(epoch FROM clock_timestamp() - seen)::float8,
    ARRAY(SELECT shard FROM takes.claims c WHERE (c.film, c.owner) = (m.film, m.owner)
          AND until > clock_timestamp() ORDER BY shard)
    FROM takes.members m WHERE film = %s AND seen > clock_timestamp() - interval '1 hour' ORDER BY host, role, owner"""

WITH_WORKERS = 6
"""The format of the database from which on workers say that they are there."""

WORKERS = """SELECT host, 'worker', extract(epoch FROM clock_timestamp() - max(seen))::float8, '{}'::int[]
    FROM takes.workers WHERE film = %s AND seen > clock_timestamp() - interval '1 hour' GROUP BY host ORDER BY host"""


class Member(Struct, frozen=True):
    """A machine that has had a film open within the hour: its part, for how many seconds it was not heard of, its shards."""

    host: str
    role: str
    silent: float
    shards: Sequence[int]


class Server(Struct, frozen=True):
    """A studio's server: its version, its clock in seconds since 1970, and whether a commit waits for a standby."""

    version: str
    clock: float
    has_standby: bool


async def server_of(studio: Studio) -> Server:
    """What the database says of the server that it is on."""
    query = """SELECT current_setting('server_version'), extract(epoch FROM clock_timestamp())::float8,
        current_setting('synchronous_standby_names') <> ''"""
    return Server(*(await studio.rows(query))[0])


async def films(studio: Studio) -> list[StudioFilm]:
    """All films of the studio, in the order in which they came."""
    return [StudioFilm(studio, *row) for row in await studio.rows(f"{FILMS} ORDER BY film")]
