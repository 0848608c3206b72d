"""The memory: what the scan knows of folders and shots, kept beside the index so that the next start need only compare.

It says nothing of how things are, only how they looked when all was as the log had it: what looks otherwise, or of which
the log says more by now, is looked at. So one that is old costs time, and nothing else; one that may lie is not read.
"""

import sys
import time
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from daemon.disk.marker import Marker, MarkerGone
from daemon.watching.tree import Folder
from daemon.watching.unchanged import Remembered
from events import Head
from projections.files.summed import read_summed, write_summed

NAME = "index.db-scan"

FORMAT = f"1 {sys.implementation.cache_tag}"
"""Raise the number whenever the meaning changes. Numbers are mixed by Python's own hash, which another one may do otherwise."""


class Memory(Struct, array_like=True):
    """What was known when the log of that film ended there; `moment` is when it was written (ns since 1970)."""

    format: str
    head: Head
    moment: int
    folders: dict[str, Folder]
    shots: dict[str, Remembered]


def remember(
    folder: Path, marker: Marker, head: Head, folders: dict[str, Folder], shots: dict[str, Remembered]
) -> None:
    """Write it into that folder; where that cannot be, the next start looks at everything."""
    with suppress(OSError, MarkerGone):
        marker.check()
        write_summed(folder / NAME, Memory(FORMAT, head, time.time_ns(), folders, shots))


def recall(folder: Path) -> Memory | None:
    """Read it; None where there is none, where it is not whole, or where the clock was set back since."""
    memory = read_summed(folder / NAME, Memory)
    is_ours = memory is not None and memory.format == FORMAT and memory.moment <= time.time_ns()
    return memory if is_ours else None
