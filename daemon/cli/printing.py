"""Printing: what all tables are made of.

What comes from media files and folder names is text from strangers: it is stripped of control characters
and never read as markup. Where the output goes to a file or a pipe, lines are as long as they need to be.

rich can do all of this. But what it has to import for a text with a style takes half as long as a whole list.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Self, TextIO

from rich.cells import cell_len, set_cell_size

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

_CODES = {"bold": 1, "dim": 2, "strike": 9, "red": 31, "green": 32, "yellow": 33, "cyan": 36}
"""How a terminal is told of each word of a style; those from 30 on are colours."""

_PLAIN_TERMINALS = {"dumb", "unknown"}


class Text:
    """Pieces of text, each with a style: words such as `bold red`, or none."""

    def __init__(self, text: str = "", style: str = "") -> None:
        self.pieces = [(text, style)] if text else []

    @property
    def plain(self) -> str:
        return "".join([text for text, _ in self.pieces])

    @property
    def width(self) -> int:
        """So many columns of a terminal."""
        return cell_len(self.plain)

    def append(self, more: "str | Text", style: str = "") -> Self:
        self.pieces += Text(more, style).pieces if isinstance(more, str) else more.pieces
        return self

    def join(self, parts: Sequence["Text"]) -> "Text":
        """The parts in one, with this text between them."""
        found = Text()
        for number, part in enumerate(parts):
            found.append(self if number else "").append(part)
        return found

    def rstrip(self) -> None:
        """Leave out the blanks at its end."""
        while self.pieces:
            text, style = self.pieces.pop()
            if text := text.rstrip():
                self.pieces.append((text, style))
                return

    def truncate(self, width: int) -> None:
        """Cut it where it has more columns, with a mark that it was."""
        if self.width <= width:
            return
        pieces, self.pieces, room = self.pieces, [], max(width - 1, 0)
        for text, style in pieces:
            if cell_len(text) > room:
                self.append(set_cell_size(text, room) + "…", style)
                return
            self.append(text, style)
            room -= cell_len(text)

    def fill(self, width: int, *, right: bool = False) -> None:
        """Make it so many columns wide, with blanks on its left where it stands to the right."""
        blanks = [(" " * max(width - self.width, 0), "")]
        self.pieces = blanks + self.pieces if right else self.pieces + blanks

    def wrapped(self, width: int) -> Iterator["Text"]:
        """Its lines, each with as many words as such a width has room for; a longer word is cut."""
        line, used = list[tuple[str, str]](), 0
        for char, style in [(char, style) for text, style in self.pieces for char in text]:
            if char == "\n" or (char == " " and used >= width):
                yield _of_chars(line)
                line, used = [], 0
                continue
            if used + cell_len(char) > width:
                last = max((n for n, (one, _) in enumerate(line) if one == " "), default=0)
                yield _of_chars(line[:last] if last else line)
                line = line[last + 1 :] if last else []
                used = cell_len("".join([one for one, _ in line]))
            line.append((char, style))
            used += cell_len(char)
        yield _of_chars(line)


def _of_chars(chars: Sequence[tuple[str, str]]) -> Text:
    text = Text()
    for style, run in groupby(chars, lambda one: one[1]):
        text.append("".join([char for char, _ in run]), style)
    return text


class Console:
    """The terminal, or a page as wide as it takes for what is read by something else."""

    def __init__(self) -> None:
        self._out: TextIO = sys.stdout
        self._is_terminal = bool(os.environ.get("FORCE_COLOR")) or self._out.isatty()
        self.width = self._columns()
        self._codes_below = 30 if os.environ.get("NO_COLOR") else 100
        if not self._is_terminal or os.environ.get("TERM", "").lower() in _PLAIN_TERMINALS:
            self._codes_below = 0

    def _columns(self) -> int:
        if (chosen := os.environ.get("COLUMNS", "")).isdecimal() and int(chosen):
            return int(chosen)
        if not self._is_terminal:
            return 1000
        try:
            return os.get_terminal_size(self._out.fileno()).columns or NARROW
        except (OSError, ValueError):
            return NARROW

    def print(self, text: Text | str = "", *, whole: bool = False) -> None:
        """Print it and end the line; what has no room is wrapped between words, unless it is to stay whole, as what is copied."""
        said = Text(text) if isinstance(text, str) else text
        if not whole and max(map(cell_len, said.plain.split("\n"))) > self.width:
            said = Text("\n").join([*said.wrapped(self.width)])
        self._out.write("".join([self._styled(*piece) for piece in said.pieces]) + "\n")
        self._out.flush()

    def _styled(self, text: str, style: str) -> str:
        """A piece as the terminal shows it; no text but our own styles has control characters, wherever it is from."""
        codes = [str(code) for word in style.split() if (code := _CODES[word]) < self._codes_below]
        return f"\x1b[{';'.join(codes)}m{blanked(text)}\x1b[0m" if codes else blanked(text)


def print_title(out: Console, name: str, *rest: str) -> None:
    """A name and what there is to say of it, on a second line where the first has no room."""
    title = Text(printable(name), "bold")
    more = Text("   ").join([Text(printable(part), STYLES.get(part, "dim")) for part in rest])
    title.append("   " if title.width + 3 + more.width <= out.width else "\n")
    out.print(title.append(more))


def print_line(out: Console, text: Text) -> None:
    """One line, cut at the edge of a terminal."""
    print_lines(out, [text])


def print_lines(out: Console, lines: Sequence[Text]) -> None:
    """Lines, each cut at the edge of a terminal."""
    for text in lines:
        text.rstrip()
        text.truncate(out.width)
    out.print(Text("\n").join(lines), whole=True)


def print_facts(out: Console, facts: Json, hints: Json | None = None) -> None:
    """Names and values under each other, after a blank line, with what is hinted of some; nothing where none is known."""
    known = {name: value for name, value in facts.items() if value not in (None, "", [], {})}
    if not known:
        return
    rows = list[list[Text]]()
    for name, value in known.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        said = Text(printable(text), "red" if name == "error" else "")
        hint = (hints or {}).get(name)
        rows.append(
            [Text(printable(name), "dim"), said.append(f"   {printable(hint)}" if hint else "", "dim")]
        )
    out.print()
    print_rows(out, rows, least=14)


def print_rows(out: Console, rows: Sequence[Sequence[Text]], least: int = 0) -> None:
    """Columns under each other, the first of so many characters at least; the last one is wrapped where it has no room."""
    *columns, _ = zip(*rows, strict=True)
    widths = [
        max(least if not number else 0, *(cell.width for cell in column))
        for number, column in enumerate(columns)
    ]
    indent = sum(widths) + 2 * len(widths)
    for row in rows:
        line = Text()
        for cell, width in zip(row, widths, strict=False):
            cell.fill(width + 2)
            line.append(cell)
        lines = (
            row[-1].wrapped(max(out.width - indent, 20)) if indent + row[-1].width > out.width else [row[-1]]
        )
        out.print(line.append(Text("\n" + " " * indent).join([*lines])), whole=True)


def last_part(path: str, separator: str) -> str:
    """What stands behind the last separator."""
    return printable(path.rpartition(separator)[2])


def fit(text: str, width: int) -> str:
    """A text of exactly so many columns, cut where it has more."""
    return set_cell_size(text, width) if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"
