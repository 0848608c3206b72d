"""The active link: `active_take` in a shot's folder, which leads to the take that the shot uses."""

import json
import os
import secrets
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from events import Identity
from projections.files.fingerprint import identity
from projections.files.reading import read_fit
from projections.files.threads import in_thread
from projections.files.writing import REFUSED, put_in_place, write
from projections.film import Film
from projections.index.rows import ShotRow, ShotTakes
from projections.layout import ACTIVE, MEDIA, TAKES, media_name, media_path, take_name, take_number, take_path
from projections.projection import Away, Left, Projection, Trouble
from projections.worktree import is_git_at_work, is_in_hand

POINTER = f"{ACTIVE}.json"
"""Stands where the filesystem has no links: `{"activeTake": "take_002"}`."""

LONGEST_POINTER = 1000
"""Bytes; what is longer was not written by us."""

Said = tuple[ShotRow, int | None]
"""A shot, and the take of which the disk says that it is active."""


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
    """Keeps a relative link, replaced by rename: there is no moment without one, and it moves with the film.

    A link that somebody else has pointed elsewhere since the active take was chosen is a wish: whoever looks at the
    shot follows it, and until then it stays.
    """

    name = "active-link"

    def __init__(self) -> None:
        self._right: dict[str, tuple[Identity, int | None]] = {}

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
        doubtful = await in_thread(self._doubtful, film.root, touched)
        troubles: list[Trouble] = []
        while doubtful:
            said = await in_thread(_said, film.root, doubtful)
            left = await self._pending(film, said)
            troubles += map(Left, left)
            decided = [(shot, number) for shot, number in said if shot.stream not in left]
            found, changed = await in_thread(self._mend, film, decided) if decided else ([], [])
            troubles += found
            doubtful = [one for one in doubtful if one.shot.stream in changed]
        return troubles

    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        left = await self._pending(film, await in_thread(_said, film.root, touched))
        decided = [one.shot for one in touched if one.shot.stream not in left]

        def work() -> list[str]:
            return [
                f"{shot.path}/{ACTIVE}"
                for shot in decided
                if not _is_right(film.root, shot) and not self._is_left(film, shot)
            ]

        return await in_thread(work)

    async def erase(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        def work() -> None:
            for one in touched:
                _remove(film.root / one.shot.path)

        await in_thread(work)

    def _doubtful(self, root: Path, touched: Sequence[ShotTakes]) -> list[ShotTakes]:
        """Those that have not the very link that was right, or another active take: most events say nothing of that."""
        return [one for one in touched if not self._is_as_noted(root / one.shot.path, one.shot)]

    def _is_as_noted(self, folder: Path, shot: ShotRow) -> bool:
        found, active = self._right.get(shot.stream, (None, None))
        return found is not None and active == shot.active and _link_in(folder) == found

    def _mend(self, film: Film, decided: Sequence[Said]) -> tuple[list[Trouble], list[str]]:
        """What stands in the way, and the streams of those shots of which the disk says something else by now."""
        problems: list[Trouble] = []
        changed: list[str] = []
        for shot, number in decided:
            folder = film.root / shot.path
            if not folder.is_dir() or _leads_nowhere(folder, shot):
                problems.append(Away.of_shot(shot))
                continue
            if _is_right(film.root, shot):
                self._note(folder, shot)
                continue
            if self._is_left(film, shot):
                problems.append(Left(shot.stream))
                continue
            if os.path.lexists(folder / ACTIVE) and _target(folder / ACTIVE) is None:
                problems.append(f"{shot.path}/{ACTIVE} is not a link: move it away to have the link there")
                continue
            if active_on_disk(folder) != number:
                changed.append(shot.stream)
                continue
            try:
                _point(folder, shot.active, partial(self.placed, [shot.stream]))
                self._note(folder, shot)
            except OSError as error:
                problems.append(f"{shot.path}/{ACTIVE}: {error.strerror}")
        return problems, changed

    def _note(self, folder: Path, shot: ShotRow) -> None:
        """Note which link it is that was right."""
        if found := _link_in(folder):
            self._right[shot.stream] = found, shot.active

    async def _pending(self, film: Film, said: Sequence[Said]) -> list[str]:
        """The streams of those shots whose link leads to a take that is there, and has yet to be taken in, found
        again, or made active.
        """
        return [
            shot.stream
            for shot, number in said
            if number not in (None, shot.active) and await self._is_pending(film, shot, number)
        ]

    async def _is_pending(self, film: Film, shot: ShotRow, number: int) -> bool:
        """Whether that take, which is not the active one, may yet be.

        Git puts the link there before the takes; while it is at work, they may still come.
        """
        folder = film.root / shot.path
        take = await film.index.take(shot.id, number)
        takes = film.root / take_path(shot.path, number)
        if take and take.deleted == "missing" and not take.purged:
            return await in_thread(_may_come, film.root, takes / (take.name or ""))
        if shot.active is None and (take is None or take.is_being_made):
            return await in_thread(takes.is_dir)
        if take is None:
            is_coming = await in_thread(_is_to_be_taken_in, film.root, shot.path, number)
        else:
            is_coming = take.deleted is None and take.status != "failed"
        return is_coming and await in_thread(self._is_wish, film, folder, shot)

    def _is_wish(self, film: Film, folder: Path, shot: ShotRow) -> bool:
        """Whether somebody else has pointed the link elsewhere since the active take was chosen."""
        if film.keeping.is_old_link(shot.stream, shot.position):
            return False
        found, (right, _) = _link_in(folder), self._right.get(shot.stream, (None, None))
        return found is not None and found != right and _is_younger(found, shot)

    def _is_left(self, film: Film, shot: ShotRow) -> bool:
        """Whether there is a link, or none, since git has it so in the midst of something."""
        if not is_in_hand(film.root):
            return False
        folder = film.root / shot.path
        is_gone = _link_in(folder) is None and _is_younger(identity(folder.lstat()), shot)
        return is_gone or self._is_wish(film, folder, shot)


def _said(root: Path, touched: Sequence[ShotTakes]) -> list[Said]:
    return [(one.shot, active_on_disk(root / one.shot.path)) for one in touched]


def _link_in(folder: Path) -> Identity | None:
    """Which link it is, or which file that stands for it."""
    for name in (ACTIVE, POINTER):
        with suppress(FileNotFoundError, NotADirectoryError):
            return identity(os.lstat(f"{folder}/{name}"))
    return None


def _is_younger(found: Identity, shot: ShotRow) -> bool:
    """Whether it has changed since the shot's active take was chosen."""
    return shot.chosen is None or found.mtime_ns > datetime.fromisoformat(shot.chosen).timestamp() * 1e9


def _pointing_to(number: int) -> str:
    """A take's folder, as the link to it has it."""
    return f"{TAKES}/{take_name(number)}"


def _may_come(root: Path, media: Path) -> bool:
    return os.path.lexists(media) or is_git_at_work(root)


def _is_to_be_taken_in(root: Path, shot: str, number: int) -> bool:
    """Whether a take's folder has media that the log does not know yet, under the name that a take's has."""
    names = [media_name(shot, number, suffix) for suffix in MEDIA]
    return any((root / media_path(shot, number, name)).exists() for name in names) or is_git_at_work(root)


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


def _point(folder: Path, active: int | None, placed: Callable[[], object]) -> None:
    if active is None:
        _remove(folder)
        return
    temporary = folder / f".{ACTIVE}.{secrets.token_hex(4)}.tmp"
    try:
        temporary.symlink_to(_pointing_to(active), target_is_directory=True)
    except OSError as error:  # the filesystem has no links, or Windows does not let us make them
        if error.errno in REFUSED:
            raise
        write(folder / POINTER, json.dumps({"activeTake": take_name(active)}).encode() + b"\n", placed=placed)
        return
    put_in_place(temporary, folder / ACTIVE, placed)


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
        content = json.loads(read_fit(pointer, LONGEST_POINTER) or b"null")
    except (OSError, ValueError):
        return None
    named = content.get("activeTake") if isinstance(content, dict) else None
    return take_number(named) if isinstance(named, str) else None
