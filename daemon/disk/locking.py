"""Locks between processes: a file that one process at a time holds, and that is free again when it dies.

A child that was forked, and has not begun its own program yet, holds what its parent held, also where that was
killed: for this moment nobody is refused.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from projections.backoff import Backoff

PATIENCE = 1.0
"""Seconds for which a file that another process holds is tried again."""

PAUSES = Backoff(0.01, 0.1)


class Lock:
    """A lock that is held. It lies at that path as long as somebody sees to it: a file can be removed by anybody."""

    def __init__(self, path: Path, refusal: Exception) -> None:
        self._path = path
        self._refusal = refusal
        self._descriptor = self._take()

    def keep(self) -> None:
        """Hold it anew where its file was removed, or another one is in its place; the refusal is raised as before."""
        if self._is_at_path(self._descriptor):
            return
        gone, self._descriptor = self._descriptor, self._take()
        os.close(gone)

    def release(self) -> None:
        """Have it be free."""
        os.close(self._descriptor)

    def _take(self) -> int:
        while True:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                _lock(descriptor, self._refusal)
                if self._is_at_path(descriptor):
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)  # it was removed just now, and whoever comes next locks another one

    def _is_at_path(self, descriptor: int) -> bool:
        with suppress(FileNotFoundError):
            return os.path.samestat(self._path.stat(), os.fstat(descriptor))
        return False


@contextmanager
def folder_held(folder: Path, refusal: Exception) -> Iterator[None]:
    """Hold a folder, which cannot be removed while there is anything in it; nothing where a disk does not do that."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
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


@contextmanager
def held(path: Path, refusal: Exception) -> Iterator[Lock]:
    """Hold that file, made where it is not there; the refusal is raised where another process has it."""
    lock = Lock(path, refusal)
    try:
        yield lock
    finally:
        lock.release()
