"""Durable calls: those of a daemon are counted by a preloaded library, and the N-th kills it or fails."""

import ctypes
import mmap
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from enum import IntFlag
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")

KILL, STOP = 0, -1
"""The faults that end the process, and that stop it before the call; every other one is an errno."""

MANY = 1 << 30


class Kind(IntFlag):
    """What a call does; the numbers are those of the library."""

    SYNC = 1
    RENAME = 2
    LINK = 4
    UNLINK = 8
    MKDIR = 16
    WRITE = 32
    TRUNCATE = 64
    CREATE = 128
    ANY = 255


class Control(ctypes.Structure):
    """The page that is shared with the library."""

    _fields_ = (
        *(
            (name, ctypes.c_int)
            for name in ("owner", "armed", "seen", "hits", "at", "many", "fault", "kinds")
        ),
        ("below", ctypes.c_char * 512),
        ("part", ctypes.c_char * 128),
        ("or_part", ctypes.c_char * 128),
        ("last", ctypes.c_char * 640),
        ("later", ctypes.c_int),
    )


def why_not() -> str | None:
    """Why no library can be made here; None where it can."""
    return None if shutil.which("cc") else "there is no C compiler (apt install gcc libc6-dev)"


def build(folder: Path) -> Path:
    """The library, made of its source."""
    made = folder / "calls.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", made, SOURCE, "-ldl", "-lpthread"], check=True)
    return made


class Calls:
    """The durable calls of one process at a time, in a film's folder."""

    def __init__(self, control: Path, below: Path) -> None:
        control.write_bytes(bytes(mmap.PAGESIZE))
        with control.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self._page = Control.from_buffer(self._map)
        self._below = below
        self.env: Mapping[str, str] = {"FAULTS_CONTROL": str(control)}

    def reset(self) -> None:
        """Have the next process that begins be the one, and let it be."""
        ctypes.memset(ctypes.addressof(self._page), 0, Control.later.offset)

    def arm(
        self, at: int, fault: int = KILL, *, many: int = 1, kinds: Kind = Kind.ANY, parts: Sequence[str] = ()
    ) -> None:
        """Have the call of that number, from 1, be the fault, and the `many` from it on.

        Those count whose path holds one of up to two `parts`; without any, all do.
        """
        page = self._page
        page.seen = page.hits = 0
        page.at, page.many, page.fault, page.kinds = at, many, fault, int(kinds)
        page.below = str(self._below).encode()
        page.part, page.or_part = (one.encode() for one in (*parts, "", "")[:2])
        page.armed = 1

    def count(self) -> None:
        """Only count from now on."""
        self.arm(MANY)

    def disarm(self) -> int:
        """Let all calls be again; how many there have been."""
        self._page.armed = 0
        return int(self._page.seen)

    def turn(self, seconds: int) -> None:
        """Have it be so much later for the process, and for those that follow."""
        self._page.later += seconds

    @property
    def hits(self) -> int:
        """How many calls were faults since it was armed."""
        return int(self._page.hits)

    @property
    def last(self) -> str:
        """The call that was hit last, with its path."""
        return bytes(self._page.last).decode(errors="replace")
