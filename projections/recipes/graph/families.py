"""Families of nodes: what has to be known of ComfyUI's nodes beyond the names of their inputs.

It is data: `families.toml` in this folder, and a table of the same form that a person may have.
"""

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct, field

from events import TakesError

OWN: Final = Path(__file__).with_name("families.toml")


class Join(Struct, frozen=True, forbid_unknown_fields=True):
    """How a text is put together: from inputs whose names begin with `parts`, with the input `between` between them."""

    parts: str
    between: str = ""
    otherwise: str = ""
    strip: str = ""
    keep_empty: bool = False


class Family(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is known of the nodes whose class has one of these names, in which `*` stands for anything.

    Names of inputs that stand in one text, with spaces between, are tried one after the other.
    """

    classes: tuple[str, ...] = ()
    switch: tuple[str, str, str] | None = None
    select: tuple[str, int] | None = None
    first: bool | None = None
    hands_on: str | None = None
    named: Literal["get", "set"] | None = None
    value: str | None = None
    holds: bool | None = None
    written: bool | None = None
    join: Join | None = None
    expression: str | None = None
    operation: tuple[str, str, str] | None = None
    texts: tuple[str, ...] | None = None
    empty: bool | None = None
    piped: bool | None = None
    samples: bool | None = None
    aside: tuple[str, ...] | None = None
    model_names: tuple[str, ...] | None = None
    lora_tags: tuple[str, ...] | None = None
    levels: tuple[str, ...] | None = None
    no_noise: bool | None = None
    service: bool | None = None
    saves: bool | None = None
    widgets: tuple[str, ...] | None = None


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """Families, the first of which counts where several say something; and names of inputs by what they hold."""

    inputs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    family: tuple[Family, ...] = ()


class Families:
    """One or several tables, of which those before count more."""

    def __init__(self, tables: Iterable[Table]) -> None:
        tables = list(tables)
        self._families = [family for table in tables for family in table.family]
        patterns = [(name, family) for family in self._families for name in family.classes]
        self._patterns = [(re.compile(translate(name)), family) for name, family in patterns]
        self._any = re.compile("|".join(translate(name) for name, _ in patterns) or r"(?!)")
        names = {key for table in tables for key in table.inputs}
        self._names = {
            key: tuple(dict.fromkeys(one for table in tables for one in table.inputs.get(key, ())))
            for key in names
        }
        self.of = lru_cache(4096)(self._of)
        self.held: dict[str, list[tuple[str, int]]] = {}
        for what, known in self._names.items():
            for rank, name in enumerate(known):
                self.held.setdefault(name, []).append((what, rank))

    def names(self, what: str) -> tuple[str, ...]:
        """The names by which an input with that is known, in small letters."""
        return self._names.get(what, ())

    def _of(self, kind: str) -> Family:
        """All that is known of a class of nodes."""
        if not self._any.match(kind):
            return _UNKNOWN
        said: dict[str, Any] = {}
        for pattern, family in self._patterns:
            if pattern.match(kind):
                found = msgspec.structs.asdict(family).items()
                said = {name: value for name, value in found if value is not None} | said
        return Family(**said)


_UNKNOWN: Final = Family()


class BadTable(TakesError):
    """Raised when a file does not hold a table of families."""

    hint = "The documentation of recipes has the form of the table."

    def __init__(self, reason: str) -> None:
        super().__init__(f"this is no table of node families: {reason}")
        self.reason = reason


def table(content: bytes) -> Table:
    """The table in a TOML file; BadTable where it is none."""
    try:
        return msgspec.toml.decode(content, type=Table)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadTable(str(error)) from error


def families(*more: Table) -> Families:
    """Our own table, behind those of a person."""
    return Families([*more, table(OWN.read_bytes())])
