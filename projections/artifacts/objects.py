"""Objects: the bytes of every completed take have a second name in the store."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from events import Identity, TakeKey
from projections.artifacts.frame_lists import Frame, frames_of, is_frame, listed_at
from projections.artifacts.store import Store
from projections.files import sharing
from projections.files.hashing import sha256_of
from projections.files.threads import in_thread
from projections.film import Film, present
from projections.index.rows import ShotTakes
from projections.layout import list_of, media_path
from projections.projection import ABSENT, Away, Reactor, Trouble


class Wanted(Struct, frozen=True):
    """Media, or a frame, whose bytes should have an object: where it is, and which file it was."""

    key: TakeKey
    path: str
    sha256: str
    bytes: int
    file: Identity | None
    is_kept: bool
    away: Away
    frame: Frame | None = None


class Objects(Reactor):
    """Gives a second name to the bytes of takes that are whole and have none, which the intake had no chance to do.

    Whether they are whole it knows from `is_known`: nothing is hashed here. No object is
    removed that may be the last that is left of a take.
    """

    name = "objects"
    pause = 0.5

    def __init__(self, store: Store, is_known: Callable[[TakeKey, Identity | None, Path], bool]) -> None:
        self._store = store
        self._is_known = is_known

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
        return await in_thread(self._mend, film, touched)

    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        def work() -> list[str]:
            return [
                str(self._store.path(one.sha256).relative_to(film.root)) for one in self._gone(film, touched)
            ]

        return await in_thread(work)

    async def start_over(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        """Remove the objects that do not hold what they should, where the takes do; all others stay."""
        for one in await in_thread(list, wanted(film.root, touched)):
            if await self._is_damaged(one, film.root / one.path):
                await in_thread(self._store.forget, one.sha256)

    async def _is_damaged(self, one: Wanted, media: Path) -> bool:
        """Whether the object is not what the take is. Where both are the same bytes on the disk, nothing is read."""
        with suppress(OSError):
            there = await in_thread(self._apart, one, media)
            if there:
                return await sha256_of(there) != one.sha256 and await sha256_of(media) == one.sha256
        return False

    def _apart(self, one: Wanted, media: Path) -> Path | None:
        """The object, where it has bytes of its own."""
        there = self._store.find(one.sha256, one.bytes)
        return there if there and not sharing.is_shared(there, media) else None

    def _mend(self, film: Film, touched: Sequence[ShotTakes]) -> list[Trouble]:
        troubles: list[Trouble] = []
        for one in self._without(touched):
            path = film.root / one.path
            try:
                path.lstat()
                if self._holds(one, path):
                    self._store.keep(path, one.sha256, one.bytes)
            except ABSENT:
                troubles.append(one.away)
            except OSError as error:
                troubles.append(f"{one.path} could not be kept twice: {error.strerror}")
        return troubles

    def _gone(self, film: Film, touched: Sequence[ShotTakes]) -> Iterator[Wanted]:
        """Those whose bytes had an object, and could have one again."""
        for one in self._without(touched):
            with suppress(OSError):
                if one.is_kept and self._holds(one, film.root / one.path):
                    yield one

    def _holds(self, one: Wanted, path: Path) -> bool:
        """Whether the file there is known to hold what it should."""
        if one.frame:
            return is_frame(path, one.frame, listed_at(path.with_name(list_of(path.name))))
        return self._is_known(one.key, one.file, path)

    def _without(self, touched: Sequence[ShotTakes]) -> Iterator[Wanted]:
        """Those that have no object."""
        for one in wanted(self._store.root, touched) if self._store.way != "off" else ():
            if not self._store.find(one.sha256, one.bytes):
                yield one


def wanted(root: Path, touched: Sequence[ShotTakes]) -> Iterator[Wanted]:
    """The media of those takes that should be on the disk, and the frames of sequences."""
    for one in touched:
        for take, media in present(one.takes):
            path = media_path(one.shot.path, take.number, media.name)
            key, is_kept = TakeKey(one.shot.stream, take.number), take.kept is not None
            away = Away.of_take(one.shot, take, path)
            yield Wanted(key, path, media.sha256, media.bytes, take.read_file(), is_kept, away)
            frames = frames_of(root, path, media)
            for where, frame in frames.paths(path) if frames else ():
                yield Wanted(key, where, frame.sha256, frame.bytes, None, is_kept, away, frame)
