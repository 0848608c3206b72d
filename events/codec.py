"""The codec: events to the JSON text that the log keeps, and back, through every schema ever released."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from events.brief import BriefEvent
from events.errors import LogDamaged, LogFromTheFuture
from events.event import Event
from events.record import Page, Record
from events.vocabulary import AnyEvent

Upcaster = Callable[[dict[str, object]], dict[str, object]]
"""Turns an event's data from one schema into the next; pure, and kept for ever."""

UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}
"""By tag and the schema it was written in. None yet: every event is in its first schema."""


class Codec:
    """Reads and writes one vocabulary; `upcasters` lift old data to what the classes of today expect."""

    def __init__(self, vocabulary: object, upcasters: Mapping[tuple[str, int], Upcaster]) -> None:
        self._one = msgspec.json.Decoder(vocabulary)
        self._many = msgspec.json.Decoder(list[vocabulary])  # type: ignore[valid-type]
        self._brief = msgspec.json.Decoder(list[BriefEvent])
        self._upcasters = upcasters
        self._schemas = {tag: schema + 1 for tag, schema in sorted(upcasters)}
        self._encode = msgspec.json.Encoder().encode

    def encode(self, event: Event) -> str:
        """The event as compact JSON; the key `type` is its tag."""
        return self._encode(event).decode()

    def schema(self, event: Event) -> int:
        """The schema that this release writes for the event."""
        return self._schemas.get(str(event.__struct_config__.tag), 1) if self._schemas else 1

    def decode(self, data: str, schema: int = 1, position: int = 0) -> AnyEvent:
        """One event; an unknown tag or a newer schema raises LogFromTheFuture, anything else LogDamaged."""
        try:
            if schema == 1 and not self._upcasters:
                return self._one.decode(data)  # type: ignore[no-any-return]
            return self._lift(data, schema)
        except msgspec.ValidationError as error:
            if "Invalid value" in str(error) and "`$.type`" in str(error):
                raise LogFromTheFuture(f"the event at position {position}: {data[:200]}") from error
            raise LogDamaged(position, str(error)) from error
        except msgspec.DecodeError as error:
            raise LogDamaged(position, str(error)) from error

    def decode_many(self, rows: Sequence[tuple[str, int, int]]) -> list[AnyEvent]:
        """The events of many (data, schema, position) at once, which is half the work of one by one."""
        if self._upcasters or any(schema != 1 for _, schema, _ in rows):
            return [self.decode(*row) for row in rows]
        try:
            events: list[AnyEvent] = self._many.decode("[" + ",".join([row[0] for row in rows]) + "]")
        except msgspec.DecodeError:
            events = []
        # One by one names the position; a count that is off is a row which holds more than one event.
        return events if len(events) == len(rows) else [self.decode(*row) for row in rows]

    def brief(self, data: str, newest: int = 1) -> list[BriefEvent] | None:
        """The events of a JSON list in brief, of schemas up to that one; None where they are to be decoded one by one."""
        if self._upcasters or newest != 1:
            return None
        try:
            return self._brief.decode(data)
        except msgspec.DecodeError:
            return None

    def shorten(self, events: Sequence[Event]) -> list[BriefEvent]:
        """The same in brief."""
        return self._brief.decode(self._encode(events))

    def _lift(self, data: str, schema: int) -> AnyEvent:
        fields = msgspec.json.decode(data, type=dict[str, object])
        tag = str(fields.get("type"))
        current = self._schemas.get(tag, 1)
        if schema > current:
            raise LogFromTheFuture(f"schema {schema} of {tag}")
        for step in range(schema, current):
            fields = self._upcasters[tag, step](fields)
        return msgspec.convert(fields, self._one.type)  # type: ignore[no-any-return]


def page_of(records: Sequence[Record], codec: Codec) -> Page:
    """The records as a page."""
    return Page(
        [record.position for record in records],
        [record.stream for record in records],
        [record.version for record in records],
        [record.at for record in records],
        codec.shorten([record.event for record in records]),
        records[-1].hash if records else "",
    )


CODEC = Codec(AnyEvent, UPCASTERS)
