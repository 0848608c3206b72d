"""Git keeping: notices that a film has come to lie in one, what git has changed, and commits once it is quiet."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

import anyio

from daemon.config.table import GitConfig
from daemon.project.parts import Parts
from daemon.shots.shots import FILESYSTEM, Rule
from events import FILM, Identity, NotFound, Refused
from events.shot import activate, delete, restore
from projections.artifacts.active_link import active_on_disk
from projections.artifacts.project_file import ProjectFile
from projections.artifacts.project_told import ToldShot, read_told, read_told_searches
from projections.artifacts.told_opinions import opinions_brought, searches_told
from projections.board import persist
from projections.files.fingerprint import identity_at
from projections.files.opening import Unfit
from projections.files.threads import in_thread
from projections.git.projection import GitLfs
from projections.index.answers import OnDisk
from projections.index.rows import ShotRow, TakeRow
from projections.keeping import NotKept
from projections.layout import PROJECT_FILE, media_path, take_number, takes_path
from projections.worktree import under_way, worktree_of

LOOK = 10.0
"""Seconds between two looks whether there is a repository, and which, and what git has changed."""

SECONDS = 5.0
"""For which the end of a run waits until what is known is written down: a disk may never take it."""

TO_COME = 60 * 10**9
"""Nanoseconds after which nobody waits any more for a shot that git has brought with a `project.json`."""


async def keep_staged(root: Path, config: GitConfig, parts: Parts) -> None:
    """Have all takes staged in a repository that was not there before; commit what waits; for ever.

    A checkout, a reset or a merge puts other files in the place of `project.json` and of git's index: those are
    brought up to date.
    """
    keeping, begun = _Keeping(root, config, parts), False
    try:
        while True:
            with suppress(NotKept), parts.keeping.work_on_film():
                if not begun:
                    await parts.git.remove_left(root)
                    begun = True
                await persist(parts.board, "git", keeping.look)
            await parts.mailbox.clock.sleep(min(LOOK, config.idle / 4))
    finally:
        with anyio.move_on_after(SECONDS, shield=True), suppress(NotKept), parts.keeping.work_on_film():
            await keeping.end()


class _Keeping:
    """What was last seen of one film's repository, and of what waits to be committed."""

    def __init__(self, root: Path, config: GitConfig, parts: Parts) -> None:
        self._root = root
        self._config = config
        self._parts = parts
        self._known: tuple[tuple[Path, int] | None, bool] | None = None
        self._seen, self._since = -1, parts.mailbox.clock()

    async def look(self) -> None:
        """Have done what follows from what has changed since."""
        await _mend_project_file(self._root, self._parts)
        if self._config.stage:
            await self._stage()
        await self._commit()

    async def end(self) -> None:
        """Leave to the next start what is known by now."""
        if self._config.stage and self._known:
            await self._note()
            await self._parts.git.keep_survey(self._root)

    async def _note(self) -> None:
        if (position := self._parts.projector.rests_at(GitLfs.name)) is not None:
            await self._parts.git.note(self._root, position)

    async def _stage(self) -> None:
        projector, git, name = self._parts.projector, self._parts.git, GitLfs.name
        found, is_out = await in_thread(_repository_of, self._root), await git.is_left_out(self._root)
        if found and (found, is_out) != self._known and not await self._is_as_noted():
            for shot in (await self._parts.index.shots())[:1]:
                projector.touch(ProjectFile.name, shot.stream)  # which says less in a repository
            if not is_out:
                git.begin_anew()
                await projector.touch_all(name)
        self._known = (found, is_out)
        for stream, takes in (await git.unstaged(self._root, self._parts.index)).items():
            projector.touch(name, stream, takes)
        await self._note()

    async def _is_as_noted(self) -> bool:
        """Whether all is in git that was to be when this run began, and nobody has changed that."""
        git, began = self._parts.git, self._parts.projector.began(GitLfs.name)
        return self._known is None and await git.is_as_noted(self._root, began)

    async def _commit(self) -> None:
        git, board, now = self._parts.git, self._parts.board, self._parts.mailbox.clock()
        seen = self._parts.log.head + git.waits
        if self._seen != seen:
            self._seen, self._since = seen, now
        elif git.waits and now - self._since >= self._config.idle:
            await git.commit_waiting(self._root)
            board.report("git", "", *filter(None, [git.problem]), hint="`takes doctor` looks closer.")


