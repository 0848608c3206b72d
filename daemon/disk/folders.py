"""Folders: how one is reached without following a link on the way, and looked at anew."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def folder_in(root: Path, path: str) -> Iterator[int]:
    """A descriptor of that folder, reached without following a link below the root; OSError where that fails."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    descriptor = os.open(root, flags)
    try:
        for part in Path(path).parts:
            deeper = os.open(part, flags | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = deeper
        yield descriptor
    finally:
        os.close(descriptor)


def ask_server(folder: str) -> os.stat_result:
    """What a folder is, as the server of a share has it now: of one that is not opened, a machine may tell of old."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)
