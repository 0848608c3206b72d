"""Answers: in what form the takes index says what was asked of it, and how it says that there is no such shot."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct, field

from events import Identity, Kept, NotFound, Refused, TakeKey, TakesError

KeptHash = tuple[str, str | None, int | None, Kept | None]
"""A take's stream, hash and size, and how the log says that its bytes are kept twice; no hash for a shot without takes."""


class ShotNotFound(NotFound):
    """Raised when the project has no shot of that name."""

    hint = "`takes ls` lists the shots; a folder becomes one when it holds a folder named takes."

    def __init__(self, shot: str) -> None:
        super().__init__(f"there is no shot {shot!r} in this project")
        self.shot = shot


class AmbiguousShot(Refused):
    """Raised when a short id is the name of more than one shot; `candidates` are their full ids."""

    def __init__(self, shot: str, candidates: Sequence[str]) -> None:
        super().__init__(f"{shot!r} is the name of {len(candidates)} shots")
        self.candidates = candidates
        self.hint = f"Use the full id: {', '.join(candidates)}."


class IndexDamaged(TakesError):
    """Raised when the index's file turns out to be broken."""

    hint = "It is being made anew from the log; wait a moment."

    def __init__(self) -> None:
        super().__init__("the takes index is damaged")


class Counts(Struct, frozen=True):
    """How much a project holds: shots, and takes that are not deleted."""

    shots: int
    takes: int


class Awaited(Struct, frozen=True):
    """A take that was asked for and is not made yet; `started` when a runner last began with it."""

    stream: str
    number: int
    started: str | None

    @property
    def key(self) -> TakeKey:
        return TakeKey(self.stream, self.number)


class Making(Struct, frozen=True):
    """So many takes from one source that are being made, and when the oldest of them got its number."""

    source: str
    count: int
    oldest: str


class OnDisk(Struct):
    """What the disk should hold of a shot, as the log has it up to that position: `live` takes with their media's
    name, `numbers` ever given.

    `missing` takes are those that somebody removed, `making` says that one is not finished yet. `files` are
    those of the complete ones, by shot and number, as far as the log has which they are; `failed` those of the others.
    """

    active: int | None
    position: int = 0
    live: list[tuple[int, str | None]] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)
    missing: set[int] = field(default_factory=set)
    making: bool = False
    files: dict[TakeKey, Identity | None] = field(default_factory=dict)
    failed: dict[int, Identity] = field(default_factory=dict)

    def add(
        self,
        key: TakeKey,
        name: str | None,
        status: str,
        deleted: str | None,
        purged: str | None,
        file: str | None,
    ) -> None:
        """Add one take."""
        number = key.number
        self.numbers.add(number)
        if purged:
            return
        if deleted == "missing":
            self.missing.add(number)
        if status == "generating":
            self.making = True
        elif name and not deleted:
            self.live.append((number, name))
            found = msgspec.json.decode(file, type=Identity) if file else None
            if status == "complete":
                self.files[key] = found
            elif found:
                self.failed[number] = found
