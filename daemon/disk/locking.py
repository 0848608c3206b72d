"""Locks between processes: a file that one process at a time holds, and that is free again when it dies.

A child that was forked, and has not begun its own program yet, holds what its parent held, also where that was
killed: for this moment nobody is refused.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from projections.backoff import Backoff

PATIENCE = 1.0
"""Seconds for which a file that another process holds is tried again."""

PAUSES = Backoff(0.01, 0.1)


@contextmanager
def held(path: Path, refusal: Exception) -> Iterator[None]:
    """Hold that file, made where it is not there; the refusal is raised where another process has it, and keeps it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock(descriptor, refusal)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, refusal: Exception) -> None:
    pause, until = 0.0, time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= until:
                raise refusal from error
        pause = PAUSES.after(pause)
        time.sleep(pause)
