"""The look: what there is to see in a media file, as plain values.

Nothing heavy is imported here, so that the daemon can speak of a look without the codecs.
"""

import os
import struct
from collections.abc import Collection, Iterable
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from msgspec import Struct, field

from events import Frames, Params
from projections.layout import Kind
from projections.media.drawing.told import Grade
from projections.media.errors import NeedsMore, Undecodable

Size = tuple[int, int]
"""Width and height in pixels."""

Format = Literal["png", "jpeg"]
"""How a picture is packed: without loss, or small."""

MAX_PIXELS = 1 << 28
"""Pictures above this are not decoded: 16,384 x 16,384, a panorama's two eyes. A larger one takes more than a gigabyte."""

MOST_LABEL = 1 << 20
"""Bytes of a text in a file that is read."""

MOST_LABELS = 4 << 20
"""Bytes of all texts of a file that are read."""

MOST_RECIPE = 16 << 20
"""Bytes of a recipe that are read; ComfyUI's largest graphs have a few."""


class Probe(Struct, frozen=True, kw_only=True):
    """What the file itself says, and has been seen to hold: seconds, pixels, frames a second, channels of sound.

    `timecode` is that of its first frame, where it has one.
    """

    kind: Kind
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    codec: str | None = None
    timecode: str | None = None
    channels: int | None = None


class Inspection(Struct, frozen=True, kw_only=True):
    """All that a take needs to know of its media: the bytes, their SHA-256, the probe, the parameters.

    Of an image sequence the bytes are those of the list of its `frames`, and the rest is the first one's. `unread` says
    why the labels that the parameters stand in could not be read, and `refused` why all else of it could not, where it
    is to be taken as it is.
    """

    bytes: int
    sha256: str
    kind: Kind
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    codec: str | None = None
    timecode: str | None = None
    frames: Frames | None = None
    channels: int | None = None
    params: Params | None = None
    unread: str | None = None
    refused: str | None = None


class Render(Struct, frozen=True):
    """A render by a node that saves several files: the digest of its graph, and whether its video has sound."""

    graph: str
    has_sound: bool


class Raster(NamedTuple):
    """A picture as RGB rows of `stride` bytes, to be turned counterclockwise by so many degrees.

    `shape` is how wide one of its pixels is for its height; what is `graded` has its light and its gamma changed already.
    """

    size: Size
    stride: int
    pixels: bytes
    turn: int = 0
    shape: float = 1.0
    graded: bool = False


LENGTHS = struct.Struct(">II")
"""What goes before an answer: the length of its JSON, and that of the picture that comes with it."""

FIRST_CHILD = b"first"
"""What is asked of the decoder's server: a child for first looks; or one with that many seconds, and more memory."""


class Greeting(Struct, frozen=True, kw_only=True):
    """A decoder's first word: its number, what its cage does not keep it from, and the FFmpeg that it has."""

    pid: int
    holes: tuple[str, ...]
    ffmpeg: str


SAMPLES = 48_000
"""Of the sound of a reel, a second, in two channels of 16 bits."""

PACKET = 1024
"""Samples that a packet of AAC has."""

REEL: Size = (1280, 760)
"""How large a reel is: a picture of 16 by 9, and what is burnt in below."""


