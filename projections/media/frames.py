"""Frames: the one that stands for a clip, those of its filmstrip, and those of which a sound is measured."""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO, Final

import av
from av.container import InputContainer
from av.video.reformatter import Interpolation

from projections.media import filmstrip
from projections.media.clip import (
    claimed_by,
    first_frame,
    is_still,
    names_of,
    open_clip,
    rate_of,
    sound_of,
    track_of,
    upright,
)
from projections.media.drawing.told import Grade
from projections.media.errors import Undecodable
from projections.media.jobs import Raster, Size, fitted, no_larger, shown_at
from projections.media.light import deep, hdr
from projections.media.sound import meters
from projections.media.sound.meters import Level

_MEASURED: Final = 600.0
"""Seconds of a sound whose loudness is measured; of a longer one nothing is said, rather than of a part of it."""

_DRAWN: Final = 1800.0
"""Seconds of a sound that are drawn."""

_UNINDEXED: Final = frozenset({"mpegts"})
_BACK: Final = 3.0
"""The containers in which a seek goes to any frame, and seconds within which there is a keyframe in them."""

_ENOUGH: Final = 300.0
"""Seconds of it that are enough for a drawing: of a longer one every other frame, or fewer."""


def picture(
    file: BinaryIO, bounds: Size, threads: int = 1, *, grows: bool = True, grade: Grade | None = None
) -> Raster | None:
    """The frame that stands for the clip, scaled to fit into `bounds` once it has been turned; None of a sound.

    It is made smaller only where it never `grows`. What is deeper than eight bits is graded in its own depth.
    """
    with open_clip(file) as container:
        track = track_of(container, threads)
        if not isinstance(track, av.VideoStream):
            return None
        frame = _frame_at(container, track, shown_at(claimed_by(container)))
        return raster_of(frame, track, bounds, grows=grows, grade=grade)


def strip(file: BinaryIO, bounds: Size, threads: int = 1) -> list[Raster]:
    """The frames of a video's filmstrip, scaled to fit into `bounds` once they have been turned."""
    with open_clip(file) as container:
        track = track_of(container, threads)
        if not isinstance(track, av.VideoStream) or is_still(container):
            raise Undecodable("only a video has a filmstrip")
        wanted = filmstrip.moments(claimed_by(container) or 0.0)
        far = filmstrip.reach((track.width, track.height), rate_of(track) or 24.0)
        stops = filmstrip.plan(wanted, _keyframes(container, track, wanted), far)
        return list(_stopped_at(stops, container, track, bounds))


def loudness(file: BinaryIO) -> float | None:
    """How loud the sound of a file is, in LUFS; None where it has none, nothing is heard, or it is a long one."""
    with open_clip(file, for_sound=True) as container:
        track = sound_of(container)
        if track is None or (claimed_by(container) or 0.0) > _MEASURED:
            return None
        return meters.loudness(sounds(container, track))


def levels(file: BinaryIO, columns: int) -> list[Level]:
    """How loud the sound is in so many equal parts of its first half hour."""
    with open_clip(file, for_sound=True) as container:
        track = sound_of(container)
        if track is None:
            raise Undecodable("it has no sound")
        seconds = min(claimed_by(container) or _ENOUGH, _DRAWN)
        step = max(1, round(seconds / _ENOUGH))
        samples = max(1, int(track.rate * seconds / (columns * step)))
        found = meters.levels(islice(sounds(container, track, _DRAWN), 0, None, step), samples)
    if not found:
        raise Undecodable("its sound cannot be decoded")
    return meters.in_columns(found, columns)


def _frame_at(container: InputContainer, track: av.VideoStream, second: float) -> av.VideoFrame:
    """The frame at that second; the first one where there is none, which no seek may hide."""
    if second:
        try:
            _seek(container, track, _stamp(track, second))
            found = Walk(container, track).to(second)
        except av.error.FFmpegError:
            found = None
        if found is not None:
            return found
        _seek(container, track, track.start_time or 0)
        track.codec_context.flush_buffers()
    track.codec_context.skip_frame = "DEFAULT"
    frame = first_frame(container, track)
    assert isinstance(frame, av.VideoFrame)  # noqa: S101 - a video track decodes to pictures
    return frame


def _seek(container: InputContainer, track: av.VideoStream, stamp: int) -> None:
    """Go to the keyframe at or before that time; where no index says which those are, so far before it as one has to be."""
    before = int(_BACK / float(track.time_base or 1)) if names_of(container) & _UNINDEXED else 0
    container.seek(stamp - before, stream=track)


def _stamp(track: av.VideoStream, second: float) -> int:
    """That second of the clip as the track counts its time."""
    return (track.start_time or 0) + int(second / float(track.time_base or 1))


