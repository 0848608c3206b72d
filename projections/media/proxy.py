"""Proxies: a video as every browser plays it, H.264 and AAC in an MP4, made of one that it cannot play.

Each group of pictures is half a second, none is made of a later one, and so every frame is quickly shown. What comes
first is a fragmented MP4, which can be played while it grows; at its end it becomes one that can be sought in.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from io import SEEK_CUR, SEEK_END, SEEK_SET
from itertools import pairwise
from typing import BinaryIO, Final

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.filter import Graph
from av.video.frame import PictureType
from av.video.stream import VideoStream

from projections.media.clip import is_still, open_clip, rate_of, sound_of, track_of
from projections.media.errors import Undecodable
from projections.media.jobs import Size, fitted
from projections.media.light import hdr

RATE: Final = 24.0
"""Frames a second of what does not say how many it has."""

_GROUP: Final = 0.5
"""Seconds of a group of pictures."""

_PIECE: Final = 1 << 18

_H264: Final = {"preset": "superfast", "crf": "20", "bf": "0"}

_BT709: Final = 1
"""ITU-T H.273 has this number for the primaries, the curve and the matrix of a screen; and for video's range."""

_EXACT: Final = "flags=bicubic+accurate_rnd+full_chroma_int"
"""How FFmpeg scales so that a grey is as light afterwards as it was: in a hurry it is two or three of 255 darker."""

Send = Callable[[int, bytes, float], None]
"""Called with each piece of a proxy: where in it, its bytes, and how many seconds of it there are by now."""


def make(file: BinaryIO, bounds: Size, send: Send, threads: int = 1) -> None:
    """Make the proxy of a video, no larger than `bounds` either way up, and send it piece by piece.

    Undecodable where it is no video, or nothing of it can be decoded. What breaks off has a proxy up to there.
    """
    with open_clip(file) as container:
        track = track_of(container, threads)
        if not isinstance(track, VideoStream) or is_still(container):
            raise Undecodable("only a video has a proxy")
        pieces = _Pieces(send)
        with av.open(pieces, "w", format="mp4", options=_MP4, buffer_size=_PIECE) as made:
            _Copy(container, track, made, bounds, pieces, threads).run()


_MP4: Final = {"movflags": "hybrid_fragmented+default_base_moof", "frag_duration": "500000"}


class _Pieces:
    """A file that is somewhere else: what is written goes on its way with its place."""

    def __init__(self, send: Send) -> None:
        self.seconds = 0.0
        self._send = send
        self._at = self._end = 0

    def write(self, content: bytes) -> int:
        self._send(self._at, bytes(content), self.seconds)
        self._at += len(content)
        self._end = max(self._end, self._at)
        return len(content)

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        self._at = offset + {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._end}[whence]
        return self._at

    def tell(self) -> int:
        return self._at


