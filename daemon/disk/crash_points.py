"""Crash points: places to die at, so that a test can kill the daemon between any two steps of a drop's life."""

import os
import signal
from typing import Literal

DropPoint = Literal["created", "folder", "moved", "placed", "looked", "kept", "frozen", "completed"]
PurgePoint = Literal["checked", "purged", "unlinked", "aside", "cleaned"]
SwapPoint = Literal["given", "swapped", "returned"]
StudioPoint = Literal["piece", "copied", "bound", "mirrored", "brought in", "closed", "left", "unmarked"]
Point = (
    DropPoint
    | SwapPoint
    | PurgePoint
    | StudioPoint
    | Literal["started", "made", "brought", "gathered", "announced", "delivered"]
)

_CHOSEN = os.environ.get("TAKES_FAULT")


def point(name: Point) -> None:
    """Die here by SIGKILL, if this is the point that TAKES_FAULT names."""
    if name == _CHOSEN:
        os.kill(os.getpid(), signal.SIGKILL)
