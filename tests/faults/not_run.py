"""What is not run: the rows that this machine cannot run, and those that wait for the product."""

import os
from functools import cache

from tests.faults import calls, disks


@cache
def why_not(thing: str) -> str | None:
    """Why there is no such thing here; None where there is."""
    if thing == "calls":
        return calls.why_not()
    if thing == "root":
        return None if os.geteuid() == 0 else "only root can do that"
    if thing == "a disk":
        return "; ".join(str(disks.why_not(kind)) for kind in disks.KINDS) if not disks_here() else None
    if thing in disks.KINDS:
        return disks.why_not(thing)
    raise ValueError(thing)


@cache
def disks_here() -> tuple[str, ...]:
    """The kinds of disks that there can be here."""
    return tuple(kind for kind in disks.KINDS if disks.why_not(kind) is None)
