"""Selecting: which takes of a shot somebody means by `3`, `2-5`, `all`, `rejected`, `picks` or `failed`."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import click

from daemon.cli.client import Json
from daemon.cli.main import Command
from daemon.cli.served_project import ServedProject
from events import NotFound

WORDS: dict[str, Callable[[Json], Any]] = {
    "all": lambda take: take is not None,
    "picks": lambda take: take["mark"] == "pick",
    "rejected": lambda take: take["mark"] == "reject",
    "unrated": lambda take: not take["rating"],
    "failed": lambda take: take["status"] == "failed",
    "active": lambda take: take["active"],
}
"""What takes can be called together."""

WAYS = f"write take_003, 003 or 3, several as 2 3 or 2-5, or {', '.join(WORDS)}"

_NUMBER = re.compile("(?:take_)?([0-9]{1,10})")


class NoneSelected(NotFound):
    """Raised when a shot has none of the takes that somebody means."""

    hint = "`takes ls` lists the takes of a shot, with --deleted the hidden ones, too."

    def __init__(self, shot: str, words: Sequence[str]) -> None:
        super().__init__(f"{shot} has no takes that are meant by {' '.join(words)}")


class TakeWord(click.ParamType[str]):
    """One word by which takes are meant."""

    name = "take"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        text = str(value)
        if text not in WORDS and _range(text) is None:
            self.fail(f"{text[:50]!r} is no take; {WAYS}.", param, ctx)
        return text


TAKES = TakeWord()


def takes_arguments(command: Command) -> Command:
    """The arguments of every command about takes of a shot."""
    takes = click.argument("words", nargs=-1, required=True, type=TAKES, metavar="TAKE...")
    return click.argument("shot")(takes(command))


def is_one(words: Sequence[str]) -> bool:
    """Whether that is a single take, and can be no more."""
    return len(words) == 1 and _NUMBER.fullmatch(words[0]) is not None


def take_id(word: str) -> str:
    """The id of the take that a single word means."""
    match = _NUMBER.fullmatch(word)
    return f"take_{int(match[1]) if match else 0:03d}"


def select(
    project: ServedProject,
    shot: str,
    words: Sequence[str],
    *,
    hidden: bool = False,
    as_of: int | None = None,
) -> list[str]:
    """The ids of the takes that are meant, by number; of words and ranges those that are hidden, or that are not."""
    numbers = {int(match[1]) for word in words if (match := _NUMBER.fullmatch(word))}
    if not all(_NUMBER.fullmatch(word) for word in words):
        found = project.ask("GET", "shots", shot, "takes", deleted="true", asOf=as_of)["takes"]
        there = [take for take in found if take["deleted"] is hidden and not (hidden and take["purged"])]
        numbers |= {take["number"] for take in there if any(_means(word, take) for word in words)}
    if not numbers:
        raise NoneSelected(project.named(shot), words)
    return [f"take_{number:03d}" for number in sorted(numbers)]


def _means(word: str, take: Json) -> bool:
    if word in WORDS:
        return bool(WORDS[word](take))
    first, last = _range(word) or (0, 0)
    return first <= int(take["number"]) <= last


def _range(word: str) -> tuple[int, int] | None:
    """The first and the last number of a range, or of a single take."""
    first, dash, last = word.partition("-")
    one, other = _NUMBER.fullmatch(first), _NUMBER.fullmatch(last if dash else first)
    if not (one and other) or not 0 < int(one[1]) <= int(other[1]):
        return None
    return int(one[1]), int(other[1])
