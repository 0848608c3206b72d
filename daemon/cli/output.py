"""Output: how a command's answer is printed; what was not typed by a person has nothing in it that a terminal obeys."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click

from daemon.cli.client import Json
from daemon.printable import blanked
from events import Refused


class DiskError(Refused):
    """The root of errors that tell what the disk refuses; each says what is to be done then."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"{error.filename}: {error.strerror}" if error.filename else str(error))

    @classmethod
    @contextmanager
    def told(cls) -> Iterator[None]:
        """This error where the disk refuses something."""
        try:
            yield
        except OSError as error:
            raise cls(error) from error


def print_answer(answer: Json | str) -> None:
    """Print a sentence, or a JSON document on a line of its own."""
    say(answer if isinstance(answer, str) else as_line(answer))


def say(text: str, *, err: bool = False) -> None:
    """Print text that may hold the names of files, which may hold anything."""
    click.echo(blanked(text), err=err)


def as_line(document: Json) -> str:
    """JSON on one line, of printable ASCII alone."""
    return json.dumps(document).replace("\x7f", "\\u007f")
