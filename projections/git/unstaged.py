"""What is not staged any more: takes that were taken out of git's index, and choices that it has others of."""

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, field

from projections.film import take_folder
from projections.git.entries import Entries, FilmInGit, Memory, file_at, is_among, open_film
from projections.gitdir.index import LINK
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.layout import ACTIVE, media_path


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
