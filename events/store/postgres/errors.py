"""What can go wrong between a film and its studio's database."""

from events.errors import Refused, TakesError


class StudioNotInstalled(TakesError):
    """Raised when a film's log is in PostgreSQL, and the driver for that was not installed along."""

    hint = "It comes with the extra `studio`: from a checkout, `pipx install --force '.[studio]'`."

    def __init__(self) -> None:
        super().__init__("this takes was installed without what a studio's database needs")


class StudioNotReady(Refused):
    """Raised when a database has no tables of ours, or such as we cannot use."""

    def __init__(self, why: str, hint: str = "Make them with `takes studio init`.") -> None:
        super().__init__(why)
        self.hint = hint


class StudioOlder(StudioNotReady):
    """Raised when a database has tables of an earlier release, and they know nothing of what is asked."""

    def __init__(self) -> None:
        super().__init__(
            "the studio's tables are of an earlier release, which knew nothing of this",
            "Run `takes studio init` once, with this release; then update the machines that have an earlier one.",
        )


class StudioForbids(Refused):
    """Raised when the database lets this user do less than is needed."""

    hint = "Have whoever looks after the database run: GRANT takes_keeper TO the user that the service names."

    def __init__(self, why: str, hint: str | None = None) -> None:
        super().__init__(why)
        self.hint = hint or self.hint


class FilmNotInStudio(Refused):
    """Raised when the studio's database has no film of that log."""

    hint = (
        "Is it the right database? `takes studio status` lists the films in it. Where it was restored from a backup that "
        "is older than the film, `takes studio mend` brings it back."
    )

    def __init__(self, log: str) -> None:
        super().__init__(f"the studio's database has no film whose log is {log}")


class FilmNotOpen(Refused):
    """Raised when a film is on its way into the studio's database or out of it, or has left it."""

    def __init__(self, state: str) -> None:
        is_moving = state == "moving"
        what = "on its way into the studio's database" if is_moving else "out of the studio's database"
        super().__init__(f"the film is {what}")
        command = "join` or `takes studio mend" if is_moving else "leave"
        self.hint = f"That was cut short: run `takes studio {command}` on it again."


class FilmKnownOtherwise(Refused):
    """Raised when the database and a film's log have gone on from the same beginning, each its own way."""

    hint = "Nothing was changed. Which of the two is right is for a person to say; the other one's takes can be dropped anew."

    def __init__(self, position: int, ours: str | None, theirs: str | None) -> None:
        super().__init__(
            f"at position {position} this machine has the record {(ours or 'none')[:12]}, "
            f"and the studio's database {(theirs or 'none')[:12]}"
        )
