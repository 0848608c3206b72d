"""The look: what it costs to see whether a file is whole, beyond opening it and decoding its first frame."""

import math
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import process_time

import av
import numpy as np
import OpenEXR  # type: ignore[import-not-found]
from PIL import Image

from benchmarks.clips import SIZE, make_clip
from benchmarks.report import Bench, Row, at_most
from projections.media.jobs import DecoderJob
from projections.media.lent_file import LentFile
from projections.media.steps import answered

MOST = 60
"""Milliseconds of CPU that the closer look into a clip may take."""

SOUND = 30
"""Seconds of a sound."""


def measure(bench: Bench) -> Iterator[Row]:
    """A file of each kind; ours and the plain way take turns."""
    runs = bench.scaled(25, 3)
    bench.say(f"{runs} looks into a file of each kind")
    still = Image.effect_noise(SIZE, 60).convert("RGB")
    kinds: list[tuple[str, Path, Callable[[Path], object]]] = [
        ("a 5 s 1080p clip", make_clip(bench.folder / "clip.mp4"), _first_frame),
        (f"a sound of {SOUND} s", _sound(bench.folder / "sound.wav"), _first_frame),
        *(
            (f"a 1080p {name.upper()}", _still(still, bench.folder / f"still.{name}"), _loaded)
            for name in ("png", "jpg", "webp", "tif")
        ),
        ("a 1080p EXR", _exr(bench.folder / "still.exr"), _unpacked),
    ]
    for what, path, plain in kinds:
        times = [(_seconds(_look, path), _seconds(plain, path)) for _ in range(runs + 1)][1:]
        ours, theirs = (median(some) * 1000 for some in zip(*times, strict=True))
        yield Row(
            measure=f"the closer look into {what}",
            unit="ms",
            ours=max(0.0, ours - theirs),
            aims=[at_most(MOST)] if what.endswith("clip") else [],
            note=f"CPU beyond {theirs:.1f} ms for its first frame; {path.stat().st_size / 1e6:.1f} MB",
        )


def _seconds(do: Callable[[Path], object], path: Path) -> float:
    began = process_time()
    do(path)
    return process_time() - began


def _look(path: Path) -> None:
    with LentFile(path) as file:
        answer, _ = answered(DecoderJob(do="look"), file)
    answer.check()


def _first_frame(path: Path) -> object:
    with av.open(str(path)) as container:
        return next(container.decode(container.streams[0]))


def _loaded(path: Path) -> object:
    with Image.open(path) as image:
        return image.load()


def _unpacked(path: Path) -> object:
    return OpenEXR.File(str(path)).parts[0].channels


def _still(image: Image.Image, path: Path) -> Path:
    image.save(path)
    return path


def _exr(path: Path) -> Path:
    light = np.random.default_rng(1).random((SIZE[1], SIZE[0], 3), np.float32).astype(np.float16)
    OpenEXR.File(
        {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}, {"RGB": light}
    ).write(str(path))
    return path


def _sound(path: Path) -> Path:
    wave = array("h", (int(20_000 * math.sin(n / 17)) for n in range(SOUND * 48_000)))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for start in range(0, len(wave), 4800):
            samples = np.frombuffer(wave[start : start + 4800].tobytes(), np.int16).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate, frame.pts = 48_000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
