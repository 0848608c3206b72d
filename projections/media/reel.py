"""The reel: a piece of a film as H.264 and AAC, of one take or of none, in fragments that follow on those before.

All pieces are of one size, rate and sound, so that their fragments, one behind the other, are one film; whoever puts
them together has not to look into them. The sound of a piece begins and ends where a packet of AAC does.
"""

from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from typing import BinaryIO, Final

import av

from projections.media.clip import open_clip, sound_of, track_of
from projections.media.drawing.burn_in import BurnIn, opened
from projections.media.errors import Undecodable
from projections.media.exr import OpenExr
from projections.media.frames import Walk, raster_of
from projections.media.jobs import PACKET, SAMPLES, Piece
from projections.media.stills.still import Still
from projections.media.stills.thumbnails import upright
from projections.media.timecode import timecode

_MP4: Final = {
    "movflags": "empty_moov+default_base_moof+frag_keyframe+frag_discont+skip_trailer",
    "use_editlist": "0",
    "avoid_negative_ts": "disabled",  # the times are those of the film
}
_H264: Final = {"preset": "veryfast", "crf": "23", "bf": "0", "threads": "1"}


def encode(file: BinaryIO, still: Still | OpenExr | None, piece: Piece) -> bytes:
    """The piece of the take in that file, the first one of a film with the head of that."""
    burn, out = BurnIn(piece.size, piece.label), BytesIO()
    index = {"fragment_index": str(piece.first + 1)}
    with av.open(out, "w", format="mp4", options={**_MP4, **index}) as film:
        picture = film.add_stream("libx264", rate=piece.exact, options=_H264)
        picture.width, picture.height, picture.pix_fmt = *piece.size, "yuv420p"
        picture.time_base = picture.codec_context.time_base = 1 / piece.exact
        sound = film.add_stream("aac", rate=SAMPLES, layout="stereo")
        for count, rows in enumerate(_pictures(file, still, piece, burn)):
            frame = av.VideoFrame(*piece.size, "rgb24")
            frame.planes[0].update(rows)
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base = piece.first + count, 1 / piece.exact
            film.mux(picture.encode(frame))
        film.mux(picture.encode(None))
        film.mux(_packets(sound, _sound(file, still, piece), piece.packet_at(piece.first)))
    made = out.getvalue()
    return made[_head(made) if piece.first else 0 :]


def _pictures(file: BinaryIO, still: Still | OpenExr | None, piece: Piece, burn: BurnIn) -> Iterator[bytes]:
    """The frames of a piece, one behind the other."""
    times = (timecode(piece.zero + piece.first + count, piece.exact) for count in range(piece.frames))
    if piece.slate:
        yield from (burn.slate(piece.slate, time) for time in times)
        return
    if still:
        held = opened(still.picture(burn.room))
        yield from (burn.frame(held, time) for time in times)
        return
    with open_clip(file) as container:
        track = track_of(container)
        if not isinstance(track, av.VideoStream):
            yield from (burn.slate("sound", time) for time in times)
            return
        walk, seen, image = Walk(container, track), None, None
        if piece.start:
            walk.seek(piece.start)
        for count, time in enumerate(times):
            frame = walk.to(piece.start + float(count / piece.exact))
            if frame is not seen and frame is not None:
                seen, image = frame, upright(raster_of(frame, track, burn.room))
            if image is None:
                raise Undecodable("no frame of it can be decoded")
            yield burn.frame(image, time)


def _sound(file: BinaryIO, still: Still | OpenExr | None, piece: Piece) -> bytes:
    """The samples from the first packet of the piece on, up to that of the next one; silence where there is none."""
    first = piece.packet_at(piece.first)
    wanted = (piece.packet_at(piece.first + piece.frames) - first) * PACKET * 4
    late = first * PACKET - piece.first / piece.exact * SAMPLES
    begin = max(0, round(piece.start * SAMPLES + late)) * 4
    found = bytearray()
    if not still and not piece.slate:
        for part in _samples(file):
            found += part
            if len(found) >= begin + wanted:
                break
    return bytes(found[begin : begin + wanted]).ljust(wanted, b"\0")


def _samples(file: BinaryIO) -> Iterator[bytes]:
    """The sound of a file from its beginning, as far as it can be decoded."""
    with open_clip(file, for_sound=True) as container:
        track = sound_of(container)
        if track is None:
            return
        resampler = av.AudioResampler("s16", "stereo", SAMPLES)
        try:
            for frame in container.decode(track):
                for one in resampler.resample(frame):
                    yield bytes(one.planes[0])[: one.samples * 4]
        except av.error.FFmpegError:
            return


def _packets(sound: av.AudioStream, samples: bytes, first: int) -> "list[av.Packet[av.AudioStream]]":
    """The sound in packets, the first of which is that of the film; what the encoder puts before it is left out."""
    packets: list[av.Packet[av.AudioStream]] = []
    for place in range(0, len(samples), PACKET * 4):
        frame = av.AudioFrame("s16", "stereo", PACKET)
        frame.planes[0].update(samples[place : place + PACKET * 4])
        frame.sample_rate, frame.pts, frame.time_base = SAMPLES, place // 4, Fraction(1, SAMPLES)
        packets += sound.encode(frame)
    packets = [*packets, *sound.encode(None)][1:]
    for number, packet in enumerate(packets, first):
        packet.pts = packet.dts = number * PACKET
        packet.time_base = Fraction(1, SAMPLES)
    return packets


def _head(made: bytes) -> int:
    """How many bytes come before the first fragment."""
    place = 0
    while made[place + 4 : place + 8] not in (b"moof", b""):
        place += int.from_bytes(made[place : place + 4], "big")
    return place
