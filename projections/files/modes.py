"""Modes: who may read and write a file. What we do to them only ever takes something away."""

import os
import stat
from contextlib import ExitStack, suppress
from pathlib import Path

from projections.files.opening import LinkedFolder, Unfit, folder_in, open_file

_WRITING = 0o222

CLOSED = 0o555
"""What a file of ours that is read-only may have of modes."""

_LEFT = (PermissionError, Unfit, LinkedFolder)
"""What is said of another user's file, by a filesystem without modes, and of what is no file of the film's."""


def close_up(path: Path, *, below: Path) -> None:
    """Make a file in a film read-only, where there is one and that can be. Nobody may read it who could not before.

    No link is followed, be it in the place of the file or of a folder between it and the film's.
    """
    folder = f"{path.parent}/".removeprefix(f"{below}/").rstrip("/")
    with suppress(*_LEFT), ExitStack() as stack:
        file = open_file(path.name, within=stack.enter_context(folder_in(below, folder)))
        stack.callback(os.close, file)
        os.fchmod(file, stat.S_IMODE(os.fstat(file).st_mode) & ~_WRITING)


def close_up_as(made: Path, source: Path) -> None:
    """Make a new file of ours read-only, for those who may read the one whose bytes it has."""
    with suppress(*_LEFT), ExitStack() as stack:
        file, like = open_file(made), open_file(source)
        stack.callback(os.close, file)
        stack.callback(os.close, like)
        os.fchmod(file, stat.S_IMODE(os.fstat(like).st_mode) & CLOSED)
