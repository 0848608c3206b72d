"""The text of `project.json`: where our key is in it, what git is to have of that, and how two branches become one.

Every other byte is the user's. Text in, text out, with nothing that takes long to import: git asks for it, too.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

from projections.layout import PROJECT_FILE

KEY = "takes"

Shots = Mapping[str, Mapping[str, Any]]
"""By a shot's path, what is said of it."""

_Member = tuple[str, int, int, int, Any]
"""Of a JSON object: a key, where that starts, where its value starts and ends, and the value."""

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class ProjectFileUnreadable(ValueError):
    """Raised when `project.json` is not a JSON object at this moment: somebody may be writing it."""


def splice(text: str, value: str | None) -> str:
    """The project file with our key set to that JSON, or without it; all else stays as it is, byte for byte."""
    members = list(_members(text))
    for number, (key, start, value_start, end, _) in enumerate(members):
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
    place = place_of(text)
    return text[slice(*place)] if place else None


def place_of(text: str) -> tuple[int, int] | None:
    """Where that begins and ends."""
    with suppress(ProjectFileUnreadable):
        ours = _ours(_members(text))
        return ours[:2] if ours else None
    return None


def _ours(members: Iterable[_Member]) -> tuple[int, int, Any] | None:
    """Where the value of our key begins and ends, and what it says."""
    return next(((start, end, said) for key, _, start, end, said in members if key == KEY), None)


def _members(text: str) -> Iterator[_Member]:
    """The top-level members of a JSON object."""
    try:
        place = _skip(text, _skip(text, 0, "{"))
        while text[place] != "}":
            key, after = _DECODER.raw_decode(text, _skip(text, place, '"', after=False))
            value_start = _skip(text, _skip(text, after, ":"))
            value, end = _DECODER.raw_decode(text, value_start)
            yield key, place, value_start, end, value
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


# What git has.


def for_git(content: bytes) -> bytes:
    """A project file as git is to have it: of our key what people chose, and nothing that changes with each drop.

    What is not as we write it stays as it is, byte for byte.
    """
    try:
        text = content.decode()
        ours = _ours(list(_members(text)))  # all of it is to make sense
        shots = _chosen_of(ours[2]) if ours else None
        if ours is None or shots is None:
            return content
        value = written(shots, _searches_of(ours[2]))
        return f"{text[: ours[0]]}{value}{text[ours[1] :]}".encode()
    except (ProjectFileUnreadable, UnicodeError):
        return content


def is_for_git(content: bytes) -> bool:
    """Whether a project file says of the shots what git has, in the way that it does: nobody else writes it so."""
    with suppress(UnicodeError):
        text = content.decode().replace("\r\n", "\n")
        shots = chosen(text)
        return bool(shots) and value_of(text) == written(shots or {}, searches(text))
    return False


def chosen(text: str) -> Shots | None:
    """Of each shot what people chose, and said of it; None where a project file does not say it as we do."""
    with suppress(ProjectFileUnreadable):
        ours = _ours(_members(text))
        return _chosen_of(ours[2]) if ours else None
    return None


def searches(text: str) -> Mapping[str, str]:
    """The saved searches that a project file tells of, by their names."""
    with suppress(ProjectFileUnreadable):
        ours = _ours(_members(text))
        return _searches_of(ours[2]) if ours else {}
    return {}


def _searches_of(value: Any) -> Mapping[str, str]:
    said = value.get("searches") if isinstance(value, dict) else None
    found = said if isinstance(said, dict) else {}
    return {name: query for name, query in sorted(found.items()) if isinstance(query, str)}


def _chosen_of(value: Any) -> Shots | None:
    """The same of what our key says."""
    try:
        shots = value["shots"]
        return {path: _chosen(shots[path]) for path in sorted(shots)}
    except (LookupError, TypeError, AttributeError):
        return None


def _chosen(said: Mapping[str, Any]) -> dict[str, Any]:
    active, hidden, stage = said["activeTake"], said.get("hidden") or [], said.get("stage") or ""
    notes = said.get("notes") or []
    if not all(isinstance(name, str) for name in (active or "", *hidden, stage)):
        raise TypeError("these are no names")
    if not all(isinstance(one["note"], int) and isinstance(one["text"], str) for one in notes):
        raise TypeError("these are no notes")
    more = {"hidden": hidden, "stage": stage, "notes": notes}
    return {"activeTake": active, **{name: value for name, value in more.items() if value}}


def written(shots: Shots, searches: Mapping[str, str] = {}) -> str:
    """The value of our key as git has it, a line for each shot, so that what is said of two of them is apart."""
    parts = {"shots": shots, **({"searches": searches} if searches else {})}
    return "{" + ",".join(f'\n    "{name}": {_lines(part)}' for name, part in parts.items()) + "\n  }"


def _lines(part: Mapping[str, Any]) -> str:
    lines = [f"\n      {_json(name)}: {_json_of(said)}" for name, said in part.items()]
    return "{" + ",".join(lines) + ("\n    }" if lines else "}")


