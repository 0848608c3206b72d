"""Desks: what they and the keepers of a film tell each other beside its log. What is not heard costs time, and nothing else."""

from collections.abc import Sequence
from typing import Any, Protocol

import anyio
import msgspec
from msgspec import Struct

from events.signal import Signal

SHOWN = "SELECT pg_notify('takes_shown', %s)"

OWNERS = "SELECT DISTINCT owner FROM takes.claims WHERE film = %s AND until > clock_timestamp()"


class Hint(Struct, frozen=True, array_like=True):
    """A desk has seen that its user put a file there: it was `moved` in, or its writer has closed it.

    `folder` is relative to the film; `size` is in bytes, and `mtime_ns` in ns since 1970, as the desk has found them.
    Without a `name` it is of the folder: a shot was made.
    """

    folder: str
    name: str
    moved: bool
    size: int
    mtime_ns: int

    @classmethod
    def of_shot(cls, folder: str) -> "Hint":
        """The shot whose `takes/` that is was made."""
        return cls(folder, "", moved=False, size=0, mtime_ns=0)


class Asked(Protocol):
    """A database that can be asked."""

    async def rows(self, query: str, *parameters: object) -> list[Any]:
        """What it answers."""


class OfFilm(Protocol):
    """What belongs to a film of it."""

    @property
    def film(self) -> int:
        """The film's number."""


class Hints:
    """What desks have seen of one film; `told` says that there are more, or that some may have been missed."""

    def __init__(self, studio: Asked, log: OfFilm) -> None:
        self.told = Signal()
        self._studio = studio
        self._log = log
        self._last = 0

    async def give(self, hints: Sequence[Hint]) -> None:
        """Tell the keepers; StudioAway where the database does not answer."""
        sent = msgspec.json.encode(hints).decode()
        await self._studio.rows("SELECT takes.hint(%s, %s::jsonb)", self._log.film, sent)

    async def take(self) -> list[Hint]:
        """Those that came since this was last asked, at first those of the last hour; StudioAway."""
        query = """SELECT id, folder, name, moved, size, mtime_ns FROM takes.hints
            WHERE film = %s AND id > %s ORDER BY id"""
        rows = await self._studio.rows(query, self._log.film, self._last)
        self._last = rows[-1][0] if rows else self._last
        return [Hint(*row[1:]) for row in rows]


class Keepers:
    """The keepers of one film: on which hosts they are, and how far they have its disk show what its log says.

    That is known as far as they tell: of each projection, and each shot.
    """

    def __init__(self, studio: Asked, log: OfFilm) -> None:
        self._studio = studio
        self._log = log
        self.hosts: Sequence[str] = ()
        self._shown: dict[tuple[str, str], int] = {}
        self._risen = anyio.Event()

    async def look(self) -> None:
        """Learn who they are now; StudioAway where the database does not answer."""
        rows = await self._studio.rows(OWNERS, self._log.film)
        self.hosts = sorted({owner.partition("/")[0] for (owner,) in rows})

    async def attend(self, desk: str) -> None:
        """Say that this desk, `host/id`, has the film open; StudioAway where the database does not answer."""
        host = desk.partition("/")[0]
        await self._studio.rows("SELECT takes.attend(%s, %s, %s)", self._log.film, desk, host)

    async def tell(self, name: str, stream: str, position: int) -> None:
        """That projection shows that shot as it was at that position; StudioAway where the database does not answer."""
        await self._studio.rows(SHOWN, f"{self._log.film} {name} {stream} {position}")

    def rise(self, name: str, stream: str, position: int) -> None:
        """So a keeper has told."""
        self._shown[name, stream] = max(position, self._shown.get((name, stream), 0))
        self._risen.set()
        self._risen = anyio.Event()

    def shows(self, name: str, stream: str, position: int) -> bool:
        """Whether it was told of that position, or a later one."""
        return self._shown.get((name, stream), 0) >= position

    async def reach(self, name: str, stream: str, position: int) -> None:
        """Return once it was."""
        while not self.shows(name, stream, position):
            await self._risen.wait()
