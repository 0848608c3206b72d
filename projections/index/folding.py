"""Folding: how a run of events changes the rows.

It is pure: given the same events it gives the same rows, whatever the time and the disk.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import msgspec

from events import FILM, BriefEvent, LogDamaged
from projections.index.meanings import CHOICES, MEANINGS, Touched
from projections.index.rows import ShotRow, TakeRow

Entry = tuple[int, str, int, str, BriefEvent]
"""Of a record the position, the stream, the version, the time and the event."""


class Fold(Touched):
    """The rows that a run of events touches, changed as it says."""

    def __init__(self, load_shot: Callable[[str], ShotRow], load_take: Callable[[int, int], TakeRow]) -> None:
        super().__init__(load_shot, load_take)
        self._film = ShotRow(0, FILM)
        self._seen: Counter[type[BriefEvent]] = Counter()

    def fold(self, entries: Iterable[Entry]) -> None:
        """Change the rows as the records say, one after the other; LogDamaged at one that cannot be understood."""
        shots, seen = self.shots, self._seen
        for position, stream, version, at, event in entries:
            shot = shots.get(stream) or self._shot(stream)
            what, self.reading = type(event), position
            try:
                MEANINGS[what](self, shot, at, event)
            except msgspec.DecodeError as error:
                raise LogDamaged(position, str(error), stream) from error
            except KeyError as error:
                raise LogDamaged(position, "it speaks of a take that was never created", stream) from error
            shot.version, shot.position = version, position
            if what in CHOICES and (by := getattr(event, "by", None)) is not None:
                self.choices.append((by, position))
            seen[what] += 1

    def totals(self) -> Mapping[str, int]:
        """What is to be added to what there ever was.

        How many there are of each type of event and of takes from each source, and the `bytes` that were completed and the
        `purged bytes`.
        """
        return self.sums + Counter({str(one.__struct_config__.tag): n for one, n in self._seen.items()})

    def _shot(self, stream: str) -> ShotRow:
        if stream == FILM:
            return self._film  # which is no shot, and has no row
        self.shots[stream] = self.load_shot(stream)
        return self.shots[stream]
