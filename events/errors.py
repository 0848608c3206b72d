"""What can go wrong when a shot is told to change; each class is one situation a caller can act on.

It imports no library: every error of ours has its root here, also those of a command line that is in a hurry.
"""

from collections.abc import Iterator, Sequence


class TakesError(Exception):
    """The root of every error that is meant for the user.

    `hint` says what to do next, and `candidates` are the names that could have been meant, where there are some.
    """

    hint = ""
    candidates: Sequence[str] = ()


class NotFound(TakesError):
    """The root of what is asked for and does not exist."""


class Refused(TakesError):
    """The root of what exists and cannot be done now."""


class TakeNotFound(NotFound):
    """Raised when the shot has never had that take."""

    hint = "`takes ls SHOT` lists the takes of a shot, and with --deleted the hidden ones, too."

    def __init__(self, take: int) -> None:
        super().__init__(f"there is no take_{take:03d} in this shot")
        self.take = take


class TakeIsPurged(TakeNotFound):
    """Raised when something is asked of a take whose bytes are gone for good."""

    hint = "`takes show` has its recipe: ask for it again with `takes new`."

    def __init__(self, take: int) -> None:
        TakesError.__init__(self, f"take_{take:03d} is purged: its bytes are gone for good")
        self.take = take


class NoteNotFound(NotFound):
    """Raised when there is no note of that number."""

    hint = "`takes show` has the notes of a take, and `takes stage` those of a shot, with their numbers."

    def __init__(self, note: int) -> None:
        super().__init__(f"there is no note {note} here")
        self.note = note


class SearchNotFound(NotFound):
    """Raised when a film keeps no query under that name; `candidates` are those under which it keeps one."""

    hint = "`takes search list` lists the searches that were saved."

    def __init__(self, name: str, candidates: Sequence[str] = ()) -> None:
        super().__init__(f"there is no saved search {name!r}")
        self.candidates = candidates


class PersonNotFound(NotFound):
    """Raised when nobody of that name has anything to do with a film; `candidates` are those who have."""

    hint = "`takes people` lists those who may see the film."

    def __init__(self, person: str, candidates: Sequence[str] = ()) -> None:
        super().__init__(f"nobody called {person!r} may see the film")
        self.candidates = candidates


