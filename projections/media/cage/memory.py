"""The memory that a decoder may have: told without anything heavy, since the daemon counts its decoders by it."""

from typing import Final

ROOM: Final = 2 << 30
"""Bytes of address space that a decoder may take beyond what it has at its start."""

FIRST_ROOM: Final = 512 << 20
"""Bytes that one may take beyond that which looks at a file first: there are many of these at a time."""
