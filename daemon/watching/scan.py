"""The scan: what lies in a project's folders, without following a link, and without judging it."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, field

from daemon.watching.sequences import FrameFolder, NoSequence, sequence_in
from events import Identity
from projections.artifacts.active_link import active_on_disk
from projections.files.fingerprint import identity
from projections.layout import (
    FRAMES,
    RECIPE,
    SIDECAR,
    beside,
    companion_role,
    downloaded_by,
    is_junk,
    is_part,
    is_picture,
    is_recipe,
    is_set_aside,
    kind_of,
    media_name,
    recipes_of,
    take_name,
    take_number,
    takes_path,
)

PART = "it is called like a part of a download: rename it, if it is whole"
DOWNLOADING = "it is still being downloaded"
NOT_PULLED = "it is a pointer of Git LFS: run git lfs pull"
"""Why a file is no take yet, or may be none."""

Known = Sequence[tuple[int, str | None]]
"""The takes that should be on disk: number and media name."""


class Entry(Struct, frozen=True):
    """A regular file and its identity at that moment; `arrived` is when it came, or was last changed (ns)."""

    name: str
    identity: Identity
    arrived: int = 0


class Seen(Struct):
    """What lies in a shot's folder.

    - `folders`: the numbers of its take folders; `absent`: those of the expected takes whose media is not there
    - `media`: which files those of the expected takes are, by number; `active`: the take that the link leads to
    - `drops`: media files, and `recipes`: JSON and text files in `takes/` itself
    - `sequences`: the folders in it that hold frames, or may come to hold some
    - `not_taken`: the rest, by name, with the reason

    Where the path `is_misspelled`, all of it is that of the shot whose path has the disk's letters. `began` is when the
    look did, by the scheduler's clock.
    """

    path: str
    device: int
    inode: int
    folders: set[int] = field(default_factory=set)
    absent: set[int] = field(default_factory=set)
    drops: list[Entry] = field(default_factory=list)
    recipes: list[Entry] = field(default_factory=list)
    sequences: dict[str, FrameFolder | NoSequence] = field(default_factory=dict)
    not_taken: dict[str, str] = field(default_factory=dict)
    active: int | None = None
    media: dict[int, Identity] = field(default_factory=dict)
    is_misspelled: bool = False
    began: float = 0.0


def look(root: Path, shot: str, known: Known) -> Seen | None:
    """What lies in that shot's folder; None where the folder, or its `takes/`, is not there, or is set aside."""
    seen = look_without_media(root, shot)
    if seen:
        find_media(root, known, seen)
    return seen


def look_without_media(root: Path, shot: str) -> Seen | None:
    """The same, but for the media of takes: whether each is there is not asked."""
    if is_set_aside(shot):
        return None
    folder = root / shot
    takes = root / takes_path(shot)
    try:
        own = folder.lstat()
        with os.scandir(takes) as entries:
            if not stat.S_ISDIR(takes.lstat().st_mode):
                return None
            seen = Seen(shot, own.st_dev, own.st_ino)
            for entry in entries:
                _sort(entry, seen)
            _leave_downloads(seen)
    except (FileNotFoundError, NotADirectoryError):
        return None
    seen.active = active_on_disk(folder)
    return seen


def _sort(entry: os.DirEntry[str], seen: Seen) -> None:
    name = entry.name
    number = take_number(name)
    if number is not None and entry.is_dir(follow_symlinks=False):  # there may be thousands of these
        seen.folders.add(number)
    elif is_junk(name):
        return
    elif entry.is_dir(follow_symlinks=False):
        if not is_set_aside(name):
            _look_into(entry, seen)
    elif reason := _refusal(entry):
        seen.not_taken[name] = reason
    elif found := _file(entry):
        (seen.drops if kind_of(name) else seen.recipes).append(found)


def _file(entry: os.DirEntry[str]) -> Entry | None:
    """That file as it is now: it may have gone since the folder was read, or a link may have come into its place."""
    try:
        file = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(file.st_mode):
        return None
    came = file.st_ctime_ns  # a rename changes this time, and not the other
    return Entry(entry.name, identity(file), came)


def _look_into(entry: os.DirEntry[str], seen: Seen) -> None:
    """A folder may hold the frames of a sequence."""
    if reason := _bad_name(entry.name):
        seen.not_taken[entry.name] = reason
        return
    try:
        seen.sequences[entry.name] = sequence_in(Path(entry.path))
    except NoSequence as why:
        if why.identity:
            seen.sequences[entry.name] = why
        else:
            seen.not_taken[entry.name] = why.reason
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        seen.not_taken[entry.name] = f"it is a folder that cannot be read: {error.strerror}"


def _leave_downloads(seen: Seen) -> None:
    """What a downloader is still at has its whole length from the beginning, and may be closed."""
    for control in [name for name in seen.not_taken if downloaded_by(name)]:
        del seen.not_taken[control]
        media = downloaded_by(control)
        if any(drop.name == media for drop in seen.drops):
            seen.drops = [drop for drop in seen.drops if drop.name != media]
            seen.not_taken[media or ""] = DOWNLOADING


def _refusal(entry: os.DirEntry[str]) -> str | None:
    """Why a thing that lies in `takes/` is no drop; None where it may be one."""
    if entry.is_symlink():
        return "it is a link; drop the file itself"
    if not entry.is_file(follow_symlinks=False):
        return "it is no regular file"
    if reason := _bad_name(entry.name):
        return reason
    if is_part(entry.name):
        return PART
    if not kind_of(entry.name) and not is_recipe(entry.name):
        return "its extension is not one of a video, an image or a sound"
    return None


def _bad_name(name: str) -> str | None:
    """Why no log can have that name; None where it can."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is not valid UTF-8; rename it"
    return None


def find_media(root: Path, known: Known, seen: Seen) -> None:
    """See which of those takes' media are there, and which files they are."""
    prefix = f"{root / takes_path(seen.path)}/"
    for number, name in known:
        if number not in seen.folders:
            seen.absent.add(number)
        elif name:
            try:
                seen.media[number] = identity(os.lstat(f"{prefix}{take_name(number)}/{name}"))
            except (FileNotFoundError, NotADirectoryError):
                seen.absent.add(number)


def media_in(folder: Path) -> list[Entry]:
    """The media files in a take folder, by name: of a sequence only the list of its frames."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if name.endswith(FRAMES) and (file := _file(entry)):
                    return [file]
                if kind_of(name) and not is_junk(name) and not _refusal(entry) and (file := _file(entry)):
                    found.append(file)
    except FileNotFoundError:
        return []
    media = [one for one in found if not is_picture(one.name) and not companion_role(one.name)]
    return sorted(media, key=lambda one: one.name)


def companions_in(folder: Path) -> list[Entry]:
    """The other files of a render in a take folder, by name."""
    with os.scandir(folder) as entries:
        found = [
            file for one in entries if companion_role(one.name) and not _refusal(one) and (file := _file(one))
        ]
    return sorted(found, key=lambda one: one.name)


def media_of_take(folder: Path, shot: str, number: int) -> Entry | None:
    """The one file in a take folder made by hand that is the take: the one named so, else the only one."""
    found = media_in(folder)
    named = [one for one in found if one.name == media_name(shot, number, Path(one.name).suffix)]
    candidates = named or found
    return candidates[0] if len(candidates) == 1 else None


def recipe_beside(folder: Path, media: str) -> str | None:
    """The sidecar, or the recipe, that lies beside a media file."""
    names = [beside(media, ending) for ending in (SIDECAR, RECIPE)] + recipes_of(media)
    return next((name for name in names if (folder / name).is_file()), None)
