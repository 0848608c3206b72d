"""The repository: notices that a film has come to lie in one, and commits what waits once it is quiet."""

import time
from pathlib import Path

import anyio

from daemon.config import GitConfig
from events import EventLog
from projections.git_lfs import GitLfs, worktree_of
from projections.projector import Projector
from projections.threads import in_thread

LOOK = 10.0
"""Seconds between two looks whether there is a repository, and which."""


async def keep_staged(
    root: Path, config: GitConfig, log: EventLog, git: GitLfs, projector: Projector
) -> None:
    """Have all takes staged in a repository that was not there before; commit what waits; for ever."""
    known: tuple[Path, int] | None = None
    seen, since = -1, time.monotonic()
    while config.stage:
        found = await in_thread(_repository_of, root)
        if found and found != known:
            await projector.touch_all(GitLfs.name)
        known = found
        if seen != log.head + git.waits:
            seen, since = log.head + git.waits, time.monotonic()
        elif git.waits and time.monotonic() - since >= config.idle:
            await git.commit_waiting(root)
        await anyio.sleep(min(LOOK, config.idle / 4))


def _repository_of(root: Path) -> tuple[Path, int] | None:
    """The worktree that the film lies in, and which `.git` that is."""
    worktree = worktree_of(root)
    try:
        return (worktree, (worktree / ".git").stat().st_ino) if worktree else None
    except OSError:
        return None
