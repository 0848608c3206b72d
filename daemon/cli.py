"""The command line: what a person or a program can ask of takes from a shell.

A thin client of the daemon's API. It answers in the time of a keystroke: what a command needs beyond click
and a socket is imported by that command, so that `takes ls --json` never pays for a table or a database.
"""

# ruff: noqa: FBT001, PLC0415

import json
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from typing import Any, Literal, TypeVar

import click

from daemon import where
from daemon.client import Daemon, Json, NoDaemon, Project, choose, plain, target

Command = TypeVar("Command", bound=Callable[..., Any])

EXIT_CODES = {
    "Exception": 1,
    "UsageError": 2,
    "NotAShot": 2,
    "ProjectNotChosen": 2,
    "NotFound": 3,
    "ProjectNotServed": 3,
    "NoProjects": 3,
    "Refused": 4,
    "BadFolder": 4,
    "NoGallery": 4,
    "NoDaemon": 5,
    "Abort": 130,
}
"""By the name of an error's class: to import those of `events` would take longer than most commands do."""

_UNITS = {"h": 1 / 24, "d": 1.0, "w": 7.0}
"""Days in each unit of time."""

FOUND_WRONG = 4
"""The exit code of a check that ran and did not like what it saw."""


class NoGallery(Exception):
    """Raised when the daemon serves no port."""

    hint = "Start it with `takes daemon --port 0`, or with a `port` in its configuration."

    def __init__(self) -> None:
        super().__init__("the daemon that is running serves no gallery")


class Session:
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
        return Daemon(self.chosen_socket or where.socket_path())

    def choose(self) -> Project:
        """The project that is meant."""
        return choose(self.daemon, self.project or os.environ.get("TAKES_PROJECT"), os.getcwd())  # noqa: PTH109


