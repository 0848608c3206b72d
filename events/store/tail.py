"""The tail: the last records of a log as they were appended, in memory, since whoever follows it asks for them at once."""

from collections import deque
from collections.abc import Sequence
from itertools import islice

from events.store.rows import Row

ROWS, BYTES = 512, 256_000
"""How many are kept at most, and how much data they have."""


class Tail:
    """The last rows of one log, without gaps."""

    def __init__(self) -> None:
        self._rows: deque[Row] = deque()
        self._bytes = 0

    def add(self, rows: Sequence[Row]) -> None:
        """These are on disk now, at the log's end."""
        if self._rows and rows and rows[0][0] != self._rows[-1][0] + 1:
            self._rows.clear()
            self._bytes = 0
        self._rows.extend(rows)
        self._bytes += sum(len(row[8]) for row in rows)
        while len(self._rows) > ROWS or self._bytes > BYTES:
            self._bytes -= len(self._rows.popleft()[8])

    def after(self, position: int, limit: int) -> Sequence[Row]:
        """Up to `limit` rows that follow that position; none where the first of them is not kept any more."""
        if not self._rows or position + 1 < self._rows[0][0]:
            return ()
        start = position + 1 - self._rows[0][0]
        return [*islice(self._rows, start, start + limit)]
