"""Renders: which files came of one, as VideoHelperSuite writes them, by their names alone.

For `x` that is a picture of the first frame (`x.png`), whose labels hold the graph; then the video (`x.mp4`); and,
where it has sound, another video with that (`x-audio.mp4`). `x` ends with a counter of five digits or more.
"""

import re
from collections.abc import Container, Iterable, Mapping
from typing import Final, Literal

from msgspec import Struct

from projections.layout import Role, suffix_of

ANIMATED: Final = frozenset({".gif", ".webp"})
"""Videos that can have no sound."""

VIDEOS: Final = frozenset({".mp4", ".webm", ".mkv", ".mov", ".m4v", ".avi"}) | ANIMATED

_SOUND: Final = "-audio"
_COUNTED: Final = re.compile(r".*_[0-9]{5,}")

Part = Literal["picture", "video", "sound"]
"""What a file is of a render: its first frame, the silent video, or the one with sound."""

ROLES: Final[Mapping[Part, Role]] = {"picture": "picture", "video": "silent"}
"""What a part becomes that is not the take's media."""


class Name(Struct, frozen=True):
    """A file's name as that of a part of the render `key`."""

    key: str
    part: Part
    suffix: str

    @property
    def is_counted(self) -> bool:
        """Whether the render has a number, as every one has that was not renamed."""
        return _COUNTED.fullmatch(self.key) is not None

    @property
    def may_have_sound(self) -> bool:
        """Whether another video with sound may follow."""
        return self.part == "video" and self.suffix not in ANIMATED


def parse(name: str) -> Name | None:
    """What a name says of a file; None where no render leaves such a one."""
    suffix = suffix_of(name)
    stem = name[: len(name) - len(suffix)]
    if suffix == ".png":
        return Name(stem, "picture", suffix)
    if suffix not in VIDEOS:
        return None
    key = stem.removesuffix(_SOUND)
    if key and key != stem and suffix not in ANIMATED:
        return Name(key, "sound", suffix)
    return Name(stem, "video", suffix)


def may_have_key(name: str, keys: Container[str]) -> bool:
    """Whether a file may be a part of one of those renders: told in a tenth of the time that it takes to parse its name."""
    stem = name.rpartition(".")[0]
    return stem in keys or stem.removesuffix(_SOUND) in keys


def is_with_and_without_sound(names: Iterable[Name]) -> bool:
    """Whether these are a numbered video and the same with its sound, which tell that by their names alone."""
    names = list(names)
    return all(one.is_counted for one in names) and {one.part for one in names} == {"video", "sound"}


def is_one(names: Iterable[Name]) -> bool:
    """Whether files of one key can be one render: each part is there once, and both videos are of one kind."""
    names = list(names)
    parts = [one.part for one in names]
    videos = {one.suffix for one in names if one.part != "picture"}
    return len(set(parts)) == len(parts) and len(videos) < 2
