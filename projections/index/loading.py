"""Loading: shots with some of their takes, or all, as many at a time as somebody can hold."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.index.tables import SHOT_COLUMNS, TAKE_COLUMNS

ALL = 0
"""Stands for every take of a shot, where numbers of takes are asked for."""

PAGE = 2000
"""Takes that are held at a time by whoever looks at all of them: each has some kilobytes."""

TOLD = 200
"""Takes that are held at a time by whoever makes something of each that is larger than it is."""

T = TypeVar("T")

Wanted = Sequence[tuple[str, Collection[int]]]
"""Streams of shots, each with the numbers of takes that are asked for."""


def load(
    wanted: Wanted, after: int, most: int | None, db: sqlite3.Connection
) -> tuple[list[ShotTakes], Wanted, int]:
    """At most so many of those takes, of the first shot those beyond that number; what is left, and beyond which number."""
    loaded = []
    for place, (stream, numbers) in enumerate(wanted):
        row = db.execute(f"SELECT {SHOT_COLUMNS} FROM shots WHERE stream = ?", (stream,)).fetchone()
        if row:
            shot = ShotRow(*row)
            takes = list(islice(_takes(db, shot.id, numbers, after), most))
            loaded.append(ShotTakes(shot, takes))
            if most is not None and (most := most - len(takes)) == 0:
                return loaded, wanted[place:], takes[-1].number
        after = 0
    return loaded, [], 0


def tell(stream: str, tell_of: Callable[[ShotTakes], T], db: sqlite3.Connection) -> list[T]:
    """What that makes of all takes of a shot, so many at a time."""
    told = list[T]()
    rest: Wanted = [(stream, (ALL,))]
    after = 0
    while rest:
        loaded, rest, after = load(rest, after, TOLD, db)
        told += map(tell_of, loaded)
    return told


def _takes(db: sqlite3.Connection, shot: int, numbers: Collection[int], after: int) -> Iterator[TakeRow]:
    query = f"SELECT {TAKE_COLUMNS} FROM takes WHERE shot = ?"
    if ALL in numbers:
        found = db.execute(f"{query} AND number > ? ORDER BY number", (shot, after))
        yield from (TakeRow(*row) for row in found)
        return
    for number in sorted(one for one in numbers if one > after):
        yield from (TakeRow(*row) for row in db.execute(f"{query} AND number = ?", (shot, number)))
