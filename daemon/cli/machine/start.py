"""The start, on the command line: a project, and the daemon that keeps it."""

# ruff: noqa: FBT001, PLC0415

import gc
import os
import shlex
import sys
from typing import Literal

import click

from daemon import locations
from daemon.cli.client import Daemon, Json, NoDaemon, api_path
from daemon.cli.main import Options, as_json, on_socket, program
from daemon.cli.output import print_answer
from daemon.printable import printable


class NobodyToAsk(click.UsageError):
    """Raised when a folder is not there, and nobody is at a terminal who could say that it is to be made."""

    def __init__(self, folder: str) -> None:
        super().__init__(f"{folder} does not exist, and there is nobody to ask: make it first, or say --yes.")


def _port(ctx: click.Context, param: click.Parameter, value: str | None) -> int | Literal["off"] | None:
    """A port, or none."""
    if value is None:
        return None
    if value != "off" and not value.lstrip("-").isdecimal():
        raise click.BadParameter(f"{value!r} is neither a port's number nor `off`.")
    return "off" if value == "off" else click.IntRange(0, 65535)(value, param, ctx)


@program.command()
@click.argument("path")
@click.option("--name", help="What the film is called; otherwise as its folder is.")
@click.option(
    "--here", is_flag=True, help="Have this machine keep a film on a share that another one has kept."
)
@click.option("--yes", "-y", is_flag=True, help="Make the folder, if it does not exist, and do not ask.")
@on_socket
@as_json
@click.pass_obj
def init(options: Options, path: str, name: str | None, here: bool, yes: bool) -> None:
    """Make the folder PATH a project and have it watched."""
    folder = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111
    if not (yes or os.path.lexists(folder)):
        _ask_for(folder, is_program=options.json)
    from pathlib import Path

    from daemon.cli.service.manager import manager
    from daemon.config.file import load_config
    from daemon.home.init import init_project

    share = load_config(Path(locations.config_path())).share
    info = init_project(Path(path), name, share=share, here=here)
    locations.register_project(info.path, info.log)
    if advice := manager().renew():  # a service may write in the films that it knows
        click.echo(advice, err=True)
    made = {
        "id": info.id,
        "path": info.path,
        "shots": info.shots,
        "live": _open_project(options.daemon, info.path),
    }
    print_answer(made if options.json else _what_next(made))


@program.command("daemon")
@click.argument("projects", metavar="[PROJECT]...", nargs=-1)
@click.option("--log-format", type=click.Choice(["auto", "text", "json"]), default="auto", show_default=True)
@click.option(
    "--port",
    callback=_port,
    metavar="N|off",
    help="Serve the gallery there, on this machine only; 0 is a free one, the same each time; `off` is none.",
)
@click.option(
    "--role",
    type=click.Choice(["all", "keeper", "desk"]),
    help="What it does for films in a studio: `keeper` the work on disk, `desk` none of it; otherwise as configured.",
)
@on_socket
@click.pass_obj
def serve(
    options: Options,
    projects: tuple[str, ...],
    log_format: Literal["auto", "text", "json"],
    port: int | Literal["off"] | None,
    role: str | None,
) -> int:
    """Watch the registered projects, or just these, and answer."""
    gc.disable()  # until it answers: what a start makes stays
    from pathlib import Path

    from daemon.run import main as run

    if role:
        os.environ["TAKES_STUDIO_ROLE"] = role  # as the one who configures it would say
    socket = options.chosen_socket
    return run([Path(path) for path in projects], Path(socket) if socket else None, log_format, port)


def _ask_for(folder: str, *, is_program: bool) -> None:
    """Ask whether a folder is to be made; NobodyToAsk."""
    if is_program or not sys.stdin.isatty():
        raise NobodyToAsk(folder)
    click.confirm(f"{printable(folder)} does not exist. Make it?", abort=True)


def _open_project(daemon: Daemon, folder: str) -> bool:
    """Have the daemon open the project now; False where none is running."""
    try:
        daemon.ask("POST", api_path("projects"), {"path": folder})
    except NoDaemon:
        return False
    return True


def _what_next(made: Json) -> str:
    shots = {0: "no shots yet", 1: "1 shot"}.get(made["shots"], f"{made['shots']} shots")
    lines = [f"{made['path']} is the project {made['id']}, with {shots}."]
    if not made["live"]:
        lines.append("No daemon is running yet: `takes open` starts one, and shows the film.")
    if not made["shots"]:
        lines.append("Make a shot, which is any folder that holds a takes/ folder:")
        lines.append(f"  mkdir -p {shlex.quote(made['path'] + '/01_Chapter/01_Scene/001_Shot/takes')}")
    return "\n".join(
        [*lines, "Drop a rendered file into the takes/ folder of a shot, and `takes ls` shows it."]
    )
