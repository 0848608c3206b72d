"""Keeping: for which shots of a film this daemon does the work on disk. Of a film that is its own, for all of them."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from events import Refused

_FREELY = nullcontext()


class NotKept(Refused):
    """Raised when work on disk is not this daemon's, or not for now."""

    hint = (
        "It goes on by itself: on the machine that keeps it now, or here once the studio's database answers."
    )

    def __init__(self) -> None:
        super().__init__("the work on disk there is not for this machine now")


class Others(Protocol):
    """Those who do what is not this daemon's to do."""

    def shows(self, name: str, stream: str, position: int) -> bool:
        """Whether they have told that the projection of that name shows the shot as it was at that position, or later."""

    async def reach(self, name: str, stream: str, position: int) -> None:
        """Return once they have told that."""


class Keeping:
    """Whose work is whose; this one does all of it.

    `keeps_film` is about what is one for the whole film: which shots there are, `project.json`, git.
    `others` do what is not this daemon's, where there are any; a `desk` leaves everything to them.
    """

    is_desk = False
    keeps_film = True
    others: Others | None = None

    def keeps(self, stream: str) -> bool:
        """Whether the work on disk for that shot is this daemon's."""
        return True

    def work(self, *streams: str) -> AbstractContextManager[None]:
        """Do work on disk for these shots meanwhile; NotKept before any step that it may not do."""
        return _FREELY

    def work_on_film(self) -> AbstractContextManager[None]:
        """The same of what is one for the whole film."""
        return _FREELY

    def believes_link(self, stream: str) -> bool:
        """Whether a link that does not lead to the active take may be what a person has wished for."""
        return True

    def is_old_link(self, stream: str, position: int) -> bool:
        """Whether a link was not set yet when the shot was taken over, whose choice is at that position or before it."""
        return False


class Watching(Keeping):
    """Does nothing on the disk: others do, and it is seen here."""

    is_desk = True
    keeps_film = False

    def __init__(self, others: Others) -> None:
        self.others = others

    def keeps(self, stream: str) -> bool:
        return False

    def work(self, *streams: str) -> AbstractContextManager[None]:
        raise NotKept

    def work_on_film(self) -> AbstractContextManager[None]:
        raise NotKept


EVERYTHING = Keeping()
