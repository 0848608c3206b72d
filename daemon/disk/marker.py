"""The marker: how a project's folder is told from an empty mount point, another disk, or nothing at all."""

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from events import TakesError
from projections.layout import OWN_FOLDER

LOG = "log.db"

BINDING = "film.json"
"""What the file in `.takes` is called that says where the log is."""

INIT = "Put it back, or run `takes init` there: that brings the takes back, but not what happened to them."


class MarkerGone(TakesError):
    """Raised when the project's folder, or the log in it, is not there any more, or is another one."""

    hint = "Mount the disk or move the folder back: it goes on by itself, and nothing is taken for deleted."

    def __init__(self, root: Path) -> None:
        super().__init__(f"{root} is not there, or is not the project that it was")
        self.root = root
        if lost := _lost_of_ours(root):
            self.hint = f"{lost} is gone from it. {INIT}"


def _lost_of_ours(root: Path) -> str | None:
    """What is gone of a film that is there: our folder, or the log. An empty folder may be where a disk is to be mounted."""
    ours = root / OWN_FOLDER
    with suppress(OSError):
        if not ours.exists():
            return OWN_FOLDER if any(root.iterdir()) else None
        if not (ours / LOG).exists() and not (ours / BINDING).exists():
            return f"{OWN_FOLDER}/{LOG}"
    return None


def log_file(root: Path) -> tuple[int, int]:
    """Which file the log in a film's own folder is."""
    found = os.stat(f"{root}/{OWN_FOLDER}/{LOG}")  # noqa: PTH116 - each look at a shot asks this
    return found.st_dev, found.st_ino


class Marker:
    """What is told apart by `look` as it was when the project was opened: its log's file, or what it says of its log."""

    def __init__(self, root: Path, look: Callable[[Path], object] = log_file) -> None:
        self._root = root
        self._look_at = look
        self._opened = self._look()

    def _look(self) -> object:
        try:
            return self._look_at(self._root)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MarkerGone(self._root) from error
        except OSError as error:
            if error.errno != errno.ESTALE:  # a server has it no more
                raise
            raise MarkerGone(self._root) from error

    def check(self) -> None:
        """MarkerGone unless the project is still where it was, OSError where the disk does not say; call it in a thread."""
        if self._look() != self._opened:
            raise MarkerGone(self._root)
