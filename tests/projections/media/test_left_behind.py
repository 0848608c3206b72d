"""What a look leaves in the memory of a decoder, which looks into many files: nothing, even where nobody looks for cycles."""

import gc
import os
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from projections.media import steps
from projections.media.jobs import DecoderJob, Step
from projections.media.lent_file import LentFile
from tests.support.clips import make_still, make_tone, make_video
from tests.support.exr import filled, write

ASKED: tuple[Step, ...] = ("look", "hash", "labels", "loudness", "picture", "all", "filmstrip", "waveform")
"""What is asked of a file one after the other, as in a visit."""


def make_light(path: Path) -> Path:
    return write(path, filled((16, 16), R=0.5, G=0.5, B=0.5))


def make_animation(path: Path) -> None:
    frames = [Image.new("RGB", (64, 36), (shade, 90, 40)) for shade in (10, 120, 230)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)


MAKERS: dict[str, Callable[[Path], object]] = {
    "clip.mp4": make_video,
    "clip.mkv": make_video,
    "clip.webm": partial(make_video, codec="libvpx-vp9"),
    "clip.gif": make_animation,
    "clip.webp": make_animation,
    "still.png": make_still,
    "still.jpg": make_still,
    "still.tif": make_still,
    "still.avif": make_still,
    "tone.wav": make_tone,
    "tone.flac": partial(make_tone, codec="flac"),
    "light.exr": make_light,
}


def visit(path: Path, threads: int) -> None:
    with LentFile(os.open(path, os.O_RDONLY)) as file:
        for do in ASKED:
            steps.answered(DecoderJob(do=do, threads=threads), file)


def of_codecs() -> Counter[str]:
    """The objects of the libraries that decode, and of ours, by their kind."""
    kinds = (type(one) for one in gc.get_objects())
    named = (f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)
    return Counter(name for name in named if name.startswith(("av.", "PIL.", "projections.media")))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("part", [1.0, 0.7])
@pytest.mark.parametrize("name", MAKERS)
def test_a_visit_leaves_nothing_behind(tmp_path: Path, name: str, part: float, threads: int) -> None:
    path = tmp_path / name
    MAKERS[name](path)
    os.truncate(path, int(path.stat().st_size * part))
    visit(path, threads)  # what is made once, such as a table of a codec, is made by the first
    gc.collect()
    gc.disable()
    try:
        before = of_codecs()
        visit(path, threads)
        assert of_codecs() - before == Counter()
    finally:
        gc.enable()
