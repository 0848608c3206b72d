"""Blocking calls: one of ours that would block the event loop is found, in the test's process and in a real daemon's.

It raises there, and whoever catches that may go on; so it is also told, for the test to fail in any case.
"""

import sys
import traceback
from pathlib import Path
from types import ModuleType

from blockbuster import BlockBuster, BlockingError, blockbuster

PACKAGES: list[str | ModuleType] = ["events", "projections", "daemon"]
"""Only calls that come from these count, and only on a thread that runs an event loop."""

BENEATH_THE_LOOP: list[str | ModuleType] = ["daemon.cli", "daemon.run"]
"""In a real daemon all that runs on the loop is called from here, a library's own affairs as well."""

MARK = "*** blocked:"

FOUND: list[str] = []
"""What was found in this process."""


class Found(BlockingError):
    """Raised when a call of ours would block the event loop."""

    def __init__(self, func: str) -> None:
        super().__init__(func)
        FOUND.append(func)
        print(MARK, func, file=sys.stderr)  # noqa: T201 - a daemon's log, in which the test looks for it
        traceback.print_stack()


def watch(beneath: list[str | ModuleType] | None = None) -> BlockBuster:
    """Have every blocking call found from now on."""
    blockbuster.BlockingError = Found  # type: ignore[misc]
    watching = BlockBuster(PACKAGES, excluded_modules=beneath)
    watching.activate()
    return watching


def check(log: Path) -> None:
    """Fail where that daemon's log tells of a blocking call."""
    found = [line for line in log.read_text(errors="replace").splitlines() if MARK in line]
    assert not found, found
