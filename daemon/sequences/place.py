"""Placing a sequence: the folder that was dropped becomes its take's, and its frames get their names there.

It is one rename, so that all frames are always together; doing any of it again finds what was done.
"""

from contextlib import suppress
from pathlib import Path

from daemon.disk import crash_points
from daemon.disk.moving import rename_new
from daemon.watching.sequences import FrameFolder, NoSequence, recipe_of, sequence_in
from events import Identity, Source, Take
from projections.artifacts.frame_lists import Frame, FrameList, encode, read_list
from projections.files.fingerprint import has_same_inode, identity_at, is_likely
from projections.files.writing import sync, write
from projections.layout import FRAMES, frame_name, media_name, recipe_name
from projections.media.errors import Undecodable

DIGITS = 4
"""Digits of a frame's number, at least: editors expect so many."""


def is_sequence(source: Source) -> bool:
    """Whether a take from there is one of frames."""
    return source.is_folder or (source.name or "").endswith(FRAMES)


def place(source: Path, wanted: Identity, folder: Path) -> bool:
    """Have the folder that was dropped be the take's; False where it is neither here nor there."""
    found = identity_at(source)
    if found and source != folder and source.is_dir() and _is_it(source, found, wanted):
        source.rename(folder)  # over nothing but an empty folder, as rename(2) has it
        crash_points.point("moved")
        sync(folder.parent)
    return folder.is_dir()


def _is_it(source: Path, found: Identity, wanted: Identity) -> bool:
    """Whether it is that folder, which on some disks has another inode each time one looks."""
    if has_same_inode(found, wanted):
        return True
    with suppress(NoSequence):
        return is_likely(sequence_in(source).identity, wanted)
    return False


def listed(folder: Path, shot: str, take: Take) -> Path:
    """The list of the frames in a take's folder, with their sizes as they are now, once all have their names.

    A list that a take came with stays: whoever has looked into all frames says whether it is right. Undecodable where
    there is no sequence any more.
    """
    path = folder / media_name(shot, take.number, FRAMES)
    before = read_list(path)
    if before and before.is_whole and take.source.kind == "adopted":
        return path
    try:
        found = sequence_in(folder, own=media_name(shot, take.number, "."))
    except NoSequence as why:
        raise Undecodable(why.reason) from why
    frames = _named(folder, shot, take.number, found)
    _name_recipe(folder, shot, take.number, found)
    if before is None or _sizes(before) != _sizes(frames):
        write(path, encode(frames))
    return path


def _named(folder: Path, shot: str, number: int, found: FrameFolder) -> FrameList:
    prefix, digits = media_name(shot, number, ""), max(DIGITS, found.digits)
    frames = []
    for frame, name in found.frames.items():
        path = folder / frame_name(prefix, frame, digits, found.suffix)
        if name != path.name:
            rename_new(folder / name, path)
        frames.append(Frame(frame, path.lstat().st_size))
    sync(folder)
    return FrameList(found.suffix, digits, frames)


def _sizes(frames: FrameList) -> list[tuple[int, int]]:
    return [(frame.number, frame.bytes) for frame in frames.frames]


def _name_recipe(folder: Path, shot: str, number: int, found: FrameFolder) -> None:
    name = recipe_of(found)
    if name:
        with suppress(FileExistsError):
            own = (folder / recipe_name(shot, number)).with_suffix(Path(name).suffix.lower())
            rename_new(folder / name, own)


def recipe_in(folder: Path, shot: str, number: int) -> Path | None:
    """The recipe that came in the folder of a take's frames."""
    paths = [(folder / recipe_name(shot, number)).with_suffix(suffix) for suffix in (".json", ".txt")]
    return next((path for path in paths if path.is_file()), None)