class Piece(Struct, frozen=True, kw_only=True):
    """A piece of a reel: so many `frames` of its `rate` from the `first` on, of a take from that second on.

    `label` is the PNG that is burnt in; `slate` is what is said instead of a picture. `zero` is the frame of the film's
    time code at which it begins.
    """

    rate: tuple[int, int]
    first: int
    frames: int
    label: bytes
    start: float = 0.0
    zero: int = 0
    size: Size = REEL
    slate: str = ""

    @property
    def exact(self) -> Fraction:
        return Fraction(*self.rate)

    def packet_at(self, frame: int) -> int:
        """The first packet of the film's sound that begins at that frame of it, or after."""
        return -int(-frame / self.exact * SAMPLES // PACKET)


Drawing = Literal["picture", "filmstrip", "waveform", "join", "sheet", "label", "piece"]
"""What is answered with bytes."""

Step = Literal["look", "hash", "labels", "loudness", "render", "recipe", "exposure", "proxy", "all"] | Drawing

MOST_FILES = 16
"""Files that are lent at a time: a decoder may have few open."""

NEEDED: frozenset[Step] = frozenset({"look", "hash"})
"""What nothing more is asked after, where there is no answer to it."""


class DecoderJob(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a decoder is asked to do with an open file that comes along, often one of a list. It answers:

    - `look`: the Probe; `hash`: the bytes and their SHA-256; `loudness`: that of its sound
    - `labels` and `recipe`: the parameters in a media file, and in a recipe; `render`: which render it came of
    - `exposure`: what the light in it is multiplied by for a screen
    - `picture`: a picture of that size, and of a PNG its `colour`
    - `all`: the look, the hash, the labels and the picture at once, or why one of them cannot be had
    - `filmstrip`: a JPEG of frames of that size; `waveform`: a picture of how loud its sound is
    - `join`: a JPEG of the pictures of that size, side by side, that are in the file
    - `sheet`: the contact sheet that is in it; `label`: the label of a take in a reel that is in it; `piece`: a piece of a reel
    - `proxy`: a video as every browser plays it, no larger than that size, in pieces

    Without `margins` a picture has the shape of what it shows, and is no larger than that. `exposed` goes before its own
    exposure, and `grade` on top of that. `limit` is how many seconds of CPU it may take, at which the kernel kills the
    decoder; `threads` is how many may decode.
    """

    do: Step
    limit: float | None = None
    name: str = ""
    threads: int = 1
    width: int = 320
    height: int = 180
    format: Format = "png"
    margins: bool = True
    exposed: float | None = None
    grade: Grade | None = None
    piece: Piece | None = None

    @property
    def bounds(self) -> Size:
        """The size of the picture that is asked for."""
        return self.width, self.height


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a decoder says: the values asked for, or why there are none.

    That is the `reason`, such as too little memory, of which it `needs_more`; or an `errno` where the disk has it.
    Of what comes in pieces each but the last answer `is_part`.
    """

    values: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    needs_more: bool = False
    errno: int | None = None
    is_part: bool = False

    @property
    def is_all(self) -> bool:
        """Whether it says all that was asked for."""
        return self.reason is None and self.errno is None

    def ends(self, job: DecoderJob) -> bool:
        """Whether no other job of the list is done after this answer to that one."""
        return job.do in NEEDED and not self.is_all

    def check(self) -> None:
        """Undecodable where the file is to blame, OSError where it is the disk, which may give it later."""
        if self.errno is not None:
            raise OSError(self.errno, os.strerror(self.errno))
        if self.reason is not None:
            raise (NeedsMore if self.needs_more else Undecodable)(self.reason)


def bounded(texts: Iterable[tuple[str, str]], wanted: Collection[str]) -> dict[str, str]:
    """The texts whose keys, in small letters, are wanted; Undecodable where they are too large to be read."""
    found, size = {}, 0
    for key, text in texts:
        if key.lower() in wanted:
            size += len(text)
            if len(text) > MOST_LABEL or size > MOST_LABELS:
                raise Undecodable("they are too large")
            found[key] = text
    return found


def fitted(size: Size, bounds: Size) -> Size:
    """The largest size of the same shape that fits into `bounds`."""
    scale = min(bounds[0] / size[0], bounds[1] / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def no_larger(size: Size, bounds: Size) -> Size:
    """The bounds of a picture of that size that is made smaller where need be, and never larger."""
    return min(size[0], bounds[0]), min(size[1], bounds[1])


def shown_at(duration: float | None) -> float:
    """The second whose frame stands for the whole: the first, or the middle of what is shorter than two."""
    return min(1.0, (duration or 0.0) / 2)