class ChoiceNotKept(TakesError):
    """Raised when somebody says of a take or a shot what the log cannot keep."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class NothingToUndo(Refused):
    """Raised when somebody has made no choice that can be taken back, or made again."""

    hint = (
        "What you chose yourself is taken back, the last first, as far as nobody has changed it since. What was purged "
        "is gone for good, and what was accepted stays complete: `takes rm` hides it."
    )

    def __init__(self, by: str, *, again: bool) -> None:
        super().__init__(f"there is nothing of {by} to {'redo' if again else 'undo'}")
        self.by = by


class TakeIsActive(Refused):
    """Raised when the bytes of the active take are to be purged."""

    hint = "Make another take the active one first: `takes activate SHOT TAKE`."

    def __init__(self, take: int) -> None:
        super().__init__(f"take_{take:03d} is the active take")
        self.take = take


class TakeNotSettled(Refused):
    """Raised when the bytes of a take that is still being made are to be purged."""

    hint = "Wait until it is complete or has failed."

    def __init__(self, take: int) -> None:
        super().__init__(f"take_{take:03d} is still being made")
        self.take = take


class TakeNotComplete(Refused):
    """Raised when a take that is still being made, or has failed, is to be made active."""

    hint = "Only a completed take can be active: wait for it, or choose another."

    def __init__(self, take: int, status: str) -> None:
        super().__init__(f"take_{take:03d} is {status}, not complete")
        self.take = take


class TakeNotFailed(Refused):
    """Raised when a take is to be accepted that has not failed."""

    hint = "Only a failed take is accepted, with its file as it is."

    def __init__(self, take: int, status: str) -> None:
        super().__init__(f"take_{take:03d} is {status}")
        self.take = take


class TakeHasNoFile(Refused):
    """Raised when a failed take is to be accepted of whose file nothing is there, or not all that there was."""

    hint = "Put its file back where it was and ask again, or drop the render anew: it becomes the next take."

    def __init__(self, take: int, why: str) -> None:
        super().__init__(f"take_{take:03d} has no file that could be kept: {why}")
        self.take = take


class TakeIsDeleted(Refused):
    """Raised when a deleted take is to be made active."""

    hint = "`takes restore SHOT TAKE` brings it back; then it can be made the active one."

    def __init__(self, take: int) -> None:
        super().__init__(f"take_{take:03d} is deleted")
        self.take = take


class TakeIsSettled(Refused):
    """Raised when a take that has completed or failed is to complete or fail again."""

    hint = "A take is made once; the next render is the next take."

    def __init__(self, take: int, status: str) -> None:
        super().__init__(f"take_{take:03d} is {status} already")
        self.take = take


class StaleVersion(Refused):
    """Raised when the stream has moved on since the writer looked at it."""

    hint = "Read it again, and decide again."

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(f"stream {stream} is at version {actual}, not {expected}")
        self.stream = stream
        self.expected = expected
        self.actual = actual


class DiskRefused(OSError):
    """Raised when the disk, or who else has the file, stands in the way of a database: it may not do so for ever."""

    def __str__(self) -> str:
        return str(self.strerror)


class StudioAway(TakesError):
    """Raised when the studio's database, which has the log, does not answer: what was asked may have been done or not."""

    hint = "What is known is shown, and drops stay where they are. It goes on by itself once the database is back."

    def __init__(self, why: str) -> None:
        super().__init__(f"the studio's log does not answer: {why}")


class Fenced(Refused):
    """Raised when somebody appends for a part of a film that another one has claimed by now."""

    hint = "Another keeper has it now. Claim it anew, look at the log, and decide again."

    def __init__(self, shard: int, epoch: int) -> None:
        super().__init__(f"shard {shard} is at epoch {epoch}: another keeper has it")
        self.shard = shard
        self.epoch = epoch


class LogDamaged(TakesError):
    """Raised when the log does not hold what was written to it; position 0 where no record can be named."""

    hint = (
        "Nothing is written to it any more, and the media in the take folders are untouched. Stop the daemon and have a "
        "new log made from what is left, with `takes recover` and the film's folder; or put a copy of .takes/log.db back."
    )

    def __init__(self, position: int, reason: str, stream: str = "") -> None:
        where = f", in the stream {stream}" if stream else ""
        super().__init__(f"the event log is damaged at position {position}{where}: {reason}")
        self.position = position
        self.stream = stream
        self.reason = reason


class LogWentBack(LogDamaged):
    """Raised when the studio's database knows less than this machine has seen of it: it was restored, or fails over."""

    hint = (
        "Nothing is written to it from here, and the media in the take folders are untouched. Stop the daemon and run "
        "`takes studio mend` with the film's folder: it brings back what this machine has beyond."
    )

    def __init__(self, seen: int, there: int) -> None:
        what = f"it ends at {there}" if there < seen else "it has another record there"
        TakesError.__init__(
            self, f"the studio's log went back: this machine has seen it up to position {seen}, and {what}"
        )
        self.position, self.stream, self.reason = seen, "", what


class LogFromTheFuture(TakesError):
    """Raised when the log, or an event in it, was written by a newer release."""

    hint = "Install the newest release of takes; this one leaves the log as it is."

    def __init__(self, what: str) -> None:
        super().__init__(f"this release does not know {what}")
        self.what = what


def flatten(error: BaseException) -> Iterator[BaseException]:
    """The errors in a group and in the groups inside it, in order; one that is no group is alone."""
    if not isinstance(error, BaseExceptionGroup):
        yield error
        return
    for one in error.exceptions:
        yield from flatten(one)