class Walk:
    """A way through the frames of a clip, forwards but for seeks.

    Frames that no other needs are not decoded on the way, which halves the work.
    """

    def __init__(self, container: InputContainer, track: av.VideoStream) -> None:
        self._container = container
        self._track = track
        rate = max(rate_of(track) or 24.0, 24.0)  # where it varies, the mean may be far below
        self._half = int(1 / (2 * float(track.time_base or 1) * rate))
        self._target = 0
        self._frame: av.VideoFrame | None = None
        self._ahead: av.VideoFrame | None = None
        self._packets = container.demux(track)
        self._decoded = deque[av.VideoFrame]()

    def seek(self, second: float) -> None:
        """Go to the keyframe at or before that second."""
        _seek(self._container, self._track, _stamp(self._track, second) + self._half)
        self._track.codec_context.flush_buffers()
        self._frame, self._ahead, self._packets = None, None, self._container.demux(self._track)
        self._decoded.clear()

    def to(self, second: float) -> av.VideoFrame | None:
        """The frame that is shown at that second, the nearest to it where there are many; the same again where it is that.

        Where the rate varies, a frame may be shown for long: until the next one comes.
        """
        self._target = _stamp(self._track, second) - self._half
        while self._frame is None or _is_before(self._frame, self._target):
            self._ahead = self._ahead or self._next()
            if self._ahead is None or (
                self._frame is not None and not _is_before(self._ahead, self._target + 2 * self._half + 1)
            ):
                break
            self._frame, self._ahead = self._ahead, None
        return self._frame

    def _next(self) -> av.VideoFrame | None:
        """The next frame. A generator of ours would have us, and we have it: all of the clip, until one looks for cycles."""
        decoder = self._track.codec_context
        while not self._decoded and (packet := next(self._packets, None)) is not None:
            is_wanted = packet.pts is None or packet.pts + (packet.duration or 0) >= self._target
            decoder.skip_frame = "DEFAULT" if is_wanted else "NONREF"
            self._decoded.extend(decoder.decode(packet))
        return self._decoded.popleft() if self._decoded else None


def _is_before(frame: av.VideoFrame, stamp: int) -> bool:
    return frame.pts is not None and frame.pts < stamp


def _keyframes(container: InputContainer, track: av.VideoStream, wanted: Sequence[float]) -> set[float]:
    """The seconds of the keyframes before and after each of the wanted ones, as far as seeking finds them."""
    found = set()
    for second in wanted:
        for backward in (True, False):
            try:
                container.seek(_stamp(track, second), stream=track, backward=backward)
                packet = next(container.demux(track))
            except (av.error.FFmpegError, StopIteration):
                continue
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is not None:
                found.add(float((stamp - (track.start_time or 0)) * packet.time_base))
    return found


def _stopped_at(
    stops: Iterator[filmstrip.Stop], container: InputContainer, track: av.VideoStream, bounds: Size
) -> Iterator[Raster]:
    """What is seen at each stop; where nothing can be decoded there, what was seen before."""
    walk, raster = Walk(container, track), None
    for stop in stops:
        try:
            if stop.seek is not None:
                walk.seek(stop.seek)
            frame = walk.to(stop.second)
        except av.error.FFmpegError:
            frame = None
        raster = raster_of(frame, track, bounds) if frame else raster
        if raster is None:
            raise Undecodable("its first frame cannot be decoded")
        yield raster


def raster_of(
    frame: av.VideoFrame,
    track: av.VideoStream,
    bounds: Size,
    *,
    grows: bool = True,
    grade: Grade | None = None,
) -> Raster:
    """A decoded frame, scaled to fit into `bounds` once it has been turned; one that is smaller only if it `grows`."""
    turn = round(frame.rotation / 90) * 90 % 360
    shape = float(track.sample_aspect_ratio or 1)
    shaped, within = (max(1, round(frame.width * shape)), frame.height), upright(bounds, turn)
    size = fitted(shaped, within if grows else no_larger(shaped, within))
    light = hdr.light_of(frame.color_trc, frame.color_primaries)
    has_alpha = any(one.is_alpha for one in frame.format.components)
    is_graded = light is None and grade is not None and grade.changes_light and _is_deep(frame)
    form = "rgba64le" if light or is_graded else "rgba" if has_alpha else "rgb24"
    scaled = frame.reformat(
        *size, format=form, interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND, threads=1
    )
    plane = scaled.planes[0]
    if grade is not None and is_graded:
        pixels = deep.graded(bytes(plane), size, plane.line_size, grade.stops, grade.gamma)
        return Raster(size, size[0] * 3, pixels, turn, graded=True)
    if light or has_alpha:
        pixels = hdr.on_screen(bytes(plane), size, plane.line_size, light)
        return Raster(size, size[0] * 3, pixels, turn)
    return Raster(size, plane.line_size, bytes(plane), turn)


def _is_deep(frame: av.VideoFrame) -> bool:
    """Whether it has more than eight bits of each colour."""
    return any(one.bits > 8 for one in frame.format.components)


def sounds(
    container: InputContainer, track: av.AudioStream, seconds: float = math.inf
) -> Iterator[av.AudioFrame]:
    """The frames of a sound, as far as it can be decoded, and so many seconds at most."""
    try:
        for frame in container.decode(track):
            if (frame.time or 0.0) - _start(track) > seconds:
                return
            yield frame
    except av.error.FFmpegError:
        return


def _start(track: av.AudioStream) -> float:
    return float((track.start_time or 0) * (track.time_base or 0))
