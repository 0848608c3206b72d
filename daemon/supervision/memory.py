"""Memory: what is large and needed no more is the system's again at once."""

import ctypes
import sys

LARGE = 1 << 20
"""Bytes of a block that has memory of its own."""

_MMAP_THRESHOLD = -3


def give_back_large_blocks() -> None:
    """Have each large block in memory of its own, which the system has again once the block is freed.

    glibc raises that bound, up to 32 MB, whenever such a block is freed: the next ones come to lie among small ones, and
    one of those that stays keeps all the memory before it. Other systems are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, LARGE)
