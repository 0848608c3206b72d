"""The command line: what a person or a program can ask of takes from a shell.

A thin client of the daemon's API. It answers in the time of a keystroke: what a command needs beyond click
and a socket is imported by that command, so that `takes ls --json` never pays for a table or a database.

Here is what all commands have in common, and those about shots and takes; the others are imported by name.
"""

# ruff: noqa: FBT001, PLC0415

import os
import shlex
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, TypeVar

import click

from daemon import locations
from daemon.cli.client import Daemon, Json, NoDaemon, NoName, ProblemAnswered
from daemon.cli.output import NotDone, as_line, close_streams, open_streams, print_answer, say
from daemon.cli.served_project import ServedProject, choose_project
from daemon.printable import printable
from events import NotFound, Refused, TakesError

Command = TypeVar("Command", bound=Callable[..., Any])

COMMANDS = {
    **dict.fromkeys(("init", "daemon"), "daemon.cli.machine.start"),
    "service": "daemon.cli.machine.as_service",
    "open": "daemon.cli.machine.gallery",
    **dict.fromkeys(("projects", "forget"), "daemon.cli.machine.films"),
    "stop": "daemon.cli.machine.stop",
    "config": "daemon.cli.machine.settings",
    "completion": "daemon.cli.machine.completion",
    **dict.fromkeys(("ls", "show"), "daemon.cli.choices.looking"),
    **dict.fromkeys(("new", "log"), "daemon.cli.main"),
    "again": "daemon.cli.choices.again",
    **dict.fromkeys(("add", "new-shot"), "daemon.cli.film.bringing"),
    "import": "daemon.cli.film.importing",
    **dict.fromkeys(("activate", "rm", "restore", "accept"), "daemon.cli.choices.commands"),
    **dict.fromkeys(("rate", "pick", "reject", "unmark", "tag", "note"), "daemon.cli.choices.commands"),
    **dict.fromkeys(("stage", "undo", "redo"), "daemon.cli.choices.commands"),
    **dict.fromkeys(("status", "du", "cleanup", "rebuild", "dedupe", "verify"), "daemon.cli.film.upkeep"),
    **dict.fromkeys(("find", "search"), "daemon.cli.film.finding"),
    "diff": "daemon.cli.film.changes",
    "export": "daemon.cli.film.handover",
    **dict.fromkeys(("share", "shares"), "daemon.cli.guests.links"),
    **dict.fromkeys(("people", "grant", "revoke"), "daemon.cli.guests.people"),
    "sheet": "daemon.cli.film.sheet",
    "proxy": "daemon.cli.film.proxies",
    "reel": "daemon.cli.film.reel",
    "doctor": "daemon.cli.machine.doctor",
    **dict.fromkeys(("backup", "recover"), "daemon.cli.film.safekeeping"),
    "studio": "daemon.cli.machine.studio",
    "worker": "daemon.cli.machine.worker",
    **dict.fromkeys(("git-clean", "merge-project-file"), "daemon.cli.for_git"),
}
"""The module of each command, in the order in which a person meets them."""

EXIT_CODES: dict[type, int] = {
    Exception: 1,
    click.UsageError: 2,
    locations.NotAShot: 2,
    NoName: 2,
    locations.ProjectNotChosen: 2,
    NotFound: 3,
    Refused: 4,
    NoDaemon: 5,
    click.Abort: 130,
}
"""The nearest class that an error is one of gives its exit code."""

FOUND_WRONG = 4
"""The exit code of a check that ran and did not like what it saw."""


class Options:
    """What was said on the command line about every command, on whichever side of its name."""

    def __init__(self) -> None:
        self.socket: str | None = None
        self.project: str | None = None
        self.json = False

    @property
    def chosen_socket(self) -> str | None:
        """The socket that somebody asked for."""
        return self.socket or os.environ.get("TAKES_SOCKET") or None

    @property
    def daemon(self) -> Daemon:
        return Daemon(self.chosen_socket or locations.socket_path())

    def choose_project(self) -> ServedProject:
        """The project that is meant."""
        return choose_project(self.daemon, self.project or os.environ.get("TAKES_PROJECT"), os.getcwd())  # noqa: PTH109


