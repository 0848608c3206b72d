"""The shots of a project as the log has them: loaded, folded, and changed by rules."""

import uuid
from asyncio import Lock, gather
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from copy import copy
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from weakref import WeakValueDictionary

from cachetools import LRUCache
from msgspec import Struct

from events import (
    COMMAND,
    Append,
    Event,
    EventLog,
    Record,
    Refused,
    Shot,
    ShotMoved,
    ShotRegistered,
    StaleVersion,
    TakeKey,
    fold,
    timestamp,
)
from events.choices import signed
from events.folding import evolve
from projections.files.together import each
from projections.index.index import Index

FOLDED, TAKES = 256, 100_000
"""Shots that stay folded in memory, and takes of theirs, of a kilobyte each; others are folded again when they are needed."""

Rule = Callable[[Shot], Sequence[Event]]


class Origin(Struct, frozen=True):
    """Who changes a shot, and because of what: the log's `actor` and `cause`.

    `by` is the name of the person who wants it, and `undoes` the cause of the command that is taken back.
    """

    actor: str
    cause: str | None = None
    by: str | None = None
    undoes: str | None = None

    @property
    def is_command(self) -> bool:
        """Whether somebody asked for it, and may ask again not knowing that it was done."""
        return self.cause is not None and self.cause.startswith(COMMAND)


class ShotAway(Refused):
    """Raised when a take is to be made in a shot whose folder is not on the disk now."""

    hint = "Put the shot's folder back, with the takes/ folder in it, and ask again."

    def __init__(self, shot: str) -> None:
        super().__init__(f"the folder of {shot} is not there")


FILESYSTEM = Origin("filesystem")
WATCHER = Origin("watcher")


