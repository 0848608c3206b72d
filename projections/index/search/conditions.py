"""What the fields of the query language mean: each is one line of a table, and a condition of the database.

`FIELDS` are compared with the facts of a take, `TEXTS` are looked for in its texts.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from events import timestamp
from projections.index.moments import WrongMoment, moment
from projections.index.search.language import Term, WrongQuery
from projections.index.tables import MOST_TAKES

_SHOTS = f"facts.take / {MOST_TAKES} IN (SELECT id FROM shots WHERE {{}})"
_IN_SCENE = "rtrim(path, replace(path, '/', ''))"
_OF_SHOT = f"substr(path, length({_IN_SCENE}) + 1)"


class Condition(Struct, frozen=True):
    """An expression with the values of its question marks.

    Whether it asks for takes that are hidden; and whether it is narrow: few takes fulfil it, and they are quickly found.
    """

    expression: str
    values: tuple[Any, ...] = ()
    is_of_hidden: bool = False
    is_narrow: bool = False


class Asker(Struct, frozen=True):
    """Who asks: when, in the time zone of the query's times, and up to which position of the log he has `seen` all."""

    at: datetime
    seen: int | None = None


Meaning = Callable[[Term, Asker], Condition]


def _refuse(term: Term, wanted: str, *examples: str) -> WrongQuery:
    hint = f"For example {' or '.join(f'{term.field}:{one}' for one in examples)}."
    return WrongQuery(f"{term.field}: wants {wanted}, not {term.value!r}", term.at, hint)


def _number(column: str) -> Meaning:
    def compared(term: Term, _: Asker) -> Condition:
        low, dots, high = term.value.partition("..")
        try:
            numbers = (float(low), float(high)) if dots else (float(term.value),)
        except ValueError:
            raise _refuse(term, "a number", "3", ">3", "2..4") from None
        return Condition(f"{column} BETWEEN ? AND ?" if dots else f"{column} {term.comparison} ?", numbers)

    return compared


def _text(column: str) -> Meaning:
    return lambda term, _: Condition(f"{column} = ? COLLATE NOCASE", (term.value,))


def _one_of(conditions: Mapping[str, Condition]) -> Meaning:
    def chosen(term: Term, _: Asker) -> Condition:
        if term.value.lower() not in conditions:
            raise _refuse(term, f"one of {', '.join(conditions)}", next(iter(conditions)))
        return conditions[term.value.lower()]

    return chosen


def _folder(of_path: str) -> Meaning:
    """A part of the folder's name, or the number that it begins with."""

    def named(term: Term, _: Asker) -> Condition:
        if term.value.isdecimal():
            return Condition(
                _SHOTS.format(f"{of_path} GLOB '[0-9]*' AND CAST({of_path} AS INTEGER) = ?"),
                (int(term.value),),
            )
        name = term.value.replace(":", "/")
        within = "path" if "/" in name else of_path
        return Condition(_SHOTS.format(f"instr(lower({within}), lower(?)) > 0"), (name,))

    return named


def _new(term: Term, _: Asker) -> Condition:
    """What got its number after that position of the log."""
    if not (term.value.isdecimal() and term.value.isascii() and len(term.value) <= 15):
        raise _refuse(term, "a position of the log", "4711")
    return Condition("position > ?", (int(term.value),))


def _when(comparison: str) -> Meaning:
    def then(term: Term, asker: Asker) -> Condition:
        try:
            found = moment(term.value, asker.at)
        except WrongMoment:
            raise _refuse(
                term, "a day or a time", "2026-11-01", "2026-11-01T18:00", "yesterday", "friday", "7d"
            ) from None
        return Condition(f"created {comparison} ?", (timestamp(found),))

    return then


_STATUSES = {
    "complete": Condition("status = 'complete'"),
    "failed": Condition("status = 'failed'"),
    "making": Condition("status = 'generating'"),
}
_KINDS = {kind: Condition(f"kind = '{kind}'") for kind in ("video", "image", "audio")}
_STATES = {
    "active": Condition(
        f"facts.take IN (SELECT id * {MOST_TAKES} + active FROM shots WHERE active IS NOT NULL)",
        is_narrow=True,
    ),
    "dropped": Condition("source = 'drop'"),
    "requested": Condition("source = 'request'"),
    "deleted": Condition("hidden", is_of_hidden=True),
    "pick": Condition("mark = 'pick'"),
    "rejected": Condition("mark = 'reject'"),
    "new": Condition("position > ?"),
}


def _state(term: Term, asker: Asker) -> Condition:
    found = _one_of(_STATES)(term, asker)
    if found is not _STATES["new"]:
        return found
    if asker.seen is None:
        hint = "Say up to which position of the log all was seen, or write it: new:4711."
        raise WrongQuery("is:new needs to know what was seen before", term.at, hint)
    return Condition(found.expression, (asker.seen,))


def _person(term: Term, _: Asker) -> Condition:
    """Somebody of whose names one begins so."""
    name = " ".join(term.value.casefold().split())
    return Condition("instr(people, ?) > 0", (f" {name}",))


FIELDS: Mapping[str, Meaning] = {
    "after": _when(">="),
    "before": _when("<"),
    "by": _person,
    "bytes": _number("bytes"),
    "cfg": _number("cfg"),
    "codec": _text("codec"),
    "duration": _number("duration"),
    "height": _number("height"),
    "is": _state,
    "kind": _one_of(_KINDS),
    "new": _new,
    "rate": _number("rate"),
    "rating": _number("rating"),
    "scene": _folder(_IN_SCENE),
    "seed": lambda term, _: Condition("seed = ?", (term.value,), is_narrow=True),
    "shot": _folder(_OF_SHOT),
    "status": _one_of(_STATUSES),
    "steps": _number("steps"),
    "take": _number(f"facts.take % {MOST_TAKES}"),
    "width": _number("width"),
}

COMPARED = {"bytes", "cfg", "duration", "height", "rate", "rating", "steps", "take", "width"}
"""Fields whose values are numbers, and may be compared."""

TEXTS = {
    "file": "file",
    "input": "input",
    "lora": "lora",
    "model": "model",
    "negative": "negative",
    "note": "note",
    "prompt": "prompt",
    "sampler": "sampler",
    "scheduler": "sampler",
    "tag": "tag",
}
"""Fields that are looked for by words, each with its column."""


def condition(term: Term, asker: Asker) -> Condition:
    """What a term that names one of `FIELDS` asks of a take's facts; WrongQuery for a wrong value."""
    field = term.field or ""
    if field not in COMPARED and term.comparison != "=":
        hint = f"Only {', '.join(sorted(COMPARED))} can."
        raise WrongQuery(f"{field}: cannot be compared with {term.comparison}", term.at, hint)
    asked = FIELDS[field](term, asker)
    return Condition(f"NOT coalesce({asked.expression}, false)", asked.values) if term.is_negated else asked