class Commands(click.Group):
    """The commands, each imported when it is asked for; all for a name that is none: click suggests one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        for module in [COMMANDS[cmd_name]] if cmd_name in COMMANDS else COMMANDS.values():
            import_module(module)
        return super().get_command(ctx, cmd_name)


def _store(ctx: click.Context, param: click.Parameter, value: object) -> None:
    if value:
        setattr(ctx.ensure_object(Options), str(param.name), value)


def _print_version(ctx: click.Context, param: click.Parameter, value: object) -> None:  # noqa: ARG001
    if value:
        from importlib.metadata import version

        print_answer(f"takes {version('takes')}")
        ctx.exit()


_common: Any = {"expose_value": False, "callback": _store}
_eager: Any = {"expose_value": False, "callback": _print_version}
on_socket = click.option("--socket", metavar="PATH", help="The daemon's socket [$TAKES_SOCKET].", **_common)
in_project = click.option(
    "--project", metavar="ID", help="The project's id, or its folder [$TAKES_PROJECT].", **_common
)
as_json = click.option("--json", is_flag=True, help="Answer in JSON, for programs.", **_common)


def project_options(command: Command) -> Command:
    """The options of every command that asks the daemon about a project."""
    return on_socket(in_project(as_json(command)))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, is_eager=True, help="Say which release this is.", **_eager)
@project_options
def program() -> None:
    """Keeps every take: drop a render into a shot's takes/ folder, and it is kept for good.

    SHOT is a shot's name, its number or a part of its name where that is clear, its full id or the path to its folder.
    TAKE is take_003, 003 or 3; several are 2 3 or 2-5, all, picks, rejected, unrated, failed or active.
    """


class WithParameters(click.Command):
    """A command whose parameters are named freely; who writes one as an option is told how it is written."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            from daemon.cli.params import USUAL, parameter_of

            name = parameter_of(error.option_name)
            if error.possibilities and name not in USUAL:
                raise
            how = (
                f"No such option {error.option_name!r}. What it is generated from is written -p {name}=VALUE."
            )
            raise click.NoSuchOption(error.option_name, how, ctx=ctx) from error


class WithoutArguments(click.Command):
    """A command that takes none; whoever gives it some is told what to do instead."""

    allow_extra_args = True

    def __init__(self, *args: Any, instead: Callable[[Sequence[str]], str], **named: Any) -> None:
        super().__init__(*args, **named)
        self._instead = instead

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = super().parse_args(ctx, args)
        if given and not ctx.resilient_parsing:
            raise click.UsageError(self._instead(given), ctx)
        return given


@program.command(cls=WithParameters)
@click.argument("shot")
@click.option("--param", "-p", "written", multiple=True, metavar="NAME=VALUE", help="A parameter, or @FILE.")
@click.option("--quality", type=click.Choice(["draft", "standard", "high"]))
@click.option("--workflow", metavar="FILE", help="Make it with this workflow, and no other take.")
@click.option("--wait", is_flag=True, help="Wait until it is made; the exit code says whether it was.")
@project_options
@click.pass_obj
def new(
    options: Options,
    shot: str,
    written: tuple[str, ...],
    quality: str | None,
    workflow: str | None,
    wait: bool,
) -> int:
    """Ask for another take of SHOT, to be generated from these parameters.

    For example: takes new 001_Shot -p prompt='a red bicycle in the rain' -p seed=7

    Without --workflow, the file workflow.json in the shot's folder is used, else that of the film's, else the one of
    the configuration.
    """
    from daemon.cli.params import full_path, read_params

    body = {"generationParams": read_params(written), "quality": quality}
    body |= {"workflow": full_path(workflow)} if workflow else {}
    project = options.choose_project()
    meant = project.shot(shot)
    answer = project.ask("POST", "shots", meant, "takes", body=body)
    if options.json and not wait:
        print_answer(answer)
    elif not options.json:
        say(what_comes(project, shot, meant, answer), err=wait)
    return wait_for(options, project, meant, answer["takeId"]) if wait else 0


