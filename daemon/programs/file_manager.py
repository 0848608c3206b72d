"""The file manager: has a file shown in its folder, where whoever runs the daemon has a desktop on this machine."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import anyio

from daemon.programs.program import NotStarted, start
from events import Refused
from projections.files.threads import in_thread

BUS = "org.freedesktop.FileManager1"
OBJECT = "/org/freedesktop/FileManager1"

PATIENCE = 5.0
"""Seconds that a desktop has to answer."""


class NoFileManager(Refused):
    """Raised when nothing on this machine shows folders, or it does not answer."""

    hint = "Copy the path, and go there by hand."

    def __init__(self, path: Path) -> None:
        super().__init__(f"no file manager of this machine shows {path}")


async def reveal(path: Path) -> None:
    """Have a file, or a folder, shown in the folder that it is in; NoFileManager."""
    for command in _commands(path):
        if await in_thread(shutil.which, command[0]) and await _does(command):
            return
    raise NoFileManager(path)


def _commands(path: Path) -> Iterator[Sequence[str]]:
    """What may show it, the best first: file managers that mark the file, by the desktop's bus; else its folder."""
    if sys.platform == "darwin":
        yield ("open", "-R", str(path))
        return
    uri = path.as_uri()  # it has no quotes in it, nor commas
    if os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        call = ("--object-path", OBJECT, "--method", f"{BUS}.ShowItems", f"['{uri}']", "")
        yield ("gdbus", "call", "--session", "--dest", BUS, *call)
        to = (f"--dest={BUS}", "--type=method_call", "--print-reply", OBJECT, f"{BUS}.ShowItems")
        yield ("dbus-send", "--session", *to, f"array:string:{uri.replace(',', '%2C')}", "string:")
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        # In a session of its own: it stays when what has started it is gone.
        yield ("setsid", "--fork", "xdg-open", str(path.parent))


async def _does(command: Sequence[str]) -> bool:
    try:
        program = await start(command, (), os.environ)
    except NotStarted:
        return False
    with closing(program), anyio.move_on_after(PATIENCE):
        return await program.wait() == 0
    return False
