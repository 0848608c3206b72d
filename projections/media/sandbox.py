"""The confinement: what a process that decodes strangers' files may no longer do.

Each step is one that a process may take against itself, as root or not. A step that this system does not
know is left out: the others still hold, and so does the separate process.
"""

import contextlib
import ctypes
import os
import resource
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from projections.media.jobs import FIRST_ROOM, ROOM

_PR_SET_NO_NEW_PRIVS = 38
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446
_LANDLOCK_VERSION = 1
_LANDLOCK_RIGHTS = (13, 14, 15, 15, 16)
"""How many kinds of file access the first five versions of Landlock know."""


def confine() -> bool:
    """Give up, for this process and all its children: core dumps, writing, much memory, new rights, every path.

    The answer is whether paths are out of reach, which not every system can promise.
    """
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, 32)
    if sys.platform != "linux":
        return False
    _limit(resource.RLIMIT_AS, _present_use() + ROOM)
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 and _deny_paths(libc.syscall)


def confine_to_first_room() -> None:
    """Make do with `FIRST_ROOM` instead of `ROOM`, where that is held."""
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


def _deny_paths(syscall: Callable[..., int]) -> bool:
    """Landlock with no rule at all: nothing more is opened by name, and no TCP port where it knows of those."""
    version = syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_VERSION)
    if version < 1:
        return False
    files = (1 << _LANDLOCK_RIGHTS[min(version, 5) - 1]) - 1
    handled = struct.pack("=QQ", files, 0b11) if version >= 4 else struct.pack("=Q", files)
    rules = syscall(_LANDLOCK_CREATE_RULESET, handled, len(handled), 0)
    if rules < 0:
        return False
    held = syscall(_LANDLOCK_RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return held
