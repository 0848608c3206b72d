"""What a project file tells of a film whose log may not know it: that of a clone, of another branch, or of a lost log."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from events import Head
from projections.artifacts.project_text import KEY, searches
from projections.index.opinions import Note
from projections.layout import is_set_aside, take_number

T = TypeVar("T")


class ToldShot(Struct, frozen=True):
    """What is said of a shot elsewhere than in its log: the last number that is known to be given, those hidden, the active one.

    `stage` and `notes` are what people said of it, as far as that is known.
    """

    path: str
    given: int
    hidden: tuple[int, ...] = ()
    active: int | None = None
    stage: str | None = None
    notes: tuple[Note, ...] = ()


def read_told(content: bytes) -> list[ToldShot]:
    """What a project file that came with the film says of its shots; what is not as we write it is passed over."""
    return [one for path, said in said_of_shots(content).items() if (one := understood(path, said))]


def read_told_searches(content: bytes) -> Mapping[str, str]:
    """The saved searches that a project file tells of, by their names."""
    return searches(content.decode(errors="replace"))


def said_of_shots(content: bytes) -> dict[str, Any]:
    """What a project file says of each shot, by path, whether it makes sense or not."""
    with suppress(ValueError, LookupError, TypeError, RecursionError):
        shots = json.loads(content)[KEY]["shots"]
        return shots if isinstance(shots, dict) else {}
    return {}


def understood(path: str, said: Any) -> ToldShot | None:
    """As the disk has it, or as git does, where the last number is not said."""
    match said:
        case {"lastTake": int(last)} if 0 < last < 10**10 or (last == 0 and {"stage", "notes"} & said.keys()):
            pass
        case {"activeTake": None | str()} if "lastTake" not in said:
            last = 0
        case _:
            return None
    active, hidden = take_number(str(said.get("activeTake"))), _hidden(said.get("hidden", []), last or 10**10)
    if hidden is None or not _is_shot(path):
        return None
    stage, notes = _fit(said.get("stage"), str), _fit(said.get("notes"), tuple[Note, ...])
    return ToldShot(path, last or max(active or 0, *hidden, 0), hidden, active, stage, notes or ())


def _fit(value: Any, kind: type[T]) -> T | None:
    """The value, if it is of that kind."""
    with suppress(msgspec.ValidationError):
        return msgspec.convert(value, kind)
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
    return path.isprintable() and all(path.split("/")) and not is_set_aside(path)


def _hidden(names: Any, last: int) -> tuple[int, ...] | None:
    if not isinstance(names, list):
        return None
    numbers = {take_number(name) or 0 for name in names if isinstance(name, str)}
    return tuple(sorted(number for number in numbers if 0 < number <= last))
