"""The pictures: what a page wants to see of a take, made when it is first asked for and kept for the next time."""

from collections.abc import Sequence
from pathlib import Path
from weakref import WeakValueDictionary

import anyio
from cachetools import LRUCache, TTLCache
from msgspec import Struct, structs

from daemon.decoding.decoders import Decoders
from events import Media, NotFound, TakesError
from projections.artifacts.frame_lists import read_list, shown
from projections.artifacts.picture_cache import VERSION, Cache
from projections.files.threads import in_thread
from projections.layout import Kind, list_of
from projections.media import filmstrip
from projections.media.drawing.told import Grade
from projections.media.errors import Undecodable
from projections.media.jobs import DecoderJob

SIZES = (160, 320, 640, 1280)
"""The widths of thumbnails; each is nine sixteenths as high."""

FRAME_SIZES = (640, 1280, 1920, 3840)
"""The widths of the frames of a sequence; each is nine sixteenths as high at most."""

BESIDE = 320
"""The width of the thumbnail that lies beside the media."""

FAILURES = 256
"""Files of which it is remembered that they have no picture, so that not every look decodes them again."""

EXPOSED = (".exr",)
"""How the frames end that hold light, which has to be exposed for a screen."""

EXPOSURES = 256
"""Sequences whose exposure is remembered."""

FORGET = 600.0
"""Seconds after which one of them is tried again: the machine may have been short of something."""


class PictureNotFound(NotFound):
    """Raised when a take has no such picture."""

    hint = "A take has pictures once it is complete and while its media can be read; `takes show` says how it is."


class BadSize(TakesError):
    """Raised when a picture is asked for in a size that there is not."""

    def __init__(self, size: str, sizes: Sequence[int]) -> None:
        super().__init__(f"size is one of {', '.join(map(str, sizes))}, and not {size[:40]!r}")
        self.hint = f"Ask for a width of {', '.join(map(str, sizes[:-1]))} or {sizes[-1]}, or for none."


class View(Struct, frozen=True):
    """What is to be seen of a take: the job that draws it, under a name of its own; kept for the next time, or not."""

    name: str
    job: DecoderJob
    is_kept: bool = True

    def tag(self, media: Media) -> str:
        """What tells this picture from all others: the bytes that it shows, and how."""
        return f"{media.sha256}-{VERSION}-{self.name}"


_UNGRADED = Grade()

_FILMSTRIP = View("strip", DecoderJob(do="filmstrip", width=filmstrip.FRAME[0], height=filmstrip.FRAME[1]))

_WAVEFORM = View("wave", DecoderJob(do="waveform", width=1280, height=96, format="jpeg"))


def width_of(size: str | None, sizes: Sequence[int] = SIZES, usual: int = BESIDE) -> int:
    """The width that somebody asks for in those words; BadSize where it is none of those."""
    if size is None:
        return usual
    if size not in map(str, sizes):
        raise BadSize(size, sizes)
    return int(size)


def thumbnail(width: int) -> View:
    """The picture that stands for a take, as wide as that."""
    height = width * 9 // 16
    return View(f"{width}", DecoderJob(do="picture", width=width, height=height, format="jpeg"))


def frame(number: int, width: int, grade: Grade = _UNGRADED) -> View:
    """The frame of a sequence that has that number, in its own shape."""
    return _whole(f"frame-{number}-{width}", width, grade)


def still(width: int, grade: Grade = _UNGRADED) -> View:
    """A still in its own shape."""
    return _whole(f"still-{width}", width, grade)


def _whole(name: str, width: int, grade: Grade) -> View:
    height = width * 9 // 16
    job = DecoderJob(do="picture", width=width, height=height, format="jpeg", margins=False)
    if grade == _UNGRADED:
        return View(name, job)
    graded = structs.replace(job, grade=grade)
    return View(f"{name}-{grade.stops:g}-{grade.gamma:g}-{grade.channel}", graded, is_kept=False)