def _json_of(said: Any) -> str:
    if isinstance(said, dict) and said.keys() <= {"activeTake", "hidden"}:
        return _said_as(said["activeTake"], *said.get("hidden", ()))
    return _json(said)


@lru_cache(1024)  # of thousands of shots most say one of a few things
def _said_as(active: str | None, *hidden: str) -> str:
    return _json({"activeTake": active, "hidden": hidden} if hidden else {"activeTake": active})


_json = json.JSONEncoder(ensure_ascii=False).encode


# How two branches become one.


def with_one_key(ours: str, base: str, theirs: str) -> list[str]:
    """The three with our key merged, so that only the user's part is left to be; ProjectFileUnreadable.

    Where a branch has no key of ours, or not as we write it, they stay as they are.
    """
    mine, was, others = (chosen(text) for text in (ours, base, theirs))
    if mine is None or others is None:
        return [ours, base, theirs]
    searched = _merged_searches(*(searches(text) for text in (base, ours, theirs)))
    value = written(merged(was or {}, mine, others), searched)
    return [splice(text, value) if text else text for text in (ours, base, theirs)]


def _merged_searches(
    base: Mapping[str, str], ours: Mapping[str, str], theirs: Mapping[str, str]
) -> Mapping[str, str]:
    names = sorted({*ours, *theirs})
    found = {name: _one_of(base.get(name), ours.get(name), theirs.get(name)) for name in names}
    return {name: query for name, query in found.items() if query is not None}


def merged(base: Shots, ours: Shots, theirs: Shots) -> Shots:
    """What two branches that come from `base` chose, shot by shot; `ours` is the one that is checked out."""
    paths = sorted({*ours, *theirs})
    found = {path: _merged(base.get(path), ours.get(path), theirs.get(path)) for path in paths}
    return {path: said for path, said in found.items() if said is not None}


_Said = Mapping[str, Any] | None


def _merged(base: _Said, ours: _Said, theirs: _Said) -> _Said:
    """A shot that one of them has no more goes, unless the other one has changed it."""
    if ours is None or theirs is None:
        left = ours or theirs
        return None if left == base else left
    was = base or {}
    active = _one_of(was.get("activeTake"), ours["activeTake"], theirs["activeTake"])
    hidden = _hidden_in(was, ours) | _hidden_in(was, theirs)
    hidden -= _shown(was, ours) | _shown(was, theirs) | {active}
    names = sorted(hidden, key=lambda name: (len(name), name))
    stage = _one_of(was.get("stage"), ours.get("stage"), theirs.get("stage"))
    return _chosen(
        {"activeTake": active, "hidden": names, "stage": stage, "notes": _notes(was, ours, theirs)}
    )


def _one_of(base: Any, ours: Any, theirs: Any) -> Any:
    """What only one of them has changed; where both have, ours."""
    return theirs if ours == base else ours


def _hidden_in(base: Mapping[str, Any], said: Mapping[str, Any]) -> set[str]:
    return {*base.get("hidden", ()), *said.get("hidden", ())}


def _shown(base: Mapping[str, Any], said: Mapping[str, Any]) -> set[str]:
    """Those that are hidden no more."""
    return {*base.get("hidden", ())} - {*said.get("hidden", ())}


_Note = Mapping[str, Any]

_Key = tuple[str, str | None, int]
"""By what a note is known in two clones, since each counts and dates it as it learns of it: its text, its author, and how
many before it have both.
"""


def told_apart(notes: Iterable[_Note]) -> dict[_Key, _Note]:
    """The notes, each by what it is known by."""
    found = dict[_Key, _Note]()
    for one in notes:
        count = 0
        while (key := (one["text"], one.get("by"), count)) in found:
            count += 1
        found[key] = one
    return found


def _notes(base: Mapping[str, Any], ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[_Note]:
    """Those that either has written and neither has withdrawn. Two of one number are apart: theirs gets the next one."""
    was, mine, others = (told_apart(side.get("notes", ())) for side in (base, ours, theirs))
    gone = {key for key in was if key not in mine or key not in others}
    kept = [_note(was.get(key), one, others.get(key)) for key, one in mine.items() if key not in gone]
    numbers = {others[key]["note"]: mine[key]["note"] for key in mine if key in others}
    given = {one["note"] for side in (mine, others) for one in side.values()}
    taken = {one["note"] for one in mine.values()}
    for key, one in others.items():
        if key in mine or key in gone:
            continue
        number = one["note"] if one["note"] not in taken else max(given) + 1
        numbers[one["note"]] = number
        given, taken = given | {number}, taken | {number}
        answers = {"answers": numbers.get(one["answers"], one["answers"])} if "answers" in one else {}
        kept.append({**one, "note": number, **answers})
    return sorted(kept, key=lambda one: one["note"])


def _note(base: _Note | None, ours: _Note, theirs: _Note | None) -> _Note:
    """A note as it stands where both have it."""
    if theirs is None:
        return ours
    state = _one_of((base or {}).get("state"), ours.get("state"), theirs.get("state"))
    rest = {name: value for name, value in ours.items() if name != "state"}
    return {**rest, "state": state} if state else rest
