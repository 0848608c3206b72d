"""Holding: a project is one daemon's at a time, by a lock in its own folder and by that folder itself."""

import shlex
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import anyio

from daemon.disk.locking import Lock, folder_held, held
from daemon.home.home import Home
from events import NotFound, Refused
from projections.files.threads import in_thread

CHECK = 1.0
"""Seconds between two looks whether the lock is still there."""


class NotAProject(NotFound):
    """Raised when a folder is to be kept that was never made a project."""

    def __init__(self, root: Path) -> None:
        super().__init__(f"{root} is not a project")
        self.hint = f"Make it one with `{shlex.join(['takes', 'init', str(root)])}`."


class NoSuchFolder(NotFound):
    """Raised when a folder is to be kept that is not there, and of which nobody knows that it is only away."""

    hint = "Look for a slip in the path; `takes init PATH` makes a new film, and `takes projects` lists those that are known."

    def __init__(self, root: Path) -> None:
        super().__init__(f"there is no folder {root}")


class ProjectInUse(Refused):
    """Raised when another daemon keeps the project already."""

    hint = "Ask that one, or stop it first: `takes status` finds it where it uses the same socket."

    def __init__(self, root: Path) -> None:
        super().__init__(f"another daemon keeps {root} already")


@contextmanager
def locked(home: Home) -> Iterator[Lock]:
    """Hold the project for this process; ProjectInUse where another one has it."""
    folder, refusal = home.folder, ProjectInUse(home.root)
    with folder_held(folder, refusal), held(folder / "lock", refusal) as lock:
        yield lock


@asynccontextmanager
async def hold(home: Home) -> AsyncIterator[Lock]:
    """Hold the project, asking its disk in a thread."""
    with ExitStack() as stack:
        yield await in_thread(stack.enter_context, locked(home))


async def keep_locked(lock: Lock) -> None:
    """Hold the lock anew whenever its file was removed; ProjectInUse where another daemon was faster."""
    while True:
        await anyio.sleep(CHECK)
        with suppress(OSError):  # there may be no room for it just now, and its folder is held, too
            await in_thread(lock.keep)
