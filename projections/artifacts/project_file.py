"""The project file: the one key `takes` in `project.json`; every other byte of it is the user's."""

import json
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from events import Head, Identity
from projections.files.fingerprint import identity, identity_at
from projections.files.threads import in_thread
from projections.files.writing import read, write
from projections.film import Film
from projections.index.rows import ShotRow, ShotTakes
from projections.layout import PROJECT_FILE, take_name, take_number, takes_path
from projections.projection import Away, Projection, Trouble
from projections.worktree import is_in_hand, worktree_of

KEY = "takes"
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class ProjectFileUnreadable(ValueError):
    """Raised when `project.json` is not a JSON object at this moment: somebody may be writing it."""


def render(shots: Sequence[ShotRow], instead: Mapping[str, Any] = {}, head: Head | None = None) -> str:
    """The value of our key: what of every shot with takes a clone of the film could not know from its folders.

    `head` is where the log ends, so that an older one is known for one; in a git repository it is left out, since
    each clone and each branch would say something else. `instead` has what is said of some shots, by path, where
    that is something else than what their row says.
    """
    summary = {shot.path: instead.get(shot.path) or _told(shot) for shot in shots if shot.given}
    end = {"log": {"id": head.log, "position": head.position, "hash": head.hash}} if head else {}
    return json.dumps({"shots": summary, **end}, ensure_ascii=False, indent=2).replace("\n", "\n  ")


def _told(shot: ShotRow) -> dict[str, Any]:
    """The active take, how many there are, the last number that was given, and those that are hidden."""
    told: dict[str, Any] = {
        "activeTake": take_name(shot.active) if shot.active else None,
        "takeCount": shot.takes,
        "lastTake": shot.given,
    }
    hidden = [take_name(number) for number in shot.read_deleted_numbers()]
    return {**told, "hidden": hidden} if hidden else told


class ToldShot(Struct, frozen=True):
    """What is said of a shot elsewhere than in its log: the last number that was given, those hidden, the active one."""

    path: str
    given: int
    hidden: tuple[int, ...] = ()
    active: int | None = None


def read_told(content: bytes) -> list[ToldShot]:
    """What a project file that came with the film says of its shots; what is not as we write it is passed over."""
    try:
        shots = json.loads(content)[KEY]["shots"]
        return [one for path, said in shots.items() if (one := _understood(path, said))]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def _understood(path: str, said: Any) -> ToldShot | None:
    match said:
        case {"lastTake": int(last)} if 0 < last < 10**10 and _is_shot(path):
            hidden = _hidden(said.get("hidden", []), last)
            active = take_number(str(said.get("activeTake")))
            return None if hidden is None else ToldShot(path, last, hidden, active)
    return None


def read_told_head(content: bytes) -> Head | None:
    """Which log a project file speaks of, and where that ended; None where it does not say so."""
    with suppress(ValueError, LookupError, TypeError, RecursionError):
        match json.loads(content)[KEY]["log"]:
            case {"id": str(log), "position": int(position), "hash": str(digest)}:
                return Head(log, position, digest)
    return None


def _is_shot(path: str) -> bool:
    """Whether a path may be that of a shot: below the film, and in no folder that is passed over."""
    return path.isprintable() and not any(not part or part.startswith(".") for part in path.split("/"))


def _hidden(names: Any, last: int) -> tuple[int, ...] | None:
    if not isinstance(names, list):
        return None
    numbers = {take_number(name) or 0 for name in names if isinstance(name, str)}
    return tuple(sorted(number for number in numbers if 0 < number <= last))


def splice(text: str, value: str | None) -> str:
    """The project file with our key set to that JSON, or without it; all else stays as it is, byte for byte."""
    members = list(_members(text))
    for number, (key, start, value_start, end) in enumerate(members):
        if key == KEY:
            if value is not None:
                return text[:value_start] + value + text[end:]
            if len(members) == 1:
                return text[:start] + text[end:]
            if number == 0:
                return text[:start] + text[members[1][1] :]
            return text[: members[number - 1][3]] + text[end:]
    if value is None:
        return text
    entry = f"{json.dumps(KEY)}: {value}"
    if not members:
        opening = text.index("{") + 1
        return f"{text[:opening]}\n  {entry}\n{text[opening:].lstrip()}"
    end = members[-1][3]
    return f"{text[:end]},\n  {entry}{text[end:]}"


def value_of(text: str) -> str | None:
    """The JSON of our key in a project file; None where it has none, or is unreadable at this moment."""
    with suppress(ProjectFileUnreadable):
        return next((text[start:end] for key, _, start, end in _members(text) if key == KEY), None)
    return None


def _members(text: str) -> Iterator[tuple[str, int, int, int]]:
    """The top-level members of a JSON object: key, where the key starts, where its value starts and ends."""
    try:
        place = _skip(text, _skip(text, 0, "{"))
        while text[place] != "}":
            key, after = _DECODER.raw_decode(text, _skip(text, place, '"', after=False))
            value_start = _skip(text, _skip(text, after, ":"))
            _, end = _DECODER.raw_decode(text, value_start)
            yield key, place, value_start, end
            place = _skip(text, end)
            if text[place] == ",":
                place = _skip(text, place + 1)
                if text[place] == "}":
                    raise ValueError("a comma before the closing bracket")
            elif text[place] != "}":
                raise ValueError("neither a comma nor a closing bracket")
        if _skip(text, place + 1) != len(text):
            raise ValueError("something follows the object")
    except (ValueError, IndexError, RecursionError) as error:
        raise ProjectFileUnreadable(f"{PROJECT_FILE} is not a JSON object: {error}") from error


