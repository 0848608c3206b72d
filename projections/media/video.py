"""Media: what is inside a video, a sound or a film-maker's still, once it has been found to be whole."""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import BinaryIO, Final

import av
from av.container import InputContainer

from projections.media.clip import (
    Track,
    claimed_by,
    codec_of,
    first_frame,
    is_still,
    names_of,
    open_clip,
    rate_of,
    sound_of,
    track_of,
    upright,
)
from projections.media.codecs import CLAIMING, COUNTING, EXACT
from projections.media.containers import avi_chunks, ending, matroska, mp4_boxes, pieces, wave_chunks, zeros
from projections.media.errors import Undecodable
from projections.media.jobs import Probe, bounded
from projections.media.sound import audio_frames

_SMALL: Final = 64 << 20
"""Bytes of a file whose packets are all looked at; of a larger one so many, in so many places."""

_PLACES: Final = 32
_PACKETS: Final = 48

_TIMECODE: Final = re.compile(r"[0-9]{2}:[0-5][0-9]:[0-5][0-9][:;.][0-9]{2,3}")

_HOLE: Final = "there are zeros where a picture or sound should be: the transfer is not complete"

Tags = Mapping[str, str]
"""What is written in a file beside its tracks; an Ogg has it on its stream."""


def probe(file: BinaryIO) -> Probe:
    """What the file holds, once its first frame has been decoded and its end been found where it should be."""
    return look(file)[0]


def look(file: BinaryIO) -> tuple[Probe, Tags]:
    """The same, and the tags of the file, for which it need not be opened again."""
    if mp4_boxes.lacks_index(file):
        raise Undecodable(mp4_boxes.NO_INDEX)
    fault = pieces.fault(file) or avi_chunks.fault(file) or matroska.fault(file) or wave_chunks.fault(file)
    if fault == "hole":
        raise Undecodable(_HOLE)
    is_torn = fault is not None or audio_frames.are_cut_off(file)
    is_open, size = wave_chunks.is_open(file) or avi_chunks.is_open(file), file.seek(0, 2)
    with open_clip(file) as container:
        if any(zeros.in_frames(file, name) for name in names_of(container) & zeros.PACKED.keys()):
            raise Undecodable(_HOLE)
        tags = _tags(container)
        return _probe(container, size, is_torn=is_torn, is_open=is_open), tags


def _probe(container: InputContainer, size: int, *, is_torn: bool, is_open: bool) -> Probe:
    track = track_of(container)
    frame = first_frame(container, track)
    duration = None if is_still(container) else _whole(container, track, is_torn=is_torn, is_open=is_open)
    if duration and (hole := _hole(container, duration, size)) is not None:
        raise Undecodable(f"nothing has been written at {hole:.1f} s: the transfer is not complete")
    sound = sound_of(container)
    channels = sound.layout.nb_channels if sound else None
    if isinstance(frame, av.AudioFrame):
        return Probe(kind="audio", duration=duration, codec=codec_of(track), channels=channels)
    width, height = upright((frame.width, frame.height), frame.rotation)
    moving = isinstance(track, av.VideoStream) and not is_still(container)
    return Probe(
        kind="video" if moving else "image",
        duration=duration,
        width=width,
        height=height,
        frame_rate=rate_of(track) if moving else None,
        codec=codec_of(track),
        timecode=_timecode(container) if moving else None,
        channels=channels,
    )


def _timecode(container: InputContainer) -> str | None:
    """That of the first frame; a file may say anything there."""
    told = _tags(container).get("timecode", "")
    return told if _TIMECODE.fullmatch(told) else None


def labels(file: BinaryIO, wanted: Collection[str], known: Tags | None = None) -> dict[str, str]:
    """The tags of the file whose keys, in small letters, are wanted; where they are `known` it is not opened."""
    if known is not None:
        return bounded(known.items(), wanted)
    with open_clip(file) as container:
        return bounded(_tags(container).items(), wanted)


def _tags(container: InputContainer) -> Tags:
    return {**track_of(container).metadata, **container.metadata}


def _whole(container: InputContainer, track: Track, *, is_torn: bool, is_open: bool) -> float | None:
    """The duration in seconds, once the last packet has been found where the header says it is.

    A file that `is_open` goes on to its end, and so does one whose packets alone tell how long it is.
    """
    claimed, names = claimed_by(container), names_of(container)
    if is_open or names & COUNTING:
        end = _last(container, None)[0]
        if is_torn and not is_open:
            raise Undecodable(ending.cut_off(end, None))
        return end
    if claimed is not None and not names & CLAIMING and not is_torn:
        return claimed
    end, has_torn_packet = _last(container, claimed)
    is_early = ending.is_early(end, claimed, rate_of(track), is_exact=bool(names & EXACT))
    if is_torn or has_torn_packet or end == 0 or is_early:
        raise Undecodable(ending.cut_off(end, claimed))
    return claimed or end


def _last(container: InputContainer, claimed: float | None) -> tuple[float, bool]:
    """Where the last packet ends, and whether it is torn; by a seek to the end, or else by reading it all."""
    start = container.start_time or 0
    for place in (start + int((claimed or 0.0) * av.time_base) - 1, start, None):
        try:
            if place is not None:  # at last without a seek: some have nothing to find a place by
                container.seek(max(place, start))
        except av.error.FFmpegError:
            continue
        ends = list(_ends(container, decodes=bool(names_of(container) & EXACT)))
        if ends:
            return max(end for end, _ in ends) - start / av.time_base, ends[-1][1]
    return 0.0, True


def _ends(container: InputContainer, *, decodes: bool) -> Iterator[tuple[float, bool]]:
    """Where each picture or sound packet from here on ends, in seconds, and whether it is torn.

    Some only tell that when they are decoded.
    """
    try:
        for packet in container.demux(_moving(container)):
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is not None and packet.size:
                if decodes:
                    packet.decode()
                yield float((stamp + (packet.duration or 0)) * packet.time_base), packet.is_corrupt
    except av.error.FFmpegError:
        return


def _hole(container: InputContainer, duration: float, size: int) -> float | None:
    """The second at which there are zeros where a packet should be, as in room that a transfer has reserved.

    Of a large file only some places are looked at.
    """
    places, packets = (1, None) if size <= _SMALL else (_PLACES, _PACKETS)
    start = container.start_time or 0
    known = {one.index: codec_of(one) for one in _moving(container) if one.codec_context is not None}
    looked_at = [container.streams[index] for index, codec in known.items() if codec in zeros.LOOKED_AT]
    for number in range(places if looked_at else 0):
        try:
            container.seek(start + int(duration * av.time_base * number / places), any_frame=True)
            for packet in islice(container.demux(looked_at), packets):
                if zeros.in_packet(bytes(packet), known[packet.stream_index]):
                    return float((packet.pts or packet.dts or 0) * packet.time_base) - start / av.time_base
        except av.error.FFmpegError:
            continue
    return None


def _moving(container: InputContainer) -> list[Track]:
    return [*container.streams.video, *container.streams.audio]
