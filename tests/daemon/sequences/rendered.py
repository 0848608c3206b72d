"""Rendered folders of frames, and what a take of them looks like on the disk."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import av
from PIL import Image

from projections.layout import frame_name
from tests.support.film import DAWN, Film, is_read_only, still

FRAMES = range(1, 5)


def render(folder: Path, numbers: Iterable[int] = FRAMES, *, name: str = "render.{:04d}.png") -> Path:
    """A folder with a frame for each of those numbers, each with its own bytes."""
    folder.mkdir(parents=True)
    for number in numbers:
        (folder / name.format(number)).write_bytes(still(number))
    return folder


def render_as(folder: Path, suffix: str) -> None:
    """A folder with two frames of that kind."""
    folder.mkdir()
    for number in (1, 2):
        path = folder / f"render.{number:04d}{suffix}"
        image = Image.new("RGB", (64, 36), (number, 80, 40))
        if suffix in (".jpg", ".TIF"):
            image.save(path)
            continue
        with av.open(path, "w", format="image2") as container:
            stream = container.add_stream(suffix[1:], rate=24)
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height = image.size
            stream.pix_fmt = "gbrp10le" if suffix == ".dpx" else "gbrpf32le"
            made = av.VideoFrame.from_image(image).reformat(format=stream.pix_fmt)  # type: ignore[no-untyped-call]
            made.pts = 0
            container.mux(stream.encode(made))
            container.mux(stream.encode())


def drop_folder(
    film: Film, numbers: Iterable[int] = FRAMES, *, shot: str = DAWN, name: str = "render"
) -> Path:
    """Rename a whole folder of frames into a shot's `takes/`."""
    made = render(film.folder / "elsewhere" / name, numbers)
    return made.rename(film.takes(shot) / name)


def frame(film: Film, number: int, take: int = 1, shot: str = DAWN) -> Path:
    """Where that frame of a take is."""
    return film.take(take, shot) / frame_name(film.media(take, shot, "").name, number, 4, ".png")


def object_of(film: Film, content: bytes) -> Path:
    sha256 = hashlib.sha256(content).hexdigest()
    return film.root / ".takes/objects" / sha256[:2] / sha256[2:]


def check_sequence(
    film: Film, take: Mapping[str, Any], numbers: Iterable[int] = FRAMES, shot: str = DAWN
) -> None:
    """A completed take lies there with all of its frames, read-only, and a list that is right of each of them."""
    assert take["status"] == "complete", take
    listed = film.media(take["number"], shot, ".frames")
    assert hashlib.sha256(listed.read_bytes()).hexdigest() == take["media"]["sha256"]
    told = {number: (size, sha256) for number, size, sha256 in json.loads(listed.read_bytes())["frames"]}
    there = {number: frame(film, number, take["number"], shot) for number in numbers}
    assert told.keys() == there.keys()
    for number, path in there.items():
        content = path.read_bytes()
        assert content == still(number)
        assert told[number] == (len(content), hashlib.sha256(content).hexdigest())
        assert is_read_only(path)
