"""The folders in which the service must write: the films, what belongs to them elsewhere, and the daemon's own."""

from collections.abc import Iterator
from pathlib import Path

from daemon import locations
from projections.layout import OWN_FOLDER
from projections.worktree import git_folders


def writable() -> list[str]:
    """Those folders, each once; what lies in another one of them is not named."""
    folders = {
        folder.resolve() for root in locations.registered_projects() for folder in _of_film(Path(root))
    }
    folders.add(Path(locations.state_directory()).resolve())
    return sorted(str(one) for one in folders if not any(above in folders for above in one.parents))


def _of_film(root: Path) -> Iterator[Path]:
    yield root
    yield root / OWN_FOLDER  # which may be a link to another disk
    yield from git_folders(root)
