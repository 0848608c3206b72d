"""Summed files: what one run leaves to the next, behind a sum of it, so that what is not whole is none.

Nothing is lost with one but time: whoever finds none looks at everything again.
"""

import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from projections.files.reading import OURS, read
from projections.files.writing import write

T = TypeVar("T")

_SUM = 4
"""Bytes of the sum (CRC-32, big-endian) with which such a file begins."""


def write_summed(path: Path, what: Any) -> None:
    """Leave it there, for its owner alone."""
    content = msgspec.msgpack.encode(what)
    write(path, _sum(content) + content, mode=0o600)


def read_summed(path: Path, kind: type[T]) -> T | None:
    """What was left there; None where there is nothing of that kind, or it is not whole."""
    with suppress(OSError, msgspec.MsgspecError):
        content = read(path, OURS) or b""
        if _sum(content[_SUM:]) == content[:_SUM]:
            return msgspec.msgpack.decode(content[_SUM:], type=kind)
    return None


def _sum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(_SUM, "big")
