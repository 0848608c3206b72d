"""The memory that a decoder may have: told without anything heavy, since the daemon counts its decoders by it."""

from typing import Final

ROOM: Final = 2 << 30
"""Bytes of address space that a decoder may take beyond what it has at its start."""

FIRST_ROOM: Final = 512 << 20
"""The same for those that look at a file first, of which there are many at a time."""
