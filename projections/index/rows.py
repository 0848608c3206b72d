"""The rows: what the takes index says of each shot and take."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

from events import Again, Companion, Identity, Kept, Left, Mark, Media, Resources, Role, Status, WorkflowFile
from projections.index.opinions import Note, read_notes
from projections.layout import take_name

TakeId = tuple[int, int]
"""A take's key among the rows: the id of its shot, and its number in it."""

_params = msgspec.json.Decoder(dict[str, Any]).decode
_media = msgspec.json.Decoder(Media).decode


class UsedWorkflow(WorkflowFile, frozen=True):
    """The workflow that a take is made with; `was` is the hash of the one at hand when it was asked for, if another."""

    was: str | None = None


class ShotRow(Struct, gc=False):
    """A shot. `takes` counts those that are not deleted, and `making` those of them that are not made yet.

    `position` is its last event's place in the log, `given` the highest number that was ever given,
    `deleted_numbers` the JSON of those that were deleted on purpose, and `chosen` when a take became active last.
    `stage` is how far the work on it is, where somebody has said so, and `notes` the JSON of its own notes.
    `received` is the version at which files were first brought in from elsewhere.
    """

    id: int
    stream: str
    path: str = ""
    device: int | None = None
    inode: int | None = None
    version: int = 0
    position: int = 0
    active: int | None = None
    takes: int = 0
    making: int = 0
    given: int = 0
    deleted_numbers: str = "[]"
    chosen: str | None = None
    stage: str | None = None
    notes: str | None = None
    received: int | None = None

    def read_notes(self) -> list[Note]:
        return read_notes(self.notes)

    def read_deleted_numbers(self) -> list[int]:
        return msgspec.json.decode(self.deleted_numbers, type=list[int])


class TakeRow(Struct, gc=False):
    """A take. `name` is the media's file name; `media`, `params` and `resources` are the JSON of the event's.

    `source` says where it comes from, `started` when a runner last began with it, `ended` when it was
    complete or had failed, `deleted_at` when it was deleted, `purged` since when its bytes are gone.
    `file` is the JSON of the identity of its file, as far as the log has it, or of the one that is to go
    where the take is purged; `kept` how its bytes got an object. `cancelled` says since when nobody wants it.
    `left_out` is the JSON of the parameters that the log does not have, `recipe_error` why there are none.
    `numbered` says since when it has its number, which can be long after it was `created` elsewhere, and `position` is
    the place in the log of the event that gave it.
    `rating` is 1 to 5, `tags` the JSON of those it has, `notes` that of all its notes, and `open_notes` counts those
    that wait for something. `workflow` is the JSON of the one that it is made with, where it was asked for.
    `accepted` is why it had failed, where a person wants it complete all the same.
    `companions` is the JSON of the other files of its render, `superseded` the number of the take that holds more of it.
    `again` is the JSON of the take that it is made again of, `people` that of the names of all who judged it or asked for it.
    `left` is the JSON of what its runner is to remove, and `unheard` says of its sound that it is still to be measured.
    """

    shot: int
    number: int
    created: str
    status: Status = "generating"
    source: Literal["drop", "adopted", "request"] = "drop"
    origin: str | None = None
    name: str | None = None
    media: str | None = None
    params: str | None = None
    ended: str | None = None
    file: str | None = None
    kept: Kept | None = None
    numbered: str | None = None
    position: int | None = None
    deleted: Literal["asked", "missing"] | None = None
    purged: str | None = None
    error: str | None = None
    resources: str | None = None
    started: str | None = None
    deleted_at: str | None = None
    cancelled: str | None = None
    left_out: str | None = None
    recipe_error: str | None = None
    rating: int | None = None
    mark: Mark | None = None
    tags: str | None = None
    notes: str | None = None
    open_notes: int | None = None
    workflow: str | None = None
    accepted: str | None = None
    companions: str | None = None
    superseded: int | None = None
    again: str | None = None
    people: str | None = None
    left: str | None = None
    unheard: int | None = None

    @property
    def id(self) -> str:
        return take_name(self.number)

    @property
    def is_being_made(self) -> bool:
        return self.status == "generating" and self.deleted is None

    def read_file(self) -> Identity | None:
        return msgspec.json.decode(self.file, type=Identity) if self.file else None

    def read_media(self) -> Media | None:
        return _media(self.media) if self.media else None

    def read_params(self) -> dict[str, Any] | None:
        return _params(self.params) if self.params else None

    def read_left_out(self) -> dict[str, int]:
        return msgspec.json.decode(self.left_out, type=dict[str, int]) if self.left_out else {}

    def read_tags(self) -> list[str]:
        return msgspec.json.decode(self.tags, type=list[str]) if self.tags else []

    def read_notes(self) -> list[Note]:
        return read_notes(self.notes)

    def read_companions(self) -> list[Companion]:
        return msgspec.json.decode(self.companions, type=list[Companion]) if self.companions else []

    def read_left(self) -> list[Left]:
        return msgspec.json.decode(self.left, type=list[Left]) if self.left else []

    def read_people(self) -> list[str]:
        return msgspec.json.decode(self.people, type=list[str]) if self.people else []

    def read_again(self) -> Again | None:
        return msgspec.json.decode(self.again, type=Again) if self.again else None

    def read_resources(self) -> Resources | None:
        return msgspec.json.decode(self.resources, type=Resources) if self.resources else None

    def read_workflow(self) -> UsedWorkflow | None:
        return msgspec.json.decode(self.workflow, type=UsedWorkflow) if self.workflow else None


class SearchRow(Struct, frozen=True):
    """A query that is kept under a name; who saved it last, and when."""

    name: str
    query: str
    by: str | None
    at: str


class PersonRow(Struct, frozen=True):
    """What a person may do with the film; who said so, and when."""

    name: str
    role: Role
    by: str | None
    at: str


class ShotTakes(Struct, frozen=True):
    """A shot and those of its takes that are to be looked at."""

    shot: ShotRow
    takes: list[TakeRow]
