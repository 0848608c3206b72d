"""Sequences: whether a folder holds the frames of one, and which."""

import os
from pathlib import Path

from msgspec import Struct, field

from daemon.disk.leases import is_written
from events import Identity
from projections.artifacts.frame_lists import MOST
from projections.files.fingerprint import identity, identity_at
from projections.layout import (
    FRAMES,
    RECIPE,
    SIDECAR,
    downloaded_by,
    frame_of,
    is_junk,
    is_picture,
    is_recipe,
    kind_of,
)

NO_FRAMES = "it is a folder; drop the file itself"
EMPTY = "it is an empty folder"
ONE_FRAME = "it is a folder with one frame, and a sequence has two at least: drop the file itself"
TOO_MANY = f"it is a folder with more than the {MOST} frames that a sequence may have"
HELD = 200
"""Bytes of a file's name that are told."""


class NoSequence(Exception):
    """Raised when a folder is not that of a sequence; `identity` is the folder's, and None where it cannot become one.

    `frame` is the only one in it, where there is one.
    """

    def __init__(self, reason: str, identity: Identity | None = None, frame: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.identity = identity
        self.frame = frame


class FrameFolder(Struct):
    """The frames in a folder: what each is called, by number. `recipes` are the names of what may be one of them all.

    `digits` is how many the longest number has. `identity` is the folder's, with the bytes of all frames and the time
    of the latest change; `is_partial` says that one of them is empty, or called like a file that is still to come.
    """

    identity: Identity
    frames: dict[int, str] = field(default_factory=dict)
    suffix: str = ""
    digits: int = 0
    recipes: list[str] = field(default_factory=list)
    is_partial: bool = False
    odd: str = ""
    """What is neither a frame of it nor may lie beside one."""


def sequence_in(folder: Path, own: str = "") -> FrameFolder:
    """The sequence in that folder; NoSequence where it holds none, or anything else beside it.

    `own` is what stands before the numbers of those that have their take's name already.
    """
    place = folder.lstat()
    found, stems = FrameFolder(identity(place)), {own} if own else set()
    size, changed = 0, place.st_mtime_ns
    with os.scandir(folder) as entries:
        for entry in entries:
            parts = None if _is_beside(entry.name, found) else _parts(entry, found)
            if parts:
                stem, number, suffix = parts[0], int(parts[1]), parts[2]
                stems.add(stem)
                is_other = len(stems - {own}) > 1 or suffix != (found.suffix or suffix)
                if is_other or found.frames.setdefault(number, entry.name) != entry.name:
                    found.odd = entry.name
                found.suffix, found.digits = suffix, max(found.digits, len(parts[1]))
                file = identity_at(Path(entry.path)) or Identity(0, 0, 0, 0)  # it was renamed meanwhile
                found.is_partial = found.is_partial or not file.size
                size, changed = size + file.size, max(changed, file.mtime_ns)
    _check(found)
    found.frames = dict(sorted(found.frames.items()))
    found.identity = Identity(place.st_dev, place.st_ino, size, changed)
    return found


def _check(found: FrameFolder) -> None:
    if found.odd:
        raise NoSequence(_mixed(found.odd) if found.frames else NO_FRAMES)
    if len(found.frames) > MOST:
        raise NoSequence(TOO_MANY)
    if len(found.frames) < 2:
        frame = next(iter(found.frames.values()), None)
        raise NoSequence(ONE_FRAME if frame else EMPTY, found.identity, frame)


def _is_beside(name: str, found: FrameFolder) -> bool:
    """Whether that is no frame and may lie beside them; what it says of them is noted."""
    if is_junk(name) or downloaded_by(name):
        found.is_partial = found.is_partial or (name[0] != "." and kind_of(Path(name).stem) is not None)
        return True
    if name.endswith((SIDECAR, RECIPE)):
        return True
    if is_recipe(name):
        found.recipes.append(name)
        return True
    return is_picture(name) or name.endswith((FRAMES, ".json.gz"))


def _parts(entry: os.DirEntry[str], found: FrameFolder) -> tuple[str, str, str] | None:
    """What stands before the number of a frame, the number and the suffix; None where it is none, which is noted."""
    parts = (
        frame_of(entry.name) if entry.is_file(follow_symlinks=False) and entry.name.isprintable() else None
    )
    found.odd = found.odd if parts else entry.name
    return parts


def _mixed(name: str) -> str:
    shown = os.fsencode(name)[:HELD].decode(errors="backslashreplace")
    return f"it is a folder that holds more than the frames of one sequence, such as {shown}"


def recipe_of(sequence: FrameFolder) -> str | None:
    """The one of its recipes that is of all frames: called as they are, or the only one."""
    stem = (frame_of(next(iter(sequence.frames.values()))) or ("", "", ""))[0].rstrip("._- ")
    named = [name for name in sequence.recipes if Path(name).stem in (stem, "recipe", "workflow")]
    candidates = named or sequence.recipes
    return min(candidates) if named or len(candidates) == 1 else None


def is_any_written(folder: Path, found: FrameFolder) -> bool:
    """Whether somebody has one of those frames open for writing, as far as that can be known."""
    return any(is_written(folder / name) for name in found.frames.values())
