"""The project file: the one key `takes` in `project.json`; every other byte of it is the user's."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from events import Head, Identity
from projections.artifacts.project_parts import Ours, log_end, ours_in, said_in, with_parts
from projections.artifacts.project_text import ProjectFileUnreadable, is_for_git, splice
from projections.artifacts.project_told import said_of_shots, understood
from projections.files.fingerprint import identity, identity_at
from projections.files.opening import Unfit
from projections.files.reading import PROJECT, read, read_fit
from projections.files.threads import in_thread
from projections.files.writing import write
from projections.film import Film
from projections.index.rows import ShotRow, ShotTakes
from projections.layout import OWN_FOLDER, PROJECT_FILE, take_name, take_number, takes_path
from projections.projection import Away, Left, Projection, Trouble
from projections.worktree import is_in_hand, worktree_of

Said = dict[str, Any]
"""What a project file says of a shot."""

OPINIONS = ("stage", "notes")
"""What people said of a shot itself."""

FEW = 50
"""Shots of which what is said of each is changed by itself, where the rest of the file is known."""


def render(
    shots: Sequence[ShotRow],
    instead: Mapping[str, Any] = {},
    head: Head | None = None,
    saved: Mapping[str, str] = {},
) -> str:
    """The value of our key: what of every shot with takes a clone of the film could not know from its folders.

    `head` is where the log ends, so that an older one is known for one; in a git repository it is left out, since
    each clone and each branch would say something else. `instead` has what is said of some shots, by path, where
    that is something else than what their row says; `saved` are the searches.
    """
    summary = {
        shot.path: instead.get(shot.path) or _told(shot)
        for shot in shots
        if shot.given or shot.stage or shot.notes
    }
    end = {"log": log_end(head)} if head else {}
    kept = {"searches": saved} if saved else {}
    text = msgspec.json.format(msgspec.json.encode({"shots": summary, **kept, **end}), indent=2).decode()
    return text.replace("\n", "\n  ")


def _told(shot: ShotRow, unknown: Collection[int] = ()) -> Said:
    """The active take, how many there are, the last number that was given, and those that are hidden and not unknown.

    Also what people said of the shot itself, which stands in no sidecar; of its notes those that nobody has withdrawn.
    """
    told: Said = {
        "activeTake": take_name(shot.active) if shot.active else None,
        "takeCount": shot.takes,
        "lastTake": shot.given,
    }
    hidden = [take_name(number) for number in shot.read_deleted_numbers() if number not in unknown]
    notes = [note for note in shot.read_notes() if note.state != "withdrawn"]
    more = {"hidden": hidden, "stage": shot.stage, "notes": notes}
    return {**told, **{name: value for name, value in more.items() if value}}


def read_project_file(root: Path) -> bytes | None:
    """What a film's project file holds; None where there is none, Unfit where something else is in its place."""
    return read(root / PROJECT_FILE, PROJECT)


def read_if_fit(root: Path) -> bytes:
    """The same for what it may say of takes: what is no file of a sensible size says nothing."""
    return read_fit(root / PROJECT_FILE, PROJECT) or b""


def told(error: OSError) -> str:
    """What is wrong with the project file, and what to do about it."""
    return f"{PROJECT_FILE}: {error.strerror or error}"


