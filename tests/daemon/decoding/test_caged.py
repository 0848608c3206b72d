"""What a decoder can do in its cage: all that it is there for."""

import os
import sys
from pathlib import Path

import pytest

from daemon.decoding.decoders import open_decoders
from projections.media import video
from projections.media.jobs import DecoderJob
from projections.media.lent_file import LentFile
from projections.media.steps import answered
from tests.daemon.decoding.asked import _no_hurry, the_child
from tests.support.clips import make_audible, make_sound, make_subtitled, make_tone, make_video, sine

__all__ = ["_no_hurry"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
async def test_a_decoder_has_its_connection_and_nothing_else_of_the_daemons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    with (tmp_path / "open").open("wb") as opened:
        async with open_decoders(1) as decoders:
            assert (await decoders.greeting()).holes == decoders.holes == ()
            proc = Path("/proc") / str(the_child(decoders).greeting.pid)
            lent = sorted(str(one.readlink()).partition(":")[0] for one in (proc / "fd").iterdir())
            names = {line.partition(b"=")[0] for line in (proc / "environ").read_bytes().split(b"\0") if line}
        assert opened.writable()
    assert lent == ["/dev/null"] * 3 + ["socket"]
    assert names <= {b"PATH", b"PYTHONPATH", b"LANG", b"MALLOC_ARENA_MAX", b"OPENBLAS_NUM_THREADS"}


MOVING = {
    "mp4": "libx264 libx265 libsvtav1",
    "webm": "libvpx libvpx-vp9",
    "mov": "prores_ks cfhd mjpeg qtrle v210 png",
    "mkv": "mpeg1video mpeg2video ffv1 jpeg2000",
    "avi": "mpeg4 huffyuv ffvhuff utvideo rawvideo msmpeg4v2 msmpeg4",
    "wmv": "wmv1 wmv2",
    "flv": "flv",
}


SOUNDING = {
    "m4a": "aac alac",
    "mp3": "libmp3lame",
    "flac": "flac",
    "opus": "libopus",
    "mkv": "ac3 eac3",
    "wav": "pcm_s24le adpcm_ms adpcm_ima_wav",
}


SUBTITLED = {"mkv": "ass srt webvtt dvdsub", "mp4": "mov_text"}


async def test_every_codec_does_in_the_cage_what_it_does_outside(tmp_path: Path) -> None:
    """Of those that can also be written here."""
    size = (320, 180)
    files = [
        make_video(tmp_path / f"{codec}.{ending}", codec=codec, seconds=0.25, size=size)
        for ending, codecs in MOVING.items()
        for codec in codecs.split()
    ]
    files += [
        make_subtitled(tmp_path / f"{codec}.{ending}", codec)
        for ending, codecs in SUBTITLED.items()
        for codec in codecs.split()
    ]
    take_turns()  # libsvtav1 has the thread that writes with it go before all others
    files += [
        make_tone(tmp_path / f"{codec}.{ending}", codec=codec)
        for ending, codecs in SOUNDING.items()
        for codec in codecs.split()
    ]
    async with open_decoders(2) as decoders:
        for path in files:
            with path.open("rb", buffering=0) as file:
                seen = video.probe(file)
            look = await decoders.inspect(path, name=path.name, patient=True)
            assert (look.kind, look.codec, look.duration) == (seen.kind, seen.codec, seen.duration), path.name
            assert await decoders.picture(path) == outside(path), path.name


def take_turns() -> None:
    """Have this thread be one of many for the system, as it was."""
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def outside(path: Path) -> bytes:
    """The thumbnail that is drawn in this process."""
    with LentFile(os.open(path, os.O_RDONLY)) as file:
        answer, picture = answered(DecoderJob(do="picture"), file)
    answer.check()
    return picture


async def test_sound_is_measured_in_the_cage(tmp_path: Path) -> None:
    sound = make_sound(tmp_path / "tone.flac", sine(-23.0, 1.0), codec="flac")
    silent = make_video(tmp_path / "silent.mp4")
    heard = make_audible(tmp_path / "heard.mp4", silent=silent, wave=sine(-23.0, 1.0))
    async with open_decoders(1) as decoders:
        for path in (sound, heard):
            found = await decoders.inspect(path, name=path.name, draw=True)
            assert found.channels == 2
            loudness = await decoders.loudness(path, found.sha256)
            assert loudness == pytest.approx(-23.0, abs=0.5)
            assert await decoders.loudness(path, found.sha256) == loudness  # which is measured anew
        found = await decoders.inspect(silent, name=silent.name, draw=True)
        assert found.channels is None
        assert await decoders.loudness(silent, found.sha256) is None
