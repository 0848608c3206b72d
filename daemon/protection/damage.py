"""Damage: takes whose file is not what it was, and whose bytes cannot be brought back, with what to do about it."""

import errno
import math
from pathlib import Path

from msgspec import Struct

from events import Identity
from projections.backoff import Backoff
from projections.files.opening import NoFile

IN_PLACE = "It was edited in place, through a hard link, so its object was edited as well"
NO_SPARE = "Its bytes had no second copy"
LINK = "A link is in its place"
NO_FILE = "A folder, or something else that is no file, is in its place"
WHAT_NOW = (
    "Put the file back from a backup, or move what is there now into the shot's takes/ to have it as a take."
)
MOVE_AWAY = "Move away what is there, and `takes restore` brings the take back."
READABLE = "Its bytes may be whole. See to the permissions, or to the disk; it is tried again."

LONGEST = 64
"""How many times as long as at first it takes in the end until what could not be read is tried again: a large
file is not read all day."""


class Damage(Struct, frozen=True):
    """A take whose file is not what it was, and whose bytes cannot be brought back; `file` is what is there.

    What could not be read is tried again at that time (monotonic seconds), `pause` seconds after it was tried.
    """

    path: str
    why: str
    hint: str
    file: Identity
    again: float = math.inf
    pause: float = 0.0


class Compared(Struct, frozen=True):
    """A strange file that is not what the log says: where there is another copy of that, and what else is known.

    Where something could not be read, nothing is known for sure, and it `may_be_whole`.
    """

    file: Identity
    spare: Path | None = None
    why: str = ""
    hint: str = WHAT_NOW
    may_be_whole: bool = False


def not_read(file: Identity, error: OSError, what: str = "It") -> Compared:
    """What is known where the take, or its object, could not be read."""
    if isinstance(error, NoFile):
        return Compared(file, why=NO_FILE, hint=MOVE_AWAY)
    if error.errno == errno.ELOOP:
        return Compared(file, why=LINK, hint=MOVE_AWAY)
    return Compared(file, why=f"{what} cannot be read: {error.strerror}", hint=READABLE, may_be_whole=True)


def trouble(path: str, why: str, found: Compared, before: Damage | None, now: float, every: float) -> Damage:
    """A take's trouble; what could not be read is tried again after so many seconds, and then ever more of them."""
    if not found.may_be_whole:
        return Damage(path, why, found.hint, found.file)
    before_that = before.pause if before and before.file == found.file else 0.0
    pause = Backoff(every, LONGEST * every).after(before_that)
    return Damage(path, why, found.hint, found.file, now + pause, pause)
