"""The query language: what a person writes to find takes, as terms.

`gulls -fog "over the pier" model:wan rating:>3 after:2026-11-01`: all of it holds for a take that is found. A minus
stands before what must not hold, quotes around words that stand together, a colon behind a field's name.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Literal

from msgspec import Struct

from events import TakesError

Comparison = Literal["=", ">", ">=", "<", "<="]

MOST_QUERY = 1000
"""Characters of a query; a database takes far more, and a person writes far less."""

_COMPARISONS: dict[str, Comparison] = {"=": "=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}

_TERM = re.compile(
    r"""(?P<minus>-)?
    (?:(?P<field>[^\W\d_]+):(?P<comparison>[<>]=?|=)?)?
    (?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))?""",
    re.VERBOSE,
)


class WrongQuery(TakesError):
    """Raised when a query cannot be understood; `at` is the character, from 0, at which that begins."""

    def __init__(self, trouble: str, at: int, hint: str = "", candidates: Sequence[str] = ()) -> None:
        super().__init__(f"character {at + 1} of the query: {trouble}")
        self.at = at
        self.hint = hint
        self.candidates = candidates


class Term(Struct, frozen=True):
    """One condition: of a field, or of any text where there is none. `at` is where it stands in the query, from 0."""

    value: str
    at: int
    field: str | None = None
    comparison: Comparison = "="
    is_phrase: bool = False
    is_negated: bool = False


def parse(query: str, fields: Iterable[str]) -> list[Term]:
    """The terms of a query that may name those fields; WrongQuery where it names another one, or no value.

    A quote that nobody closes is closed at the end: half a query that is being typed is a query.
    """
    return [_term(match, [*fields]) for match in _TERM.finditer(query) if match.group().strip("-")]


def _term(match: re.Match[str], fields: Sequence[str]) -> Term:
    at, field = match.start(), match["field"]
    value = match["word"] if match["phrase"] is None else match["phrase"]
    if field is not None:
        field = _known(field.lower(), at + len(match["minus"] or ""), fields)
        if not (value and value.strip()):
            raise WrongQuery(
                f"{field}: has no value", match.end(), f"Write one behind the colon: {field}:..."
            )
    return Term(
        value=value or "",
        at=at,
        field=field,
        comparison=_COMPARISONS[match["comparison"] or "="],
        is_phrase=match["phrase"] is not None,
        is_negated=match["minus"] is not None,
    )


def _known(field: str, at: int, fields: Sequence[str]) -> str:
    if field in fields:
        return field
    close = get_close_matches(field, fields)
    meant = f"Did you mean {' or '.join(f'{name}:' for name in close)}? " if close else ""
    hint = f"{meant}In quotes it is looked for as a text. The fields are {', '.join(sorted(fields))}."
    raise WrongQuery(f"there is no field {field!r}", at, hint, close)
