"""Queries: what can be asked of the takes index, and in what form it answers."""

import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import anyio
import msgspec
from cachetools import LRUCache

from events import Head, Identity, Media, Signal, TakeKey, Watermark
from events.store.database import Database, is_damage
from projections.index.answers import (
    AmbiguousShot,
    Awaited,
    Counts,
    IndexDamaged,
    KeptHash,
    Making,
    OnDisk,
    ShotNotFound,
)
from projections.index.loading import PAGE, Wanted, load, tell
from projections.index.rows import PersonRow, SearchRow, ShotRow, ShotTakes, TakeRow
from projections.index.search.conditions import Asker
from projections.index.search.finding import Found, alike, find
from projections.index.tables import (
    AWAITED,
    LEFT,
    MAKING,
    SHOT_COLUMNS,
    TAKE_COLUMNS,
    UNHEARD,
    UNREAD,
    signed,
)
from projections.layout import full_id, media_path, short_id, take_path

T = TypeVar("T")

FOUND = 256
"""Names of shots of which it is remembered which one they mean, for as long as nothing happens."""

_THERE = "(takes > 0 OR NOT EXISTS (SELECT 1 FROM takes WHERE shot = shots.id AND deleted = 'missing'))"
"""Of a shot: that not all of its takes have gone missing."""

_HOLDERS = """SELECT path, number, media FROM takes JOIN shots ON shots.id = takes.shot
    WHERE purged IS NULL AND media IS NOT NULL
    AND json_extract(media, '$.sha256') IN (SELECT value FROM json_each(?))"""

_SEQUENCES = """SELECT path, number, media FROM takes JOIN shots ON shots.id = takes.shot
    WHERE purged IS NULL AND json_extract(media, '$.frames') IS NOT NULL"""

_COLOURS = """SELECT stream, number, colour FROM json_each(?) AS key
    JOIN colours ON stream = key.value ->> 0 AND number = key.value ->> 1"""

BEING_MADE = f"""SELECT source, count(*), min(numbered) FROM takes
    WHERE {MAKING} AND deleted IS NULL GROUP BY source"""