class Shots:
    """Every change to a shot goes through here: look at it, let a rule decide, append, and again if it moved on."""

    def __init__(self, log: EventLog, index: Index) -> None:
        self._log = log
        self._index = index
        self._folded: LRUCache[str, Shot] = LRUCache(TAKES, _weight)
        self._turns: WeakValueDictionary[str, Lock] = WeakValueDictionary()

    @property
    def head(self) -> int:
        """The position of the last change."""
        return self._log.head

    async def load(self, stream: str) -> Shot:
        """The shot as it is now."""
        if shot := self._folded.get(stream):
            if self._log.is_shared:
                fold(shot, await self._log.stream(stream, shot.version))
            return shot
        shot = Shot(stream)
        fold(shot, await self._log.stream(stream))
        return self._folded.setdefault(stream, shot)  # somebody else may have loaded it meanwhile

    async def change(
        self, stream: str, rule: Rule, origin: Origin, *, expected: int | None = None
    ) -> Sequence[Record]:
        """Append what the rule decides; the records, none where nothing changes, those of before for a
        command that came before.

        With `expected`, a shot that is at another version raises StaleVersion and nothing is decided.
        """
        if origin.is_command and (done := await self._log.command(origin.cause or "")):
            return done
        async with self._turn(stream):  # else those who lose would have to read again
            return await self._change({stream: rule}, origin, expected)

    async def change_all(self, rules: Mapping[str, Rule], origin: Origin) -> Sequence[Record]:
        """The same of several shots, each with its rule: all of it is appended, or nothing."""
        if origin.is_command and (done := await self._log.command(origin.cause or "")):
            return done
        async with AsyncExitStack() as turns:
            for turn in map(self._turn, sorted(rules)):  # in one order, so that no two wait for each other
                await turns.enter_async_context(turn)
            return await self._change(rules, origin)

    async def change_each(
        self, changes: Sequence[tuple[TakeKey, Rule, Origin]]
    ) -> Sequence[BaseException | None]:
        """Append what each of these rules decides of a take, together; what stood in the way of each.

        Each sees what those before it have decided. Where a shot has moved on, it is StaleVersion and not decided again.
        """
        async with AsyncExitStack() as turns:
            streams = sorted({key.stream for key, _, _ in changes})
            for turn in map(self._turn, streams):
                await turns.enter_async_context(turn)
            shots = {stream: await self.load(stream) for stream in streams}
            drafts = {stream: _draft(shots[stream], [key for key, _, _ in changes]) for stream in streams}
            decided = each(partial(_decide, drafts), changes)
            came = await gather(*map(self._append, decided), return_exceptions=True)
            for one in came:
                if not isinstance(one, BaseException):
                    self._fold(shots, one)
        return [one if isinstance(one, BaseException) else None for one in came]

    async def _append(self, append: Append | Exception) -> Sequence[Record]:
        if isinstance(append, Exception):
            raise append
        return await self._log.append(append) if append.events else ()

    def _turn(self, stream: str) -> Lock:
        return self._turns.setdefault(stream, Lock())

    async def _change(
        self, rules: Mapping[str, Rule], origin: Origin, expected: int | None = None
    ) -> Sequence[Record]:
        shots = {stream: await self.load(stream) for stream in rules}
        while True:
            for shot in shots.values() if expected is not None else ():
                if shot.version != expected:
                    raise StaleVersion(shot.stream, expected or 0, shot.version)
            at = timestamp(datetime.now(UTC))
            decided = [_decided(shot, rules[shot.stream], origin, at) for shot in shots.values()]
            appends = [one for one in decided if one.events]
            if not appends:
                return ()
            try:
                records = await self._log.append(*appends)
            except StaleVersion as error:
                stale = shots[error.stream]
                fold(stale, await self._log.stream(stale.stream, stale.version))
                continue
            self._fold(shots, records)
            return records

    def _fold(self, shots: Mapping[str, Shot], records: Sequence[Record]) -> None:
        for stream, of_shot in groupby(records, lambda one: one.stream):
            if shot := shots.get(stream):
                fold(shot, of_shot)
                self._folded[stream] = shot  # it may have fallen out meanwhile, and been loaded as it was

    async def at(self, path: str) -> Shot | None:
        """The shot at that path."""
        row = await self._index.shot_at(path)
        return await self.load(row.stream) if row else None

    async def register(self, path: str, device: int, inode: int) -> Shot:
        """Begin a stream for the shot at that path; the index knows it when this returns."""
        event = ShotRegistered(path=path, device=device, inode=inode)
        return await self._say(new_stream(), event)

    async def move(self, stream: str, path: str, device: int, inode: int) -> Shot:
        """Say that the shot is at another path now, unless it is; the index knows it when this returns."""
        shot = await self.load(stream)
        if (shot.path, shot.inode) == (path, inode):
            return shot
        return await self._say(stream, ShotMoved(path=path, device=device, inode=inode))

    async def _say(self, stream: str, event: Event) -> Shot:
        records = await self.change(stream, lambda _: [event], FILESYSTEM)
        await self._index.show(records[-1].position)
        return await self.load(stream)


def _decided(shot: Shot, rule: Rule, origin: Origin, at: str) -> Append:
    """What that rule has to say of the shot as it is."""
    return Append(
        stream=shot.stream,
        events=signed(rule(shot), origin.by, origin.undoes),
        expected=shot.version,
        at=at,
        actor=origin.actor,
        cause=origin.cause,
    )


def _draft(shot: Shot, keys: Sequence[TakeKey]) -> Shot:
    """The shot, to be tried out on: those takes are its own."""
    own = {key.number: copy(shot.takes[key.number]) for key in keys if key.stream == shot.stream}
    draft = copy(shot)
    draft.takes = shot.takes | own
    return draft


def _decide(drafts: Mapping[str, Shot], change: tuple[TakeKey, Rule, Origin]) -> Append:
    key, rule, origin = change
    draft = drafts[key.stream]
    append = _decided(draft, rule, origin, timestamp(datetime.now(UTC)))
    for event in append.events:
        evolve(draft, event)
    return append


def _weight(shot: Shot) -> int:
    """The takes that a folded shot counts for: its share at least, and at most all, so that any one shot can stay."""
    return min(TAKES, max(TAKES // FOLDED, len(shot.takes)))


def new_stream() -> str:
    """The id of a shot that is new."""
    return uuid.uuid4().hex[:16]
