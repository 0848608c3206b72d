"""What is seen in videos and sounds, and what is refused."""

import socket
import struct
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import pytest
from av.stream import Disposition
from PIL import Image

from projections.media import clip, frames, video
from projections.media.errors import Undecodable
from projections.media.jobs import Probe
from projections.media.stills import thumbnails
from tests.support.clips import Colour, Pipe, make_hdr, make_tone, make_video

RED, GREEN, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)

TKHD_UPRIGHT = bytes.fromhex(
    "00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000"
)
TKHD_QUARTER = bytes.fromhex(
    "00000000 00010000 00000000 FFFF0000 00000000 00000000 00000000 00000000 40000000"
)


def labels_of(path: Path) -> dict[str, str]:
    with path.open("rb", buffering=0) as file:
        return video.labels(file, {"prompt"})


def probed(path: Path) -> Probe:
    with path.open("rb", buffering=0) as file:
        return video.probe(file)


def thumbnail(path: Path, size: tuple[int, int] = (320, 180)) -> Image.Image:
    with path.open("rb", buffering=0) as file:
        raster = frames.picture(file, size)
    assert raster
    return Image.open(BytesIO(thumbnails.framed(raster, size)))


def colour_at(image: Image.Image, x: int, y: int) -> Colour:
    """The strongest of the three primaries there, or black."""
    pixel = image.convert("RGB").getpixel((x, y))
    assert isinstance(pixel, tuple)
    red, green, blue = (255 if value > 128 else 0 for value in pixel)
    return red, green, blue


def cut(path: Path, share: float, name: str) -> Path:
    whole = path.read_bytes()
    piece = path.with_name(name)
    piece.write_bytes(whole[: int(len(whole) * share)])
    return piece


def quarters(size: tuple[int, int]) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image


def black() -> av.VideoFrame:
    return av.VideoFrame.from_image(Image.new("RGB", (64, 36)))  # type: ignore[no-untyped-call, no-any-return]


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.mkv", "libx264"),
        ("a.webm", "libvpx-vp9"),
        ("a.mov", "prores_ks"),
        ("a.avi", "mpeg4"),
        ("a.mxf", "mpeg2video"),
    ],
)
def test_a_video_is_measured(tmp_path: Path, name: str, codec: str) -> None:
    seen = probed(make_video(tmp_path / name, seconds=1, size=(64, 36), rate=24, codec=codec))
    assert (seen.kind, seen.width, seen.height, seen.frame_rate) == ("video", 64, 36, 24)
    assert seen.duration == pytest.approx(1, abs=0.05)
    assert seen.codec in {"h264", "vp9", "prores", "mpeg4", "mpeg2video"}


@pytest.mark.parametrize(
    ("name", "codec"), [("a.wav", "pcm_s16le"), ("a.flac", "flac"), ("a.mp3", "libmp3lame"), ("a.m4a", "aac")]
)
def test_a_sound_is_measured(tmp_path: Path, name: str, codec: str) -> None:
    seen = probed(make_tone(tmp_path / name, seconds=0.5, codec=codec))
    assert (seen.kind, seen.width, seen.height) == ("audio", None, None)
    assert seen.duration == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize(("transfer", "paper", "bright"), [(16, 573, 728), (18, 721, 900)])
def test_hdr_is_brought_to_a_screen_with_paper_white_and_highlights_apart(
    tmp_path: Path, transfer: int, paper: int, bright: int
) -> None:
    black, white, light = (
        colour_at_middle(make_hdr(tmp_path / f"{code}.mkv", (code, 512, 512), transfer))
        for code in (64, paper, bright)
    )
    assert black == pytest.approx((0, 0, 0), abs=1)
    assert white == pytest.approx((243, 243, 243), abs=3)
    assert 246 < light[0] < 256


def test_the_colours_of_hdr_are_those_of_a_screen(tmp_path: Path) -> None:
    red = colour_at_middle(make_hdr(tmp_path / "a.mkv", (300, 450, 640), 16))
    assert red[0] > 2 * red[1]
    plain = colour_at_middle(make_hdr(tmp_path / "b.mkv", (300, 512, 512), 14))
    assert plain[0] == plain[1] == plain[2]


@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "libx264"), ("a.mp4", "libx264"), ("b.mkv", "ffv1")])
def test_a_frame_that_is_shown_for_long_is_what_is_seen_until_the_next_one(
    tmp_path: Path, name: str, codec: str
) -> None:
    path = tmp_path / name
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=24)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for stamp, colour in ((0, RED), (3500, BLUE), (3600, BLUE), (4000, GREEN), (4100, GREEN)):
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 36), colour))  # type: ignore[no-untyped-call]
            frame.pts, frame.time_base = stamp, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert colour_at(thumbnail(path), 160, 90) == RED