class Queries:
    """The index, to be read. `seen` is the position up to which it knows the log, `damaged` says that its file is broken.

    `hurry` is given when somebody waits for what was appended a moment ago.
    """

    def __init__(self, reader: Database, position: int) -> None:
        self._reader = reader
        self.seen = Watermark(position)
        self.hurry = Signal()
        self.damaged = anyio.Event()
        self._found: LRUCache[tuple[int, str], ShotRow] = LRUCache(FOUND)

    async def show(self, position: int) -> None:
        """Return once the index knows the log up to there, which is not let wait for more to come."""
        if self.seen.level < position:
            self.hurry.give()
            await self.seen.reach(position)

    async def load(self, touched: Mapping[str, Collection[int]]) -> list[ShotTakes]:
        """The shots of those streams, with the takes of those numbers, or with every take for the number ALL.

        All of it is of one moment. What is not there is left out.
        """
        loaded, _, _ = await self._telling(self._reader.snapshot(partial(load, [*touched.items()], 0, None)))
        return loaded

    async def pages(self, touched: Mapping[str, Collection[int]]) -> AsyncIterator[list[ShotTakes]]:
        """The same, so many takes at a time, each time of one moment: a shot that has more of them comes again."""
        rest: Wanted = [*touched.items()]
        after = 0
        while rest:
            work = partial(load, rest, after, PAGE)
            page, rest, after = await self._telling(self._reader.snapshot(work))
            yield page

    async def tell(self, stream: str, tell_of: Callable[[ShotTakes], T]) -> list[T]:
        """What that makes of all takes of a shot, some at a time, and all of one moment; nothing where there is no such shot."""
        return await self._telling(self._reader.snapshot(partial(tell, stream, tell_of)))

    async def numbers(self, shot: int) -> list[int]:
        """The numbers of a shot's takes."""
        return [row[0] for row in await self._fetch("SELECT number FROM takes WHERE shot = ?", shot)]

    async def head(self) -> Head:
        """Where the log ends, as far as the index knows it."""
        return Head(*(await self._fetch("SELECT log, position, hash FROM head"))[0])

    async def position_of(self, projection: str, version: int) -> int:
        """How far that projection has come; 0 where it was never run, or in another version."""
        rows = await self._fetch(
            "SELECT position FROM positions WHERE name = ? AND version = ?", projection, version
        )
        return int(rows[0][0]) if rows else 0

    async def away_of(self, projection: str) -> list[TakeKey]:
        """The takes that projection has yet to look at, since something of theirs was not there."""
        rows = await self._fetch("SELECT stream, number FROM away WHERE name = ?", projection)
        return [TakeKey(*row) for row in rows]

    async def noted_files(self) -> dict[TakeKey, Identity]:
        """The files, by shot and number, that were found to be what the log says."""
        rows = await self._fetch("SELECT stream, number, identity FROM files")
        return {
            TakeKey(stream, number): msgspec.json.decode(one, type=Identity) for stream, number, one in rows
        }

    async def colours(self, keys: Collection[TakeKey]) -> dict[TakeKey, str]:
        """The mean colours of these takes' pictures, where they are known."""
        rows = await self._fetch(_COLOURS, json.dumps(list(keys)))
        return {TakeKey(stream, number): colour for stream, number, colour in rows}

    async def counts(self) -> Counts:
        """How many shots there are that have not gone missing, and how many takes they have."""
        (row,) = await self._fetch(f"SELECT count(*), coalesce(sum(takes), 0) FROM shots WHERE {_THERE}")
        return Counts(*row)

    async def shots(self, *, gone: bool = False, after: int = 0) -> list[ShotRow]:
        """Every shot, by path; those whose takes have all gone missing only where they are asked for.

        Of those of which the log says nothing `after` that position there are none.
        """
        query = f"SELECT {SHOT_COLUMNS} FROM shots WHERE {'true' if gone else _THERE} AND position > ? ORDER BY path"
        return [ShotRow(*row) for row in await self._fetch(query, after)]

    async def lengths(self, shot: int | None = None) -> dict[int, float]:
        """How long the active takes are that have a length, in seconds, by the ids of their shots; of all, or of one."""
        query = (
            "SELECT shots.id, json_extract(media, '$.duration') AS length FROM shots"
            " JOIN takes ON takes.shot = shots.id AND takes.number = shots.active"
            f" WHERE length IS NOT NULL AND {'true' if shot is None else 'shots.id = ?'}"
        )
        return dict(await self._fetch(query, *([] if shot is None else [shot])))

    async def standings(self) -> list[tuple[str, int, int]]:
        """Of every path of a shot the position of the last event there, and whether it has takes that have not gone missing."""
        return await self._fetch(f"SELECT path, max(position), max({_THERE}) FROM shots GROUP BY path")

    async def places_named(self, path: str, position: int) -> dict[str, str]:
        """By stream, the paths of the shots that had one then which ends so, those first that were registered last."""
        query = """SELECT stream, place FROM (
                SELECT shot, path AS place, max(position) FROM places
                WHERE position <= ?2 AND shot IN (SELECT shot FROM places WHERE {named}) GROUP BY shot)
            JOIN shots ON shots.id = shot WHERE {then} ORDER BY shot DESC"""
        ends = "substr('/' || {}, -length(?1) - 1) = '/' || ?1"
        query = query.format(named=ends.format("path"), then=ends.format("place"))
        return dict(await self._fetch(query, path, position))

    async def touched_since(self, position: int) -> list[str]:
        """The streams of the shots to which something happened after that position."""
        return [row[0] for row in await self._fetch("SELECT stream FROM shots WHERE position > ?", position)]

    async def shot(self, stream: str) -> ShotRow | None:
        """The shot of that stream; None where there is none."""
        return await self._one_shot("stream = ?", stream)

    async def shot_at(self, path: str) -> ShotRow | None:
        """The shot at that path; where one folder followed another, the one with takes."""
        return await self._one_shot("path = ? ORDER BY takes = 0, id DESC", path)

    async def shots_with_inode(self, inode: int) -> list[ShotRow]:
        """The shots whose folder had that inode when the log last spoke of it; devices change their numbers."""
        query = f"SELECT {SHOT_COLUMNS} FROM shots WHERE inode = ?"
        return [ShotRow(*row) for row in await self._fetch(query, signed(inode))]

    async def find_shot(self, name: str) -> ShotRow:
        """The shot with that full id, path or short id; ShotNotFound or AmbiguousShot otherwise."""
        if shot := self.known_shot(name):
            return shot
        level = self.seen.level
        shot = self._found[level, name] = await self._find(name.replace(":", "/").strip("/"))
        return shot

    def known_shot(self, name: str) -> ShotRow | None:
        """The same where it was found before, and nothing has happened since."""
        return self._found.get((self.seen.level, name))

    async def _find(self, path: str) -> ShotRow:
        if shot := await self.shot_at(path):
            return shot
        found = await self._named(path, _THERE) or await self._named(path, "TRUE")
        if len(found) > 1:
            raise AmbiguousShot(short_id(path), [full_id(shot.path) for shot in found])
        if not found:
            raise ShotNotFound(path)
        return found[0]

    async def _named(self, path: str, condition: str) -> list[ShotRow]:
        """The shots whose path ends so; those that are gone can still be asked for, to have their takes back."""
        query = (
            f"SELECT {SHOT_COLUMNS} FROM shots"
            f" WHERE {condition} AND substr('/' || replace(path, ':', '/'), -length(?1) - 1) = '/' || ?1"
        )
        return [ShotRow(*row) for row in await self._fetch(query + " ORDER BY path", path)]

    async def takes(self, shot: int) -> list[TakeRow]:
        """Every take of a shot, by number, deleted ones too."""
        query = f"SELECT {TAKE_COLUMNS} FROM takes WHERE shot = ? ORDER BY number"
        return [TakeRow(*row) for row in await self._fetch(query, shot)]

    async def take(self, shot: int, number: int) -> TakeRow | None:
        """A shot's take of that number; None where there is none."""
        query = f"SELECT {TAKE_COLUMNS} FROM takes WHERE shot = ? AND number = ?"
        rows = await self._fetch(query, shot, number)
        return TakeRow(*rows[0]) if rows else None

    async def awaited(self) -> list[Awaited]:
        """The takes that were asked for and are not made yet, in the order in which they were asked for."""
        query = f"""SELECT stream, number, started FROM takes JOIN shots ON shots.id = takes.shot
            WHERE {AWAITED} AND takes.deleted IS NULL ORDER BY created, takes.shot, number"""
        return [Awaited(*row) for row in await self._fetch(query)]

    async def making(self) -> list[Making]:
        """How many takes have their number and are not made yet, by where they come from."""
        return [Making(*row) for row in await self._fetch(BEING_MADE)]

    async def unread(self, most: int) -> list[tuple[str, str]]:
        """The folders of the takes whose recipe could not be read, the newest first, each with the reason."""
        query = f"""SELECT path, number, recipe_error FROM takes JOIN shots ON shots.id = takes.shot
            WHERE {UNREAD} AND takes.deleted IS NULL AND purged IS NULL ORDER BY ended DESC LIMIT ?"""
        return [(take_path(path, number), reason) for path, number, reason in await self._fetch(query, most)]

    async def unheard(self, most: int) -> list[TakeKey]:
        """The complete takes whose sound is still to be measured, at most so many of them, the newest first."""
        return await self._newest(UNHEARD, most)

    async def left(self, most: int) -> list[TakeKey]:
        """The same of those of which a runner may still have what it is to remove."""
        return await self._newest(LEFT, most)

    async def _newest(self, condition: str, most: int) -> list[TakeKey]:
        query = f"""SELECT stream, number FROM takes JOIN shots ON shots.id = takes.shot
            WHERE {condition} AND purged IS NULL ORDER BY ended DESC LIMIT ?"""
        return [TakeKey(*row) for row in await self._fetch(query, most)]

    async def totals(self) -> dict[str, int]:
        """By name, what there ever was: of each type of event, of takes from each source, of bytes and purged bytes."""
        return dict(await self._fetch("SELECT name, total FROM totals"))

    async def holders(self, hashes: Collection[str]) -> dict[str, list[str]]:
        """By hash, the paths of the media that have those bytes, of all takes but the purged ones."""
        held: dict[str, list[str]] = {}
        for path, number, media in await self._fetch(_HOLDERS, json.dumps(list(hashes))):
            found = msgspec.json.decode(media, type=Media)
            held.setdefault(found.sha256, []).append(media_path(path, number, found.name))
        return held

    async def sequences(self) -> list[tuple[str, Media]]:
        """The image sequences that are not purged: where the list of each belongs, and what it is."""
        return [
            (media_path(path, number, found.name), found)
            for path, number, media in await self._fetch(_SEQUENCES)
            for found in [msgspec.json.decode(media, type=Media)]
        ]

    async def kept_hashes(self, after: int) -> list[KeptHash]:
        """Of the shots to which something happened after that position, every complete take that is not purged."""
        query = """SELECT stream, json_extract(media, '$.sha256'), json_extract(media, '$.bytes'), kept
            FROM shots LEFT JOIN takes ON takes.shot = shots.id AND media IS NOT NULL AND purged IS NULL
            WHERE shots.position > ?"""
        return await self._fetch(query, after)

    async def find(
        self, query: str, asker: Asker, *, limit: int = 100, offset: int = 0, order: str = "newest"
    ) -> Found:
        """Those of the takes that the query describes that come after `offset` of them, at most `limit`; all are counted.

        `order` is one of `finding.ORDERS`. WrongQuery where the query cannot be understood.
        """
        work = partial(find, query, limit, offset, order, asker)
        return await self._telling(self._reader.snapshot(work))

    async def alike(self, shot: int, number: int, limit: int) -> dict[str, list[tuple[ShotRow, TakeRow]]]:
        """The takes that are like that one, by why they are; see `finding.alike`."""
        return await self._telling(self._reader.snapshot(partial(alike, shot, number, limit)))

    async def searches(self) -> list[SearchRow]:
        """The queries that are kept, by their names."""
        rows = await self._fetch(
            "SELECT name, query, by, at FROM searches ORDER BY name COLLATE NOCASE, name"
        )
        return [SearchRow(*row) for row in rows]

    async def people(self) -> list[PersonRow]:
        """Who may do what with the film, by their names."""
        rows = await self._fetch("SELECT name, role, by, at FROM people ORDER BY name COLLATE NOCASE, name")
        return [PersonRow(*row) for row in rows]

    async def choices_of(self, by: str, before: int, limit: int) -> list[int]:
        """The positions of what that person chose before that one, the last first."""
        query = "SELECT position FROM choices WHERE by = ? AND position < ? ORDER BY position DESC LIMIT ?"
        return [row[0] for row in await self._fetch(query, by, before, limit)]

    async def prompts(self) -> list[tuple[str, str]]:
        """The prompts of all takes that are not hidden, each with the path of its shot."""
        query = """SELECT DISTINCT json_extract(params, '$.prompt') AS prompt, path FROM takes
            JOIN shots ON shots.id = takes.shot
            WHERE params IS NOT NULL AND takes.deleted IS NULL AND typeof(prompt) = 'text'"""
        return await self._fetch(query)

    async def on_disk(self, paths: Sequence[str]) -> Mapping[str, OnDisk]:
        """What the disk should hold of the shots at those paths."""
        query = """SELECT path, active, shots.position, stream, number, name, status, deleted, purged, file FROM shots
            LEFT JOIN takes ON takes.shot = shots.id WHERE path IN (SELECT value FROM json_each(?))"""
        known: dict[str, OnDisk] = {}
        for path, active, position, stream, number, *take in await self._fetch(query, json.dumps(paths)):
            one = known.setdefault(path, OnDisk(active))
            one.position = max(one.position, position)
            if number is not None:
                one.add(TakeKey(stream, number), *take)
        return known

    async def _one_shot(self, condition: str, value: str) -> ShotRow | None:
        rows = await self._fetch(f"SELECT {SHOT_COLUMNS} FROM shots WHERE {condition} LIMIT 1", value)
        return ShotRow(*rows[0]) if rows else None

    async def _fetch(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        return await self._telling(self._reader.run(lambda db: db.execute(query, parameters).fetchall()))

    async def _telling(self, work: Awaitable[T]) -> T:
        """Await the work; IndexDamaged where it shows that the file is, which is told to whoever can make it anew, too."""
        try:
            return await work
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self.damaged.set()
            raise IndexDamaged from error
