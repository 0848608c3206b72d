"""Events: what can happen to a shot and its takes, the rules of it, and the log that keeps it.

Errors are there at once, since the command line needs them and is in a hurry; all else once it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from events.errors import (
    ChoiceNotKept,
    DiskRefused,
    LogDamaged,
    LogFromTheFuture,
    NoteNotFound,
    NotFound,
    NothingToUndo,
    Refused,
    StaleVersion,
    TakeHasNoFile,
    TakeIsActive,
    TakeIsDeleted,
    TakeIsPurged,
    TakeIsSettled,
    TakeNotComplete,
    TakeNotFailed,
    TakeNotFound,
    TakeNotSettled,
    TakesError,
)

if TYPE_CHECKING:
    from events.brief import BriefCompleted, BriefCreated, BriefEvent, BriefFailed, BriefPurged
    from events.folding import Shot, Status, Take, evolve, fold
    from events.log import COMMAND, EventLog, Watermark, follow
    from events.memory import MemoryLog
    from events.record import GENESIS, Append, Head, Page, Record, TakeKey, timestamp
    from events.shot import AutoActivate
    from events.signal import Signal
    from events.sqlite import SqliteLog, open_log
    from events.vocabulary import (
        AnyEvent,
        Event,
        Frames,
        Gap,
        Identity,
        Kept,
        Mark,
        Media,
        NoteState,
        Params,
        Quality,
        Request,
        Resources,
        ShotChoice,
        ShotMoved,
        ShotNoted,
        ShotNoteMarked,
        ShotRecovered,
        ShotRegistered,
        ShotStaged,
        Source,
        TakeAccepted,
        TakeActivated,
        TakeChoice,
        TakeCompleted,
        TakeCreated,
        TakeDeactivated,
        TakeDeleted,
        TakeEvent,
        TakeFailed,
        TakeMarked,
        TakeNoted,
        TakeNoteMarked,
        TakePurged,
        TakeRated,
        TakeRestored,
        TakeStarted,
        TakeTagged,
        WorkflowFile,
    )

__all__ = [
    "COMMAND",
    "GENESIS",
    "AnyEvent",
    "Append",
    "AutoActivate",
    "BriefCompleted",
    "BriefCreated",
    "BriefEvent",
    "BriefFailed",
    "BriefPurged",
    "ChoiceNotKept",
    "DiskRefused",
    "Event",
    "EventLog",
    "Frames",
    "Gap",
    "Head",
    "Identity",
    "Kept",
    "LogDamaged",
    "LogFromTheFuture",
    "Mark",
    "Media",
    "MemoryLog",
    "NotFound",
    "NoteNotFound",
    "NoteState",
    "NothingToUndo",
    "Page",
    "Params",
    "Quality",
    "Record",
    "Refused",
    "Request",
    "Resources",
    "Shot",
    "ShotChoice",
    "ShotMoved",
    "ShotNoteMarked",
    "ShotNoted",
    "ShotRecovered",
    "ShotRegistered",
    "ShotStaged",
    "Signal",
    "Source",
    "SqliteLog",
    "StaleVersion",
    "Status",
    "Take",
    "TakeAccepted",
    "TakeActivated",
    "TakeChoice",
    "TakeCompleted",
    "TakeCreated",
    "TakeDeactivated",
    "TakeDeleted",
    "TakeEvent",
    "TakeFailed",
    "TakeHasNoFile",
    "TakeIsActive",
    "TakeIsDeleted",
    "TakeIsPurged",
    "TakeIsSettled",
    "TakeKey",
    "TakeMarked",
    "TakeNotComplete",
    "TakeNotFailed",
    "TakeNotFound",
    "TakeNotSettled",
    "TakeNoteMarked",
    "TakeNoted",
    "TakePurged",
    "TakeRated",
    "TakeRestored",
    "TakeStarted",
    "TakeTagged",
    "TakesError",
    "Watermark",
    "WorkflowFile",
    "evolve",
    "fold",
    "follow",
    "open_log",
    "timestamp",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """What needs a library to be imported, when it is first asked for; the rest of it comes along."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        for module in (
            "vocabulary",
            "brief",
            "record",
            "folding",
            "shot",
            "signal",
            "log",
            "memory",
            "sqlite",
        ):
            found = vars(import_module(f"{__name__}.{module}"))
            globals().update({each: value for each, value in found.items() if each in __all__})
        return globals()[name]