class ProjectFile(Projection):
    """Keeps our key up to date; what is no file, or not valid JSON at that moment, is left alone and tried again."""

    name = "project-file"
    pause = 0.25
    apart = False

    def __init__(self) -> None:
        self._seen: Identity | None = None
        self._followed: Identity | None = None
        self._ours: Ours | None = None
        self._searches: dict[str, str] = {}

    def is_as_seen(self, root: Path) -> bool:
        """Whether the file is the one that was last looked at, or written; git may put another one in its place."""
        return identity_at(root / PROJECT_FILE) == self._seen

    def wish(self, root: Path) -> bytes | None:
        """What git has brought, where what that says of hidden takes is to be followed before anything is changed there."""
        is_known = identity_at(root / PROJECT_FILE) in (self._seen, self._followed)
        content = b"" if is_known else read_project_file(root) or b""
        return content if is_for_git(content) else None

    def follow(self, file: Identity) -> None:
        """Say that what stands in that file has been followed."""
        self._followed = file

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
        try:
            return await self._mend(film, touched)
        except Unfit as error:
            return [told(error)]

    async def _mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
        left = [Left(one.shot.stream) for one in touched]
        if await in_thread(self._is_left, film.root):
            return left
        placed = partial(self.placed, [one.shot.stream for one in touched])
        if await self._mend_parts(film, [one.shot for one in touched], placed):
            return []
        if await _is_away(film):
            self._seen = await in_thread(identity_at, film.root / PROJECT_FILE)
            return [Away.of_shot(one.shot) for one in touched]
        kept, value = await _searches(film), await _value(film)
        try:
            if not await in_thread(self._put_unless_left, film.root, value, placed):
                return left
            self._searches = kept
        except ProjectFileUnreadable as error:
            return [str(error)]
        except OSError as error:
            return [told(error)]
        return []

    async def _mend_parts(self, film: Film, shots: Sequence[ShotRow], placed: Callable[[], object]) -> bool:
        """Have what is said of these shots right, in the file as it was written last.

        False where all of it is to be held against the index, as where some are new or gone.
        """
        if not 0 < len(shots) <= FEW or not all(shot.takes and shot.given for shot in shots):
            return False
        if await _searches(film) != self._searches:
            return False
        is_in_git = await in_thread(worktree_of, film.root) is not None
        head = None if is_in_git else await film.index.head()
        try:
            return await in_thread(self._put_parts, film.root, shots, head, placed)
        except (OSError, ValueError, LookupError):
            return False  # whoever holds all of it against the index says what is wrong

    def _put_parts(
        self, root: Path, shots: Sequence[ShotRow], head: Head | None, placed: Callable[[], object]
    ) -> bool:
        path, ours = root / PROJECT_FILE, self._ours
        before = path.lstat()
        if ours is None or not ours.file == self._seen == identity(before):
            return False
        if not has_takes(root, [shot.path for shot in shots]):
            return False
        content = read_project_file(root) or b""
        told = {shot.path: {**said} for shot in shots if (said := said_in(content, ours, shot.path))}
        known = [shot for shot in shots if understood(shot.path, told.get(shot.path))]
        instead = {} if head else _without_unknown(root, known, told)
        said = {shot.path: instead.get(shot.path) or _told(shot) for shot in shots}
        changed = with_parts(content, ours, said, head)
        if changed is None:
            return False
        if changed != content:
            write(path, changed, instead_of=before, placed=placed)
            self._seen = identity_at(path)
            end = ours.end + len(changed) - len(content)
            is_it = self._seen is not None and self._seen.size == len(changed)
            self._ours = Ours(self._seen, ours.start, end) if self._seen and is_it else None
        return True

    def _put_unless_left(self, root: Path, value: str, placed: Callable[[], object]) -> bool:
        """Set our key, unless git has begun with something meanwhile."""
        path = root / PROJECT_FILE
        before = path.lstat() if os.path.lexists(path) else None
        if self._is_left(root):
            return False
        if before is None:
            (root / OWN_FOLDER).stat()  # nothing is begun in a folder in which the film does not lie any more
        self._seen, text = _put(path, value, before, placed)
        self._ours = ours_in(text, self._seen)
        return True

    def _is_left(self, root: Path) -> bool:
        """Whether the file is as git has it, in the midst of something or yet to be followed; whoever does has it looked at."""
        return (is_in_hand(root) and not self.is_as_seen(root)) or self.wish(root) is not None

    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        try:
            if await in_thread(self._is_left, film.root) or await _is_away(film):
                return []
            value = await _value(film)
            content = await in_thread(read_project_file, film.root)
            text = _decode(content or b"")
            return [PROJECT_FILE] if splice(text, value) != text else []
        except (ProjectFileUnreadable, Unfit):
            return [PROJECT_FILE]

    async def is_right(self, film: Film) -> bool:
        """Whether the file says what it should; it is as seen then."""
        seen = await in_thread(identity_at, film.root / PROJECT_FILE)
        if await self.differences(film, ()):
            return False
        self._seen = seen
        return True

    async def erase(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        with suppress(ProjectFileUnreadable, Unfit):  # there is nothing of ours in it
            await in_thread(_erase, film.root / PROJECT_FILE)


async def _value(film: Film) -> str:
    """What our key is to be, with regard to what the file says just now.

    In a repository it says nothing of the log, nor of takes that are hidden on another branch alone.
    """
    is_in_git, shots = await in_thread(worktree_of, film.root), await film.index.shots()
    said = said_of_shots(await in_thread(read_if_fit, film.root))
    known = [shot for shot in shots if understood(shot.path, said.get(shot.path))]
    instead = await in_thread(_without_unknown, film.root, known, said) if is_in_git else {}
    instead |= {shot.path: _told_unseen(shot, said[shot.path]) for shot in known if await _is_new(film, shot)}
    head = None if is_in_git else await film.index.head()
    return render(shots, instead, head, await _searches(film))


async def _searches(film: Film) -> dict[str, str]:
    """What is searched for by which name."""
    return {one.name: one.query for one in await film.index.searches()}


async def _is_new(film: Film, shot: ShotRow) -> bool:
    """Whether no take of a shot has been seen yet, as in a clone whose media were not pulled."""
    return not (shot.takes or shot.making or await film.index.takes(shot.id))


def _told_unseen(shot: ShotRow, said: Said) -> Said:
    """Of its takes what the file says, which is all that is known, and stays; of the shot itself what the log says."""
    of_takes = {name: value for name, value in said.items() if name not in OPINIONS}
    return of_takes | {name: value for name, value in _told(shot).items() if name in OPINIONS}


def _without_unknown(root: Path, shots: Sequence[ShotRow], said: Mapping[str, Said]) -> dict[str, Said]:
    """By path, what is said of the shots that have hidden takes of which the branch that is checked out knows nothing."""
    unknown = {shot.path: _unknown(root / takes_path(shot.path), shot, said[shot.path]) for shot in shots}
    return {shot.path: _told(shot, unknown[shot.path]) for shot in shots if unknown[shot.path]}


def _unknown(takes: Path, shot: ShotRow, said: Said) -> set[int]:
    """The hidden takes that are neither in a folder nor in the file that git has brought."""
    others = [
        number for number in shot.read_deleted_numbers() if take_name(number) not in said.get("hidden", ())
    ]
    return {number for number in others if takes.is_dir() and not (takes / take_name(number)).exists()}


async def _is_away(film: Film) -> bool:
    """Whether there were takes and none is on the disk: a branch may be checked out that has none.

    What we made anew there would be in the way of leaving it.
    """
    shots = [shot.path for shot in await film.index.shots(gone=True) if shot.given]
    return bool(shots) and not await in_thread(has_takes, film.root, shots)


def has_takes(root: Path, shots: Collection[str]) -> bool:
    """Whether any take of these shots is on the disk."""
    return any(_has_take(root / takes_path(shot)) for shot in shots)


def _has_take(takes: Path) -> bool:
    with suppress(OSError), os.scandir(takes) as entries:
        return any(take_number(one.name) for one in entries)
    return False


def _erase(path: Path) -> None:
    _put(path, None, path.lstat() if os.path.lexists(path) else None)


def _put(
    path: Path, value: str | None, before: os.stat_result | None, placed: Callable[[], object] = lambda: None
) -> tuple[Identity | None, str]:
    """Set our key in the file, which was that one before; which file that is then, and what it holds."""
    found = read(path, PROJECT)
    text = "{}\n" if found is None else _decode(found)
    changed = splice(text, value)
    if found is None or changed != text:
        write(path, changed.encode(), instead_of=before, anew=before is None, placed=placed)
        return identity_at(path), changed
    return identity(before) if before else None, text


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProjectFileUnreadable(f"{PROJECT_FILE} is not UTF-8 text: {error}") from error
