"""The clip: a video, a sound or a film-maker's still that FFmpeg has open, and what its header says.

It is given open files and never opens one by name.
"""

from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from pkgutil import walk_packages
from typing import BinaryIO, Final

import av
from av.container import InputContainer
from av.stream import Disposition

from projections.media.codecs import CODECS, FORMATS
from projections.media.containers import mp4_boxes
from projections.media.errors import Undecodable
from projections.media.jobs import MAX_PIXELS, Size

Track = av.VideoStream | av.AudioStream

_LOADED: Final = [
    import_module(one.name)
    for one in walk_packages(av.__path__, "av.")
    if one.name not in ("av.__main__", "av.datasets")
]
"""PyAV imports some of these at first use, as for subtitles; a confined decoder can open no module by then."""

av.logging.set_level(None)

FFMPEG = av.ffmpeg_version_info
"""The version of the library that PyAV brings, as it calls itself."""


def open_clip(file: BinaryIO, *, for_sound: bool = False) -> InputContainer:
    """The file as FFmpeg sees it, with no more than it needs; Undecodable where it is none, or its index is missing.

    FFmpeg would decode some pictures to know more of them, which is most of what this costs: `for_sound` spares that, and so
    does an mp4 or mov, whose header tells of each when it is shown.
    """
    limits = {
        "protocol_whitelist": "file",
        "format_whitelist": FORMATS,
        "max_pixels": str(MAX_PIXELS),
        "threads": "1",
        **({"skip_frame": "all"} if for_sound or mp4_boxes.is_one(file) else {}),
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


def track_of(container: InputContainer, threads: int = 1) -> Track:
    """The stream that the file is about: its first video, or else its first sound; a cover is neither.

    It is decoded by so many threads.
    """
    videos = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    tracks: list[Track] = [*videos, *container.streams.audio]
    if not tracks:
        raise Undecodable("not a video, image or audio file")
    _check(tracks[0], threads)
    return tracks[0]


def _check(track: Track, threads: int) -> None:
    if track.codec_context is None:
        raise Undecodable("its codec is not known")
    name = codec_of(track)
    if name not in CODECS and not name.startswith("pcm_"):
        raise Undecodable(f"its codec, {name}, is not one that is opened here")
    if isinstance(track, av.VideoStream) and track.width * track.height > MAX_PIXELS:
        raise Undecodable(f"a picture of {track.width}x{track.height} is too large")
    if track.codec_context.is_open:  # it has been set up before
        return
    track.codec_context.thread_count = threads
    track.codec_context.thread_type = "AUTO"
    track.codec_context.options = {"max_pixels": str(MAX_PIXELS)}


def sound_of(container: InputContainer) -> av.AudioStream | None:
    """The first sound that goes with the file, where it is one that is opened here."""
    tracks = list(container.streams.audio)[:1]
    for track in tracks:
        try:
            _check(track, 1)
        except Undecodable:
            return None
    return tracks[0] if tracks else None


def codec_of(track: Track) -> str:
    """The name of the track's codec, as FFmpeg has it."""
    return track.codec_context.codec.canonical_name


def rate_of(track: Track) -> float | None:
    """The track's frames a second, where it has any."""
    rate = track.average_rate or track.guessed_rate if isinstance(track, av.VideoStream) else None
    return round(float(rate), 3) if rate else None


def is_still(container: InputContainer) -> bool:
    """Whether it is a single picture."""
    return container.format.name.endswith("_pipe")


def first_frame(container: InputContainer, track: Track) -> av.VideoFrame | av.AudioFrame:
    """The first frame; the proof that the file can be decoded at all."""
    found = _first_shown(container, track) if isinstance(track, av.VideoStream) else container.decode(track)
    try:
        for frame in found:
            if isinstance(frame, av.VideoFrame | av.AudioFrame):
                return frame
    except av.error.FFmpegError as error:
        raise Undecodable("its first frame cannot be decoded") from error
    raise Undecodable("there is no frame in it")


def _first_shown(container: InputContainer, track: av.VideoStream) -> Iterator[av.VideoFrame]:
    """The first frame by its packet alone, where that is enough: a decoder that has no end waits, to know their order."""
    decoder, packets = track.codec_context, container.demux(track)
    first = next(packets)
    alone = decoder.decode(first) or decoder.decode(None)
    decoder.flush_buffers()
    yield from alone
    for packet in chain([first], packets):
        yield from decoder.decode(packet)


def claimed_by(container: InputContainer) -> float | None:
    """How long the header says the file is, in seconds; a Matroska says when it ends, and may begin at any time."""
    if not container.duration:
        return None
    late = _start(container) if "matroska" in names_of(container) else 0.0
    claimed = container.duration / av.time_base
    return claimed - late if claimed > late else claimed


def _start(container: InputContainer) -> float:
    return max(0.0, (container.start_time or 0) / av.time_base)


def names_of(container: InputContainer) -> frozenset[str]:
    """The names of the container's format."""
    return frozenset(container.format.name.split(","))


def upright(size: Size, turn: int) -> Size:
    """A size as it is after such a turn."""
    return size[::-1] if round(turn / 90) % 2 else size