async def _mend_project_file(root: Path, parts: Parts) -> None:
    """Have `project.json` looked at where it is another file, and followed where git has brought it.

    Not while git is in the midst of something, nor while takes are away: they may come back with it.
    """
    file = parts.project_file
    if await in_thread(lambda: file.is_as_seen(root) or under_way(root) is not None):
        return
    found = await in_thread(identity_at, root / PROJECT_FILE)
    try:
        wish = await in_thread(file.wish, root)
    except Unfit:
        for shot in (await parts.index.shots())[:1]:
            parts.projector.touch(ProjectFile.name, shot.stream)  # which tells of it
        return
    if wish is None and await file.is_right(parts.restorer.film):
        return
    shots = await parts.index.shots()
    on_disk = await parts.index.on_disk([shot.path for shot in shots])
    is_all_there = await in_thread(lambda: all(_is_there(root, path, one) for path, one in on_disk.items()))
    if not shots or not is_all_there:
        return
    if wish is not None and found:
        if not await _follow(root, parts, shots, wish, found):
            return
        file.follow(found)
    for shot in shots:
        parts.projector.touch(ProjectFile.name, shot.stream)


async def _follow(root: Path, parts: Parts, shots: Sequence[ShotRow], wish: bytes, file: Identity) -> bool:
    """Have those takes hidden that git's `project.json` has so, and no others; False while a link is to be followed first,
    or a shot to be taken in.

    What it says of the shots themselves, others may have said where it was pushed.
    """
    told = {one.path: one for one in read_told(wish)}
    unknown = told.keys() - {shot.path for shot in shots}
    if time.time_ns() - file.mtime_ns < TO_COME and await in_thread(_is_any_there, root, unknown):
        return False
    await parts.shots.change(FILM, partial(searches_told, told=read_told_searches(wish)), FILESYSTEM)
    for shot in shots:
        said = told.get(shot.path)
        if said and not await _follow_shot(root, parts, shot, said, file):
            return False
    return True


async def _follow_shot(root: Path, parts: Parts, shot: ShotRow, said: ToldShot, file: Identity) -> bool:
    """The same for one shot, of which git's file says that."""
    if said.stage or said.notes:
        brought = partial(
            opinions_brought, known_notes=shot.read_notes(), stage_told=said.stage, notes=said.notes
        )
        for record in (await parts.shots.change(shot.stream, brought, FILESYSTEM))[-1:]:
            await parts.index.show(record.position)
    if [*said.hidden] == shot.read_deleted_numbers():
        return True
    if shot.active in said.hidden and await in_thread(active_on_disk, root / shot.path) != shot.active:
        return False
    takes = [take for take in await parts.index.takes(shot.id) if take.status == "complete"]
    there = await in_thread(_numbers_in, root / takes_path(shot.path))
    hidden = {take.number for take in takes if _is_hidden_before(take, file)}
    for rule in _rules(said, {take.number for take in takes if not take.deleted}, hidden & there):
        with suppress(Refused, NotFound):  # it was purged just now
            await parts.shots.change(shot.stream, rule, FILESYSTEM)
    return True


def _rules(said: ToldShot, shown: set[int], hidden: set[int]) -> Iterator[Rule]:
    """What follows from what is said of a shot, for the takes that are shown and those that are hidden and there.

    The link to one that was hidden has not been followed.
    """
    for number in sorted(hidden - {*said.hidden}):
        yield partial(restore, number=number)
    if said.active in hidden - {*said.hidden}:
        yield partial(activate, number=said.active, why="link")
    for number in sorted(shown & {*said.hidden} - {said.active}):
        yield partial(delete, number=number)


def _is_any_there(root: Path, shots: Iterable[str]) -> bool:
    """Whether any of these has a folder for takes."""
    return any((root / takes_path(shot)).is_dir() for shot in shots)


def _numbers_in(takes: Path) -> set[int]:
    """The numbers of the takes that have a folder."""
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(takes) as entries:
        return {number for one in entries if (number := take_number(one.name))}
    return set()


def _is_hidden_before(take: TakeRow, file: Identity) -> bool:
    """Whether a take that can be brought back was hidden before git brought that file."""
    if take.deleted != "asked" or take.purged or take.deleted_at is None:
        return False
    return datetime.fromisoformat(take.deleted_at).timestamp() * 1e9 < file.mtime_ns


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
