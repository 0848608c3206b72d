"""A row of the campaign: one fault, or one kind of them, with the watcher on or off."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.faults.disks import Disk, disk_of
from tests.faults.world import World
from tests.support.film import CODE


class Row:
    """What a row is given: its world, its disks, and the chance, which is the same for the same seed."""

    def __init__(
        self, folder: Path, chance: random.Random, disks: Sequence[str], *, watch: bool, share: float
    ) -> None:
        self.folder = folder
        self.chance = chance
        self.watch = watch
        self.struck = 0
        self.code = CODE
        self._disks = disks
        self.share = share
        self._worlds = 0

    def world(self, *, place: Path | None = None, **choices: Any) -> World:
        """A film of its own, which is not kept yet."""
        self._worlds += 1
        world = World(self.folder / f"world {self._worlds}", watch=self.watch, place=place, **choices)
        world.env["PYTHONPATH"] = str(self.code)
        return world

    @contextmanager
    def disk(self, kind: str | None = None) -> Iterator[Disk]:
        """An empty disk of that kind, or of any."""
        with disk_of(kind or self.chance.choice(self._disks)) as disk:
            yield disk

    def some(self, many: int) -> int:
        """As many as that in a whole run; fewer in a quick one, and more in a thorough one."""
        return max(1, round(many * self.share))

    def up_to(self, many: int, most: int) -> int:
        """The same, where a thorough run does not go beyond that."""
        return min(self.some(many), most)

    def of(self, total: int, many: int) -> Sequence[int]:
        """Some of the numbers from 1 to that one, in order."""
        return sorted(self.chance.sample(range(1, total + 1), min(total, self.some(many))))

    def survived(self) -> None:
        """One more fault has been."""
        self.struck += 1

    def say(self, what: str) -> None:
        """For whoever looks into why a row is red."""
        print(what)  # noqa: T201 - pytest shows it with the failure
