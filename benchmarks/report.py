"""The report: what was measured, beside what a peer needs for the same, and whether the aim was met.

A row tells what it saw and is never an error: an aim that is missed, or a peer that is not installed, says so.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table


class Aim(Struct, frozen=True):
    """A bound that a value should keep to; with `of_peer` it is so many times what the peer has."""

    bound: float
    is_most: bool
    of_peer: bool = False

    def is_met(self, ours: float, theirs: float | None) -> bool | None:
        """Whether the value keeps to it; None where that takes a peer and there is none."""
        if self.of_peer and not theirs:
            return None
        bound = self.bound * theirs if self.of_peer and theirs else self.bound
        return ours <= bound if self.is_most else ours >= bound

    def say(self, unit: str) -> str:
        sign = "at most" if self.is_most else "at least"
        return f"{sign} {self.bound:g} x the peer" if self.of_peer else f"{sign} {number(self.bound)} {unit}"


def at_most(bound: float) -> Aim:
    return Aim(bound, is_most=True)


def at_least(bound: float) -> Aim:
    return Aim(bound, is_most=False)


def at_most_of_peer(share: float) -> Aim:
    return Aim(share, is_most=True, of_peer=True)


def at_least_of_peer(share: float) -> Aim:
    return Aim(share, is_most=False, of_peer=True)


class Row(Struct, kw_only=True, frozen=True):
    """One measure: our value and the peer's, in the same unit; None is what could not be measured here."""

    measure: str
    unit: str
    ours: float | None
    peer: str = ""
    theirs: float | None = None
    aims: Sequence[Aim] = ()
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the peer's value ours is."""
        return self.ours / self.theirs if self.ours is not None and self.theirs else None

    @property
    def is_met(self) -> bool | None:
        """Whether all its aims are met; None where there is none, or one cannot be judged and none is missed."""
        if self.ours is None or not self.aims:
            return None
        met = [aim.is_met(self.ours, self.theirs) for aim in self.aims]
        return False if False in met else None if None in met else True


class Bench:
    """What a measure is given: a folder of its own, and how much it may take on."""

    def __init__(self, folder: Path, console: Console, *, quick: bool, idle: float) -> None:
        self.folder = folder
        self.quick = quick
        self.idle = idle
        self._console = console

    def scaled(self, full: int, quick: int) -> int:
        """How many of something."""
        return quick if self.quick else full

    def say(self, what: str) -> None:
        """Tell whoever waits what is being done."""
        self._console.print(f"  {what}", style="dim", highlight=False)


def number(value: float | None) -> str:
    """A value with as many digits as anybody can use."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(rows: Iterable[Row]) -> Table:
    """The report for a person."""
    shown = Table(
        "Measure", "Ours", "Peer", "Ours / peer", "Aim", "Met", title="Speed and size", expand=False
    )
    for row in rows:
        theirs = f"{number(row.theirs)} {row.unit}" if row.theirs is not None else "not here"
        shown.add_row(
            f"{row.measure}\n[dim]{row.note}[/dim]" if row.note else row.measure,
            f"{number(row.ours)} {row.unit}" if row.ours is not None else "not measured",
            f"{row.peer}\n{theirs}" if row.peer else "",
            f"{row.ratio:.2f}" if row.ratio is not None else "",
            "\n".join(aim.say(row.unit) for aim in row.aims),
            {True: "[green]yes[/green]", False: "[red]no[/red]", None: ""}[row.is_met],
            end_section=True,
        )
    return shown


def as_json(rows: Iterable[Row]) -> bytes:
    """The report for a program."""
    told = [msgspec.structs.asdict(row) | {"ratio": row.ratio, "met": row.is_met} for row in rows]
    return msgspec.json.format(msgspec.json.encode({"rows": told}), indent=2)
