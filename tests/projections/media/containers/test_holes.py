"""Stills with room that a transfer never filled, and stills that are whole though they look odd."""

import random
import warnings
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from projections.media import stills
from projections.media.errors import Undecodable

FORMS: dict[str, dict[str, Any]] = {
    "plain.jpg": {"quality": 90},
    "best.jpg": {"quality": 85, "optimize": True, "subsampling": 0},
    "progressive.jpg": {"quality": 90, "progressive": True},
    "grey.jpg": {"quality": 90},
    "a.webp": {"quality": 90},
    "lossless.webp": {"lossless": True},
    "a.png": {},
    "lzw.tif": {"compression": "tiff_lzw"},
    "deflate.tif": {"compression": "tiff_adobe_deflate"},
    "a.gif": {},
}


def picture(name: str, size: tuple[int, int] = (320, 180)) -> Image.Image:
    mode = "L" if name.startswith("grey") else "RGB"
    half = (size[0] // 2, size[1] // 2)
    noise = Image.frombytes("RGB", half, random.Random(7).randbytes(3 * half[0] * half[1]))
    return noise.resize(size).convert(mode)


def check(path: Path) -> None:
    with path.open("rb", buffering=0) as file, warnings.catch_warnings(action="ignore"):
        name = stills.format_of(file)
        assert name is not None
        stills.Still(file, name).probe()


def made(folder: Path, name: str) -> Path:
    picture(name).save(folder / name, **FORMS[name])
    check(folder / name)
    return folder / name


@pytest.mark.parametrize("name", FORMS)
def test_room_that_was_never_filled_is_told(tmp_path: Path, name: str) -> None:
    path = made(tmp_path, name)
    whole = path.read_bytes()
    for begin, end in ((0.4, 0.6), (0.5, 1.0), (0.85, 1.0)):
        first, last = int(len(whole) * begin), int(len(whole) * end)
        path.write_bytes(whole[:first] + bytes(last - first) + whole[last:])
        with pytest.raises(Undecodable):
            check(path)


@pytest.mark.parametrize("name", FORMS)
def test_one_that_is_cut_off_is_told(tmp_path: Path, name: str) -> None:
    path = made(tmp_path, name)
    whole = path.read_bytes()
    for share in (0.02, 0.5, 0.95):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(Undecodable):
            check(path)


@pytest.mark.parametrize("name", FORMS)
def test_one_that_is_flat_all_over_is_whole(tmp_path: Path, name: str) -> None:
    for colour in ((0, 0, 0), (255, 255, 255), (120, 10, 60)):
        image = Image.new("RGB", (1024, 512), colour)
        image.convert("L" if name.startswith("grey") else "RGB").save(tmp_path / name, **FORMS[name])
        check(tmp_path / name)


@pytest.mark.parametrize("name", FORMS)
def test_one_with_a_small_picture_in_the_dark_is_whole(tmp_path: Path, name: str) -> None:
    image = Image.new("RGB", (1024, 512))
    image.paste(picture(name, (64, 64)), (500, 250))
    image.convert("L" if name.startswith("grey") else "RGB").save(tmp_path / name, **FORMS[name])
    check(tmp_path / name)
