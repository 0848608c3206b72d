"""What is not staged any more: takes that were taken out of git's index, choices that it has others of, and lost objects.

`git lfs prune` keeps the objects of what is committed and not pushed yet, but not of what is staged: without its object, a
take would be committed and pushed, and no clone would ever get its bytes.
"""

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from msgspec import Struct, field

from projections.artifacts.frame_lists import File, frames_of
from projections.files.threads import in_thread
from projections.film import take_folder
from projections.git.entries import Entries, FilmInGit, Memory, file_at, is_among, open_film
from projections.git.lfs import object_path, pointer
from projections.gitdir.index import LINK
from projections.index.index import Index
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.layout import ACTIVE, media_path

AT_ONCE = 200
"""Shots and takes that are looked at together; those of one shot always are."""

REST = 6
"""Looks between two ways through the film."""


class Unstaged(Struct):
    """By stream, the takes to be staged; not yet `settled` while some are away that the log takes for present."""

    takes: dict[str, set[int]] = field(default_factory=dict)
    is_settled: bool = True


def find_unstaged(root: Path, worktree: Path, shots: Sequence[ShotTakes], memory: Memory) -> Unstaged:
    """Compare git's index with what lies on the disk of the takes."""
    found = Unstaged()
    with open_film(root, worktree, memory) as film:
        entries = Entries(film)
        for one in shots:
            away = [
                take for take in one.takes if _is_to_be_staged(take) and not _is_in(entries, one.shot, take)
            ]
            there = {
                take.number
                for take in away
                if file_at(root / media_path(one.shot.path, take.number, take.name or ""))
            }
            found.is_settled &= len(there) == len(away)
            if there or not _has_choice(film, entries, root / one.shot.path, f"{one.shot.path}/{ACTIVE}"):
                found.takes[one.shot.stream] = there
    return found


def changed_shots(root: Path, worktree: Path, shots: Sequence[ShotRow], memory: Memory) -> list[ShotRow]:
    """Those of the shots of which others may have changed something in git's index since it was compared."""
    with open_film(root, worktree, memory) as film:
        Entries(film)
        return [shot for shot in shots if is_among(os.fsencode(film.full(shot.path)), memory.uncompared)]


def _is_to_be_staged(take: TakeRow) -> bool:
    return take.status == "complete" and take.deleted != "missing" and not take.purged


def _is_in(entries: Entries, shot: ShotRow, take: TakeRow) -> bool:
    return entries.has(f"{take_folder(shot, take)}/{take.name or ''}")


def _has_choice(film: FilmInGit, entries: Entries, shot: Path, path: str) -> bool:
    """Whether git has the link to the active take as it is on the disk, where it is there."""
    try:
        target = os.fsencode((shot / ACTIVE).readlink())
    except OSError:
        return True
    return entries.find(path) == (LINK, film.repository.object_id("blob", target))


class LostObjects:
    """How far the film was gone through, bit by bit, for pointers in git whose objects are away."""

    def __init__(self) -> None:
        self._left: list[ShotRow] = []
        self._rested = 0

    async def find(self, root: Path, worktree: Path, index: Index, memory: Memory) -> dict[str, set[int]]:
        """By stream, those of the next takes of which an object is away."""
        if not self._left:
            self._rested += 1
            if self._rested <= REST:
                return {}
            self._left, self._rested = list(await index.shots()), 0
        chosen: list[ShotTakes] = []
        while self._left and sum(1 + len(one.takes) for one in chosen) < AT_ONCE:
            shot = self._left.pop()
            chosen.append(ShotTakes(shot, await index.takes(shot.id)))
        return await in_thread(_find_lost, root, worktree, chosen, memory)


def _find_lost(root: Path, worktree: Path, shots: Sequence[ShotTakes], memory: Memory) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    with open_film(root, worktree, memory) as film:
        store = film.repository.lfs_objects
        away = [
            (one.shot.stream, take.number, file)
            for one in shots
            for take in one.takes
            if _is_to_be_staged(take)
            for file in _large_files(root, one.shot, take)
            if not os.path.lexists(object_path(store, file.sha256))
        ]
        entries = Entries(film) if away and _can_share(root, store) else None
        for stream, number, file in away if entries else ():
            entry = entries.find(file.path) if entries else None
            if entry and entry[1] == film.repository.object_id("blob", pointer(file.sha256, file.bytes)):
                found.setdefault(stream, set()).add(number)
    return found


def _can_share(root: Path, store: Path) -> bool:
    """Whether an object may take no room: copies that somebody has removed to have room are not made again."""
    above = next(one for one in (store, *store.parents) if one.exists())
    return above.stat().st_dev == root.stat().st_dev


def _large_files(root: Path, shot: ShotRow, take: TakeRow) -> Iterator[File]:
    """What git has a pointer to of a take: its media; of a sequence its first frame, with which the others go."""
    path, media = f"{take_folder(shot, take)}/{take.name or ''}", take.read_media()
    if media and media.frames is None:
        yield File(path, media.bytes, media.sha256)
    for where, frame in islice(frames.paths(path), 1) if (frames := frames_of(root, path, media)) else ():
        yield File(where, frame.bytes, frame.sha256)
