"""What mends the difference between the index and the world: the projection, which makes, and the reactor, which does."""

from abc import abstractmethod
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from msgspec import Struct

from projections.film import Film
from projections.index.loading import ALL
from projections.index.rows import ShotRow, ShotTakes, TakeRow

ABSENT = (FileNotFoundError, NotADirectoryError)
"""What a disk says of a path on whose way something is not there. It may be back: nothing is done by that."""


class Away(Struct, frozen=True):
    """That something cannot be made, or removed, since the folder or the file at that path is not there.

    `take` is the number of the take that it is about, ALL for the shot itself. Of what `is_missed` the next scans
    say that it is gone, so that nobody waits for it for ever; of what is hidden nobody says so.
    """

    stream: str
    take: int
    path: str
    is_missed: bool

    @classmethod
    def of_take(cls, shot: ShotRow, take: TakeRow, path: str) -> "Away":
        """Something of a take is not there."""
        return cls(shot.stream, take.number, path, is_missed=take.deleted is None)

    @classmethod
    def of_shot(cls, shot: ShotRow) -> "Away":
        """A shot's folder is not there, or nothing in it that its active take needs."""
        return cls(shot.stream, ALL, shot.path, is_missed=shot.active is not None)


class Left(Struct, frozen=True):
    """That a shot is left as somebody else has it: it is their wish, and whoever follows that has it looked at again."""

    stream: str


Trouble = str | Away | Left
"""Why something is not as it should be: a problem that a person may have to solve, what is away, or what is left."""

CHUNK = 200
"""Shots looked at together when everything is looked at."""


class Mender(Protocol):
    """Compares what the index says should be with what is there, and mends the difference.

    Nothing it does depends on which event came: a thousand events cost one look, a replay fires nothing
    twice. `version` is raised when it should look at everything anew; `pause` is the time in seconds that it
    lets pass between two looks, so that a burst of events costs a few; `chunk` is how many shots it looks at together
    where there are many. `apart` says that each shot stands for
    itself, so that trouble in one is none of the others'. `placed` may be called, in any thread, with the streams
    of the shots that can be seen on the disk as they should be, before that survives a power cut.
    """

    name: str
    version: int = 1
    pause: float = 0.1
    chunk: int = CHUNK
    apart: bool = True
    placed: Callable[[Collection[str]], object] = staticmethod(lambda _streams: None)

    @abstractmethod
    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
        """Have things be what those takes say that they should be; what stood in the way, and what was away."""

    @abstractmethod
    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        """The paths, relative to the film, of all that is not as it should be."""

    @abstractmethod
    async def start_over(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        """What a rebuild does before all is looked at again."""


class Projection(Mender, Protocol):
    """Makes what can be thrown away, since the log and the index have all that it needs to make it again."""

    @abstractmethod
    async def erase(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        """Remove all that this projection made, and nothing else."""

    async def start_over(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        await self.erase(film, touched)


class Reactor(Mender, Protocol):
    """Does what cannot be thrown away and made again: it removes a user's files, or writes into a user's repository.

    A rebuild takes nothing of it back. It only looks at everything again, believes nothing that it knew before,
    and does what was left undone.
    """