@program.command()
@click.argument("shot", required=False)
@click.option("--after", type=click.IntRange(min=0), metavar="N", help="Only what came after position N.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens next, until interrupted.")
@project_options
@click.pass_obj
def log(options: Options, shot: str | None, after: int | None, follow: bool) -> None:
    """What has happened, oldest first.

    With --follow, the last few events and then every new one.
    """
    project = options.choose_project()
    meant = project.shot(shot) if shot else None
    found = project.follow(meant, after) if follow else project.history(meant, after or 0)
    if options.json:
        for event in found:
            print_answer(event)
    else:
        from daemon.cli import tables_log

        tables_log.events(found, of_one_shot=shot is not None)


def main(args: Sequence[str] | None = None) -> int:
    """Run one command; what it returns is the process's exit code, see EXIT_CODES."""
    options = Options()
    open_streams()
    code = _run(options, args)
    try:
        return code if close_streams() else code or 1
    except NotDone as error:
        if not code:
            _complain(error, as_json=options.json)
        return code or _exit_code(error)


def _run(options: Options, args: Sequence[str] | None) -> int:
    try:
        return program.main(args, "takes", obj=options, standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return _exit_code(error)
    except click.Abort as error:
        return _exit_code(error)
    except TakesError as error:
        _complain(error, as_json=options.json)
        return _exit_code(error)
    except OSError as error:
        _complain(found := NotDone(error), as_json=options.json)
        return _exit_code(found)


def print_change(options: Options, answer: Json, done: str) -> None:
    """Print what was done, and what on the disk does not show it yet."""
    print_answer(answer if options.json else done)
    if behind := answer.get("behind"):
        from daemon.cli.humanize import still_to_follow

        say(still_to_follow(behind), err=True)


def _exit_code(error: Exception) -> int:
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def _complain(error: TakesError, *, as_json: bool) -> None:
    if as_json:
        return click.echo(as_line(_document(error)), err=True)
    colour = False if os.environ.get("NO_COLOR") else None
    click.secho(f"takes: {printable(error)}", fg="red", err=True, color=colour)
    for candidate in error.candidates:
        click.echo(f"  {printable(candidate)}", err=True)
    return click.echo(printable(error.hint), err=True) if error.hint else None


def _document(error: TakesError) -> Json:
    """The problem as the daemon told it, or as it would have."""
    if isinstance(error, ProblemAnswered):
        return error.document
    return {"detail": str(error), "hint": error.hint, "candidates": list(error.candidates)}


def what_comes(project: ServedProject, shot: str, meant: str, answer: Json) -> str:
    """What becomes of a take that was asked for, as it was answered, and how to cancel it."""
    take, waits = answer["takeId"], answer.get("waits")
    cancel = f"To cancel it: {shlex.join(['takes', 'rm', shot, take])}"
    if project.ask("GET", "shots", meant, "takes", take)["stage"] != "waiting":
        return f"{take} is asked for. {cancel}" + (f"\nIt has to wait: {waits}" if waits else "")
    folder = f"{project.folder_of(meant)}/takes"
    return (
        f"{take} is asked for, and no runner is set up: it waits for a file.\n"
        f"Drop one into {shlex.quote(f'{folder}/{take}')}, or into {shlex.quote(folder)} as {take}.mp4. {cancel}"
    )


def wait_for(options: Options, project: ServedProject, shot: str, take: str) -> int:
    """Wait until the take is made, or has failed, and say which."""
    from daemon.cli import progress, tables

    with progress.making(take) as advance:
        found = project.until_made(shot, take, advance)
    if options.json:
        print_answer(found)
    else:
        tables.take(found)
    return 0 if found["status"] == "complete" else FOUND_WRONG
