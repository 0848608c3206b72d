"""Saying: what people think of a take, in words that any program can show."""

from collections.abc import Iterator

from projections.index.opinions import Note
from projections.index.rows import TakeRow


def said(note: Note) -> str:
    """A note on one line: who wrote it, at which frames, and what; and that it is seen to, where it is."""
    last = "" if note.last_frame is None else f"-{note.last_frame}"
    place = "" if note.frame is None else f" at {note.frame}{last}"
    done = " (resolved)" if note.state == "resolved" else ""
    return f"{note.by or 'somebody'}{place}: {one_line(note.text)}{done}"


def judgements(row: TakeRow) -> Iterator[tuple[str, str]]:
    """By name, the rating, the mark and the tags that a take has."""
    if row.rating:
        yield "rating", str(row.rating)
    if row.mark:
        yield "mark", row.mark
    if tags := row.read_tags():
        yield "tags", ", ".join(tags)


def one_line(text: str) -> str:
    """A text that stays on its line."""
    return " ".join(text.split())
