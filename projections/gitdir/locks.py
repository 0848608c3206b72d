"""Locks: git's own, made as git makes them, and known again for ours where a kill has left one behind.

Which file is about to become a lock is written down in our own folder, and on disk, before it becomes one. A lock
that is not that very file, or whose maker may still be alive, is somebody else's, and nobody else's is ever removed.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import MsgspecError, Struct, convert, to_builtins

from events import Identity
from projections.files.fingerprint import identity, is_unchanged
from projections.files.opening import open_to_write
from projections.files.reading import OURS, read_fit
from projections.files.sharing import link
from projections.files.writing import sync
from projections.layout import OWN_FOLDER
from projections.worktree import lock_of

JOURNAL = "git-lock"
"""The file in our own folder: its first line says which lock was made last."""

_LINE = 1024
"""Bytes to which a line is filled up, so that the file has its size and its place on the disk from the first one on."""

_held: list[str] = []
"""The locks that this process has at the moment, or is about to have."""

_DEAD = ("Z", "X")
"""What Linux says of a process that has ended, and of which its parent has yet to hear."""


class MadeLock(Struct, frozen=True):
    """A lock of ours: the file that it is, where else that may lie still, and which process made it."""

    lock: str
    made: str
    file: Identity
    pid: int
    started: str


class Locks:
    """The locks of git's that are made for one film."""

    def __init__(self, root: Path) -> None:
        self._journal = root / OWN_FOLDER / JOURNAL

    def put(self, made: Path, path: Path, is_as_known: Callable[[], bool]) -> os.stat_result | None:
        """Have a file that is on disk in the place of one of git's, under its lock; what it is there.

        None where that one is not as known any more. FileExistsError where somebody holds its lock.
        """
        self.remove_left()
        lock = lock_of(path)
        with _holding(lock), made.open("rb", buffering=0) as file:
            source, is_put = self._take(made, lock), False
            try:
                if is_put := is_as_known():
                    source.replace(path)
            finally:
                if not is_put or source != lock:
                    lock.unlink()
            if is_put:
                sync(path.parent)  # no program of git waits for that
            return os.fstat(file.fileno()) if is_put else None

    def remove_left(self) -> None:
        """Remove the lock that was made last, where whoever made it died with it, or was refused its removal by the disk."""
        left = self._read()
        if left is None or _is_held(left):
            return
        for path in (Path(left.lock), Path(left.made)):
            with suppress(FileNotFoundError, NotADirectoryError):
                if is_unchanged(identity(path.lstat()), left.file):
                    path.unlink()

    def _take(self, made: Path, lock: Path) -> Path:
        """Have the lock, as git does with the new content in it; the file that is to be put in place."""
        self._note(made, lock, made)
        if link(made, lock):
            made.unlink()
            return lock
        os.close(os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
        self._note(lock, lock, made)  # where there are no links, this is known only a moment later
        return made

    def _note(self, file: Path, lock: Path, made: Path) -> None:
        pid = os.getpid()
        noted = MadeLock(str(lock), str(made), identity(file.lstat()), pid, _began(pid))
        line = json.dumps(to_builtins(noted)).encode().ljust(_LINE - 1) + b"\n"
        descriptor = open_to_write(self._journal)
        try:
            os.pwrite(descriptor, line, 0)
        finally:
            os.close(descriptor)
        sync(self._journal)

    def _read(self) -> MadeLock | None:
        """The last one; None where there is none, or it makes no sense."""
        first, _, _ = (read_fit(self._journal, OURS) or b"").partition(b"\n")
        with suppress(MsgspecError, ValueError, RecursionError):
            noted = convert(json.loads(first), MadeLock)
            return noted if noted.lock.endswith(".lock") else None
        return None


@contextmanager
def _holding(lock: Path) -> Iterator[None]:
    _held.append(str(lock))
    try:
        yield
    finally:
        _held.remove(str(lock))


def _is_held(left: MadeLock) -> bool:
    """Whether whoever made it may still have it."""
    return left.lock in _held if left.pid == os.getpid() else _is_alive(left.pid, left.started)


def _is_alive(pid: int, began: str) -> bool:
    """Whether that process may still run."""
    if began:
        return _began(pid) == began
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _began(pid: int) -> str:
    """When a process began, and since which start of the machine that is counted; empty where there is none, or nobody tells."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if words[0] in _DEAD else f"{boot} {words[19]}"