def colour_at_middle(path: Path) -> Any:
    return thumbnail(path).getpixel((160, 90))


def test_what_is_clear_in_a_video_is_black(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    with av.open(path, "w") as container:
        stream = container.add_stream("prores_ks", rate=24, options={"profile": "4444", "alpha_bits": "16"})
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuva444p10le"
        image = Image.new("RGBA", (64, 36), (255, 0, 0, 255))
        image.paste((255, 255, 255, 0), (32, 0, 64, 36))
        for number in range(4):
            frame = av.VideoFrame.from_bytes(image.tobytes(), 64, 36, format="rgba")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert thumbnail(path).getpixel((40, 90)) == pytest.approx(RED, abs=20)
    assert thumbnail(path).getpixel((280, 90)) == pytest.approx((0, 0, 0), abs=6)


def test_the_tags_of_a_container_are_its_labels(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", tags={"prompt": "a lighthouse"})
    assert labels_of(path) == {"prompt": "a lighthouse"}


@pytest.mark.parametrize(
    ("name", "codec"), [("a.opus", "libopus"), ("a.flac", "flac"), ("a.mp3", "libmp3lame")]
)
def test_the_tags_of_a_sound_are_its_labels(tmp_path: Path, name: str, codec: str) -> None:
    found = labels_of(make_tone(tmp_path / name, codec=codec, tags={"prompt": "waves", "other": "x"}))
    assert {key.lower(): text for key, text in found.items()} == {"prompt": "waves"}


def test_a_half_second_clip_shows_its_middle_frame(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", seconds=0.5, colours=[RED, GREEN, BLUE])
    assert colour_at(thumbnail(path), 160, 90) == GREEN


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov", "a.ts", "a.m2ts"])
def test_a_longer_clip_shows_the_frame_at_one_second(tmp_path: Path, name: str) -> None:
    path = make_video(tmp_path / name, seconds=3, colours=[RED, GREEN, BLUE])
    assert colour_at(thumbnail(path), 160, 90) == GREEN


def test_a_clip_of_one_frame_shows_it(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", seconds=1 / 24, colours=[RED])
    assert colour_at(thumbnail(path), 160, 90) == RED


def test_a_seek_past_the_end_finds_a_frame_all_the_same(tmp_path: Path) -> None:
    with make_video(tmp_path / "a.mp4", seconds=0.5).open("rb") as file, clip.open_clip(file) as container:
        track = clip.track_of(container)
        assert isinstance(track, av.VideoStream)
        assert frames._frame_at(container, track, 500.0).width == 64


def test_the_frame_is_the_one_that_decoding_all_of_them_gives(tmp_path: Path) -> None:
    shades = [(n * 5, 255 - n * 5, n * 3) for n in range(48)]
    path = make_video(tmp_path / "a.mp4", seconds=2, colours=shades)
    with av.open(path) as container:
        expected = [bytes(frame.planes[0]) for frame in container.decode(container.streams.video[0])]
    with path.open("rb") as file, clip.open_clip(file) as container:
        track = clip.track_of(container)
        assert isinstance(track, av.VideoStream)
        assert bytes(frames._frame_at(container, track, 1.0).planes[0]) == expected[24]


def test_a_portrait_clip_gets_bars_and_is_not_squashed(tmp_path: Path) -> None:
    image = thumbnail(make_video(tmp_path / "a.mp4", size=(90, 160), colours=[RED]))
    assert image.size == (320, 180)
    row = [colour_at(image, x, 90) for x in range(320)]
    assert row.index(RED) == pytest.approx((320 - 101) / 2, abs=1)
    assert row.count(RED) == pytest.approx(101, abs=1)  # 9:16 of 180 lines
    assert colour_at(image, 160, 0) == colour_at(image, 160, 179) == RED


def test_a_turned_clip_is_seen_upright(tmp_path: Path) -> None:
    upright = make_video(tmp_path / "a.mp4", size=(160, 90), colours=[quarters((160, 90))])
    turned = tmp_path / "turned.mp4"
    head, matrix, tail = upright.read_bytes().rpartition(TKHD_UPRIGHT)
    assert matrix
    turned.write_bytes(head + TKHD_QUARTER + tail)
    seen, image = probed(turned), thumbnail(turned)
    assert (seen.width, seen.height) == (90, 160)
    assert colour_at(image, 20, 90) == BLACK
    assert (colour_at(image, 160, 20), colour_at(image, 160, 160)) == (RED, BLUE)  # a quarter clockwise


def test_a_video_can_be_drawn_in_another_size(tmp_path: Path) -> None:
    assert thumbnail(make_video(tmp_path / "a.mp4"), (1280, 720)).size == (1280, 720)


def test_a_sound_that_goes_on_in_another_form_is_drawn_to_its_end(tmp_path: Path) -> None:
    parts = [make_tone(tmp_path / "one.aac", codec="aac", seconds=0.5), tmp_path / "two.aac"]
    with av.open(parts[1], "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "stereo"
        silence = av.AudioFrame(format="fltp", layout="stereo", samples=44_100)
        for plane in silence.planes:
            plane.update(bytes(plane.buffer_size))
        silence.sample_rate = 44_100
        container.mux(stream.encode(silence))
        container.mux(stream.encode())
    path = tmp_path / "both.aac"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    with path.open("rb", buffering=0) as file:
        peaks = [level.peak for level in frames.levels(file, 30)]
    assert max(peaks[:5]) > 0.5
    assert max(peaks[-10:]) < 0.1


def test_a_frame_whose_pixels_are_hardly_wider_than_nothing_is_drawn_one_wide() -> None:
    track: Any = SimpleNamespace(sample_aspect_ratio=Fraction(1, 1000))
    assert frames.raster_of(black(), track, (320, 180)).size == (5, 180)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.8, 0.9, 0.95, 0.99])
def test_a_cut_mp4_whose_index_was_never_written_is_refused(tmp_path: Path, share: float) -> None:
    with pytest.raises(Undecodable, match="cut off: its index is missing"):
        probed(cut(make_video(tmp_path / "a.mp4"), share, "cut.mp4"))


@pytest.mark.parametrize(
    ("name", "share"), [("a.mp4", 0.7), ("a.mp4", 0.99), ("a.mkv", 0.6), ("a.avi", 0.6), ("a.wav", 0.5)]
)
def test_a_file_that_ends_before_its_header_says_is_refused(tmp_path: Path, name: str, share: float) -> None:
    path = tmp_path / name
    if path.suffix == ".wav":
        make_tone(path)
    else:
        noise = [Image.effect_noise((64, 36), 90 + n).convert("RGB") for n in range(72)]
        codec = "mpeg4" if path.suffix == ".avi" else "libx264"
        options = {"movflags": "+faststart"} if path.suffix == ".mp4" else None
        make_video(path, seconds=3, colours=noise, codec=codec, container_options=options)
    with pytest.raises(Undecodable, match="the file is cut off"):
        probed(cut(path, share, f"cut{path.suffix}"))


def test_it_says_where_a_file_is_cut_off(tmp_path: Path) -> None:
    noise = [Image.effect_noise((64, 36), 90 + n).convert("RGB") for n in range(72)]
    path = make_video(tmp_path / "a.mkv", seconds=3, colours=noise)
    with pytest.raises(Undecodable, match=r"it claims 3\.0 s and ends at [12]\.\d s"):
        probed(cut(path, 0.6, "cut.mkv"))


def test_a_matroska_file_whose_writer_was_killed_is_refused(tmp_path: Path) -> None:
    path, killed = tmp_path / "a.mkv", tmp_path / "killed.mkv"
    with av.open(path, "w", options={"flush_packets": "1"}) as container:
        stream = container.add_stream("mjpeg", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuvj420p"
        for _ in range(48):
            container.mux(stream.encode(black()))
        killed.write_bytes(path.read_bytes())
    assert killed.stat().st_size
    assert probed(path).duration == pytest.approx(2)
    with pytest.raises(Undecodable, match="the file is cut off"):
        probed(killed)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.png", "a.wav"])
@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://{host}/a.ts\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "ffconcat version 1.0\nfile 'http://{host}/a.mp4'\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>http://{host}/</BaseURL></MPD>',
    ],
    ids=["m3u8", "sdp", "concat", "dash"],
)
def test_a_playlist_in_disguise_is_refused_and_asks_nobody(tmp_path: Path, name: str, text: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        path = tmp_path / name
        path.write_text(text.replace("{host}", f"127.0.0.1:{server.getsockname()[1]}"))
        with pytest.raises(Undecodable, match="not a video, image or audio file"):
            probed(path)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("content", [b"", b"\0" * 5000, b"no media at all\n" * 100, bytes(range(256)) * 40])
def test_what_is_no_media_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(Undecodable):
        probed(path)


def test_a_rare_codec_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.avi"
    with av.open(path, "w") as container:
        stream = container.add_stream("magicyuv", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "gbrp"
        container.mux(stream.encode(black()))
        container.mux(stream.encode())
    with pytest.raises(Undecodable, match="its codec, magicyuv"):
        probed(path)


def test_a_sound_with_a_cover_is_a_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    with av.open(path, "w") as container:
        sound = container.add_stream("libmp3lame", rate=44_100)
        cover = container.add_stream("png")
        cover.width, cover.height, cover.pix_fmt = 64, 36, "rgb24"
        cover.disposition = Disposition.attached_pic
        container.mux(cover.encode(black()))
        container.mux(cover.encode())
        silence = av.AudioFrame(format="s16p", layout="stereo", samples=44_100)
        silence.sample_rate = 44_100
        container.mux(sound.encode(silence))
        container.mux(sound.encode())
    with av.open(path) as container:
        assert container.streams.video
    assert probed(path).kind == "audio"


def test_a_sound_has_no_picture(tmp_path: Path) -> None:
    with make_tone(tmp_path / "a.wav").open("rb", buffering=0) as file:
        assert frames.picture(file, (320, 180)) is None


def noisy(path: Path, seconds: float = 3, codec: str = "libx264") -> Path:
    """A clip whose packets are all of some size, with its index before them."""
    pictures = [Image.effect_noise((64, 36), 90 + n).convert("RGB") for n in range(round(seconds * 24))]
    options = {"movflags": "+faststart"} if path.suffix in (".mp4", ".mov") else None
    return make_video(path, seconds=seconds, colours=pictures, codec=codec, container_options=options)


def zeroed(path: Path, begin: float, end: float) -> Path:
    """The same with zeros between those shares of it."""
    content = bytearray(path.read_bytes())
    first, last = int(len(content) * begin), int(len(content) * end)
    content[first:last] = bytes(last - first)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("begin", "end"), [(0.5, 1.0), (0.4, 0.6), (0.8, 1.0)])
@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.mkv", "libx264"),
        ("a.webm", "libvpx-vp9"),
        ("a.mov", "prores_ks"),
        ("a.mp4", "mpeg4"),
        ("a.avi", "mpeg4"),
        ("a.avi", "mjpeg"),
        ("a.avi", "huffyuv"),
    ],
)
def test_room_that_was_reserved_and_never_written_is_no_clip(
    tmp_path: Path, name: str, codec: str, begin: float, end: float
) -> None:
    path = noisy(tmp_path / name, codec=codec)
    assert probed(path).duration == pytest.approx(3)
    with pytest.raises(Undecodable):
        probed(zeroed(path, begin, end))


def test_a_hole_in_a_large_clip_is_found_by_looking_in_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video, "_SMALL", 0)
    monkeypatch.setattr(video, "_PACKETS", 2)
    path = noisy(tmp_path / "a.mp4")
    assert probed(path).duration == 3
    with pytest.raises(
        Undecodable, match=r"nothing has been written at 1\.\d s: the transfer is not complete"
    ):
        probed(zeroed(path, 0.4, 0.6))


