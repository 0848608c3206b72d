"""The service, on the command line: to have the daemon started by the system, and looked after."""

# ruff: noqa: FBT001

import click
import msgspec

from daemon.cli.main import FOUND_WRONG, Options, as_json, program
from daemon.cli.output import print_answer
from daemon.cli.service.manager import Report, ServiceStatus, manager

of_whom = click.option(
    "--user",
    metavar="NAME",
    help="That of a machine for several, run for NAME by the machine itself; needs root.",
)


@program.group(cls=click.Group)
def service() -> None:
    """Have the system start the daemon and look after it.

    With systemd it is a unit with a socket, on a Mac an agent of launchd.
    """


@service.command()
@of_whom
@as_json
@click.pass_obj
def install(options: Options, user: str | None) -> None:
    """Write the service, have it started now and at each login, and say what was done."""
    _tell(options, manager(user).install())


@service.command()
@of_whom
@as_json
@click.pass_obj
def uninstall(options: Options, user: str | None) -> None:
    """Stop the service and remove all that `install` has made; the films stay as they are."""
    _tell(options, manager(user).uninstall())


@service.command()
@of_whom
@as_json
@click.pass_obj
def status(options: Options, user: str | None) -> int:
    """Whether the service is installed and runs; the exit code says the same."""
    found = manager(user).status()
    if options.json:
        print_answer(msgspec.to_builtins(found))
    else:
        for line in _lines(found):
            print_answer(line)
    return 0 if found.running else FOUND_WRONG


@service.command()
@of_whom
@click.option("--follow", "-f", is_flag=True, help="Go on with what it says next, until interrupted.")
@click.option(
    "--lines", "-n", type=click.IntRange(1), default=50, show_default=True, help="How many of the last."
)
def logs(user: str | None, follow: bool, lines: int) -> int:
    """What the service has said."""
    return manager(user).logs(lines, follow=follow)


def _tell(options: Options, report: Report) -> None:
    if options.json:
        return print_answer(msgspec.to_builtins(report))
    for line in (*report.done, *report.advice):
        print_answer(line)
    return None


def _lines(found: ServiceStatus) -> list[str]:
    if not found.installed:
        return ["takes is not installed as a service. To install it: takes service install"]
    lines = [
        f"The service is {found.state}{f' since {found.since}' if found.running and found.since else ''}."
    ]
    if found.says:
        lines.append(found.says)
    if found.restarts:
        lines.append(f"It was started anew {found.restarts} times: takes service logs")
    if not found.running:
        lines.append("Why that is so may stand in its log: takes service logs")
    if found.without_login is False:
        lines.append("It runs while you are logged in.")
    return lines
