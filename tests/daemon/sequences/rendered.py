"""Rendered folders of frames, and what a take of them looks like on the disk."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from projections.layout import frame_name
from tests.film import DAWN, Film, is_read_only, still

FRAMES = range(1, 5)


def render(folder: Path, numbers: Iterable[int] = FRAMES, *, name: str = "render.{:04d}.png") -> Path:
    """A folder with a frame for each of those numbers, each with its own bytes."""
    folder.mkdir(parents=True)
    for number in numbers:
        (folder / name.format(number)).write_bytes(still(number))
    return folder


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
