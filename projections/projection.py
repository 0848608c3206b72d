"""The projection: what everything that is made on disk from the log and the index has in common."""

from collections.abc import Collection, Sequence
from typing import Protocol

from projections.film import Film
from projections.index.rows import ShotTakes


class Projection(Protocol):
    """Compares what the index says should be there with what is there, and mends the difference.

    Nothing it does depends on which event came: a thousand events cost one look, a replay fires nothing
    twice. `version` is raised when it should make everything anew; `pause` is the time in seconds that it
    lets pass between two looks, so that a burst of events costs a few. `apart` says that each shot stands for
    itself, so that trouble in one is none of the others'.
    """

    name: str
    version: int
    pause: float
    apart: bool

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        """Make what those takes show on disk what it should be; the problems that stood in the way."""

    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        """The paths, relative to the film, of all that is not as it should be."""

    async def erase(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        """Remove all that this projection made, and nothing else."""
