"""The log in a studio's database: what is appended to it together, and what is read of it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Literal, Protocol

import anyio
import msgspec

from events.codec import CODEC, Codec, page_of
from events.errors import Fenced, LogDamaged, LogWentBack, StaleVersion, StudioAway
from events.log import COMMAND, Watermark, check, is_command
from events.record import GENESIS, Append, Page, Record, event_id
from events.store.commits import Commits, Pending
from events.store.log_file import COLUMNS
from events.store.postgres.desks import Hints, Keepers
from events.store.postgres.errors import FilmNotInStudio, FilmNotOpen, StudioForbids, StudioOlder
from events.store.postgres.migrations import FORMAT, check_format
from events.store.postgres.shares import FilmShares
from events.store.postgres.studio import Studio
from events.store.postgres.workers import Workers
from events.store.rows import Row, check_reached, checked, records_of
from events.store.tasks import to_its_end

EVENTS = f"SELECT {COLUMNS} FROM takes.events WHERE film = %s"

VERSION_AT = """WITH RECURSIVE found (low, high) AS (
    SELECT 0::bigint, coalesce(max(version), 0) FROM takes.events WHERE film = %s AND stream = %s
    UNION ALL
    SELECT CASE WHEN position <= %s THEN version ELSE low END, CASE WHEN position <= %s THEN high ELSE version - 1 END
    FROM found JOIN takes.events ON film = %s AND stream = %s AND version = (low + high + 1) / 2 WHERE low < high)
    SELECT max(low) FROM found"""
"""Which version a stream had at a position: it is halved until that is found, since no index has the positions of one."""


class Fence(Protocol):
    """What keeps out whoever was overtaken."""

    @property
    def epochs(self) -> Mapping[int, int]:
        """By which claims this task appends: the shards that it speaks for, each with the epoch at which it was claimed."""


Says = Literal["append", "command", "start"]
"""Which of the functions of the database is the way in."""

Meter = Callable[[int, int, float], None]
"""Told of each call that appends: how many wishes went together, how many of them were fenced off, and its seconds."""


class PostgresLog:
    """An EventLog in a studio's database, to which many processes append.

    Whoever waits to append while a call is on its way goes into the next one together with all the others who wait: one
    transaction for all of them. `fence` says what this process has claimed, where it has to claim anything; what a person
    asks for needs no claim. Whoever says a `command` claims nothing, and appends only what somebody asks for, and a worker
    only that it begins with a take, by `start`. `known` is the last record that is known to be there: a log that has it no
    more went back, and is not appended to.
    """

    is_shared = True

    def __init__(self, studio: Studio, log: str, codec: Codec = CODEC, *, says: Says = "append") -> None:
        self.id = log
        self.hints = Hints(studio, self)
        self.keepers = Keepers(studio, self)
        self.workers = Workers(studio, self)
        self.shares = FilmShares(studio, self)
        self.damage: LogDamaged | None = None
        self.fence: Fence | None = None
        self.meter: Meter | None = None
        self.away: StudioAway | None = None
        self.known = (0, GENESIS)
        self.studio = studio
        self._codec = codec
        self._append = f"takes.{says}"
        self._film: int | None = None
        self._watermark = Watermark()
        self._commits = Commits(self._flush)

    @property
    def head(self) -> int:
        return self._watermark.level

    @property
    def film(self) -> int:
        """The film's number in the database; StudioAway while that has never answered."""
        if self._film is None:
            raise self.away or StudioAway("it has not been asked yet")
        return self._film

    async def load(self, *, is_open: bool = True) -> None:
        """Learn which film it is and where the log ends; FilmNotInStudio, and FilmNotOpen where it should be.

        StudioNotReady and LogFromTheFuture where the database is not as this release needs it.
        """
        await check_format(self.studio)
        found = await self.studio.rows("SELECT film, head, state FROM takes.films WHERE id = %s", self.id)
        if not found:
            raise FilmNotInStudio(self.id)
        film, head, state = found[0]
        if is_open and state != "open":
            raise FilmNotOpen(state)
        self._film, self.away = film, None
        self._watermark.rise(head)

    async def end(self) -> int:
        """The position of the last record, as the database says now; 0 where it does not know the film any more."""
        return int(
            await self.studio.one("SELECT coalesce(max(head), 0) FROM takes.films WHERE film = %s", self.film)
        )

    async def seconds(self) -> float:
        """What the database's clock says, in seconds since 1970."""
        return float(await self.studio.one("SELECT extract(epoch FROM clock_timestamp())"))

    async def append(self, append: Append, *more: Append) -> Sequence[Record]:
        check(append, *more)
        if self.damage:
            raise self.damage
        epochs = self.fence.epochs if self.fence and not is_command(append.cause) else None
        return await self._commits.append((append, *more), epochs)

    async def _flush(self, batch: list[Pending]) -> None:
        await to_its_end(self._send(batch))

    async def _send(self, batch: Sequence[Pending]) -> None:
        """Have the database do it, in one transaction; one that is refused hurts no other."""
        asked = [(one, said) for one in batch if (said := self._asked(one))]
        try:
            if asked:
                answers = await self._answers([said for _, said in asked])
                for (one, said), answer in zip(asked, answers, strict=True):
                    self._note(one, said, answer)
        except Exception as error:  # noqa: BLE001 - each of those who wait must hear of it
            for one, _ in asked:
                one.error, one.records = error, ()
        for one in batch:
            one.done = True

    def _asked(self, pending: Pending) -> dict[str, Any] | None:
        """What is asked of the database; None, and why, where an event cannot be written."""
        fence = {} if pending.fence is None else {"fence": pending.fence}
        try:
            appends = [
                {
                    "stream": one.stream,
                    "expected": one.expected,
                    "at": one.at,
                    "actor": one.actor,
                    "events": [
                        (event_id(one.at), self._codec.schema(event), self._codec.encode(event))
                        for event in one.events
                    ],
                }
                for one in pending.appends
            ]
        except Exception as error:  # noqa: BLE001 - text that is no UTF-8, say: it hurts no other append
            pending.error = error
            return None
        return {"cause": pending.appends[0].cause, "appends": appends, **fence}

    async def _answers(self, batch: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        sent = msgspec.json.encode(batch).decode()
        begun = anyio.current_time()
        try:
            answer = await self.studio.one(
                f"SELECT {self._append}(%s, %s::jsonb, %s)", self.film, sent, self.known[0]
            )
        except StudioForbids as error:
            if await check_format(self.studio) < FORMAT:  # and may not know what it is that it forbids
                raise StudioOlder from error
            raise
        if self.meter:
            fenced = sum("fenced" in one for one in answer.get("answers", ()))
            self.meter(len(batch), fenced, anyio.current_time() - begun)
        if "closed" in answer:
            raise FilmNotOpen(answer["closed"])
        if "behind" in answer:
            self.close_for(LogWentBack(self.known[0], answer["behind"]))
            raise LogWentBack(self.known[0], answer["behind"])
        self._watermark.rise(answer["head"])
        found: Sequence[Mapping[str, Any]] = answer["answers"]
        return found

    def _note(self, pending: Pending, said: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """What became of it."""
        if "earlier" in answer:
            pending.records = records_of([tuple(row) for row in answer["earlier"]], self._codec)
        elif "stale" in answer:
            expected = next(one.expected for one in pending.appends if one.stream == answer["stream"])
            pending.error = StaleVersion(answer["stream"], expected, answer["stale"])
        elif "fenced" in answer:
            pending.error = Fenced(answer["shard"], answer["fenced"])
        else:
            ids = [id_ for one in said["appends"] for id_, _, _ in one["events"]]
            events = [(one, event) for one in pending.appends for event in one.events]
            pending.records = [
                Record(position, one.stream, version, id_, one.at, one.actor, one.cause, event, digest)
                for (position, version, digest), id_, (one, event) in zip(
                    answer["done"], ids, events, strict=True
                )
            ]
            self.known = max(self.known, (pending.records[-1].position, pending.records[-1].hash))

    async def rows(self, after: int, limit: int) -> list[Row]:
        """The same as `read`, as the database has them."""
        return await self.studio.rows(
            f"{EVENTS} AND position > %s ORDER BY position LIMIT %s", self.film, after, limit
        )

    async def read(self, after: int = 0, limit: int = 1000) -> Sequence[Record]:
        return records_of(await self.rows(after, limit), self._codec)

    async def page(self, after: int, limit: int) -> Page:
        return page_of(await self.read(after, limit), self._codec)

    async def stream(self, stream: str, after: int = 0, limit: int | None = None) -> Sequence[Record]:
        query = f"{EVENTS} AND stream = %s AND version > %s ORDER BY version LIMIT %s"
        return records_of(await self.studio.rows(query, self.film, stream, after, limit), self._codec)

    async def version_at(self, stream: str, position: int) -> int:
        which = (self.film, stream)
        return int(await self.studio.one(VERSION_AT, *which, position, position, *which))

    async def streams(self, until: int) -> Sequence[tuple[str, int]]:
        query = """SELECT stream, count(*) FROM takes.events WHERE film = %s AND position <= %s
            GROUP BY stream ORDER BY min(position)"""
        return await self.studio.rows(query, self.film, until)

    async def histories(self, streams: Sequence[str], until: int) -> Page:
        query = f"""{EVENTS} AND stream = ANY(%s) AND position <= %s
            ORDER BY array_position(%s::text[], stream), version"""
        rows = await self.studio.rows(query, self.film, [*streams], until, [*streams])
        return page_of(records_of(rows, self._codec), self._codec)

    async def position_at(self, at: str) -> int:
        query = """SELECT coalesce(max(position), 0) FROM takes.events
            WHERE film = %s AND position <= %s AND at COLLATE "C" <= %s"""
        return int(await self.studio.one(query, self.film, self.head, at))

    async def hash_at(self, position: int) -> str | None:
        if not position:
            return GENESIS
        query = "SELECT hash FROM takes.events WHERE film = %s AND position = %s"
        rows = await self.studio.rows(query, self.film, position)
        return str(rows[0][0]) if rows else None

    async def command(self, cause: str) -> Sequence[Record]:
        query = f"{EVENTS} AND cause = %s AND cause LIKE '{COMMAND}%%' ORDER BY position"
        return records_of(await self.studio.rows(query, self.film, cause), self._codec)

    async def wait(self, position: int) -> None:
        await self._watermark.reach(position)

    async def ready(self) -> None:
        async with self._commits.turn:
            await self.studio.one("SELECT 1")

    async def verify(self, after: int = 0, batch: int = 2000) -> AsyncIterator[int]:
        if self.damage:
            raise self.damage
        head, position, digest = self.head, after, await self.hash_at(after) or ""
        while rows := await self.rows(position, batch):
            position, digest = checked(rows, position, digest)
            records_of(rows, self._codec)
            yield position
        check_reached(position, head)

    def close_for(self, damage: LogDamaged) -> None:
        self.damage = damage

    def rings(self) -> AbstractAsyncContextManager[None]:
        """Have it hear meanwhile of what others append."""
        return self.studio.bell.rings_for(self)

    @property
    def seen(self) -> int:
        return self.known[0]

    async def begin(self) -> None:
        if self._film is None:
            await self.load()
        position, digest = self.known  # which may be later ones once there is an answer
        if await self.hash_at(position) != digest:
            self.close_for(LogWentBack(position, await self.end()))

    def heard(self, head: int) -> None:
        self._watermark.rise(head)

    def looked(self, head: int, seen: int) -> None:
        if head < seen:
            self.close_for(LogWentBack(seen, head))
        self._watermark.rise(head)

    def hinted(self) -> None:
        self.hints.told.give()

    def shown(self, name: str, stream: str, position: int) -> None:
        self.keepers.rise(name, stream, position)


@asynccontextmanager
async def open_postgres_log(studio: Studio, log: str, codec: Codec = CODEC) -> AsyncIterator[PostgresLog]:
    """Open the log of that id in the studio's database; FilmNotInStudio, FilmNotOpen, StudioAway."""
    events = PostgresLog(studio, log, codec)
    await events.load()
    async with events.rings():
        yield events
