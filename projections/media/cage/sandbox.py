"""The confinement: what a process that decodes strangers' files may no longer do.

Each step is one that a process may take against itself, as root or not. A step that this system does not
know is left out: the others still hold, and so does the separate process. What then holds is tried, see `attempts`.
"""

import contextlib
import ctypes
import math
import os
import resource
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from projections.media.cage import system_calls
from projections.media.cage.memory import FIRST_ROOM, ROOM

MOST_TASKS = 4096
"""Processes and threads that its user may have, should it make any: a codec may begin threads, and they count."""

LIFETIME = 6 * 3600
"""Seconds of CPU of a decoder that hashes, too, which for some files takes very long."""

_PR_SET_NO_NEW_PRIVS = 38
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446
_LANDLOCK_VERSION = 1
_LANDLOCK_RIGHTS = (13, 14, 15, 15, 16)
"""How many kinds of file access the first five versions of Landlock know."""

_TCP = 0b11
"""To bind and to connect; from version 4 on."""

_SCOPES = 0b11
"""Abstract sockets, and signals, of whoever is not confined with us; from version 6 on."""


def confine() -> None:
    """Give up, for this process and all its children: core dumps, writing, much memory, new rights, every path."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, 32)
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, _present_use() + ROOM)
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _deny_paths(libc.syscall)


def close(patience: float | None) -> None:
    """Give up all else, for this process alone. With `patience` it has seconds of CPU to live, and the most memory."""
    if patience is None:
        _make_do_with_first_room()
    _limit(resource.RLIMIT_CPU, LIFETIME if patience is None else math.ceil(patience) + 1)
    _limit(resource.RLIMIT_NPROC, MOST_TASKS)
    system_calls.deny_others()


def _make_do_with_first_room() -> None:
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        _limit(resource.RLIMIT_AS, most - ROOM + FIRST_ROOM)


def _limit(which: int, most: int) -> None:
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(which)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))


def _present_use() -> int:
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _deny_paths(syscall: Callable[..., int]) -> None:
    """Landlock with no rule at all: nothing more is opened by name, and nobody outside is spoken to or signalled."""
    version = syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_VERSION)
    if version < 1:
        return
    files = (1 << _LANDLOCK_RIGHTS[min(version, 5) - 1]) - 1
    known = 1 + (version >= 4) + (version >= 6)
    handled = struct.pack(f"={known}Q", *(files, _TCP, _SCOPES)[:known])
    rules = syscall(_LANDLOCK_CREATE_RULESET, handled, len(handled), 0)
    if rules >= 0:
        syscall(_LANDLOCK_RESTRICT_SELF, rules, 0)
        os.close(rules)
