"""JPEG 2000, as a file and as a bare codestream: whole, or not."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from daemon.decoding.decoders import open_decoders
from projections.media.errors import Undecodable
from projections.media.stills import still

SIZE = (320, 180)


def probed(path: Path) -> tuple[str | None, int | None, int | None]:
    with path.open("rb") as file:
        name = still.format_of(file)
        assert name == "JPEG2000"
        found = still.Still(file, name).probe()
    return found.codec, found.width, found.height


def made(path: Path) -> Path:
    """A picture that takes a few ten thousand bytes."""
    pixels = np.random.default_rng(3).integers(0, 255, (*SIZE[::-1], 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture(params=[".jp2", ".j2k"])
def picture(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return made(tmp_path / f"a{request.param}")


def test_a_whole_one_says_what_it_holds(picture: Path) -> None:
    assert probed(picture) == ("jpeg2000", *SIZE)


@pytest.mark.parametrize("lost", [2, 10, 4096, 60_000])
def test_one_that_is_cut_is_not_whole(picture: Path, lost: int) -> None:
    picture.write_bytes(picture.read_bytes()[:-lost])
    with pytest.raises(Undecodable):
        probed(picture)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_one_with_zeros_where_its_picture_should_be_is_not_whole(picture: Path, share: float) -> None:
    content = bytearray(picture.read_bytes())
    begin = int(len(content) * share)
    content[begin : begin + 4096] = bytes(4096)
    picture.write_bytes(content)
    with pytest.raises(Undecodable, match="transfer is not complete"):
        probed(picture)


@pytest.mark.parametrize("mode", ["L", "I;16", "RGBA"])
def test_every_kind_of_pixel_has_a_picture(tmp_path: Path, mode: str) -> None:
    Image.new(mode, SIZE, 60000 if mode == "I;16" else None).save(tmp_path / "a.jp2")
    with (tmp_path / "a.jp2").open("rb") as file:
        assert still.Still(file, "JPEG2000").picture((160, 90)).startswith(b"\x89PNG")


async def test_a_confined_decoder_has_all_that_it_needs(picture: Path) -> None:
    async with open_decoders(1) as decoders:
        look = await decoders.inspect(picture, name=picture.name)
        assert (look.kind, look.codec, (look.width, look.height)) == ("image", "jpeg2000", SIZE)
        assert (await decoders.picture(picture)).startswith(b"\x89PNG")
