"""Finding: the takes that a query describes, with how many there are and what they have in common."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import fields

from projections.index.facts import FACETS
from projections.index.rows import ShotRow, TakeRow
from projections.index.search.conditions import FIELDS, TEXTS, Asker, Condition, condition
from projections.index.search.language import Term, parse
from projections.index.tables import MOST_TAKES

MOST_VALUES = 20
"""Values of a facet that are told, those of most takes first."""

MANY = 1000
"""So many takes are found one by one, the newest first; fewer are put in order when all are found."""

_WORDS = re.compile(r"[\w\u0300-\u036f]+")
"""A word, with accents that stand for themselves; all else only parts words, as it does in the table."""

_SHOT = ", ".join(f"shots.{one.name}" for one in fields(ShotRow))
_TAKE = ", ".join(f"takes.{one.name}" for one in fields(TakeRow))

_PAGE = "SELECT take FROM facts WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"

ORDERS: Mapping[str, str] = {
    "newest": "created DESC, take DESC",
    "number": f"take % {MOST_TAKES}, take",
    "rating": "(mark = 'pick') - (mark = 'reject') DESC, rating DESC, created DESC, take DESC",
    "seed": "seed IS NULL, CAST(seed AS REAL), seed, created DESC, take DESC",
    "duration": "duration DESC, created DESC, take DESC",
}
"""In which order takes are found: picks before all others and what is rejected last, what has no seed or length last."""

_HAVING = "facts.take IN (SELECT rowid FROM search WHERE search MATCH ?)"

_ROWS = f"""SELECT {_SHOT}, {_TAKE} FROM json_each(?) AS page
    JOIN shots ON shots.id = page.value / {MOST_TAKES}
    JOIN takes ON takes.shot = shots.id AND takes.number = page.value % {MOST_TAKES}
    ORDER BY page.key"""

_COUNTS = "SELECT common, count(*) FROM facts WHERE {where} GROUP BY common"


class Found(Struct, frozen=True):
    """A page of the takes that were found, each with its shot; of all of them the `total` and the `facets`.

    A facet tells of each of its values how many takes have it, those of most takes first.
    """

    takes: list[tuple[ShotRow, TakeRow]]
    total: int
    facets: dict[str, list[tuple[str, int]]]


def find(query: str, limit: int, offset: int, order: str, asker: Asker, db: sqlite3.Connection) -> Found:
    """The takes for which all of the query holds, in one of `ORDERS`.

    Deleted and purged takes are found where the query asks for them. WrongQuery where it cannot be understood.
    """
    asked = _asked(parse(query, {*FIELDS, *TEXTS}), asker)
    where, values = _where(asked, quickly=any(one.is_narrow for one in asked))
    counts = db.execute(_COUNTS.format(where=where), values).fetchall()
    total = sum(count for _, count in counts)
    where, values = _where(asked, quickly=total < MANY and any(one.is_narrow for one in asked))
    page = db.execute(_PAGE.format(where=where, order=ORDERS[order]), (*values, limit, offset))
    return Found(
        takes=_rows_of([take for (take,) in page], db),
        total=total,
        facets=_facets(counts),
    )


ALIKE: Mapping[str, tuple[str, ...]] = {
    "seed": ("prompted = :prompted", "seed IS NOT :seed"),
    "prompt": ("seed = :seed", "prompted IS NOT :prompted"),
    "inputs": ("fed = :fed",),
}
"""Why a take is like another one: by what they have in common, and in what they differ."""


def alike(
    shot: int, number: int, limit: int, db: sqlite3.Connection
) -> dict[str, list[tuple[ShotRow, TakeRow]]]:
    """The takes that are like that one and not hidden, at most so many of each kind, the newest first.

    Under `seed` those of the same prompt with another seed, under `prompt` those of the same seed with another prompt,
    under `inputs` those of the same files that went in.
    """
    key = shot * MOST_TAKES + number
    row = db.execute("SELECT prompted, seed, fed FROM facts WHERE take = ?", (key,)).fetchone()
    prompted, seed, fed = row or (None, None, None)
    values = {"prompted": prompted, "seed": seed, "fed": fed, "key": key, "limit": limit}
    found = {}
    for why, conditions in ALIKE.items():
        where = " AND ".join((*conditions, "+hidden = 0", "take != :key"))
        query = f"SELECT take FROM facts WHERE {where} ORDER BY created DESC, take DESC LIMIT :limit"
        found[why] = _rows_of([take for (take,) in db.execute(query, values)], db)
    return found


def _rows_of(takes: Sequence[int], db: sqlite3.Connection) -> list[tuple[ShotRow, TakeRow]]:
    width = len(fields(ShotRow))
    rows = db.execute(_ROWS, (json.dumps(takes),))
    return [(ShotRow(*row[:width]), TakeRow(*row[width:])) for row in rows]


def _asked(terms: Iterable[Term], asker: Asker) -> list[Condition]:
    """What is asked of the facts, and of the texts: there all words at once."""
    asked, words = list[Condition](), list[str]()
    for term in terms:
        if term.field in FIELDS:
            asked.append(condition(term, asker))
        elif not (match := _match(term)):
            asked.append(Condition("true" if term.is_negated else "false"))  # nothing has a word that is none
        elif term.is_negated:
            asked.append(Condition(f"NOT {_HAVING}", (match,)))
        else:
            words.append(match)
    return [Condition(_HAVING, (" AND ".join(words),), is_narrow=True), *asked] if words else asked


def _where(asked: Sequence[Condition], *, quickly: bool) -> tuple[str, list[Any]]:
    """What stands behind WHERE, and the values for it; `quickly` where few takes are to be found by what is narrow."""
    expressions = [one.expression for one in asked]
    if not any(one.is_of_hidden for one in asked):
        # The plus keeps the database from going through all that is not hidden, by their age.
        expressions.append("+hidden = 0" if quickly else "hidden = 0")
    return " AND ".join(expressions or ["true"]), [value for one in asked for value in one.values]


def _match(term: Term) -> str:
    """What the table of texts is asked for a term; nothing where it has no word.

    Words are found by their beginnings; those of a field, and of what is quoted, one behind the other.
    """
    words = _WORDS.findall(term.value)
    if not words:
        return ""
    if term.is_phrase or term.field:
        column = f"{TEXTS[term.field]} : " if term.field else ""
        return f'{column}"{" ".join(words)}"{"" if term.is_phrase else "*"}'
    return " AND ".join(f'"{word}"*' for word in words)


def _facets(counts: Iterable[tuple[str, int]]) -> dict[str, list[tuple[str, int]]]:
    sums: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for common, count in counts:
        for name, value in zip(FACETS, common.split("\0"), strict=True):
            if value:
                sums[name][value] += count
    return {
        name: sorted(values.items(), key=lambda one: (-one[1], one[0]))[:MOST_VALUES]
        for name, values in sums.items()
    }
