"""The past, on the command line: which moment is meant, and what is said of it."""

from datetime import datetime

import click

from daemon.cli.client import Json
from daemon.cli.main import Command, Options
from daemon.cli.output import say
from daemon.cli.served_project import ServedProject


def as_of_option(command: Command) -> Command:
    """The option of every command that can tell of the past."""
    said = "As it was then: at a time, such as `yesterday 18:00`, or a position of the log."
    return click.option("--as-of", metavar="MOMENT", help=said)(command)


def position(options: Options, project: ServedProject, moment: str | None, said: str = "As of") -> int | None:
    """The position of the log that is meant, None for now; a person is told how the moment was understood."""
    if moment is None:
        return None
    found = project.ask("GET", "moment", at=moment)
    if not options.json:
        say(f"{said} {moment_said(found)}.", err=True)
    return int(found["position"])


def moment_said(found: Json) -> str:
    """A moment, as it was understood."""
    at, place = found["at"] or found["lastAt"], f"position {found['position']} of {found['head']}"
    if at is None:
        return f"the beginning, {place}"
    return f"{datetime.fromisoformat(at).astimezone():%A, %d %B %Y, %H:%M}, {place}"
