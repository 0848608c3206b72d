"""The gallery, on the command line: opened in the browser, by a daemon that is started where none is running."""

# ruff: noqa: FBT001, PLC0415

import os
import shlex
import sys
from collections.abc import Sequence

import click

from daemon.cli.client import Daemon, DaemonSilent, Json, NoDaemon, NotOurs, api_path
from daemon.cli.main import Options, WithoutArguments, as_json, on_socket, program
from daemon.cli.output import print_answer
from events import Refused


class NoGallery(Refused):
    """Raised when the daemon serves no port."""

    hint = (
        "Its `port` is off, as `takes config` shows, or it was started with --port off. Change that, then "
        "`takes stop` and `takes open`."
    )

    def __init__(self) -> None:
        super().__init__("the daemon that is running serves no gallery")


def _instead(given: Sequence[str]) -> str:
    return (
        f"It takes no {given[0]!r}: the gallery has every film that is registered. "
        f"To register one more: {shlex.join(['takes', 'init', given[0]])}"
    )


@program.command("open", cls=WithoutArguments, instead=_instead)
@click.option("--print", "only_print", is_flag=True, help="Start no browser.")
@on_socket
@as_json
@click.pass_obj
def open_gallery(options: Options, only_print: bool) -> None:
    """Open the gallery in the browser, and say its address; a daemon is started where none is running.

    Whoever has the address can do everything there: it holds your token.
    """
    gallery = _health(options.daemon).get("gallery")
    if not gallery:
        raise NoGallery
    from daemon.http import token

    secret = token.read_token(gallery["tokenFile"])
    address = f"http://127.0.0.1:{gallery['port']}/open?token="
    print_answer({"url": address + secret.text} if options.json else address + secret.text)
    if not only_print and _has_display():
        import webbrowser

        webbrowser.open(address + secret.ticket(gallery["port"]))


def _health(daemon: Daemon) -> Json:
    """What the daemon says of itself, one that is started now where there is none."""
    try:
        return daemon.ask("GET", api_path("health"))
    except (DaemonSilent, NotOurs):
        raise
    except NoDaemon:
        from daemon.cli.machine.background import start_daemon

        health = start_daemon(daemon)
        click.echo(f"A daemon is running now, process {health['pid']}; `takes stop` ends it.", err=True)
        return health


def _has_display() -> bool:
    """Whether a browser would have a screen to show itself on."""
    return sys.platform == "darwin" or any(os.environ.get(one) for one in ("DISPLAY", "WAYLAND_DISPLAY"))
