"""The start, on the command line: a project, the daemon that keeps it, and the gallery that shows it."""

# ruff: noqa: FBT001, PLC0415

import os
import shlex
import sys
from typing import Literal

import click

from daemon import locations
from daemon.cli.client import Daemon, Json, NoDaemon, api_path
from daemon.cli.main import Options, as_json, on_socket, program
from daemon.cli.output import print_answer
from events import Refused


class NoGallery(Refused):
    """Raised when the daemon serves no port."""

    hint = "Start it with `takes daemon --port 0`, or with a `port` in its configuration."

    def __init__(self) -> None:
        super().__init__("the daemon that is running serves no gallery")


@program.command()
@click.argument("path")
@click.option("--name", help="What the film is called; otherwise as its folder is.")
@click.option(
    "--here", is_flag=True, help="Have this machine keep a film on a share that another one has kept."
)
@on_socket
@as_json
@click.pass_obj
def init(options: Options, path: str, name: str | None, here: bool) -> None:
    """Make the folder PATH a project and have it watched."""
    from pathlib import Path

    from daemon.config_file import load_config
    from daemon.project.init import init_project

    share = load_config(Path(locations.config_path())).share
    info = init_project(Path(path), name, share=share, here=here)
    locations.register_project(info.path, info.log)
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
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Serve the gallery there, on this machine only; 0 is a free one.",
)
@on_socket
@click.pass_obj
def serve(
    options: Options,
    projects: tuple[str, ...],
    log_format: Literal["auto", "text", "json"],
    port: int | None,
) -> int:
    """Watch the registered projects, or just these, and answer."""
    from pathlib import Path

    from daemon.run import main as run

    socket = options.chosen_socket
    return run([Path(path) for path in projects], Path(socket) if socket else None, log_format, port)


@program.command("open")
@click.option("--print", "only_print", is_flag=True, help="Start no browser.")
@on_socket
@as_json
@click.pass_obj
def open_gallery(options: Options, only_print: bool) -> None:
    """Open the gallery in the browser, and say its address.

    Whoever has the address can do everything there: it holds your token.
    """
    gallery = options.daemon.ask("GET", api_path("health")).get("gallery")
    if not gallery:
        raise NoGallery
    from daemon.http import token

    secret = token.read_token(gallery["tokenFile"])
    address = f"http://127.0.0.1:{gallery['port']}/open?token="
    print_answer({"url": address + secret.text} if options.json else address + secret.text)
    if not only_print and _has_display():
        import webbrowser

        webbrowser.open(address + secret.ticket(gallery["port"]))


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
        lines.append("No daemon is running yet: start one with `takes daemon`.")
    if not made["shots"]:
        lines.append("Make a shot, which is any folder that holds a takes/ folder:")
        lines.append(f"  mkdir -p {shlex.quote(made['path'] + '/01_Chapter/01_Scene/001_Shot/takes')}")
    return "\n".join(
        [*lines, "Drop a rendered file into the takes/ folder of a shot, and `takes ls` shows it."]
    )


def _has_display() -> bool:
    """Whether a browser would have a screen to show itself on."""
    return sys.platform == "darwin" or any(os.environ.get(one) for one in ("DISPLAY", "WAYLAND_DISPLAY"))
