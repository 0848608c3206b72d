"""Rows: records as a database keeps them, whichever it is, and whether they are what was written."""

from collections.abc import Sequence

from events.codec import Codec
from events.errors import LogDamaged
from events.record import Record, chain

Row = tuple[int, str, int, str, str, str, str | None, int, str, str]
"""Position, stream, version, id, at, actor, cause, schema, data and hash."""


def is_whole(row: Row, before: str) -> bool:
    """Whether a record is what was written, if that is the hash of the one before it."""
    return chain(before, *row[:6], row[6] or "", *row[7:9]) == row[9]


def checked(rows: Sequence[Row], position: int, before: str) -> tuple[int, str]:
    """Where the rows end that follow that position, and the hash there; LogDamaged at one that is not what was written."""
    for row in rows:
        position += 1
        if row[0] != position:
            raise LogDamaged(position, f"this record is missing, and {row[0]} follows", row[1])
        if not is_whole(row, before):
            raise LogDamaged(position, "this record is not what was written: its hash differs", row[1])
        before = row[9]
    return position, before


def check_reached(position: int, head: int) -> None:
    """LogDamaged where a log ends before its head."""
    if position < head:
        raise LogDamaged(position + 1, f"the records up to {head} are missing")


def records_of(rows: Sequence[Row], codec: Codec) -> Sequence[Record]:
    """The records in them."""
    events = codec.decode_many([(row[8], row[7], row[0]) for row in rows])
    return [Record(*row[:7], event, row[9]) for row, event in zip(rows, events, strict=True)]


def rows_of(records: Sequence[Record], codec: Codec) -> Sequence[Row]:
    """The rows that this release makes of records."""
    return [
        (
            *(one.position, one.stream, one.version, one.id, one.at, one.actor, one.cause),
            codec.schema(one.event),
            codec.encode(one.event),
            one.hash,
        )
        for one in records
    ]
