"""A log in memory: the same promises as on disk, but for the disk."""

import uuid
from collections.abc import Sequence

from events.codec import CODEC, Codec
from events.errors import StaleVersion
from events.log import COMMAND, Tide, check
from events.record import GENESIS, Append, Record, chain, event_id


class MemoryLog:
    """An EventLog that is gone with its process."""

    def __init__(self, codec: Codec = CODEC) -> None:
        self.id = uuid.uuid4().hex
        self._codec = codec
        self._records: list[Record] = []
        self._tide = Tide()

    @property
    def head(self) -> int:
        return len(self._records)

    async def append(self, append: Append) -> Sequence[Record]:
        check(append)
        if append.cause and append.cause.startswith(COMMAND):
            earlier = [record for record in self._records if record.cause == append.cause]
            if earlier:
                return earlier
        version = sum(record.stream == append.stream for record in self._records)
        if version != append.expected:
            raise StaleVersion(append.stream, append.expected, version)
        start = self.head
        for number, event in enumerate(append.events, 1):
            data, schema = self._codec.encode(event), self._codec.schema(event)
            previous = self._records[-1].hash if self._records else GENESIS
            fields = (start + number, append.stream, version + number, event_id(append.at), append.at, append.actor)
            digest = chain(previous, *fields, append.cause or "", schema, data)
            self._records.append(Record(*fields, append.cause, self._codec.decode(data, schema), digest))
        self._tide.rise(self.head)
        return self._records[start:]

    async def read(self, after: int = 0, limit: int = 1000) -> Sequence[Record]:
        return self._records[after : after + limit]

    async def stream(self, stream: str, after: int = 0) -> Sequence[Record]:
        return [record for record in self._records if record.stream == stream and record.version > after]

    async def streams_since(self, position: int) -> Sequence[str]:
        return sorted({record.stream for record in self._records[position:]})

    async def wait(self, position: int) -> None:
        await self._tide.reach(position)
