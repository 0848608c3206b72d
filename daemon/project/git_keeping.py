"""Git keeping: notices that a film has come to lie in one, what git has changed, and commits once it is quiet."""

import os
from pathlib import Path

from daemon.config import GitConfig
from daemon.project.parts import Parts
from projections.artifacts.project_file import ProjectFile
from projections.files.threads import in_thread
from projections.git.projection import GitLfs
from projections.index.queries import OnDisk
from projections.layout import media_path
from projections.worktree import under_way, worktree_of

LOOK = 10.0
"""Seconds between two looks whether there is a repository, and which, and what git has changed."""


async def keep_staged(root: Path, config: GitConfig, parts: Parts) -> None:
    """Have all takes staged in a repository that was not there before; commit what waits; for ever.

    A checkout, a reset or a merge puts other files in the place of `project.json` and of git's index: those are
    brought up to date.
    """
    log, git, projector, clock = parts.log, parts.git, parts.projector, parts.mailbox.clock
    known: tuple[Path, int] | None = None
    seen, since = -1, clock()
    await git.remove_left(root)
    while True:
        await _mend_project_file(root, parts)
        if config.stage:
            found = await in_thread(_repository_of, root)
            if found and found != known:
                await projector.touch_all(ProjectFile.name)  # which says less in a repository
                await projector.touch_all(GitLfs.name)
            known = found
            for stream, takes in (await git.unstaged(root, parts.index)).items():
                projector.touch(GitLfs.name, stream, takes)
        if seen != log.head + git.waits:
            seen, since = log.head + git.waits, clock()
        elif git.waits and clock() - since >= config.idle:
            await git.commit_waiting(root)
            parts.board.report("git", "", *filter(None, [git.problem]), hint="`takes doctor` looks closer.")
        await clock.sleep(min(LOOK, config.idle / 4))


async def _mend_project_file(root: Path, parts: Parts) -> None:
    """Have `project.json` looked at where it is another file.

    Not while git is in the midst of something, nor while takes are away: they may come back with it.
    """
    file = parts.project_file
    if await in_thread(lambda: file.is_as_seen(root) or under_way(root) is not None):
        return
    if await file.is_right(parts.restorer.film):
        return
    shots = await parts.index.shots()
    on_disk = await parts.index.on_disk([shot.path for shot in shots])
    is_all_there = await in_thread(lambda: all(_is_there(root, path, one) for path, one in on_disk.items()))
    if shots and is_all_there:
        parts.projector.touch(ProjectFile.name, shots[0].stream)


def _is_there(root: Path, shot: str, known: OnDisk) -> bool:
    """Whether all of the shot is there that the log takes for present."""
    return all(os.path.lexists(root / media_path(shot, number, name or "")) for number, name in known.live)


def _repository_of(root: Path) -> tuple[Path, int] | None:
    """The worktree that the film lies in, and which `.git` that is."""
    worktree = worktree_of(root)
    try:
        return (worktree, (worktree / ".git").stat().st_ino) if worktree else None
    except OSError:
        return None
