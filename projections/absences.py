"""Absences: what a projection could not do since something was not there, which is not the same as done."""

import math
from collections.abc import Collection, Iterable, Sequence

import anyio

from events import TakeKey
from projections.backoff import Backoff
from projections.film import Film
from projections.index.loading import ALL
from projections.projection import Away

RETRY = 2.0
"""Seconds before a projection that met a problem tries again."""

PATIENCE = Backoff(first=RETRY, longest=60.0)
"""Until what is away is looked at again: a folder that comes back may say nothing."""

Touched = dict[str, set[int]]
"""The streams that something happened to, and the numbers of the takes that it happened to; 0 for all of them."""


class Absences:
    """What one mender could not do since something was away, kept in the index until it is done."""

    def __init__(self, name: str, film: Film) -> None:
        self.due = math.inf
        self._pause = 0.0
        self._name = name
        self._film = film
        self._away: dict[str, dict[int, Away | None]] = {}
        self._gone: set[TakeKey] = set()
        self._back: set[TakeKey] = set()

    async def load(self) -> None:
        """Remember what was away when it last ran."""
        for stream, number in await self._film.index.away_of(self._name):
            self._away.setdefault(stream, {})[number] = None
        self.due = -math.inf if self._away else math.inf

    @property
    def holds(self) -> bool:
        """Whether something is away that the next scans will miss: until then nothing is done."""
        return any(one.is_missed for one in self.all())

    def all(self) -> list[Away]:
        """What is away, as far as it was looked at by now."""
        return [one for takes in self._away.values() for one in takes.values() if one]

    def of(self, stream: str) -> set[int]:
        """The takes of that shot with something that is away; ALL for the shot itself."""
        return set(self._away.get(stream, ()))

    def touched(self) -> Touched:
        """All of it, to be looked at again; each time that it is, more time passes until the next."""
        self._pause = PATIENCE.after(self._pause)
        self.due = anyio.current_time() + self._pause
        return {stream: set(takes) for stream, takes in self._away.items()}

    def note(self, touched: Touched, found: Sequence[Away], *, is_sure: bool = True) -> None:
        """That is what is away of all that was looked at; unless it is sure, something else may still be."""
        for stream, takes in touched.items() if is_sure else ():
            for number in self.of(stream):
                if number in takes or {number, *takes} & {ALL}:
                    self._forget(TakeKey(stream, number))
        for one in found:
            self._keep(TakeKey(one.stream, one.take), one)

    def _keep(self, key: TakeKey, one: Away | None) -> None:
        if key.number not in self._away.setdefault(key.stream, {}):
            if key in self._back:
                self._back.remove(key)  # it was away before
            else:
                self._gone.add(key)
                self._pause = RETRY
                self.due = min(self.due, anyio.current_time() + RETRY)
        self._away[key.stream][key.number] = one

    def _forget(self, key: TakeKey) -> None:
        del self._away[key.stream][key.number]
        if not self._away[key.stream]:
            del self._away[key.stream]
        if key in self._gone:
            self._gone.remove(key)
        else:
            self._back.add(key)

    async def save(self) -> None:
        """Have the index know of it."""
        gone, back = self._gone, self._back
        self._gone, self._back = set(), set()
        try:
            if gone or back:
                await self._film.index.save_away(self._name, gone, back)
        except OSError:  # with what came meanwhile
            self._gone, self._back = (
                gone - self._back | self._gone - back,
                back - self._gone | self._back - gone,
            )
            raise
        if not self._away:
            self.due = math.inf

    def owe(self, keys: Iterable[TakeKey]) -> None:
        """These are to be looked at again, too."""
        for key in keys:
            self._keep(key, None)

    @property
    def back(self) -> Collection[TakeKey]:
        """What is not away any more, since it was last saved."""
        return self._back
