"""Mutants: files of every kind that a decoder knows, each spoilt in its own way; the same ones in every run.

A mutant is named by its number: the file that it was, and what was done to it, follow from that alone.
"""

import json
import random
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image, PngImagePlugin

from tests.support.clips import make_still, make_tone, make_video
from tests.support.exr import noise, write, write_deep, write_parts

MEDIA = Path(__file__).parents[2] / "media" / "comfyui"

MOVING = {
    "mp4": "libx264 libx265",
    "mov": "prores_ks cfhd mjpeg qtrle v210 png",
    "webm": "libvpx libvpx-vp9",
    "mkv": "mpeg1video mpeg2video ffv1 jpeg2000",
    "avi": "mpeg4 huffyuv ffvhuff utvideo rawvideo",
    "mxf": "mpeg2video",
}
SOUNDING = {
    "m4a": "aac alac",
    "mp3": "libmp3lame",
    "flac": "flac",
    "ogg": "libopus flac",
    "opus": "libopus",
    "aac": "aac",
    "wav": "pcm_s24le",
}
RECIPE = {
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "the sea", "clip": ["4", 1]}},
    "3": {"class_type": "KSampler", "inputs": {"seed": 7, "steps": 20, "cfg": 8.0, "positive": ["6", 0]}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}},
}
TAGS = {
    "prompt": json.dumps(RECIPE),
    "parameters": "the sea\nNegative prompt: fog\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 64x36",
    "comment": json.dumps({"seed": 5, "prompt": "waves"}),
}
EXTREMES = (0, 1, 0x7F, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
PNG = b"\x89PNG\r\n\x1a\n"


class Mutant(NamedTuple):
    """A spoilt file, and what it is called."""

    name: str
    content: bytes


@cache
def originals(folder: Path) -> Sequence[Mutant]:
    """The files as they are before anything is done to them, made in that folder."""
    stills = {
        "png": {"pnginfo": _texts()},
        "jpg": {"quality": 80},
        "webp": {"quality": 80},
        "tiff": {"compression": "tiff_lzw"},
        "gif": {},
    }
    picture = Image.linear_gradient("L").resize((64, 36)).convert("RGB")
    for suffix, options in stills.items():
        picture.save(folder / f"still.{suffix}", **options)  # type: ignore[arg-type]
    for suffix in ("gif", "webp", "png"):
        more = [picture.rotate(turn) for turn in (90, 180)]
        picture.save(folder / f"moving.{suffix}", save_all=True, append_images=more, duration=100)
    for suffix, codecs in MOVING.items():
        for codec in codecs.split():
            size = (320, 180) if suffix == "mxf" or codec in {"cfhd", "libx265"} else (64, 36)
            rate = 25 if suffix == "mxf" else 24
            path = folder / f"{codec}.{suffix}"
            make_video(path, codec=codec, seconds=0.25, size=size, rate=rate, tags=TAGS)
    write(folder / "light.exr", noise((64, 36)), "PIZ")
    write(folder / "tiles.exr", noise((64, 36)), "ZIP", tile=16)
    write_parts(folder / "parts.exr", {"rgba": noise((24, 16)), "depth": noise((24, 16), "Z", "float32")})
    write_deep(folder / "deep.exr", [[[{"R": 0.5, "A": 0.5, "Z": 1.0}] * 2] * 9] * 9)
    for suffix, codecs in SOUNDING.items():
        for codec in codecs.split():
            make_tone(folder / f"{codec}.{suffix}", codec=codec, seconds=0.25, tags=TAGS)
    make_still(folder / "small.png", size=(1, 1), tags=TAGS)
    (folder / "recipe.json").write_text(json.dumps({"prompt": RECIPE, "seed": 5}))
    paths = [*sorted(folder.iterdir()), *sorted(MEDIA.iterdir())]
    return [Mutant(path.name, path.read_bytes()) for path in paths]


def _texts() -> PngImagePlugin.PngInfo:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("prompt", TAGS["prompt"], zip=True)
    texts.add_itxt("parameters", TAGS["parameters"])
    return texts


def mutant(number: int, files: Sequence[Mutant]) -> Mutant:
    """The mutant of that number; every file has its turn, one after the other."""
    dice = random.Random(number)
    name, content = files[number % len(files)]
    other = dice.choice(files).content
    for _ in range(dice.choice((1, 1, 1, 1, 2, 4))):
        content = dice.choice(MUTATIONS)(content, other, dice) or content
    if content.startswith(PNG) and dice.random() < 0.7:
        content = b"".join([PNG, *_with_sums(content)])
    return Mutant(name, content)


def _place(content: bytes, dice: random.Random) -> int:
    """Somewhere in it, and every second time where its headers stand."""
    ends = dice.choice((len(content), len(content), min(64, len(content)), min(1024, len(content))))
    return dice.randrange(max(1, ends))


def _flip(content: bytes, _: bytes, dice: random.Random) -> bytes:
    spoilt = bytearray(content)
    for _times in range(dice.choice((1, 4, 64))):
        spoilt[_place(content, dice)] ^= 1 << dice.randrange(8)
    return bytes(spoilt)


def _extreme(content: bytes, _: bytes, dice: random.Random) -> bytes:
    """A number of a header becomes the smallest or the largest, or nearly."""
    at, form = _place(content, dice), dice.choice(("<I", ">I", "<H", ">H", ">Q"))
    size = struct.calcsize(form)
    number = struct.pack(form, dice.choice(EXTREMES) & ((1 << 8 * size) - 1))
    return content[:at] + number + content[at + size :]


def _overwrite(content: bytes, _: bytes, dice: random.Random) -> bytes:
    at, size = _place(content, dice), dice.choice((1, 16, 256, 4096))
    filler = dice.choice((bytes(size), b"\xff" * size, dice.randbytes(size)))
    return content[:at] + filler[: len(content) - at] + content[at + size :]


def _cut_off(content: bytes, _: bytes, dice: random.Random) -> bytes:
    return content[: _place(content, dice)]


def _cut_out(content: bytes, _: bytes, dice: random.Random) -> bytes:
    at = _place(content, dice)
    return content[:at] + content[at + dice.choice((1, 7, 128, 5000)) :]


def _repeat(content: bytes, _: bytes, dice: random.Random) -> bytes:
    at, size = _place(content, dice), dice.choice((1, 8, 256, 4096))
    return content[:at] + content[at : at + size] * dice.choice((2, 3, 50)) + content[at + size :]


def _graft(content: bytes, other: bytes, dice: random.Random) -> bytes:
    """The end of it, or a piece, is that of another file."""
    piece = other[_place(other, dice) :]
    if dice.random() < 0.5:
        piece = piece[: dice.choice((16, 512, 8192))]
    return content[: _place(content, dice)] + piece


Mutation = Callable[[bytes, bytes, random.Random], bytes]
MUTATIONS: Sequence[Mutation] = (
    _flip,
    _flip,
    _extreme,
    _extreme,
    _overwrite,
    _cut_off,
    _cut_out,
    _repeat,
    _graft,
)


def _with_sums(content: bytes) -> Iterator[bytes]:
    """The chunks of a PNG with sums that are right again, so that a reader does not stop at the first one."""
    at = len(PNG)
    while at + 12 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        chunk = content[at + 4 : at + 8 + size]
        yield content[at : at + 4] + chunk + zlib.crc32(chunk).to_bytes(4, "big")
        at += 12 + size
    yield content[at:]
