"""Git objects: what Git LFS keeps of a film's takes, which it does whatever becomes of the takes."""

from pathlib import Path

from events import TakesError
from projections.git.lfs import object_path
from projections.worktree import worktree_of


class GitObjects:
    """The objects of the repository that a film lies in; none outside of one, or where it cannot be used."""

    def __init__(self, root: Path) -> None:
        self._store = _store(root)

    def find(self, sha256: str) -> Path | None:
        """Where the object of those bytes is; None where there is none."""
        path = object_path(self._store, sha256) if self._store else None
        return path if path and path.is_file() else None


def _store(root: Path) -> Path | None:
    worktree = worktree_of(root)
    if worktree is None:
        return None
    from projections.git.repository import open_repository  # noqa: PLC0415 - a film outside of git loads none of it

    try:
        with open_repository(worktree) as repository:
            return repository.lfs_objects
    except (OSError, TakesError):
        return None
