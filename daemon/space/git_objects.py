"""Git objects: what Git LFS keeps of a film's takes, which it does whatever becomes of the takes."""

from pathlib import Path

from projections.git.lfs import object_path, objects_folder


class GitObjects:
    """The objects of the repository that a film lies in; none outside of one, or where it cannot be used."""

    def __init__(self, root: Path) -> None:
        self._folder = objects_folder(root)

    def find(self, sha256: str) -> Path | None:
        """Where the object of those bytes is; None where there is none."""
        path = object_path(self._folder, sha256) if self._folder else None
        return path if path and path.is_file() else None
