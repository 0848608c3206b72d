"""Progress: how far something is that takes its time, on a terminal only, and gone when it is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.segment import Segment

from daemon.cli.client import Json
from daemon.cli.humanize import byte_size
from daemon.cli.output import say
from daemon.printable import blanked, printable


class SafeConsole(Console):
    """A console on which no text but our own styles has control characters, wherever it is from."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else blanked(text), style, control)


@contextmanager
def checking() -> Iterator[Callable[[Json], None]]:
    """A bar for each step of a check; call it with `{step, done, total}`."""
    columns = (TextColumn("{task.description:<6}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _bars(*columns) as bars:
        steps: dict[str, TaskID] = {}

        def advance(line: Json) -> None:
            step = printable(line["step"])
            if step not in steps:
                steps[step] = bars.add_task(step)
            bars.update(steps[step], completed=line["done"], total=line["total"])

        yield advance


@contextmanager
def copying(files: int) -> Iterator[Callable[[int], None]]:
    """A bar for so many files; call it with the bytes of each one that is there."""
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[size]}"), TimeRemainingColumn())
    with _bars(*columns) as bars:
        bar, done = bars.add_task("", total=files, size=""), 0

        def advance(size: int) -> None:
            nonlocal done
            done += size
            bars.update(bar, advance=1, size=byte_size(done))

        yield advance


@contextmanager
def making(take: str) -> Iterator[Callable[[Json], None]]:
    """A bar for a take that is being made, or lines where nobody would see one; call it with `{fraction, message}`."""
    if not _console().is_terminal:
        yield _Lines(take)
        return
    said = TextColumn("{task.fields[said]}")
    with _bars(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), said) as bars:
        bar = bars.add_task(take, total=None, said="waits for its turn")

        def advance(line: Json) -> None:
            fraction = line["fraction"]
            total = None if fraction is None else 1.0
            bars.update(bar, total=total, completed=fraction or 0, said=printable(line["message"] or ""))

        yield advance


class _Lines:
    """Says on a line of its own what a take waits for, and that it is made; not each of its steps."""

    def __init__(self, take: str) -> None:
        self._take = take
        self._said = ""

    def __call__(self, line: Json) -> None:
        counts = line["fraction"] is not None and not line.get("waits")
        message = "is being made" if counts else printable(line["message"] or "")
        if message and message != self._said:
            self._said = message
            say(f"{self._take}: {message}", err=True)


def _bars(*columns: ProgressColumn) -> Progress:
    out = _console()
    return Progress(*columns, console=out, transient=True, disable=not out.is_terminal)


def _console() -> SafeConsole:
    return SafeConsole(stderr=True, highlight=False, markup=False, emoji=False)
