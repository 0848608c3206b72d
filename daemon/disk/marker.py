"""The marker: how a project's folder is told from an empty mount point, another disk, or nothing at all."""

import os
from contextlib import suppress
from pathlib import Path

from events import TakesError
from projections.layout import OWN_FOLDER

LOG = "log.db"


INIT = "Put it back, or run `takes init` there: that brings the takes back, but not what happened to them."


class MarkerGone(TakesError):
    """Raised when the project's folder, or the log in it, is not there any more, or is another one."""

    hint = "Mount the disk or move the folder back: it goes on by itself, and nothing is taken for deleted."

    def __init__(self, root: Path) -> None:
        super().__init__(f"{root} is not there, or is not the project that it was")
        self.root = root
        if _has_lost_ours(root):
            self.hint = f"{OWN_FOLDER} is gone from it. {INIT}"


def _has_lost_ours(root: Path) -> bool:
    """Whether the film is there and our folder is not. An empty folder may be where a disk is to be mounted."""
    with suppress(OSError):
        return any(root.iterdir()) and not (root / OWN_FOLDER).exists()
    return False


class Marker:
    """The log's file as it was when it was opened."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._file = root / OWN_FOLDER / LOG
        self._opened = self._look()

    def _look(self) -> os.stat_result:
        try:
            return self._file.stat()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MarkerGone(self._root) from error

    def check(self) -> None:
        """MarkerGone unless the project is still where it was, OSError where the disk does not say; call it in a thread."""
        if not os.path.samestat(self._look(), self._opened):
            raise MarkerGone(self._root)