class Commands(click.Group):
    """Commands in the order in which a person meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def _keep(ctx: click.Context, param: click.Parameter, value: object) -> None:
    if value:
        setattr(ctx.ensure_object(Session), str(param.name), value)


def _say_version(ctx: click.Context, param: click.Parameter, value: object) -> None:  # noqa: ARG001
    if value:
        from importlib.metadata import version

        say(f"takes {version('takes')}")
        ctx.exit()


_kept: Any = {"expose_value": False, "callback": _keep}
_shown: Any = {"expose_value": False, "callback": _say_version}
on_socket = click.option("--socket", metavar="PATH", help="The daemon's socket [$TAKES_SOCKET].", **_kept)
in_project = click.option("--project", metavar="ID", help="Which project [$TAKES_PROJECT].", **_kept)
as_json = click.option("--json", is_flag=True, help="Answer in JSON, for programs.", **_kept)


def asking(command: Command) -> Command:
    """The options of every command that asks the daemon about a project."""
    return on_socket(in_project(as_json(command)))


def naming_a_take(command: Command) -> Command:
    """The arguments of every command about one take."""
    return click.argument("shot")(click.argument("take", callback=_take_name)(command))


def _take_name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """The id of a take, from any way in which people write it."""
    digits = value.removeprefix("take_")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits)):
        raise click.BadParameter(f"{value!r} is no take; write take_003, 003 or 3.", ctx, param)
    return f"take_{int(digits):03d}"


def _days(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """A time such as 12h, 7d or 2w, in days."""
    if value is None:
        return None
    number, unit = value[:-1], value[-1:]
    if not (number.isascii() and number.isdigit() and int(number) and unit in _UNITS):
        raise click.BadParameter(f"{value!r} is no time; write 12h, 7d or 2w.", ctx, param)
    return int(number) * _UNITS[unit]


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, is_eager=True, help="Say which release this is.", **_shown)
@asking
def program() -> None:
    """Keeps every take: drop a render into a shot's takes/ folder, and it is kept for good.

    SHOT is a shot's name, its full id or the path to its folder; TAKE is take_003, 003 or 3.
    """


@program.command()
@click.argument("path")
@click.option("--name", help="What the film is called; otherwise as its folder is.")
@on_socket
@as_json
@click.pass_obj
def init(session: Session, path: str, name: str | None) -> None:
    """Make the folder PATH a project and have it watched."""
    from pathlib import Path

    from daemon.project import init_project

    info = init_project(Path(path), name)
    where.register(info.path)
    made = {"id": info.id, "path": info.path, "shots": info.shots, "live": _open(session.daemon, info.path)}
    say(made if session.json else _what_next(made))


@program.command("daemon")
@click.argument("projects", metavar="[PROJECT]...", nargs=-1)
@click.option("--log-format", type=click.Choice(["auto", "text", "json"]), default="auto", show_default=True)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Serve the gallery there, on this machine only; 0 is a free one.",
)
@on_socket
@click.pass_obj
def serve(
    session: Session,
    projects: tuple[str, ...],
    log_format: Literal["auto", "text", "json"],
    port: int | None,
) -> int:
    """Watch the registered projects, or just these, and answer."""
    from pathlib import Path

    from daemon.run import main as run

    socket = session.chosen_socket
    return run([Path(path) for path in projects], Path(socket) if socket else None, log_format, port)


@program.command("open")
@click.option("--print", "only_print", is_flag=True, help="Start no browser.")
@on_socket
@as_json
@click.pass_obj
def open_gallery(session: Session, only_print: bool) -> None:
    """Open the gallery in the browser, and say its address.

    Whoever has the address can do everything there: it holds your token.
    """
    gallery = session.daemon.ask("GET", target("health")).get("gallery")
    if not gallery:
        raise NoGallery
    from daemon import token

    secret = token.read_token(gallery["tokenFile"])
    address = f"http://127.0.0.1:{gallery['port']}/open?token="
    say({"url": address + secret.text} if session.json else address + secret.text)
    if not only_print and _has_display():
        import webbrowser

        webbrowser.open(address + secret.ticket(gallery["port"]))


@program.command()
@click.argument("shot", required=False)
@click.option("--deleted", is_flag=True, help="Deleted takes too.")
@asking
@click.pass_obj
def ls(session: Session, shot: str | None, deleted: bool) -> None:
    """The shots of the project, or the takes of SHOT."""
    project = session.choose()
    if shot:
        return _list_takes(session, project, project.shot(shot), deleted=deleted)
    found = project.ask("GET", "shots")
    if session.json:
        return say(found)
    from daemon import tables

    return tables.shots(tables.console(), project.facts, found["shots"])


@program.command()
@naming_a_take
@asking
@click.pass_obj
def show(session: Session, shot: str, take: str) -> None:
    """Everything that is known about one take."""
    project = session.choose()
    found = project.ask("GET", "shots", project.shot(shot), "takes", take)
    if session.json:
        return say(found)
    from daemon import tables

    return tables.take(tables.console(), found)


@program.command()
@click.argument("shot")
@click.option("--param", "-p", "written", multiple=True, metavar="NAME=VALUE", help="A parameter, or @FILE.")
@click.option("--quality", type=click.Choice(["draft", "standard", "high"]))
@click.option("--wait", is_flag=True, help="Wait until it is made; the exit code says whether it was.")
@asking
@click.pass_obj
def new(session: Session, shot: str, written: tuple[str, ...], quality: str | None, wait: bool) -> int:
    """Ask for another take of SHOT, to be generated from these parameters."""
    from daemon.asking import BadParam, read_params

    try:
        body = {"generationParams": read_params(written), "quality": quality}
    except BadParam as error:
        raise click.UsageError(str(error)) from error
    project = session.choose()
    meant = project.shot(shot)
    answer = project.ask("POST", "shots", meant, "takes", body=body)
    if session.json and not wait:
        say(answer)
    elif not session.json:
        click.echo(_what_comes(project, shot, meant, answer["takeId"]), err=wait)
    return _wait_for(session, project, meant, answer["takeId"]) if wait else 0


@program.command()
@naming_a_take
@asking
@click.pass_obj
def activate(session: Session, shot: str, take: str) -> None:
    """Make TAKE the one that the shot uses."""
    project = session.choose()
    answer = project.ask("PUT", "shots", project.shot(shot), "active-take", body={"takeId": take})
    say(answer if session.json else f"{take} is the active take of {shot} now.")


@program.command()
@naming_a_take
@asking
@click.pass_obj
def rm(session: Session, shot: str, take: str) -> None:
    """Hide TAKE; its files stay, and `restore` brings it back."""
    project = session.choose()
    answer = project.ask("DELETE", "shots", project.shot(shot), "takes", take)
    undo = shlex.join(["takes", "restore", shot, take])
    kept = f"{take} is hidden, and its files stay. To bring it back: {undo}"
    was_made = answer["media"] or "cancelled" not in answer.get("error", "")
    say(answer if session.json else kept if was_made else f"{take} is cancelled.")


@program.command()
@naming_a_take
@asking
@click.pass_obj
def restore(session: Session, shot: str, take: str) -> None:
    """Bring back a take that was deleted."""
    project = session.choose()
    answer = project.ask("POST", "shots", project.shot(shot), "takes", take, "restore")
    say(answer if session.json else f"{take} is back.")


@program.command()
@click.argument("shot", required=False)
@click.option("--after", type=click.IntRange(min=0), metavar="N", help="Only what came after position N.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens next, until interrupted.")
@asking
@click.pass_obj
def log(session: Session, shot: str | None, after: int | None, follow: bool) -> None:
    """What has happened, oldest first.

    With --follow, the last few events and then every new one.
    """
    project = session.choose()
    meant = project.shot(shot) if shot else None
    found = project.follow(meant, after) if follow else project.history(meant, after or 0)
    if session.json:
        for event in found:
            say(event)
    else:
        from daemon import tables

        tables.events(tables.console(), found, of_one_shot=shot is not None)


@program.command()
@asking
@click.pass_obj
def status(session: Session) -> None:
    """How the project is doing, what waits and what is wrong."""
    project = session.choose()
    facts = project.ask("GET", "status")
    if session.json:
        return say(facts)
    from daemon import tables

    return tables.status(tables.console(), facts, project.daemon.ask("GET", target("health")))


@program.command()
@asking
@click.pass_obj
def du(session: Session) -> None:
    """Where the space goes, by shot and by kind; what is shared is counted once."""
    project = session.choose()
    found = project.daemon.ask("GET", project.at("du"), patience=None)
    if session.json:
        return say(found)
    from daemon import tables

    return tables.usage(tables.console(), project.facts, found)


@program.command()
@click.option("--dry-run", is_flag=True, help="Purge nothing; list every file and what would come back.")
@click.option(
    "--deleted-after", callback=_days, metavar="TIME", help="Takes deleted that long ago: 12h, 7d, 2w."
)
@click.option("--failed-after", callback=_days, metavar="TIME", help="Takes that failed that long ago.")
@click.option(
    "--keep-newest",
    type=click.IntRange(min=1),
    metavar="N",
    help="Complete takes but the newest N of a shot.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@asking
@click.pass_obj
def cleanup(
    session: Session,
    dry_run: bool,
    deleted_after: float | None,
    failed_after: float | None,
    keep_newest: int | None,
    yes: bool,
) -> int:
    """Purge takes: give up their bytes for good, and keep their recipes, pictures and hashes.

    Without a rule, by the policy of the configuration. Never the active take, nor one younger than a day.
    """
    if not (dry_run or yes or (sys.stdin.isatty() and not session.json)):
        raise click.UsageError("There is nobody to ask: say --yes, or --dry-run to only look.")
    project = session.choose()
    rules = {"deletedAfterDays": deleted_after, "failedAfterDays": failed_after, "keepNewest": keep_newest}
    plan = _clean_up(project, {**rules, "dryRun": True})
    if dry_run or not plan["takes"]:
        return _say_cleaned(session, plan)
    if not yes:
        _say_cleaned(session, plan)
        click.confirm("\nPurge these takes for good?", abort=True)
    return _say_cleaned(session, _clean_up(project, {**rules, "plan": plan["plan"]}))


@program.command()
@asking
@click.pass_obj
def doctor(session: Session) -> int:
    """Check what git and the codecs need, and say what mends it."""
    project = session.choose()
    found = project.ask("GET", "doctor")
    if session.json:
        say(found)
    else:
        from daemon import tables

        tables.checks(tables.console(), found["checks"])
    return 0 if found["ok"] else FOUND_WRONG


@program.command()
@click.argument("name", required=False)
@click.option("--verify", is_flag=True, help="Change nothing; build it beside and compare.")
@asking
@click.pass_obj
def rebuild(session: Session, name: str | None, verify: bool) -> int:
    """Build the projection NAME, or all of them, anew."""
    project = session.choose()
    body = {"name": name, "verify": verify}
    answer = project.daemon.ask("POST", project.at("rebuild"), body, patience=None)
    if session.json:
        say(answer)
    else:
        _say_rebuilt(answer, name, verify=verify)
    return FOUND_WRONG if answer["differences"] else 0


@program.command()
@click.option("--dry-run", is_flag=True, help="Change nothing; say what could be shared.")
@asking
@click.pass_obj
def dedupe(session: Session, dry_run: bool) -> None:
    """Have takes of the same bytes share them on the disk."""
    project = session.choose()
    answer = project.daemon.ask("POST", project.at("dedupe"), {"dryRun": dry_run}, patience=None)
    if session.json:
        return say(answer)
    from daemon import tables

    return tables.deduped(tables.console(), answer)


@program.command()
@asking
@click.pass_obj
def verify(session: Session) -> int:
    """Check that the log and every kept file are as they were written."""
    project = session.choose()
    result = project.verify(say) if session.json else _verify_with_bars(project)
    if session.json:
        say(result)
    return 0 if result["ok"] else FOUND_WRONG


def main(args: Sequence[str] | None = None) -> int:
    """Run one command; what it returns is the process's exit code, see EXIT_CODES."""
    session = Session()
    try:
        _print_anything()
        return program.main(args, "takes", obj=session, standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return _exit_code(error)
    except click.Abort as error:
        return _exit_code(error)
    except Exception as error:
        if not hasattr(error, "hint"):  # nothing that anybody foresaw
            raise
        _complain(error, as_json=session.json)
        return _exit_code(error)


def say(words: Json | str) -> None:
    """Print a sentence, or a JSON document on a line of its own."""
    click.echo(words if isinstance(words, str) else json.dumps(words))


def _exit_code(error: Exception) -> int:
    return next(EXIT_CODES[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in EXIT_CODES)


def _complain(error: Exception, *, as_json: bool) -> None:
    hint, candidates = getattr(error, "hint", ""), getattr(error, "candidates", ())
    if as_json:
        problem = {"detail": str(error), "hint": hint, "candidates": list(candidates)}
        return click.echo(json.dumps(getattr(error, "document", problem)), err=True)
    colour = False if os.environ.get("NO_COLOR") else None
    click.secho(f"takes: {plain(error)}", fg="red", err=True, color=colour)
    for candidate in candidates:
        click.echo(f"  {plain(candidate)}", err=True)
    return click.echo(plain(hint), err=True) if hint else None


def _print_anything() -> None:
    """Let a terminal without Unicode, or a file name that is not text, cost a question mark and not the answer."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _has_display() -> bool:
    """Whether a browser would have a screen to show itself on."""
    return sys.platform == "darwin" or any(os.environ.get(one) for one in ("DISPLAY", "WAYLAND_DISPLAY"))


def _open(daemon: Daemon, folder: str) -> bool:
    """Have the daemon open the project now; False where none is running."""
    try:
        daemon.ask("POST", target("projects"), {"path": folder})
    except NoDaemon:
        return False
    return True


def _what_next(made: Json) -> str:
    shots = {0: "no shots yet", 1: "1 shot"}.get(made["shots"], f"{made['shots']} shots")
    lines = [f"{made['path']} is the project {made['id']}, with {shots}."]
    if not made["live"]:
        lines.append("No daemon is running yet: start one with `takes daemon`.")
    if not made["shots"]:
        lines.append("Make a shot, which is any folder that holds a takes/ folder:")
        lines.append(f"  mkdir -p {shlex.quote(made['path'] + '/01_Chapter/01_Scene/001_Shot/takes')}")
    return "\n".join(
        [*lines, "Drop a rendered file into the takes/ folder of a shot, and `takes ls` shows it."]
    )


def _list_takes(session: Session, project: Project, shot: str, *, deleted: bool) -> None:
    if session.json:
        return say(project.ask("GET", "shots", shot, "takes", deleted="true" if deleted else None))
    from daemon import tables

    found = project.ask("GET", "shots", shot, "takes", deleted="true")["takes"]
    if found:
        return tables.takes(tables.console(), shot, found, deleted=deleted)
    return tables.no_takes(tables.console(), shot, project.folder_of(shot))


def _what_comes(project: Project, shot: str, meant: str, take: str) -> str:
    """What becomes of a take that was asked for, and how to cancel it."""
    cancel = f"To cancel it: {shlex.join(['takes', 'rm', shot, take])}"
    if project.ask("GET", "shots", meant, "takes", take)["stage"] != "waiting":
        return f"{take} is asked for. {cancel}"
    folder = f"{project.folder_of(meant)}/takes"
    return (
        f"{take} is asked for, and no runner is set up: it waits for a file.\n"
        f"Drop one into {shlex.quote(f'{folder}/{take}')}, or into {shlex.quote(folder)} as {take}.mp4. {cancel}"
    )


def _wait_for(session: Session, project: Project, shot: str, take: str) -> int:
    """Wait until the take is made, or has failed, and say which."""
    from daemon import tables

    with tables.making(take) as advance:
        found = project.until_made(shot, take, advance)
    if session.json:
        say(found)
    else:
        tables.take(tables.console(), found)
    return 0 if found["status"] == "complete" else FOUND_WRONG


def _say_rebuilt(answer: Json, name: str | None, *, verify: bool) -> None:
    if answer["differences"]:
        from daemon import tables

        tables.differences(tables.console(), answer["differences"])
    elif verify:
        say(f"{name or 'All'} is as the log says.")
    else:
        say(f"Built anew: {', '.join(answer['rebuilt'])}.")


def _clean_up(project: Project, body: Json) -> Json:
    return project.daemon.ask("POST", project.at("cleanup"), body, patience=None)


def _say_cleaned(session: Session, answer: Json) -> int:
    """What was purged or would be; the exit code."""
    if session.json:
        say(answer)
    else:
        from daemon import tables

        tables.cleaned(tables.console(), answer)
    return FOUND_WRONG if answer["left"] and not answer["dryRun"] else 0


def _verify_with_bars(project: Project) -> Json:
    from daemon import tables

    with tables.progress() as advance:
        result = project.verify(advance)
    tables.verified(tables.console(), result)
    return result
