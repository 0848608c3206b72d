"""Which events may follow what is known of a shot, where something before them was lost."""

from events import (
    AccessGranted,
    AccessRevoked,
    Event,
    SearchRemoved,
    SearchSaved,
    Shot,
    ShotMoved,
    ShotNoted,
    ShotNoteMarked,
    ShotReceived,
    ShotRecovered,
    ShotRegistered,
    ShotStaged,
    Take,
    TakeAccepted,
    TakeActivated,
    TakeCreated,
    TakeDeactivated,
    TakeDeleted,
    TakeEvent,
    TakeJoined,
    TakeMarked,
    TakeMeasured,
    TakeNoted,
    TakeNoteMarked,
    TakePurged,
    TakeRated,
    TakeRestored,
    TakeSuperseded,
    TakeTagged,
)


def may_follow(shot: Shot, event: Event) -> bool:
    """Whether an event may follow what is known of the shot, now that something before it may be lost."""
    match event:
        case ShotRegistered() | ShotMoved():
            return True
        case SearchSaved() | SearchRemoved() | AccessGranted() | AccessRevoked():
            return True
        case _ if not shot.path:  # where the shot is, is lost: it is begun anew by what is known elsewhere
            return False
        case ShotRecovered():
            return True
        case TakeCreated():
            return event.take not in shot.takes
        case TakeEvent():
            take = shot.takes.get(event.take)
            return take is not None and not take.purged and _may_follow_in_take(shot, take, event)
        case ShotStaged() | ShotReceived():
            return True
        case ShotNoted():
            return event.note not in shot.notes
        case ShotNoteMarked():
            return event.note in shot.notes
    return False


def _may_follow_in_take(shot: Shot, take: Take, event: TakeEvent) -> bool:
    match event:
        case TakeActivated():
            return take.is_usable
        case TakeAccepted():
            return take.status == "failed" and take.name is not None
        case TakeDeleted() | TakeSuperseded():
            return True
        case TakeJoined() | TakeMeasured():
            return take.status == "complete"
        case TakeRestored():
            return take.deleted is not None
        case TakePurged():
            return take.status != "generating" and shot.active != take.number
        case TakeDeactivated():
            return shot.active == take.number
        case TakeRated() | TakeMarked() | TakeTagged():
            return True
        case TakeNoted():
            return event.note not in take.notes
        case TakeNoteMarked():
            return event.note in take.notes
    return take.status == "generating"