def _skip(text: str, place: int, sign: str = "", *, after: bool = True) -> int:
    """Past white space and, where one is named, past the sign that must stand there (or just up to it)."""
    match = _SPACE.match(text, place)
    place = match.end() if match else place
    if sign and text[place] != sign:
        raise ValueError(f"{sign!r} expected")
    return place + 1 if sign and after else place


class ProjectFile(Projection):
    """Keeps our key up to date; a file that is not valid JSON at that moment is left alone and tried again."""

    name = "project-file"
    pause = 0.25
    apart = False

    def __init__(self) -> None:
        self._seen: Identity | None = None
        self._told: dict[str, Any] = {}  # what the file was last given to say of each shot, as its row had it

    def is_as_seen(self, root: Path) -> bool:
        """Whether the file is the one that was last looked at, or written; git may put another one in its place."""
        return identity_at(root / PROJECT_FILE) == self._seen

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
        if await in_thread(self._is_left, film.root):
            return []
        if await _is_away(film):
            self._seen = await in_thread(identity_at, film.root / PROJECT_FILE)
            return [Away.of_shot(one.shot) for one in touched]
        head = await _head(film)
        shots, instead = await self._shots(film)
        value = render(shots, instead, head)
        try:
            self._seen = await in_thread(self._put_unless_left, film.root, value)
            self._told = {shot.path: _told(shot) for shot in shots if shot.path not in instead}
        except ProjectFileUnreadable as error:
            return [str(error)]
        except OSError as error:
            return [f"{PROJECT_FILE}: {error.strerror}"]
        return []

    def _put_unless_left(self, root: Path, value: str) -> Identity | None:
        """Set our key, unless git has begun with something meanwhile."""
        path = root / PROJECT_FILE
        before = path.stat() if path.exists() else None
        return self._seen if self._is_left(root) else _put(path, value, before)

    def _is_left(self, root: Path) -> bool:
        """Whether the file is as git has it in the midst of something; whoever sees the end has it looked at."""
        return is_in_hand(root) and not self.is_as_seen(root)

    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        if await in_thread(self._is_left, film.root) or await _is_away(film):
            return []
        head = await _head(film)
        value = render(*await self._shots(film), head)
        content = await in_thread(read, film.root / PROJECT_FILE) or b""
        try:
            text = _decode(content)
            return [PROJECT_FILE] if splice(text, value) != text else []
        except ProjectFileUnreadable:
            return [PROJECT_FILE]

    async def is_right(self, film: Film) -> bool:
        """Whether the file says what it should; it is as seen then."""
        seen = await in_thread(identity_at, film.root / PROJECT_FILE)
        if await self.differences(film, ()):
            return False
        self._seen = seen
        return True

    async def _shots(self, film: Film) -> tuple[list[ShotRow], dict[str, Any]]:
        """The shots, and by path what is said of some instead, with regard to what the file says just now.

        Where that is no more than what was last told of a shot, it is old, and not another branch's.
        """
        shots = await film.index.shots()
        content = await in_thread(read, film.root / PROJECT_FILE)
        said = _said(content or b"")
        instead = {
            shot.path: one
            for shot in shots
            if (theirs := said.get(shot.path)) and theirs != self._told.get(shot.path)
            if (one := await _still_said(film, shot, theirs)) is not None
        }
        return shots, instead

    async def erase(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        with suppress(ProjectFileUnreadable):  # there is nothing of ours in it
            await in_thread(_erase, film.root / PROJECT_FILE)


async def _head(film: Film) -> Head | None:
    return None if await in_thread(worktree_of, film.root) else await film.index.head()


async def _still_said(film: Film, shot: ShotRow, said: dict[str, Any]) -> dict[str, Any] | None:
    """What goes on being said of a shot though its row says otherwise; None where the row counts.

    Of a shot of which no take has been seen yet, as in a clone whose media were not pulled, it is everything. And
    with another branch, takes go that it never had: of their numbers it need not know.
    """
    last = said["lastTake"]
    if last >= shot.given and (shot.takes or shot.making):
        return None
    takes = await film.index.takes(shot.id)
    if not takes:
        return said
    known = max((take.number for take in takes if take.deleted != "missing"), default=0)
    return {**_told(shot), "lastTake": max(known, last)} if max(known, last) < shot.given else None


def _said(content: bytes) -> dict[str, dict[str, Any]]:
    """By path, what the file says of those shots of which it makes sense."""
    told = {one.path for one in read_told(content)}
    return (
        {path: said for path, said in json.loads(content)[KEY]["shots"].items() if path in told}
        if told
        else {}
    )


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
    _put(path, None, path.stat() if path.exists() else None)


def _put(path: Path, value: str | None, before: os.stat_result | None) -> Identity | None:
    """Set our key in the file, which was that one before; which file that is then."""
    path = path.resolve()  # a link stays a link
    found = read(path)
    text = "{}\n" if found is None else _decode(found)
    changed = splice(text, value)
    if found is None or changed != text:
        write(path, changed.encode(), instead_of=before)
        return identity_at(path)
    return identity(before) if before else None


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProjectFileUnreadable(f"{PROJECT_FILE} is not UTF-8 text: {error}") from error
