"""Odd things: what may lie in the place of a file, and costs whoever waits for it, or reads all of it, a lot."""

import os
import socket
from collections.abc import Callable
from functools import cache
from pathlib import Path

Put = Callable[[Path], None]

SECRET = b'{"id": "secret"}\n'
"""What is in the file of somebody else's that a link leads to; it is JSON, as ours is."""


def sparse(path: Path) -> None:
    """A file of 10 GB that takes no room."""
    with path.open("wb") as file:
        file.truncate(10 << 30)


def listening(path: Path) -> None:
    """A socket, whose path would be too long for one."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


def linked(path: Path) -> None:
    """A link to a file of somebody else's."""
    elsewhere(path).write_bytes(SECRET)
    path.symlink_to(elsewhere(path))


def linked_to_nothing(path: Path) -> None:
    """A link to where a file could be made."""
    path.symlink_to(elsewhere(path))


def linked_to_device(path: Path) -> None:
    """A link to a device: a terminal of our own at which nobody types.

    Never one of the system's, such as /dev/zero: a fault that replaces where a link leads would replace that, for
    everybody, where the tests are run by root. Among terminals nothing can be made or renamed.
    """
    path.symlink_to(_terminal())


@cache
def _terminal() -> str:
    _, ours = os.openpty()  # both stay open as long as the tests run
    return os.ttyname(ours)


def elsewhere(path: Path) -> Path:
    """Where those links lead: beside the film, or else the folder, that the path is in."""
    film = next((one for one in path.parents if (one / ".takes").is_dir()), path.parent)
    return film.parent / "elsewhere.json"


def known(path: Path) -> tuple[int, ...]:
    """What must not change of what lies there."""
    found = path.lstat()
    return found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns


NO_FILES: tuple[Put, ...] = (os.mkfifo, listening, linked_to_device, sparse)
"""What is odd also where links are followed."""

ALL: tuple[Put, ...] = (*NO_FILES, Path.mkdir, linked, linked_to_nothing)