def test_black_frames_that_are_not_packed_are_no_hole(tmp_path: Path) -> None:
    for name, codec in (("a.mov", "qtrle"), ("a.avi", "rawvideo")):
        make_video(tmp_path / name, codec=codec, colours=[BLACK])
        assert probed(tmp_path / name).duration == 1
    silence = tmp_path / "a.wav"
    silence.write_bytes(wave(bytes(96_000)))
    assert probed(silence).duration == 1


def wave(sound: bytes, length: int | None = None) -> bytes:
    """16 bits of mono at 48 kHz, and the length that is claimed for it."""
    form = struct.pack("<HHIIHH", 1, 1, 48_000, 96_000, 2, 16)
    claimed = len(sound) if length is None else length
    content = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", claimed) + sound
    return b"RIFF" + struct.pack("<I", 0xFFFFFFFF if length else len(content)) + content


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF, 0x7FFFF000])
def test_a_sound_from_a_pipe_is_as_long_as_there_is_of_it(tmp_path: Path, length: int) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wave(b"\1\2" * 72_000, length))
    assert probed(path).duration == pytest.approx(1.5, abs=0.01)


@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "libx264"), ("a.webm", "libvpx")])
def test_a_recording_from_a_pipe_is_whole_where_it_ends_with_a_packet(
    tmp_path: Path, name: str, codec: str
) -> None:
    path = tmp_path / name
    sink = Pipe()
    make_video(sink, seconds=2, codec=codec, format="matroska")
    path.write_bytes(sink.written)
    assert probed(path).duration == pytest.approx(2, abs=0.1)
    path.write_bytes(sink.written[:-9])
    with pytest.raises(Undecodable, match="the file is cut off"):
        probed(path)


def test_a_clip_whose_clock_begins_late_is_as_long_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(path, "w") as container:
        stream = container.add_stream("mpeg4", rate=24)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for number in range(48):
            frame = black()
            frame.pts = 240 + number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert probed(path).duration == pytest.approx(2, abs=0.1)
    assert colour_at(thumbnail(path), 160, 90) == BLACK


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
@pytest.mark.parametrize(("written", "told"), [("01:00:59:20", "01:00:59:20"), ("00:61:00:00", None)])
def test_a_clip_says_at_which_timecode_it_begins(
    tmp_path: Path, name: str, written: str, told: str | None
) -> None:
    path = make_video(tmp_path / name, tags={"timecode": written})
    assert probed(path).timecode == told
    assert probed(make_video(tmp_path / f"no_{name}")).timecode is None
