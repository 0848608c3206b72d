"""The vocabulary: every event that can be said of a shot and its takes.

Each class is one event and its docstring the event's documentation. A tag is never renamed, a field
never removed; a new optional field is allowed, a changed meaning is a new event.
"""

from typing import Literal

from events.event import Event, ShotChoice, TakeChoice, TakeEvent
from events.facts import (
    CANCELLED,
    Arrival,
    Companion,
    Identity,
    Kept,
    Left,
    Mark,
    Media,
    NoteState,
    Params,
    Request,
    Resources,
    Role,
    Source,
    Stroke,
    WorkflowFile,
)


class ShotRegistered(Event, frozen=True, tag="shot.registered"):
    """This stream is the shot at that path, relative to the project, with `/` between folders.

    Where the film comes from a clone, or its log was lost, `given` is the highest number that a log before this
    one had given, and `hidden` are the takes that were deleted in it.
    """

    path: str
    device: int | None = None
    inode: int | None = None
    given: int = 0
    hidden: tuple[int, ...] = ()


class ShotMoved(Event, frozen=True, tag="shot.moved"):
    """The shot's folder has been renamed or moved within the project."""

    path: str
    device: int | None = None
    inode: int | None = None


class ShotRecovered(Event, frozen=True, tag="shot.recovered"):
    """What a newer log, or a better one, knew of this shot is lost, but for this.

    Numbers up to `given` were given, the takes `hidden` were deleted, and `active` was the active one, where those
    are takes that this log does not know yet.
    """

    given: int
    hidden: tuple[int, ...] = ()
    active: int | None = None


class TakeCreated(TakeEvent, frozen=True, tag="take.created"):
    """The number is given, for good. Said before anything moves on disk.

    `workflow` is the one that a take which is to be generated would have been made with then, and `by` who asked
    for it.
    """

    source: Source
    request: Request | None = None
    workflow: WorkflowFile | None = None
    by: str | None = None


class TakeStarted(TakeEvent, frozen=True, tag="take.started"):
    """A runner of that kind has begun to make the take that was asked for, with that workflow; again, where it was
    interrupted.
    """

    runner: str
    workflow: WorkflowFile | None = None


class TakeCompleted(TakeEvent, frozen=True, tag="take.completed"):
    """The take's media is in place, on disk, and can be decoded.

    `identity` tells that file from one that is put in its place, `kept` how its bytes got their second name
    in `objects/`; None where they have none. Of parameters that are too large for a log, `left_out` names the
    largest that are not in `params`, with their bytes. `recipe_error` says why there are none, or none of a kind.
    `companions` are the other files of the same render, and `left` is what its runner is to remove of all these.
    """

    media: Media
    params: Params | None = None
    left_out: dict[str, int] | None = None
    recipe_error: str | None = None
    resources: Resources | None = None
    identity: Identity | None = None
    kept: Kept | None = None
    companions: tuple[Companion, ...] = ()
    left: tuple[Left, ...] = ()


class TakeMeasured(TakeEvent, frozen=True, tag="take.measured"):
    """How loud the sound of a complete take is as a whole, in LUFS; none where nothing is heard, or nobody can tell."""

    loudness: float | None = None


class TakeJoined(TakeEvent, frozen=True, tag="take.joined"):
    """A file of the same render came later, and lies beside the take's media, which stays as it is.

    Said before it is moved there. `params` are what it holds of the recipe, where nothing was known before.
    """

    companion: Companion
    params: Params | None = None


class TakeSuperseded(TakeEvent, frozen=True, tag="take.superseded"):
    """The take is hidden, since the take `by` holds more of the same render, such as the sound."""

    by: int


