"""The place of a film in git: which worktree it lies in, and whether git changes that just now, or is to go on with it.

Only names are looked at.
"""

import errno
import os
import stat
from pathlib import Path

from projections.files.reading import GIT_TEXT, read_fit

_LINKED = b"gitdir: "

UNDER_WAY = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "sequencer": "a cherry-pick or revert",
    "BISECT_LOG": "a bisect",
}
"""What lies in git's folder from the beginning of something to its end, however many of git's programs that takes."""


def worktree_of(root: Path) -> Path | None:
    """The folder, at the film's or above it, that holds a `.git` that git would take for one; None where none does."""
    for folder in (root, *root.parents):
        if has_repository(str(folder)):
            return folder
        if all(_mode(f"{folder}/{name}") for name in ("HEAD", "objects", "refs")):
            return None  # within a repository's own folder there are no files
    return None


def has_repository(folder: str) -> bool:
    """Whether a `.git` lies in that folder that git would take for one."""
    dot = _mode(f"{folder}/.git")
    return stat.S_ISREG(dot) or (bool(dot) and os.path.lexists(f"{folder}/.git/HEAD"))


def _mode(path: str) -> int:
    """What lies at that path, as a stat tells it; 0 where nothing does."""
    try:
        return os.stat(path).st_mode  # noqa: PTH116 - each look at git asks this of all folders above
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return 0
        raise


def git_folders(root: Path) -> list[Path]:
    """Where git writes for the film's worktree: its own folder there, and the repository's where that is another one."""
    worktree = worktree_of(root)
    if worktree is None:
        return []
    own = git_dir_of(worktree / ".git")
    common = read_fit(own / "commondir", GIT_TEXT) or b"."
    return [own, own / os.fsdecode(common.strip())]


def lock_of(path: Path) -> Path:
    """The file that a program of git makes while it writes that one, and that no two can make."""
    return path.with_name(f"{path.name}.lock")


def is_git_at_work(root: Path) -> bool:
    """Whether a program of git holds the index of the film's worktree, as a checkout does from end to end."""
    worktree = worktree_of(root)
    return worktree is not None and lock_of(git_dir_of(worktree / ".git") / "index").exists()


def under_way(root: Path) -> str | None:
    """What a person is in the midst of with git, in the film's worktree: what git has brought there is not ours to change."""
    worktree = worktree_of(root)
    return under_way_in(git_dir_of(worktree / ".git")) if worktree else None


def is_in_hand(root: Path) -> bool:
    """Whether a program of git is at work in the film's worktree, or a person in the midst of something with git."""
    return is_git_at_work(root) or under_way(root) is not None


def under_way_in(git_dir: Path) -> str | None:
    """The same, of git's own folder for a worktree."""
    return next((what for name, what in UNDER_WAY.items() if os.path.lexists(git_dir / name)), None)


def git_dir_of(dot: Path) -> Path:
    """Git's folder for a worktree: `.git`, or the one that is named in a file of that name."""
    said = (read_fit(dot, GIT_TEXT, follows=True) or b"") if dot.is_file() else b""
    return dot.parent / os.fsdecode(said.removeprefix(_LINKED).strip()) if said.startswith(_LINKED) else dot