class _Copy:
    """One video on its way into a proxy; its time begins at 0, and its sound keeps its place beside it."""

    def __init__(
        self,
        container: InputContainer,
        track: VideoStream,
        made: OutputContainer,
        bounds: Size,
        pieces: _Pieces,
        threads: int,
    ) -> None:
        self._container = container
        self._track = track
        self._made = made
        self._bounds = bounds
        self._pieces = pieces
        self._threads = threads
        self._start = Fraction(container.start_time or 0, av.time_base)
        self._sound = sound_of(container)
        self._seen: VideoStream | None = None
        self._heard: AudioStream | None = None
        self._early: list[av.AudioFrame] = []
        self._screen: _Screen | None = None
        self._last = -1

    def run(self) -> None:
        """Copy all of it."""
        for frame in self._frames():
            if isinstance(frame, av.VideoFrame):
                self._show(frame)
            elif self._seen is None:
                self._early.append(frame)
            else:
                self._hear(frame)
        if self._screen is not None:
            self._keep(self._screen.show(None))
        if self._seen is None:
            raise Undecodable("there is no frame in it")
        for stream in (self._seen, self._heard):
            self._made.mux(stream.encode(None) if stream else [])

    def _frames(self) -> Iterator[av.VideoFrame | av.AudioFrame]:
        """The frames of both, as far as they can be decoded; a packet that cannot be is passed over."""
        tracks = [one for one in (self._track, self._sound) if one is not None]
        try:
            for packet in self._container.demux(*tracks):
                with suppress(av.error.InvalidDataError):
                    yield from (
                        one for one in packet.decode() if isinstance(one, av.VideoFrame | av.AudioFrame)
                    )
        except av.error.FFmpegError:
            return

    def _show(self, frame: av.VideoFrame) -> None:
        screen = self._screen
        if screen is None or screen.takes != _shape(frame):
            if screen is not None:
                self._keep(screen.show(None))
            screen = self._screen = _Screen(frame, self._track, self._bounds, screen.size if screen else None)
        if self._seen is None:
            self._seen = self._begin(screen.size)
            if self._sound is not None:
                self._heard = self._made.add_stream("aac", rate=48_000, layout="stereo")
            for sound in self._early:
                self._hear(sound)
        self._keep(screen.show(frame))

    def _keep(self, frames: Iterator[av.VideoFrame]) -> None:
        assert self._seen is not None  # noqa: S101 - it has begun with the first frame
        for frame in frames:
            base = frame.time_base or self._base
            pts = (
                self._last + round(1 / (self._rate * base)) if frame.pts is None else self._since_start(frame)
            )
            if pts > self._last:  # else it is shown at no time of its own
                self._last = frame.pts = pts
                frame.pict_type = PictureType.NONE
                self._pieces.seconds = float(pts * base)
                self._made.mux(self._seen.encode(frame))

    def _hear(self, frame: av.AudioFrame) -> None:
        if self._heard is not None:
            frame.pts = None if frame.pts is None else self._since_start(frame)
            self._made.mux(self._heard.encode(frame))

    def _since_start(self, frame: av.VideoFrame | av.AudioFrame) -> int:
        return max(0, (frame.pts or 0) - round(self._start / (frame.time_base or self._base)))

    @property
    def _base(self) -> Fraction:
        return self._track.time_base or 1 / self._rate

    @property
    def _rate(self) -> Fraction:
        return Fraction(rate_of(self._track) or RATE).limit_denominator(1001)

    def _begin(self, size: Size) -> VideoStream:
        group = max(1, round(self._rate * Fraction(_GROUP)))
        options = {**_H264, "g": str(group), "threads": str(self._threads)}
        stream = self._made.add_stream("libx264", rate=self._rate, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        context = stream.codec_context
        context.time_base = self._base
        context.color_primaries = context.color_trc = context.colorspace = context.color_range = _BT709
        return stream


Shape = tuple[int, int, str, int, int, bool]


def _shape(frame: av.VideoFrame) -> Shape:
    """What a way onto the screen is made for; it may change in the middle of a file."""
    kind = frame.width, frame.height, frame.format.name, int(frame.color_trc), int(frame.color_primaries)
    return *kind, frame.interlaced_frame


class _Screen:
    """The way of a frame onto a screen: upright, in its fields together, of square pixels, and of a screen's light."""

    def __init__(self, frame: av.VideoFrame, track: VideoStream, bounds: Size, size: Size | None) -> None:
        self.takes = _shape(frame)
        turn = round(frame.rotation / 90) * 90 % 360
        shape = float(track.sample_aspect_ratio or 1)
        upright = (max(1, round(frame.width * shape)), frame.height)
        self.size = size or _even(_bounded(upright[::-1] if turn % 180 else upright, bounds))
        self._light = hdr.light_of(frame.color_trc, frame.color_primaries)
        self._graph = Graph()
        base = frame.time_base or track.time_base
        self._source = self._graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=base, name="in"
        )
        named = [(name, self._graph.add(name, how)) for name, how in self._steps(frame, turn)]
        self._sink = self._graph.add("buffersink")
        for one, following in pairwise([self._source, *(step for _, step in named), self._sink]):
            one.link_to(following)
        if self._light is None:
            self._graph.configure()
            return
        form = av.VideoFormat("rgb48le")
        table = self._graph.add_buffer(
            width=hdr.SIDE, height=hdr.SIDE, format=form, time_base=base, name="light"
        )
        table.link_to(dict(named)["haldclut"], 0, 1)
        self._graph.configure()
        table.push(_table(self._light))
        table.push(None)

    def _steps(self, frame: av.VideoFrame, turn: int) -> Iterator[tuple[str, str]]:
        if frame.interlaced_frame:
            yield "bwdif", "mode=send_frame"
        yield from _TURNS[turn]
        width, height = self.size
        if any(one.is_alpha for one in frame.format.components):
            yield "premultiply", "inplace=1"
        if self._light:
            yield "scale", f"{width}:{height}:{_EXACT}"
            yield "format", "rgb48le"
            yield "haldclut", "clut=first"
            yield "scale", f"{_EXACT}:out_color_matrix=bt709:out_range=tv"
        else:
            yield "scale", f"{width}:{height}:{_EXACT}:out_color_matrix=bt709:out_range=tv"
        yield "format", "yuv420p"
        yield "setsar", "1"

    def show(self, frame: av.VideoFrame | None) -> Iterator[av.VideoFrame]:
        """What is to be seen by now; with None, what is left."""
        self._source.push(frame)
        while True:
            try:
                shown = self._sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if isinstance(shown, av.VideoFrame):
                yield shown


def _table(light: hdr.Light) -> av.VideoFrame:
    """What every colour becomes, as a frame that FFmpeg's `haldclut` reads."""
    frame = av.VideoFrame(hdr.SIDE, hdr.SIDE, "rgb48le")
    frame.planes[0].update(hdr.table(light))
    frame.pts = 0
    return frame


_TURNS: Final = {
    0: (),
    90: (("transpose", "dir=cclock"),),
    180: (("transpose", "dir=clock"), ("transpose", "dir=clock")),
    270: (("transpose", "dir=clock"),),
}
"""What turns a frame counterclockwise by so many degrees."""


def _bounded(size: Size, bounds: Size) -> Size:
    """That size, made smaller where it is beyond the bounds, which are turned as it is."""
    long, short = max(bounds), min(bounds)
    turned = (long, short) if size[0] >= size[1] else (short, long)
    return size if size[0] <= turned[0] and size[1] <= turned[1] else fitted(size, turned)


def _even(size: Size) -> Size:
    """The encoder's colours are of two by two pixels."""
    return max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2)
