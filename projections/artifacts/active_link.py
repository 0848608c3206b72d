"""The active link: `active_take` in a shot's folder, which leads to the take that the shot uses."""

import json
import os
import secrets
import stat
from collections.abc import Collection, Sequence
from pathlib import Path

from projections.files.threads import in_thread
from projections.files.writing import put_in_place, read, write
from projections.film import Film
from projections.index.rows import ShotRow, ShotTakes
from projections.layout import ACTIVE, TAKES, take_name, take_number, take_path
from projections.projection import Away, Projection, Trouble
from projections.worktree import is_git_at_work

POINTER = f"{ACTIVE}.json"
"""Stands where the filesystem has no links: `{"activeTake": "take_002"}`."""


LONGEST_POINTER = 1000
"""Bytes; what is longer was not written by us."""


def active_on_disk(shot: Path) -> int | None:
    """The take that a shot's folder says is active, by its link or its pointer file; None where it says nothing."""
    target = _target(shot / ACTIVE)
    if target is not None:
        parts = Path(
            os.path.relpath(target, shot) if Path(target).is_absolute() else os.path.normpath(target)
        ).parts
        return take_number(parts[1]) if len(parts) == 2 and parts[0] == TAKES else None
    return _pointed(shot / POINTER)


class ActiveLink(Projection):
    """Keeps a relative link, replaced by rename: there is no moment without one, and it moves with the film."""

    name = "active-link"

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
        return await in_thread(
            self._mend, film, [one for one in touched if not await _is_pending(film, one.shot)]
        )

    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        decided = [one for one in touched if not await _is_pending(film, one.shot)]

        def work() -> list[str]:
            return [f"{one.shot.path}/{ACTIVE}" for one in decided if not _is_right(film.root, one.shot)]

        return await in_thread(work)

    async def erase(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        def work() -> None:
            for one in touched:
                _remove(film.root / one.shot.path)

        await in_thread(work)

    def _mend(self, film: Film, touched: Sequence[ShotTakes]) -> list[Trouble]:
        problems: list[Trouble] = []
        for one in touched:
            folder = film.root / one.shot.path
            if not folder.is_dir() or _leads_nowhere(folder, one.shot):
                problems.append(Away.of_shot(one.shot))
                continue
            if _is_right(film.root, one.shot):
                continue
            if os.path.lexists(folder / ACTIVE) and _target(folder / ACTIVE) is None:
                problems.append(
                    f"{one.shot.path}/{ACTIVE} is not a link: move it away to have the link there"
                )
                continue
            try:
                _point(folder, one.shot.active)
            except OSError as error:
                problems.append(f"{one.shot.path}/{ACTIVE}: {error.strerror}")
        return problems


async def _is_pending(film: Film, shot: ShotRow) -> bool:
    """Whether the link leads to a take that is there, and has yet to be taken in, or to be found again.

    Git puts the link there before the takes; while it is at work, they may still come.
    """
    number = await in_thread(active_on_disk, film.root / shot.path)
    if number is None or number == shot.active:
        return False
    take = await film.index.take(shot.id, number)
    folder = film.root / take_path(shot.path, number)
    if take and take.deleted == "missing" and not take.purged:
        return await in_thread(_may_come_back, film.root, folder / (take.name or ""))
    is_coming = take is None or take.is_being_made
    return is_coming and shot.active is None and await in_thread(folder.is_dir)


def _pointing_to(number: int) -> str:
    """A take's folder, as the link to it has it."""
    return f"{TAKES}/{take_name(number)}"


def _may_come_back(root: Path, media: Path) -> bool:
    return os.path.lexists(media) or is_git_at_work(root)


def _is_right(root: Path, shot: ShotRow) -> bool:
    folder = root / shot.path
    target = _target(folder / ACTIVE)
    if shot.active is None:
        return target is None and _pointed(folder / POINTER) is None
    wanted = _pointing_to(shot.active)
    pointed = _pointed(folder / POINTER) if target is None else None
    return target == wanted or pointed == shot.active or _leads_nowhere(folder, shot)


def _leads_nowhere(folder: Path, shot: ShotRow) -> bool:
    """Whether there is no link and nothing to lead to: it would be in the way of git, which may bring both back."""
    if shot.active is None or os.path.lexists(folder / ACTIVE) or _pointed(folder / POINTER) is not None:
        return False
    return not (folder / _pointing_to(shot.active)).is_dir()


def _point(folder: Path, active: int | None) -> None:
    if active is None:
        _remove(folder)
        return
    temporary = folder / f".{ACTIVE}.{secrets.token_hex(4)}.tmp"
    try:
        temporary.symlink_to(_pointing_to(active), target_is_directory=True)
    except OSError:  # the filesystem has no links, or Windows does not let us make them
        write(folder / POINTER, json.dumps({"activeTake": take_name(active)}).encode() + b"\n")
        return
    put_in_place(temporary, folder / ACTIVE)


def _remove(folder: Path) -> None:
    if _target(folder / ACTIVE) is not None:
        (folder / ACTIVE).unlink(missing_ok=True)
    if _pointed(folder / POINTER) is not None:
        (folder / POINTER).unlink(missing_ok=True)


def _target(link: Path) -> str | None:
    try:
        return str(link.readlink())
    except OSError:
        return None


def _pointed(pointer: Path) -> int | None:
    try:
        found = pointer.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > LONGEST_POINTER:
            return None
        content = json.loads(read(pointer) or b"null")
    except (OSError, ValueError):
        return None
    named = content.get("activeTake") if isinstance(content, dict) else None
    return take_number(named) if isinstance(named, str) else None
