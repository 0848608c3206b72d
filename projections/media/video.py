"""Media: what is inside a video, a sound or a film-maker's still, and the frame that stands for it.

The only module that decodes with FFmpeg. It is given open files and never opens one by name.
"""

from array import array
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import BinaryIO, Final

import av
import av.subtitles.stream  # at first use PyAV would import it; a confined decoder can open no module by then
from av.container import InputContainer
from av.stream import Disposition
from av.video.reformatter import Interpolation

from projections.media import ending, filmstrip, mp4_boxes
from projections.media.errors import Undecodable
from projections.media.jobs import MAX_PIXELS, Probe, Raster, Size, bounded, fitted, shown_at

FORMATS: Final = "mov,mp4,matroska,webm,avi,mxf,wav,w64,mp3,flac,ogg,aac,exr_pipe"
"""The containers that are opened. None of them can name another file, let alone a network address."""

_NAMES: Final = """
    h264 hevc vvc av1 vp8 vp9 prores dnxhd cfhd mpeg1video mpeg2video mpeg4 mjpeg ffv1 huffyuv ffvhuff utvideo
    hap qtrle rawvideo v210 png theora gif webp exr jpeg2000
    aac mp3 flac alac opus vorbis ac3 eac3
"""
CODECS: Final = frozenset(_NAMES.split())
"""The codecs that are opened, `pcm_*` beside them. Rare ones are where decoders break."""

_CLAIMING: Final = ("mov", "matroska", "avi", "wav", "w64", "flac", "mxf")
"""The containers whose header says how long they are; the others only let it be guessed."""

_LINEAR: Final = {"apply_trc": "iec61966_2_1"}
"""The light in an EXR is linear; without a screen's curve its picture would be far too dark."""

Track = av.VideoStream | av.AudioStream

av.logging.set_level(None)

FFMPEG = av.ffmpeg_version_info
"""The version of the library that PyAV brings, as it calls itself."""


def probe(file: BinaryIO) -> Probe:
    """What the file holds, once its first frame has been decoded and its end been found where it should be."""
    if mp4_boxes.lacks_index(file):
        raise Undecodable(mp4_boxes.NO_INDEX)
    with _open(file) as container:
        track = _track(container)
        frame = _first(container, track)
        duration = None if _is_still(container) else _whole(container, track)
        if isinstance(frame, av.AudioFrame):
            return Probe(kind="audio", duration=duration, codec=_codec(track))
        width, height = _upright((frame.width, frame.height), frame.rotation)
        moving = isinstance(track, av.VideoStream) and not _is_still(container)
        return Probe(
            kind="video" if moving else "image",
            duration=duration,
            width=width,
            height=height,
            frame_rate=_rate(track) if moving else None,
            codec=_codec(track),
        )


def labels(file: BinaryIO, wanted: Collection[str]) -> dict[str, str]:
    """The tags of the file whose keys, in small letters, are wanted; Ogg has them on its stream."""
    with _open(file) as container:
        tags = {**_track(container).metadata, **container.metadata}
        return bounded(tags.items(), wanted)


def picture(file: BinaryIO, bounds: Size) -> Raster:
    """The frame that stands for the clip, scaled to fit into `bounds` once it has been turned."""
    with _open(file) as container:
        track = _track(container)
        if not isinstance(track, av.VideoStream):
            raise Undecodable("it has no picture")
        frame = _frame_at(container, track, shown_at(_claimed(container)))
        return _raster(frame, track, bounds)


def strip(file: BinaryIO, bounds: Size) -> list[Raster]:
    """The frames of a video's filmstrip, scaled to fit into `bounds` once they have been turned."""
    with _open(file) as container:
        track = _track(container)
        if not isinstance(track, av.VideoStream) or _is_still(container):
            raise Undecodable("only a video has a filmstrip")
        wanted = filmstrip.moments(_claimed(container) or 0.0)
        far = filmstrip.reach((track.width, track.height), _rate(track) or 24.0)
        stops = filmstrip.plan(wanted, _keyframes(container, track, wanted), far)
        return list(_stopped_at(stops, container, track, bounds))


