"""The watch: tells which folders of a project something happened in, as soon as it happens.

What it says are hints. It may say too much or too little; where it knows that it missed something it says
so, and correctness never rests on it. On a share it hears of this machine's own changes alone.
"""

import sys
from pathlib import Path
from typing import Protocol

from daemon.watching.mailbox import Mailbox

if sys.platform.startswith("linux"):
    from daemon.watching.inotify import LinuxWatch as LocalWatch
else:
    from daemon.watching.portable import PortableWatch as LocalWatch


class Watch(Protocol):
    """Watches the folders that it is given."""

    mode: str
    problem: str

    def arm(self, folder: str) -> None:
        """Watch that folder, relative to the project, from now on; watching it twice is once."""

    @property
    def folders(self) -> int:
        """How many folders are watched."""

    def is_well(self) -> bool:
        """Whether it still hears anything."""

    def close(self) -> None:
        """Stop."""


class NoWatch:
    """Hears nothing: drops are found by scanning."""

    mode = "scanning"
    folders = 0

    def __init__(self, problem: str = "") -> None:
        self.problem = problem

    def arm(self, folder: str) -> None:
        """Watch nothing."""

    def is_well(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing to stop."""


def open_watch(root: Path, mailbox: Mailbox) -> Watch:
    """The best watch for that folder on this system."""
    try:
        return LocalWatch(root, mailbox)
    except OSError as error:
        return NoWatch(f"watching is not possible: {error.strerror or error}")
