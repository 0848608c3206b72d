"""A log in memory: the same promises as on disk, but for the disk."""

import uuid
from bisect import bisect_right
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence

from events.codec import CODEC, Codec, page_of
from events.errors import LogDamaged, StaleVersion
from events.log import COMMAND, Watermark, check
from events.record import GENESIS, Append, Page, Record, chain, event_id


class MemoryLog:
    """An EventLog that is gone with its process."""

    is_shared = False

    def __init__(self, codec: Codec = CODEC) -> None:
        self.id = uuid.uuid4().hex
        self._codec = codec
        self._records: list[Record] = []
        self._watermark = Watermark()
        self.damage: LogDamaged | None = None

    @property
    def head(self) -> int:
        return len(self._records)

    async def append(self, append: Append, *more: Append) -> Sequence[Record]:
        check(append, *more)
        if self.damage:
            raise self.damage
        if append.cause and (earlier := await self.command(append.cause)):
            return earlier
        records = list[Record]()
        for one in (append, *more):  # all or nothing: one that cannot be written stops here
            version = sum(record.stream == one.stream for record in self._records)
            if version != one.expected:
                raise StaleVersion(one.stream, one.expected, version)
            records += self._chained(one, [*self._records[-1:], *records][-1:])
        self._records += records
        self._watermark.rise(self.head)
        return records

    def _chained(self, append: Append, last: Sequence[Record]) -> Iterator[Record]:
        """The records of it that follow the last one, where there is one."""
        position, digest = (last[0].position, last[0].hash) if last else (0, GENESIS)
        for number, event in enumerate(append.events, 1):
            data, schema = self._codec.encode(event), self._codec.schema(event)
            place = (position + number, append.stream, append.expected + number)
            fields = (*place, event_id(append.at), append.at, append.actor)
            digest = chain(digest, *fields, append.cause or "", schema, data)
            yield Record(*fields, append.cause, self._codec.decode(data, schema), digest)

    async def read(self, after: int = 0, limit: int = 1000) -> Sequence[Record]:
        return self._records[after : after + limit]

    async def page(self, after: int, limit: int) -> Page:
        return page_of(await self.read(after, limit), self._codec)

    async def stream(self, stream: str, after: int = 0, limit: int | None = None) -> Sequence[Record]:
        return [record for record in self._records if record.stream == stream][after:][:limit]

    async def version_at(self, stream: str, position: int) -> int:
        return sum(record.stream == stream for record in self._records[:position])

    async def streams(self, until: int) -> Sequence[tuple[str, int]]:
        return [*Counter(record.stream for record in self._records[:until]).items()]

    async def histories(self, streams: Sequence[str], until: int) -> Page:
        there = self._records[:until]
        return page_of([one for stream in streams for one in there if one.stream == stream], self._codec)

    async def position_at(self, at: str) -> int:
        return bisect_right(self._records, at, key=lambda record: record.at)

    async def hash_at(self, position: int) -> str | None:
        hashes = [GENESIS, *(record.hash for record in self._records)]
        return hashes[position] if position < len(hashes) else None

    async def command(self, cause: str) -> Sequence[Record]:
        return [record for record in self._records if cause.startswith(COMMAND) and record.cause == cause]

    async def wait(self, position: int) -> None:
        await self._watermark.reach(position)

    async def ready(self) -> None:
        """It always is."""

    def close_for(self, damage: LogDamaged) -> None:
        self.damage = damage

    async def verify(self, after: int = 0, batch: int = 2000) -> AsyncIterator[int]:
        digest = await self.hash_at(after) or GENESIS
        for position, record in enumerate(self._records[after:], after + 1):
            digest = self._digest(digest, record)
            if (record.position, record.hash) != (position, digest):
                raise LogDamaged(position, "this record is not what was written", record.stream)
            if position % batch == 0 or position == self.head:
                yield position

    def _digest(self, before: str, record: Record) -> str:
        data, schema = self._codec.encode(record.event), self._codec.schema(record.event)
        fields = (record.position, record.stream, record.version, record.id, record.at, record.actor)
        return chain(before, *fields, record.cause or "", schema, data)
