"""Spares: where else the bytes of a take are, should its file not hold them any more: in their object, or in another take."""

import os
from contextlib import suppress
from pathlib import Path

from projections.artifacts.frame_lists import frames_of
from projections.artifacts.store import Store
from projections.files.hashing import sha256_of
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.layout import shot_above


class Spares:
    """The other files of the film in `root` that hold what a take's file should."""

    def __init__(self, root: Path, store: Store, index: Index) -> None:
        self._root = root
        self._store = store
        self._index = index

    async def find(self, sha256: str, size: int, path: Path) -> Path | None:
        """Another file than that with those bytes, which are hashed; OSError where the object cannot be read."""
        unread = None
        try:
            spare = await in_thread(self._object, sha256, size, path)
            if spare and await sha256_of(spare) == sha256:
                return spare
        except OSError as error:
            unread = error
        twin = await self._twin(sha256, size, path)
        if unread and not twin:
            raise unread
        return twin

    async def of_absent(self, sha256: str, size: int, path: Path) -> Path | None:
        """The same where nothing is at that path; None where something is."""
        return None if await in_thread(os.path.lexists, path) else await self.find(sha256, size, path)

    async def linked(self, sha256: str, path: Path) -> set[str]:
        """The shots with a take of those bytes that is the very file at that path, under another name."""
        held = await self._holders(sha256)
        others = [one for one in held if self._root / one != path]
        linked = await in_thread(lambda: [one for one in others if is_same(self._root / one, path)])
        return {shot for shot in map(shot_above, linked) if shot}

    def _object(self, sha256: str, size: int, path: Path) -> Path | None:
        """The object of those bytes, where it is another file than that; OSError where nobody may look."""
        spare = self._store.find(sha256, size)
        if spare is None:
            with suppress(FileNotFoundError, NotADirectoryError):
                self._store.path(sha256).lstat()
        return spare if spare and not is_same(spare, path) else None

    async def _twin(self, sha256: str, size: int, path: Path) -> Path | None:
        for holders in (self._holders, self._frames):
            for one in await holders(sha256):
                twin = self._root / one
                with suppress(OSError):  # another one may be read
                    if await in_thread(_may_be, twin, size, path) and await sha256_of(twin) == sha256:
                        return twin
        return None

    async def _frames(self, sha256: str) -> list[str]:
        """The frames of sequences that have those bytes, from the film's folder on."""
        lists = await self._index.sequences()

        def look() -> list[str]:
            read = ((path, frames_of(self._root, path, media)) for path, media in lists)
            named = (one for path, frames in read if frames for one in frames.paths(path))
            return [where for where, frame in named if frame.sha256 == sha256]

        return await in_thread(look)

    async def _holders(self, sha256: str) -> list[str]:
        return (await self._index.holders({sha256})).get(sha256, [])


def is_same(one: Path, other: Path) -> bool:
    """Whether both names lead to one file; not where either is not there."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _may_be(twin: Path, size: int, path: Path) -> bool:
    return twin != path and twin.lstat().st_size == size and not is_same(twin, path)
