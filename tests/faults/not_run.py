"""What is not run: the rows that this machine cannot run, and those that wait for the product."""

import os
import subprocess
from functools import cache

from tests.e2e.film import COMMAND
from tests.faults import calls, disks
from tests.support.film import CODE

ELSEWHERE = {
    "folders that cannot be watched, as where inotify's limits are reached": "tests/daemon/watching has them",
    "a folder without rights": "root has all of them, and the campaign needs root",
    "writes behind the mount, as below an overlay": "tests/daemon/watching has what no watch hears of",
    "files that decode badly, crash the decoder or ask for the network": "tests/daemon/decoding has them",
    "requests from elsewhere": "tests/daemon/http and tests/e2e/test_fuzz.py have them",
    "LazyFS, which tears single writes": "it is not packaged; the power cuts lose whole writes only",
    "macOS, APFS, NTFS": "the campaign preloads a library and mounts disks, as Linux does",
    "a film on a network share": "`make share` has it, on a real NFS",
}
"""Faults without a row, and why; what is told of them at the end."""


@cache
def why_not(thing: str) -> str | None:
    """Why there is no such thing here; None where there is."""
    if thing == "calls":
        return calls.why_not()
    if thing == "root":
        return None if os.geteuid() == 0 else "only root can do that"
    if thing == "a disk":
        return "; ".join(str(disks.why_not(kind)) for kind in disks.KINDS) if not disks_here() else None
    if thing.startswith("takes "):
        return None if is_command(thing) else f"there is no `{thing}` yet"
    if thing in disks.KINDS:
        return disks.why_not(thing)
    raise ValueError(thing)


def is_command(text: str) -> bool:
    """Whether the command line knows that."""
    known = subprocess.run(
        [*COMMAND, *text.split()[1:], "--help"], capture_output=True, cwd=CODE, check=False
    )
    return known.returncode == 0


@cache
def disks_here() -> tuple[str, ...]:
    """The kinds of disks that there can be here."""
    return tuple(kind for kind in disks.KINDS if disks.why_not(kind) is None)
