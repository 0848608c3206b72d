"""The shots as the disk has them, for who asks while no daemon runs, or before it has looked; and their scenes."""

import os
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from daemon.watching.tree import Tree
from events import NotFound, Refused
from projections.layout import is_set_aside

LONGEST = 200
"""Bytes of the name of a folder that is made, so that the names of what lies in it have room."""


class SceneNotClear(Refused):
    """Raised when more than one scene may be meant; `candidates` are these."""

    hint = "Say which with --in SCENE: its path, its number, or a part of its name."

    def __init__(self, candidates: Sequence[str]) -> None:
        super().__init__("it is not clear in which scene the shot is to be")
        self.candidates = candidates


class NoSuchScene(NotFound):
    """Raised when there is no such scene; `candidates` are those whose names are near."""

    def __init__(self, text: str, candidates: Sequence[str]) -> None:
        super().__init__(
            f"there is no scene {text!r} in this film" + (". Did you mean" if candidates else "")
        )
        self.candidates = candidates
        self.hint = (
            "Write its path from the film's folder on, and --make-scene, to have that folder made, too."
        )


def shots_on_disk(root: Path) -> list[str]:
    """The path of every shot, in order."""
    return sorted(found.path for found in Tree(root).shots())


def scene_meant(root: Path, shots: Sequence[str], text: str | None, here: Path, *, make: bool = False) -> str:
    """The path of the scene that somebody means; empty for the film's own folder."""
    scenes = sorted({_parent(path) for path in shots})
    if text is None:
        return _around(root, scenes, here)
    if _is_folder(root, wanted := text.strip("/").removeprefix("./")) or make:
        return _checked(text, "" if wanted == "." else wanted)
    found = list(_named(scenes, wanted))
    if len(found) > 1:
        raise SceneNotClear(found)
    if not found:
        names = {PurePosixPath(one).name.casefold(): one for one in scenes}
        near = get_close_matches(wanted.casefold(), names, cutoff=0.6)
        raise NoSuchScene(text, [names[one] for one in near])
    return found[0]


def _around(root: Path, scenes: Sequence[str], here: Path) -> str:
    """The scene that somebody stands in, or the only one; the film itself, where it has none."""
    folder = here.resolve()
    inside = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else ""
    found = next((one for one in scenes if one and f"{inside}/".startswith(f"{one}/")), None)
    if found is not None:
        return found
    if len(scenes) > 1:
        raise SceneNotClear([one or "." for one in scenes])
    return scenes[0] if scenes else ""


def _named(scenes: Sequence[str], text: str) -> Iterator[str]:
    wanted = text.casefold().replace(":", "/")
    words = wanted.replace("_", " ").split()
    for scene in scenes:
        name = PurePosixPath(scene).name.casefold()
        if wanted.isdecimal():
            digits = name[: len(name) - len(name.lstrip("0123456789"))]
            if digits and int(digits) == int(wanted):
                yield scene
        elif words and all(word in scene.casefold() for word in words):
            yield scene


def _is_folder(root: Path, path: str) -> bool:
    # os.path says no to a name that is too long, and pathlib raises
    return path == "." or (os.path.isdir(root / path) and ".." not in PurePosixPath(path).parts)  # noqa: PTH112


def _checked(text: str, path: str) -> str:
    """The path of a scene, if a film may have one there."""
    parts = PurePosixPath(path).parts
    if not path.isprintable() or any(len(part.encode()) > LONGEST for part in parts):
        raise NoSuchScene(text, ())
    if ".." in parts or "takes" in parts or PurePosixPath(path).is_absolute() or is_set_aside(path or "film"):
        raise NoSuchScene(text, ())
    return path


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
