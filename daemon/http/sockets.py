"""The sockets that the daemon listens at: a Unix socket of its owner's alone, and ports that only this machine reaches."""

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from daemon.disk.locking import held
from daemon.peer import is_listened_at
from events import TakesError

LONGEST_PATH = 100
"""Bytes that every system allows in the path of a Unix socket."""

LOOPBACK = "127.0.0.1"
"""The address of this machine that no other machine can reach."""


class DaemonRunning(TakesError):
    """Raised when another daemon answers at that socket."""

    hint = "`takes status` asks it, and `takes stop` ends it; or choose another socket with --socket."

    def __init__(self, path: Path) -> None:
        super().__init__(f"another daemon is running at {path}")


class BadSocket(TakesError):
    """Raised when the socket cannot be where it should be."""

    hint = "Choose another place with --socket."


class PortTaken(TakesError):
    """Raised when the gallery's port cannot be had."""

    hint = "Choose another one with --port; --port 0 is one that is free, and --port off is none."

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(f"port {port} of {LOOPBACK} cannot be had: {reason}")


@contextmanager
def bind(path: Path, handed: socket.socket | None = None) -> Iterator[socket.socket]:
    """A listening Unix socket, for its owner alone; a stale one is replaced, anything else is left alone.

    One that was `handed` over listens already, wherever it is, and stays there afterwards.
    """
    if handed:
        path = Path(handed.getsockname())
        _make_private(path.parent)
        with handed, held(_lock_of(path), DaemonRunning(path)):
            yield handed
        return
    with _bound(path, umask=0o177) as listener:
        yield listener


@contextmanager
def bind_hub(at: int | str) -> Iterator[socket.socket]:
    """Where the hub's proxy comes in: that port, or a Unix socket, which others may open: they need the secret."""
    with bind_port(at) if isinstance(at, int) else _bound(Path(at), umask=0o111) as listener:
        listener.listen()
        yield listener


@contextmanager
def _bound(path: Path, umask: int) -> Iterator[socket.socket]:
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise BadSocket(f"{path} is longer than the {LONGEST_PATH} bytes that a socket's path may have")
    _make_private(path.parent)
    if is_listened_at(path):
        raise DaemonRunning(path)
    with (
        held(_lock_of(path), DaemonRunning(path)),
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener,
    ):
        if path.exists() or path.is_symlink():
            if not stat.S_ISSOCK(path.lstat().st_mode):
                raise BadSocket(f"{path} exists and is not a socket")
            path.unlink()
        before = os.umask(umask)
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def bind_port(port: int) -> Iterator[socket.socket]:
    """A listening port that this machine alone can reach; 0 is a free one."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the last daemon's connections linger
        try:
            listener.bind((LOOPBACK, port))
            listener.listen()  # two can bind one port, and only one of them can listen
        except OSError as error:
            raise PortTaken(port, error.strerror or str(error)) from error
        yield listener


def _lock_of(path: Path) -> Path:
    return Path(f"{path}.lock")


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSocket(f"{folder} cannot be made: {error.strerror}") from error
    found = folder.stat()
    if found.st_uid not in (os.geteuid(), 0) or (
        stat.S_IMODE(found.st_mode) & 0o022 and not found.st_mode & stat.S_ISVTX
    ):
        raise BadSocket(f"others may write to {folder}, so a socket in it is not safe")