class TakeFailed(TakeEvent, frozen=True, tag="take.failed"):
    """The take came to nothing; `error` says why, and the bytes, where there are any, are kept as `name`.

    `identity` tells that file, of which no hash is known, from another one. `why`: it `failed` of itself, or was
    `cancelled`, since nobody wanted it any more.
    """

    error: str
    name: str | None = None
    identity: Identity | None = None
    why: Literal["failed", "cancelled"] = "failed"

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody wanted it any more; of those from before there was a `why`, the error alone tells it."""
        return self.why == "cancelled" or self.error == CANCELLED


class TakeAccepted(TakeEvent, frozen=True, tag="take.accepted"):
    """A person wants this failed take complete with its file as it is; `take.completed` follows.

    That is at once, or where it was said at a desk, as soon as whoever keeps the film has looked at the file.
    `by` is who. Why it had failed, the event before says.
    """

    by: str | None = None


class TakeActivated(TakeChoice, frozen=True, tag="take.activated"):
    """The shot uses this take from now on.

    `why`: it was `asked` for; it was the `first` or the `latest` completed one; a `fallback` for an active
    take that was deleted; or the `link` was re-pointed by hand, or had led to it before it was missing.
    """

    why: Literal["asked", "first", "latest", "fallback", "link"] = "asked"


class TakeDeactivated(TakeChoice, frozen=True, tag="take.deactivated"):
    """The shot uses this take no longer, and no other one either."""


class TakeDeleted(TakeChoice, frozen=True, tag="take.deleted"):
    """The take is hidden: because it was `asked` for, or because its folder is `missing` from the disk."""

    why: Literal["asked", "missing"] = "asked"


class TakeRestored(TakeChoice, frozen=True, tag="take.restored"):
    """A hidden take is back: because it was `asked` for, or because its folder was `found` again."""

    why: Literal["asked", "found"] = "asked"


class TakePurged(TakeEvent, frozen=True, tag="take.purged"):
    """The bytes of a deleted take are gone for good, and this many they were.

    Said before the file is removed, so that `identity` says which one it is: a file that anybody puts in its
    place is not touched. None where there was no file.
    """

    bytes: int
    identity: Identity | None = None


class TakeRated(TakeChoice, frozen=True, kw_only=True, tag="take.rated"):
    """How good somebody finds it: 1 to 5, or 0 for no rating, which it has until there is one."""

    rating: int


class TakeMarked(TakeChoice, frozen=True, kw_only=True, tag="take.marked"):
    """It is a pick, or rejected, or neither, as at its beginning. Its files and the active take are as they were."""

    mark: Mark


class TakeTagged(TakeChoice, frozen=True, tag="take.tagged"):
    """It has these tags from now on, and those not any more."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class TakeNoted(TakeChoice, frozen=True, kw_only=True, tag="take.noted"):
    """Somebody has something to say of it, in words.

    `note` counts the notes of the take from 1. It is about one frame or about all up to `last_frame`, counted
    from 0, where it is not about the whole take; `answers` is the note to which it is an answer. `drawing` is what was
    drawn on the frame with it, and `written` is when that was, where it is known from a log before this one.
    """

    note: int
    text: str
    frame: int | None = None
    last_frame: int | None = None
    answers: int | None = None
    drawing: tuple[Stroke, ...] = ()
    written: str | None = None


class TakeNoteMarked(TakeChoice, frozen=True, kw_only=True, tag="take.note.marked"):
    """A note of it stands otherwise now."""

    note: int
    state: NoteState


class ShotNoted(ShotChoice, frozen=True, kw_only=True, tag="shot.noted"):
    """Somebody has something to say of the shot; `note` counts its own notes from 1, `written` is as for a take's."""

    note: int
    text: str
    answers: int | None = None
    written: str | None = None


class ShotNoteMarked(ShotChoice, frozen=True, kw_only=True, tag="shot.note.marked"):
    """A note of the shot stands otherwise now."""

    note: int
    state: NoteState


class ShotStaged(ShotChoice, frozen=True, kw_only=True, tag="shot.staged"):
    """How far the work on the shot is, by the name that was in use then; none where nobody says any more."""

    stage: str


class ShotReceived(ShotChoice, frozen=True, kw_only=True, tag="shot.received"):
    """Somebody brings files in from elsewhere, to become takes; said before they are copied, or `moved`."""

    files: tuple[Arrival, ...]
    moved: bool = False


FILM = "film"
"""The stream of what is said of the film and of none of its shots."""


class SearchSaved(ShotChoice, frozen=True, kw_only=True, tag="search.saved"):
    """In the stream `film`: a query is kept under that name, in place of the one that was."""

    name: str
    query: str


class SearchRemoved(ShotChoice, frozen=True, kw_only=True, tag="search.removed"):
    """In the stream `film`: no query is kept under that name any more."""

    name: str


class AccessGranted(Event, frozen=True, kw_only=True, tag="access.granted"):
    """In the stream `film`: that person may do as much with the film from now on, and no more; `by` is who says so."""

    person: str
    role: Role
    by: str | None = None


class AccessRevoked(Event, frozen=True, kw_only=True, tag="access.revoked"):
    """In the stream `film`: that person sees nothing of the film any more; `by` is who says so."""

    person: str
    by: str | None = None


AnyEvent = (
    ShotRegistered
    | ShotMoved
    | ShotRecovered
    | TakeCreated
    | TakeStarted
    | TakeCompleted
    | TakeMeasured
    | TakeJoined
    | TakeSuperseded
    | TakeFailed
    | TakeAccepted
    | TakeActivated
    | TakeDeactivated
    | TakeDeleted
    | TakeRestored
    | TakePurged
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
