"""Output: how a command's answer is printed; what was not typed by a person has nothing in it that a terminal obeys."""

import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper

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


class NotDone(DiskError):
    """Raised when the disk refuses what a command needs of it, and nobody nearer has said what is to be done."""

    hint = "See to that place, or name another one, and run it again."

    def __init__(self, error: OSError) -> None:
        super().__init__(error)
        if error.errno == errno.ENOENT and not error.filename:  # nothing else has no name
            self.args = ("the folder that you stand in is gone",)
            self.hint = "Go to one that is there, with `cd`, and run it again."


def open_streams() -> None:
    """Have all three streams, and let a letter that a terminal does not have cost a question mark and not the answer.

    One that is closed leads nowhere. Else what is opened next would have its number, and be written to in its place.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - for good
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def close_streams() -> bool:
    """Have all that was printed be where it goes to; whether it is. What could not be written is not tried once more."""
    try:
        sys.stdout.flush()
    except OSError as error:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno != errno.EPIPE:  # whoever reads no more has all that they want
            raise NotDone(error) from error
        return False
    return True


def print_answer(answer: Json | str) -> None:
    """Print a sentence, or a JSON document on a line of its own."""
    say(answer if isinstance(answer, str) else as_line(answer))


def say(text: str, *, err: bool = False) -> None:
    """Print text that may hold the names of files, which may hold anything."""
    click.echo(blanked(text), err=err)


def as_line(document: Json) -> str:
    """JSON on one line, of printable ASCII alone."""
    return json.dumps(document).replace("\x7f", "\\u007f")
