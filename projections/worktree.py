"""The place of a film in git: which worktree it lies in, and whether git changes that just now. Only names are looked at."""

import os
from pathlib import Path

from projections.files.writing import read

_LINKED = b"gitdir: "


def worktree_of(root: Path) -> Path | None:
    """The folder, at the film's or above it, that holds a `.git` that git would take for one; None where none does."""
    for folder in (root, *root.parents):
        dot = folder / ".git"
        if dot.is_file() or os.path.lexists(dot / "HEAD"):
            return folder
        if all((folder / name).exists() for name in ("HEAD", "objects", "refs")):
            return None  # within a repository's own folder there are no files
    return None


def lock_of(path: Path) -> Path:
    """The file that a program of git makes while it writes that one, and that no two can make."""
    return path.with_name(f"{path.name}.lock")


def is_git_at_work(root: Path) -> bool:
    """Whether a program of git holds the index of the film's worktree, as a checkout does from end to end."""
    worktree = worktree_of(root)
    return worktree is not None and lock_of(_git_dir(worktree / ".git") / "index").exists()


def _git_dir(dot: Path) -> Path:
    """Git's folder for a worktree: `.git`, or the one that is named in a file of that name."""
    said = (read(dot) or b"") if dot.is_file() else b""
    return dot.parent / os.fsdecode(said.removeprefix(_LINKED).strip()) if said.startswith(_LINKED) else dot
