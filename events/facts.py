"""The facts: what events are made of, each one a part of what is said of a shot or a take."""

from typing import Any, Literal

from msgspec import Struct

Params = dict[str, Any]
"""Generation parameters: `model`, `seed`, `prompt`, `negativePrompt`, `steps`, `cfg`, and what the tool adds."""

Quality = Literal["draft", "standard", "high"]

Mark = Literal["pick", "reject", "none"]

NoteState = Literal["open", "resolved", "withdrawn"]
"""How a note stands: it waits for something, that was seen to, or whoever wrote it took it back."""

Role = Literal["reader", "artist", "supervisor"]
"""What a person may do with a film, each more than the one before."""

Colour = Literal["yellow", "red", "green", "blue", "white"]
"""Of what is drawn on a frame."""

Kept = Literal["reflink", "link", "copy"]
"""How bytes have a second name: by shared blocks, by a hard link to the same file, or by a plain copy."""

CANCELLED = "it was cancelled before it was made"
"""The error of a take that was cancelled."""


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """A part of an event; camelCase in the log, unknown fields ignored on reading."""


class Identity(Fact, frozen=True):
    """Which file on this machine: device, inode, size (bytes) and modification time (ns)."""

    device: int
    inode: int
    size: int
    mtime_ns: int


class Companion(Fact, frozen=True):
    """A file that came of the same render as a take's media, and lies beside it.

    It is the `picture`, whose labels are the recipe, or the `silent` video that was given its sound later. `name` is
    what it is called, in a source still as it was dropped, and `origin` what it was called when it was dropped.
    """

    role: Literal["picture", "silent"]
    name: str
    identity: Identity
    sha256: str | None = None
    origin: str | None = None


class Left(Fact, frozen=True):
    """What a runner still has of a take in its own folder, from there on: of its media, or of the file of that role."""

    path: str
    role: Literal["picture", "silent"] | None = None


class Source(Fact, frozen=True):
    """Where a take comes from: a dropped file, a take folder made by hand, or a request to generate.

    `created` is when it was made, where its sidecar knows it from a log before this one. What was dropped `is_folder`
    where it is a folder of frames; `identity` is the folder's then, with the bytes of all and the latest change.
    `companions` were dropped with the file, and `supersedes` is the take that was made of a part of the same render,
    before the rest came.
    """

    kind: Literal["drop", "adopted", "request"]
    name: str | None = None
    identity: Identity | None = None
    recipe: str | None = None
    created: str | None = None
    is_folder: bool = False
    companions: tuple[Companion, ...] = ()
    supersedes: int | None = None


class Arrival(Fact, frozen=True):
    """A file, or a folder of frames, on its way in: its full path elsewhere, and its name in `takes/`.

    `identity` is which file it was there; of frames that had no folder, the path is how they are called together.
    """

    origin: str
    name: str
    identity: Identity


class Again(Fact, frozen=True):
    """The take of the same shot whose recipe is made again, and what that one held, where it was complete."""

    take: int
    sha256: str | None = None


class Request(Fact, frozen=True):
    """What is to be generated; `workflow` is the file that was named for this take alone.

    `again` is the take that is made once more, perhaps with another seed.
    """

    params: Params
    quality: Quality | None = None
    workflow: str | None = None
    again: Again | None = None


class WorkflowFile(Fact, frozen=True):
    """A workflow as it was at one moment: its path, from the film's folder on where it lies there, and its SHA-256.

    `chosen_for` says whose it is: it was named for the take, or is its shot's, its film's or the configuration's.
    """

    path: str
    sha256: str
    chosen_for: Literal["take", "shot", "film", "configuration"]


class Gap(Fact, frozen=True):
    """A run of frames that are missing, by their numbers."""

    first: int
    last: int


class Frames(Fact, frozen=True):
    """The frames of an image sequence, of which the take's media is the list: their numbers, and the bytes of all.

    Each is called by a number of so many `digits` or more, and the `suffix`. Between the `first` and the `last` so
    many are `missing`; `gaps` are the first runs of those. `poster` is the one that stands for all.
    """

    suffix: str
    digits: int
    first: int
    last: int
    count: int
    bytes: int
    poster: int
    missing: int = 0
    gaps: tuple[Gap, ...] = ()


class Media(Fact, frozen=True):
    """The bytes of a take as they were found to be; duration in seconds, size in pixels, rate in frames a second.

    Of an image sequence, `name`, `bytes` and `sha256` are those of the list of its `frames`.
    `channels` are those of its sound, and `loudness` how loud that is as a whole, in LUFS (EBU R 128). `timecode` is
    that of its first frame, as the file has it.
    """

    name: str
    bytes: int
    sha256: str
    kind: Literal["video", "image", "audio"]
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    codec: str | None = None
    frames: Frames | None = None
    channels: int | None = None
    loudness: float | None = None
    timecode: str | None = None


class Stroke(Fact, frozen=True):
    """What is drawn on a frame: the way of a `pen`, an `arrow` from one point to another, or a `text` at one.

    `points` are x and y by turns, each a share of the picture's width or height, from 0 at the left and at the top to 1.
    """

    kind: Literal["pen", "arrow", "text"]
    points: tuple[float, ...]
    text: str | None = None
    colour: Colour = "yellow"


class Resources(Fact, frozen=True):
    """What making a take cost: peak VRAM in MB, time in seconds, and the quality that was asked for."""

    vram_used: float | None = None
    generation_time: float | None = None
    quality: Quality | None = None
