"""Used clips: what an edit says of each of them, in whichever format; and how it is told that a file cannot be read."""

from msgspec import Struct

from events import TakesError


class UnreadableEdit(TakesError):
    """Raised when a file is not an edit of the format that it is said to be."""

    hint = "Have the editing program export it again, as OTIO, FCPXML or a CMX 3600 EDL."

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"this is no {name} that can be read: {reason}")


class Used(Struct, frozen=True):
    """A clip of an edit: what it is called there, and what is said of its media, as far as something is.

    `file` is a path or an URL; `sha256` the hash of the take, `shot` and `take` their ids, where we wrote them ourselves.
    """

    name: str
    file: str | None = None
    sha256: str | None = None
    shot: str | None = None
    take: str | None = None
