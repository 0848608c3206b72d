"""Keeping: for which shots of a film this daemon does the work on disk. Of a film that is its own, for all of them."""


class Keeping:
    """Whose work is whose; this one does all of it.

    `keeps_film` is about what is one for the whole film: which shots there are, `project.json`, git, the clean-up.
    """

    keeps_film = True

    def keeps(self, stream: str) -> bool:
        """Whether the work on disk for that shot is this daemon's."""
        return True


class Watching(Keeping):
    """Does nothing on the disk: others do, and it is seen here."""

    keeps_film = False

    def keeps(self, stream: str) -> bool:
        return False


EVERYTHING = Keeping()
NOTHING = Watching()
