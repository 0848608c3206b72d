"""Frame lists: the `.frames` beside the frames of an image sequence, which is that take's media.

Of each frame it has the number, the bytes and the SHA-256, and no name, so that the same frames have the same list
whatever take they are. A line for each, so that a person can read it.
"""

import hashlib
import os
import stat
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import msgspec
from msgspec import Struct

from events import Frames, Gap, Media
from projections.files.opening import opened
from projections.files.reading import read_fit
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.layout import frame_name, object_path
from projections.media.jobs import shown_at

MOST = 10_000
"""Frames of a sequence: what has more is left where it is."""

LARGEST = 4 << 20
"""Bytes of a list that is read."""

GAPS = 100
"""Runs of missing frames that are told one by one."""


class Frame(Struct, frozen=True, array_like=True, gc=False):
    """A frame; its hash is empty where nobody has looked into it."""

    number: int
    bytes: int
    sha256: str = ""


class FrameList(Struct, frozen=True):
    """The frames of a sequence, in the order of their numbers, and how they are called."""

    suffix: str
    digits: int
    frames: Sequence[Frame]

    def name(self, media: str, frame: Frame) -> str:
        """What the frame is called beside the list of that name."""
        return frame_name(Path(media).stem, frame.number, self.digits, self.suffix)

    def paths(self, media: str) -> Iterator[tuple[str, Frame]]:
        """Where the frames are whose list is at that path."""
        folder, _, name = media.rpartition("/")
        for frame in self.frames:
            yield f"{folder}/{self.name(name, frame)}", frame

    @property
    def is_whole(self) -> bool:
        """Whether it has the hashes of all of them."""
        return all(frame.sha256 for frame in self.frames)


class File(Struct, frozen=True):
    """A file of a take: where it is, relative to the film, and what it should hold."""

    path: str
    bytes: int
    sha256: str


def encode(frames: FrameList) -> bytes:
    """The list as it is kept: of the same frames always the same bytes."""
    lines = b",\n".join(msgspec.json.encode(frame) for frame in frames.frames)
    head = msgspec.json.encode({"suffix": frames.suffix, "digits": frames.digits})
    return head[:-1] + b',"frames":[\n' + lines + b"\n]}\n"


def decode(content: bytes) -> FrameList | None:
    """The list that this is; None where it is none."""
    with suppress(msgspec.MsgspecError):
        return msgspec.json.decode(content, type=FrameList)
    return None


def read_list(path: Path, sha256: str | None = None) -> FrameList | None:
    """The list in that file, of that hash where one is given; None where there is none."""
    with suppress(OSError):
        content = read_fit(path, LARGEST)
        if content is not None and sha256 in (None, hashlib.sha256(content).hexdigest()):
            return decode(content)
    return None


def frames_of(root: Path, path: str, media: Media | None) -> FrameList | None:
    """The frames of a take whose media is at that path; None where it is no sequence, or its list is nowhere.

    Where the take has failed there is no media, and what lies there is taken at its word.
    """
    if media is None:
        return read_list(root / path)
    if media.frames is None:
        return None
    return read_list(root / path, media.sha256) or read_list(root / object_path(media.sha256), media.sha256)


def files_of(root: Path, path: str, media: Media) -> Iterator[File]:
    """All files of a take whose media is at that path: that one first and, of a sequence, its frames."""
    yield File(path, media.bytes, media.sha256)
    if frames := frames_of(root, path, media):
        for where, frame in frames.paths(path):
            yield File(where, frame.bytes, frame.sha256)


async def holders(root: Path, index: Index, hashes: Collection[str]) -> dict[str, list[str]]:
    """By hash, the paths of the files that have those bytes, of all takes but the purged ones, and of their frames.

    Of a sequence whose list is nowhere it is not known: it may have all of them.
    """
    if not hashes:
        return {}
    held, sequences = await index.holders(hashes), await index.sequences()
    await in_thread(_add_frames, root, sequences, frozenset(hashes), held)
    return held


def _add_frames(
    root: Path, sequences: Sequence[tuple[str, Media]], hashes: frozenset[str], held: dict[str, list[str]]
) -> None:
    for path, media in sequences:
        frames = frames_of(root, path, media)
        if frames is None:
            for sha256 in hashes:
                held.setdefault(sha256, []).append(path)
            continue
        for where, frame in frames.paths(path):
            if frame.sha256 in hashes:
                held.setdefault(frame.sha256, []).append(where)


def listed_at(path: Path) -> int:
    """When the list in that file was made (ns), after which its frames were not written; 0 where it is not there."""
    with suppress(OSError):
        return path.lstat().st_mtime_ns
    return 0


def is_frame(name: Path | str, frame: Frame, listed_ns: int, *, within: int | None = None) -> bool:
    """Whether the file there is that frame: of its size, and written before it was listed, or read now. OSError."""
    found = os.stat(name, dir_fd=within, follow_symlinks=False)
    if not stat.S_ISREG(found.st_mode) or found.st_size != frame.bytes:
        return False
    if found.st_mtime_ns <= listed_ns:
        return True
    with opened(name, within=within) as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == frame.sha256


def shown(path: str, media: Media) -> str:
    """The file that stands for a take whose media is at that path: of a sequence one of its frames."""
    return frame_at(path, media, media.frames.poster) if media.frames else path


def frame_at(path: str, media: Media, number: int) -> str:
    """Where the frame of that number is, of a sequence whose list is at that path."""
    frames = media.frames
    assert frames  # noqa: S101 - it is a sequence
    return path.removesuffix(media.name) + frame_name(
        Path(media.name).stem, number, frames.digits, frames.suffix
    )


def summary(frames: FrameList, rate: float) -> Frames:
    """What the log says of those frames, so many a second."""
    numbers = [frame.number for frame in frames.frames]
    gaps = [
        Gap(first=before + 1, last=after - 1) for before, after in pairwise(numbers) if after > before + 1
    ]
    span = numbers[-1] - numbers[0] + 1
    moment = numbers[0] + int(round(shown_at(span / rate) * rate, 6))
    return Frames(
        suffix=frames.suffix,
        digits=frames.digits,
        first=numbers[0],
        last=numbers[-1],
        count=len(numbers),
        bytes=sum(frame.bytes for frame in frames.frames),
        poster=numbers[bisect_right(numbers, moment) - 1],
        missing=span - len(numbers),
        gaps=tuple(gaps[:GAPS]),
    )


def seconds(frames: FrameList, rate: float) -> float:
    """How long they are, so many a second, from the first to the last."""
    return round((frames.frames[-1].number - frames.frames[0].number + 1) / rate, 3)
