"""The board: what stands in the way of one film, whoever has found it, until it does so no more."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal, TypeVar, get_args

import anyio
from msgspec import Struct

from projections.backoff import Backoff
from projections.files.writing import failed_folders

T = TypeVar("T")

AGAIN = "It is tried again."

FAILING = "The disk refused to write it, and it was written anew. See to the disk, it may be failing."

ROOM = "The film goes on by itself once there is room, or the disk can be written again."

Source = Literal["log", "disk", "watch", "shot", "damage", "runner", "clean-up", "git", "projection"]
"""Where a problem was found, in the order in which they are told."""


class Problem(Struct, frozen=True):
    """Something that stands in the way, and what to do about it."""

    what: str
    hint: str = ""


class Board:
    """The problems of one film, by where they were found and what they are about."""

    def __init__(self) -> None:
        self._problems: dict[Source, dict[str, list[Problem]]] = {source: {} for source in get_args(Source)}

    def report(self, source: Source, about: str, *whats: str, hint: str = AGAIN) -> None:
        """That is all that stands in the way of this, whatever was said before; nothing clears it."""
        if whats:
            self._problems[source][about] = [Problem(what, hint) for what in whats]
        else:
            self._problems[source].pop(about, None)

    def report_failing(self, root: Path, path: Path, why: str) -> None:
        """The film's disk has failed to write a file or a folder."""
        where = str(path.relative_to(root))
        self.report("disk", where, f"{where}: {why}", hint=FAILING)

    def report_failed_folders(self, root: Path) -> None:
        """The same of all folders of the film in which that has happened so far."""
        for path, why in failed_folders(root).items():
            self.report_failing(root, path, why)

    def clear_below(self, source: Source, path: str) -> None:
        """Nothing stands in the way any more of whatever begins with that path."""
        for about in [about for about in self._problems[source] if about.startswith(path)]:
            self.report(source, about)

    def problems(self) -> list[Problem]:
        """All of them."""
        return [one for found in self._problems.values() for about in found.values() for one in about]


PAUSES = Backoff(first=0.5, longest=10.0)
"""Until what a disk has refused is tried again."""


async def persist(board: Board, about: str, work: Callable[[], Awaitable[T]]) -> T:
    """Do that work, again and again while the disk refuses it; the board tells what it is about, and why."""
    pause = 0.0
    while True:
        try:
            result = await work()
        except OSError as error:
            board.report("disk", about, f"{about}: {error}", hint=ROOM)
        else:
            board.report("disk", about)
            return result
        pause = PAUSES.after(pause)
        await anyio.sleep(pause)
