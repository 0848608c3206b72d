"""Known files: which of them are known to hold what the log says, so that nothing is hashed without need.

A file is known by its inode, size and time of change. One that is not is hashed once, and then known, until
it is another one again: devices get new numbers, films are copied and restored.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from events import DiskRefused, Identity, TakeKey
from projections.files.fingerprint import has_same_content, has_same_inode, identity
from projections.index.index import Index

Files = Mapping[TakeKey, Identity | None]
"""Takes, and which file each of them was."""


class KnownFiles:
    """The files of one project."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._noted: dict[TakeKey, Identity] = {}
        self._shifting: set[TakeKey] = set()

    async def load(self) -> None:
        """Remember what was noted before."""
        self._noted = await self._index.noted_files()

    def strange(self, files: Files, found: Mapping[int, Identity]) -> list[TakeKey]:
        """Those of the takes whose file is one that is not known; `found` is by number."""
        return [
            key
            for key, file in files.items()
            if (one := found.get(key.number)) not in (None, file) and not self.is_known(key, file, one)
        ]

    def is_known(self, key: TakeKey, file: Identity | None, found: Identity) -> bool:
        """Whether that file is the one that the log speaks of, or was found to hold the same."""
        return any(one and self._is_same(key, one, found) for one in (self._noted.get(key), file))

    def file(self, key: TakeKey, file: Identity | None) -> Identity | None:
        """Which file that take is now, as far as anybody knows."""
        return self._noted.get(key, file)

    def is_at(self, key: TakeKey, file: Identity | None, path: Path) -> bool:
        """Whether a file that is known lies at that path."""
        try:
            return self.is_known(key, file, identity(path.lstat()))
        except OSError:
            return False

    async def note(self, key: TakeKey, file: Identity | None, found: Identity) -> None:
        """That file holds what the log says."""
        before = self._noted.get(key, file)
        if before and has_same_content(before, found):
            self._shifting.add(key)  # on some disks a file has another inode each time one looks
        self._noted[key] = found
        with suppress(DiskRefused):  # it is hashed once more after the next start
            await self._index.note_file(key, found)

    def _is_same(self, key: TakeKey, known: Identity, found: Identity) -> bool:
        is_inode = has_same_inode(known, found) or key in self._shifting
        return is_inode and has_same_content(known, found)
