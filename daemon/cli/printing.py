"""Printing: what all tables are made of.

What comes from media files and folder names is text from strangers: it is stripped of control characters
and never read as markup. Where the output goes to a file or a pipe, lines are as long as they need to be.
"""

import json
import os
from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from daemon.cli.client import Json
from daemon.printable import blanked, printable

NARROW = 80
"""Columns below which a table tells less."""

STYLES = {
    "active": "green",
    "activated": "green",
    "accepted": "green",
    "live": "green",
    "failed": "red",
    "generating": "yellow",
    "arriving": "yellow",
    "waiting": "yellow",
    "queued": "yellow",
    "running": "yellow",
    "started": "yellow",
    "starting": "yellow",
    "suspended": "yellow",
    "purged": "yellow",
    "deleted": "dim",
    "superseded": "dim",
}


class SafeConsole(Console):
    """A console on which no text but our own styles has control characters, wherever it is from."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else blanked(text), style, control)


def console(*, stderr: bool = False) -> Console:
    """The terminal, or a page as wide as it takes for what is read by something else."""
    out = SafeConsole(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not out.is_terminal and "COLUMNS" not in os.environ:
        out.width = 1000
    return out


def print_title(out: Console, name: str, *rest: str) -> None:
    """A name and what there is to say of it, on a second line where the first has no room."""
    title = Text().append(printable(name), "bold")
    more = Text("   ").join(Text(printable(part), STYLES.get(part, "dim")) for part in rest)
    title.append("   " if title.cell_len + 3 + more.cell_len <= out.width else "\n")
    out.print(title.append(more))


def print_line(out: Console, text: Text) -> None:
    """One line, cut at the edge of a terminal."""
    print_lines(out, [text])


def print_lines(out: Console, lines: Sequence[Text]) -> None:
    """Lines, each cut at the edge of a terminal."""
    for text in lines:
        text.rstrip()
        text.truncate(out.width, overflow="ellipsis")
    out.print(Text("\n").join(lines), soft_wrap=True)


def print_facts(out: Console, facts: Json, hints: Json | None = None) -> None:
    """Names and values under each other, after a blank line, with what is hinted of some; nothing where none is known."""
    known = {name: value for name, value in facts.items() if value not in (None, "", [], {})}
    if not known:
        return
    from rich.table import Table  # noqa: PLC0415 - a list has none

    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(style="dim", no_wrap=True, min_width=14)
    rows.add_column(overflow="fold")
    for name, value in known.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        said = Text(printable(text), "red" if name == "error" else "")
        hint = (hints or {}).get(name)
        rows.add_row(Text(printable(name)), said.append(f"   {printable(hint)}", "dim") if hint else said)
    out.print()
    out.print(rows)


def last_part(path: str, separator: str) -> str:
    """What stands behind the last separator."""
    return printable(path.rpartition(separator)[2])


def fit(text: str, width: int) -> str:
    """A text of exactly so many columns, cut where it has more."""
    return set_cell_size(text, width) if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"
