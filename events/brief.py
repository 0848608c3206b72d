"""Events in brief: of the large ones the parts are left as the text that the log has, for those who keep it as text."""

from msgspec import Raw

from events.facts import Request, Source
from events.vocabulary import (
    AccessGranted,
    AccessRevoked,
    SearchRemoved,
    SearchSaved,
    ShotMoved,
    ShotNoted,
    ShotNoteMarked,
    ShotReceived,
    ShotRecovered,
    ShotRegistered,
    ShotStaged,
    TakeAccepted,
    TakeActivated,
    TakeCompleted,
    TakeCreated,
    TakeDeactivated,
    TakeDeleted,
    TakeFailed,
    TakeJoined,
    TakeMarked,
    TakeMeasured,
    TakeNoted,
    TakeNoteMarked,
    TakePurged,
    TakeRated,
    TakeRestored,
    TakeStarted,
    TakeSuperseded,
    TakeTagged,
)

NOTHING = Raw()
"""Stands for a part that is not there."""


class BriefSource(Source, frozen=True):
    """Where a take comes from; which file that was as text."""

    identity: Raw = NOTHING  # type: ignore[assignment]


class BriefRequest(Request, frozen=True):
    """What is to be generated, as text."""

    params: Raw  # type: ignore[assignment]


class BriefCreated(TakeCreated, frozen=True, tag="take.created"):
    """The number is given."""

    source: BriefSource
    request: BriefRequest | None = None


class BriefCompleted(TakeCompleted, frozen=True, tag="take.completed"):
    """The take's media is there."""

    media: Raw  # type: ignore[assignment]
    params: Raw = NOTHING  # type: ignore[assignment]
    left_out: Raw = NOTHING  # type: ignore[assignment]
    resources: Raw = NOTHING  # type: ignore[assignment]
    identity: Raw = NOTHING  # type: ignore[assignment]


class BriefJoined(TakeJoined, frozen=True, tag="take.joined"):
    """A file of the same render came later; what it holds of the recipe as text."""

    params: Raw = NOTHING  # type: ignore[assignment]


class BriefFailed(TakeFailed, frozen=True, tag="take.failed"):
    """The take came to nothing."""

    identity: Raw = NOTHING  # type: ignore[assignment]


class BriefPurged(TakePurged, frozen=True, tag="take.purged"):
    """Its bytes are gone."""

    identity: Raw = NOTHING  # type: ignore[assignment]


BriefEvent = (
    ShotRegistered
    | ShotMoved
    | ShotRecovered
    | BriefCreated
    | TakeStarted
    | BriefCompleted
    | TakeMeasured
    | BriefJoined
    | TakeSuperseded
    | BriefFailed
    | TakeAccepted
    | TakeActivated
    | TakeDeactivated
    | TakeDeleted
    | TakeRestored
    | BriefPurged
    | TakeRated
    | TakeMarked
    | TakeTagged
    | TakeNoted
    | TakeNoteMarked
    | ShotNoted
    | ShotNoteMarked
    | ShotStaged
    | ShotReceived
    | SearchSaved
    | SearchRemoved
    | AccessGranted
    | AccessRevoked
)