def strip(kind: Kind, *, is_sequence: bool = False) -> View:
    """The filmstrip of media of that kind; PictureNotFound where it is not one that moves."""
    if kind != "video" and not is_sequence:
        what = {"image": "a still", "audio": "a sound"}[kind]
        raise PictureNotFound(f"only a video has a filmstrip, and this is {what}")
    return _FILMSTRIP


def waveform(channels: int | None) -> View:
    """How loud the sound of media is that has so many channels; PictureNotFound where it has none."""
    if not channels:
        raise PictureNotFound("it has no sound")
    return _WAVEFORM


class Pictures:
    """Draws the takes of one project, each picture once however many ask for it."""

    def __init__(self, decoders: Decoders, cache: Cache) -> None:
        self._decoders = decoders
        self._cache = cache
        self._making: WeakValueDictionary[str, anyio.Lock] = WeakValueDictionary()
        self._failures: TTLCache[str, str] = TTLCache(FAILURES, FORGET)
        self._exposures: LRUCache[str, float | None] = LRUCache(EXPOSURES)

    async def check(self, path: Path, media: Media) -> None:
        """PictureNotFound where the file is not there, or is another one by now."""
        try:
            found = await in_thread(path.lstat)
        except OSError as error:
            what = "that frame is not" if media.frames else "it has no media"
            raise PictureNotFound(f"{what} on the disk") from error
        if not media.frames and found.st_size != media.bytes:
            raise PictureNotFound("its media is not what it was; `takes verify` tells what has changed")

    async def show(self, path: Path, media: Media, view: View) -> bytes:
        """That view of the media at that path, as a JPEG; PictureNotFound where it cannot be had.

        Of a sequence, that is the path of one of its frames. All of them are exposed as the one that stands for all: a
        film that fades to black would not, where each was shown as bright as can be seen.
        """
        tag = view.tag(media)
        name = f"{tag}.jpg"
        lock = self._making.setdefault(tag, anyio.Lock())
        async with lock:
            picture = await self._cache.find(name)
            if picture is None:
                paths = await in_thread(_on_strip, path) if media.frames and view is _FILMSTRIP else [path]
                picture = await self._make(paths, await self._job(path, media, view), tag)
                if view.is_kept:
                    await self._cache.keep(name, picture)
        return picture

    async def _job(self, path: Path, media: Media, view: View) -> DecoderJob:
        """What draws that view; where it is of a sequence of light, with the exposure of all of it."""
        if not media.frames or media.frames.suffix not in EXPOSED:
            return view.job
        if media.sha256 not in self._exposures:
            try:
                found = await self._decoders.exposure(path.with_name(shown(media.name, media)))
            except (OSError, Undecodable):
                return view.job
            self._exposures[media.sha256] = found
        return structs.replace(view.job, exposed=self._exposures[media.sha256])

    async def _make(self, paths: Sequence[Path], job: DecoderJob, tag: str) -> bytes:
        if reason := self._failures.get(tag):
            raise PictureNotFound(reason)
        try:
            if len(paths) > 1:
                return await self._decoders.join(paths, job)
            return await self._decoders.show(paths[0], job)
        except OSError as error:
            raise PictureNotFound(f"its media cannot be read: {error.strerror}") from error
        except Undecodable as error:
            reason = f"it has no such picture: {error.reason}"
            self._failures[tag] = reason
            raise PictureNotFound(reason) from error


def _on_strip(path: Path) -> list[Path]:
    """The frames that are on the strip of a sequence, one of whose frames that is: the middles of so many equal parts."""
    own = path.with_name(list_of(path.name))
    frames = read_list(own)
    if frames is None:
        raise PictureNotFound("the list of its frames is not there")
    places = (int(moment) for moment in filmstrip.moments(len(frames.frames)))
    return [path.with_name(frames.name(own.name, frames.frames[place])) for place in places]
