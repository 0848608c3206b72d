"""Inner repositories: folders of the worktree that are repositories themselves, into which git would not look.

A submodule is one, and so is any other clone that lies there. With one file of it in the index, git would take the whole
folder for one of its own, and the next `git add` would bring in all the rest.
"""

import os
from pathlib import Path

from projections.gitdir.index import GitIndex
from projections.worktree import has_repository


class InnerRepositories:
    """Those of one worktree, for as long as one look at it takes; folders go by their paths in the worktree."""

    def __init__(self, worktree: Path, index: GitIndex) -> None:
        self._worktree = os.fspath(worktree)
        self._index = index
        self._around: dict[bytes, bytes | None] = {b"": None}

    def around(self, folder: bytes) -> bytes | None:
        """The one that a folder is, or lies in."""
        if folder not in self._around:
            outer = self.around(folder.rpartition(b"/")[0])
            self._around[folder] = outer or (folder if self._is_one(folder) else None)
        return self._around[folder]

    def _is_one(self, folder: bytes) -> bool:
        """Whether git takes it for one: where it has files of the folder already, it does not."""
        return has_repository(f"{self._worktree}/{os.fsdecode(folder)}") and self._index.is_vacant(folder)