def peaks(file: BinaryIO, columns: int) -> list[float]:
    """How loud the sound is, 0 to 1, in so many equal parts of its first half hour."""
    with _open(file) as container:
        track = _track(container)
        if not isinstance(track, av.AudioStream):
            raise Undecodable("it has no sound")
        loud = list(_loudness(container, track))
    if not loud:
        raise Undecodable("its sound cannot be decoded")
    edges = [len(loud) * column // columns for column in range(columns + 1)]
    return [max(loud[start : max(end, start + 1)]) for start, end in pairwise(edges)]


def _open(file: BinaryIO) -> InputContainer:
    limits = {
        "protocol_whitelist": "file",
        "format_whitelist": FORMATS,
        "max_pixels": str(MAX_PIXELS),
        "threads": "1",
    }
    file.seek(0)
    try:
        container = av.open(file, "r", options=limits, metadata_errors="replace", buffer_size=1 << 18)
    except (av.error.FFmpegError, OSError) as error:
        raise Undecodable(mp4_boxes.why_closed(file)) from error
    if not container.streams:
        container.close()
        raise Undecodable(mp4_boxes.why_closed(file))
    return container


def _track(container: InputContainer) -> Track:
    """The stream that the file is about: its first video, or else its first sound; a cover is neither."""
    videos = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    tracks: list[Track] = [*videos, *container.streams.audio]
    if not tracks:
        raise Undecodable("not a video, image or audio file")
    _check(tracks[0])
    return tracks[0]


def _check(track: Track) -> None:
    if track.codec_context is None:
        raise Undecodable("its codec is not known")
    name = _codec(track)
    if name not in CODECS and not name.startswith("pcm_"):
        raise Undecodable(f"its codec, {name}, is not one that is opened here")
    if isinstance(track, av.VideoStream) and track.width * track.height > MAX_PIXELS:
        raise Undecodable(f"a picture of {track.width}x{track.height} is too large")
    track.codec_context.thread_count = 1
    track.codec_context.options = {"max_pixels": str(MAX_PIXELS), **(_LINEAR if name == "exr" else {})}


def _codec(track: Track) -> str:
    return track.codec_context.codec.canonical_name


def _rate(track: Track) -> float | None:
    rate = track.average_rate or track.guessed_rate if isinstance(track, av.VideoStream) else None
    return round(float(rate), 3) if rate else None


def _is_still(container: InputContainer) -> bool:
    return container.format.name.endswith("_pipe")


def _first(container: InputContainer, track: Track) -> av.VideoFrame | av.AudioFrame:
    """The first frame; the proof that the file can be decoded at all."""
    try:
        for frame in container.decode(track):
            if isinstance(frame, av.VideoFrame | av.AudioFrame):
                return frame
    except av.error.FFmpegError as error:
        raise Undecodable("its first frame cannot be decoded") from error
    raise Undecodable("there is no frame in it")


def _claimed(container: InputContainer) -> float | None:
    """How long the header says the file is, in seconds."""
    return container.duration / av.time_base if container.duration else None


def _whole(container: InputContainer, track: Track) -> float | None:
    """The duration in seconds, once the last packet has been found where the header says it is."""
    claimed, names = _claimed(container), container.format.name.split(",")
    if claimed is None and "matroska" in names:
        raise Undecodable("the file is cut off: its writer never came to note how long it is")
    if claimed is not None and not any(name in names for name in _CLAIMING):
        return claimed
    end, torn = _last(container, claimed)
    if torn or end == 0 or ending.is_early(end, claimed, _rate(track)):
        raise Undecodable(ending.cut_off(end, claimed))
    return claimed or end


def _last(container: InputContainer, claimed: float | None) -> tuple[float, bool]:
    """Where the last packet ends, and whether it is torn; by a seek to the end, or else by reading it all."""
    start = container.start_time or 0
    for place in (start + int((claimed or 0.0) * av.time_base) - 1, start):
        try:
            container.seek(max(place, start))
        except av.error.FFmpegError:
            continue
        ends = list(_ends(container))
        if ends:
            return max(end for end, _ in ends) - start / av.time_base, ends[-1][1]
    return 0.0, True


def _ends(container: InputContainer) -> Iterator[tuple[float, bool]]:
    """Where each picture or sound packet from here on ends, in seconds, and whether it is torn."""
    tracks = [one for one in container.streams if one.type in {"video", "audio"}]
    try:
        for packet in container.demux(tracks):
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is not None and packet.size:
                yield float((stamp + (packet.duration or 0)) * packet.time_base), packet.is_corrupt
    except av.error.FFmpegError:
        return


def _frame_at(container: InputContainer, track: av.VideoStream, second: float) -> av.VideoFrame:
    """The frame at that second; the first one where there is none, which no seek may hide."""
    if second:
        try:
            container.seek(_stamp(track, second), stream=track)
            found = _Walk(container, track).to(second)
        except av.error.FFmpegError:
            found = None
        if found is not None:
            return found
        container.seek(track.start_time or 0, stream=track)
        track.codec_context.flush_buffers()
    track.codec_context.skip_frame = "DEFAULT"
    frame = _first(container, track)
    assert isinstance(frame, av.VideoFrame)  # noqa: S101 - a video track decodes to pictures
    return frame


def _stamp(track: av.VideoStream, second: float) -> int:
    """That second of the clip as the track counts its time."""
    return (track.start_time or 0) + int(second / float(track.time_base or 1))


class _Walk:
    """A way through the frames of a clip, forwards but for seeks.

    Frames that no other needs are not decoded on the way, which halves the work.
    """

    def __init__(self, container: InputContainer, track: av.VideoStream) -> None:
        self._container = container
        self._track = track
        self._half = int(1 / (2 * float(track.time_base or 1) * (_rate(track) or 24.0)))
        self._target = 0
        self._frame: av.VideoFrame | None = None
        self._frames = self._decode()

    def seek(self, second: float) -> None:
        """Go to the keyframe at or before that second."""
        self._container.seek(_stamp(self._track, second) + self._half, stream=self._track)
        self._track.codec_context.flush_buffers()
        self._frame, self._frames = None, self._decode()

    def to(self, second: float) -> av.VideoFrame | None:
        """The first frame at or after that second, else the last before it; the same again where it is that."""
        self._target = _stamp(self._track, second) - self._half
        while self._frame is None or (self._frame.pts is not None and self._frame.pts < self._target):
            frame = next(self._frames, None)
            if frame is None:
                break
            self._frame = frame
        return self._frame

    def _decode(self) -> Iterator[av.VideoFrame]:
        decoder = self._track.codec_context
        for packet in self._container.demux(self._track):
            is_wanted = packet.pts is None or packet.pts >= self._target
            decoder.skip_frame = "DEFAULT" if is_wanted else "NONREF"
            yield from decoder.decode(packet)


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
    walk, raster = _Walk(container, track), None
    for stop in stops:
        try:
            if stop.seek is not None:
                walk.seek(stop.seek)
            frame = walk.to(stop.second)
        except av.error.FFmpegError:
            frame = None
        raster = _raster(frame, track, bounds) if frame else raster
        if raster is None:
            raise Undecodable("its first frame cannot be decoded")
        yield raster


def _raster(frame: av.VideoFrame, track: av.VideoStream, bounds: Size) -> Raster:
    turn = round(frame.rotation / 90) * 90 % 360
    shape = float(track.sample_aspect_ratio or 1)
    size = fitted((round(frame.width * shape), frame.height), _upright(bounds, turn))
    scaled = frame.reformat(
        *size, format="rgb24", interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND, threads=1
    )
    plane = scaled.planes[0]
    return Raster(size, plane.line_size, bytes(plane), turn)


def _upright(size: Size, turn: int) -> Size:
    """A size as it is after such a turn."""
    return size[::-1] if round(turn / 90) % 2 else size


def _loudness(container: InputContainer, track: av.AudioStream) -> Iterator[float]:
    """The peak of each frame of sound, 0 to 1; a sample in sixteen is enough for a drawing."""
    mono = av.AudioResampler(format="s16", layout="mono")
    try:
        for frame in container.decode(track):
            if frame.time and frame.time > 1800:
                return
            for part in mono.resample(frame):
                samples = array("h", bytes(part.planes[0])[: part.samples * 2])[::16]
                yield max(map(abs, samples), default=0) / 32_768
    except av.error.FFmpegError:
        return
