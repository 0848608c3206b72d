"""The tree: the folders of a project, and which of them are shots.

Links and hidden folders are passed over. A folder whose time of change is as it was holds the same names as
it did, so that most of a second look is a stat for each folder.
"""

import os
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from msgspec import Struct

from projections.layout import OWN_FOLDER, TAKES, takes_path

FRESH = 2_000_000_000
"""Nanoseconds for which a folder that was just changed is not trusted: it may change again in the same tick."""

FolderTimes = tuple[int, int]
"""When a shot's folder and its `takes/` were last changed (ns)."""


class Found(Struct, frozen=True):
    """A shot, by path relative to the project, and its stamp; None where it has only just been changed."""

    path: str
    stamp: FolderTimes | None


class _Folder(Struct, frozen=True):
    changed: int
    names: tuple[str, ...]

    def below(self, path: str) -> list[str]:
        """The folders in it that may be, or hold, shots, where it is at that path."""
        return [f"{path}/{name}" if path else name for name in self.names if name != TAKES]


class Tree:
    """A project's folders. `visit` is given every folder before it is looked into, so that it can be watched.

    `clock` says what time it is on the disk (ns), `ask` what a folder is.
    """

    def __init__(
        self,
        root: Path,
        visit: Callable[[str], None] = lambda _: None,
        clock: Callable[[], int] = time.time_ns,
        ask: Callable[[str], os.stat_result] = os.lstat,
    ) -> None:
        self._root = str(root)
        self._visit = visit
        self._clock = clock
        self._ask = ask
        self._known: dict[str, _Folder] = {}

    def shots(self, below: str = "") -> Iterator[Found]:
        """The shots at and below that folder."""
        pending = [below] if _is_text(below) else []
        while pending:
            path = pending.pop()
            self._visit(path)
            folder = self._look(path)
            if folder is None or self._is_another_project(path):
                continue
            if TAKES in folder.names and path:
                self._visit(takes_path(path))
                yield Found(path, self._stamp(path, folder))
            pending += folder.below(path)

    def _is_another_project(self, path: str) -> bool:
        """Whether another project begins there: its shots are its own."""
        return bool(path) and os.path.lexists(f"{self._root}/{path}/{OWN_FOLDER}")

    def _look(self, path: str) -> _Folder | None:
        place = f"{self._root}/{path}"
        try:
            changed = self._ask(place).st_mtime_ns
            known = self._known.get(path)
            if known and known.changed == changed:
                return known
            folder = _Folder(changed, _subfolders(place))
        except OSError:
            self._known.pop(path, None)
            return None
        if self._is_old(changed):
            self._known[path] = folder
        return folder

    def _stamp(self, path: str, folder: _Folder) -> FolderTimes | None:
        try:
            takes = self._ask(f"{self._root}/{takes_path(path)}").st_mtime_ns
        except OSError:
            return None
        return (folder.changed, takes) if self._is_old(folder.changed) and self._is_old(takes) else None

    def _is_old(self, changed: int) -> bool:
        return self._clock() - changed > FRESH


def _subfolders(place: str) -> tuple[str, ...]:
    with os.scandir(place) as entries:
        names = [
            entry.name for entry in entries if entry.name[0] != "." and entry.is_dir(follow_symlinks=False)
        ]
    return tuple(name for name in names if name.isascii() or _is_text(name))


def _is_text(name: str) -> bool:
    """Whether a name is Unicode, and so can stand in a log."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def chunks(found: Iterator[Found], size: int) -> Iterator[list[Found]]:
    """The shots in lists of at most that many."""
    while chunk := list(islice(found, size)):
        yield chunk
