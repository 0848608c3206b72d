"""Keeping: for which shots of a film this daemon does the work on disk. Of a film that is its own, for all of them."""

from typing import Protocol


class Others(Protocol):
    """Those who do what is not this daemon's to do."""

    def shows(self, name: str, stream: str, position: int) -> bool:
        """Whether they have told that the projection of that name shows the shot as it was at that position, or later."""

    async def reach(self, name: str, stream: str, position: int) -> None:
        """Return once they have told that."""


class Keeping:
    """Whose work is whose; this one does all of it.

    `keeps_film` is about what is one for the whole film: which shots there are, `project.json`, git, the clean-up.
    `others` do what is not this daemon's, where there are any; a `desk` leaves everything to them.
    """

    is_desk = False
    keeps_film = True
    others: Others | None = None

    def keeps(self, stream: str) -> bool:
        """Whether the work on disk for that shot is this daemon's."""
        return True


class Watching(Keeping):
    """Does nothing on the disk: others do, and it is seen here."""

    is_desk = True
    keeps_film = False

    def __init__(self, others: Others) -> None:
        self.others = others

    def keeps(self, stream: str) -> bool:
        return False


EVERYTHING = Keeping()
