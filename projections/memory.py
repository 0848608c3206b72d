"""Memory: what is needed no more is the system's again, at once where it is large."""

import ctypes
import sys
from collections.abc import Callable

LARGE = 1 << 20
"""Bytes of a block that has memory of its own."""

_MMAP_THRESHOLD = -3


def give_back_large_blocks() -> None:
    """Have each large block in memory of its own, which the system has again once the block is freed.

    glibc raises that bound, up to 32 MB, whenever such a block is freed: the next ones come to lie among small ones, and
    one of those that stays keeps all the memory before it. Other systems are left as they are.
    """
    if mallopt := _of_glibc("mallopt"):
        mallopt(_MMAP_THRESHOLD, LARGE)


def give_back_freed() -> None:
    """Have the system have all memory again that was freed, also what lies before something that stays.

    It is for whoever has just freed very much in small pieces, as SQLite does with the pages of a file that it has closed.
    """
    if trim := _of_glibc("malloc_trim"):
        trim(0)


def _of_glibc(name: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
