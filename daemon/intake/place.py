"""Placing: a dropped file moves into its take's folder, never over another file, and is put on disk for good."""

import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from daemon.disk import crash_points
from daemon.disk.moving import freeze, move, rename_new
from daemon.watching.scan import Entry, companions_in, media_in, recipe_beside
from events import Identity, Shot, Take, TakesError
from projections.files.fingerprint import identity, identity_at, is_likely
from projections.files.modes import close_up
from projections.layout import companion_name, take_name


class DropGone(TakesError):
    """Raised when a dropped file was taken away, or replaced, before it could be placed."""

    hint = "Drop it again: it becomes the next take."

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was removed or replaced before it could be taken")


def place(source: Path, wanted: Identity, folder: Path, name: str) -> Entry:
    """Have the dropped file in the take's folder, under that name or one like it where it is used already.

    It is not on disk yet: `freeze` sees to that, once it is whole.

    Doing it again finds what was done. DropGone where the file is neither here nor there.
    """
    if not _is_file(source, wanted) or source == folder / name:
        if there := _placed(folder, wanted) or _shared(folder, name):
            return there
        raise DropGone(source.name)
    folder.mkdir(exist_ok=True)
    crash_points.point("folder")
    called, found = move(source, folder, name)
    crash_points.point("moved")
    return Entry(called, found)


def put_beside(source: Path, folder: Path, name: str) -> None:
    """Move a file into a take's folder for good, and make it read-only; FileExistsError where the name is used already."""
    folder.mkdir(exist_ok=True)
    rename_new(source, folder / name)
    close_up(folder / name, below=folder)
    freeze(folder / name)


def bring_in(
    path: Path, folder: Path, name: str, recipe: str, companions: Mapping[str, Path] = MappingProxyType({})
) -> None:
    """Move a media file into a folder under that name, and before it the recipe beside it, where there is one.

    So go the `companions`, by what they are to be called. FileExistsError where the name is used already.
    """
    for own, companion in companions.items():
        with suppress(FileExistsError, FileNotFoundError):
            put_beside(companion, folder, own)
    beside = recipe_beside(path.parent, path.name)
    if beside:
        with suppress(FileExistsError):
            ending = Path(beside).suffix  # of a recipe that is no JSON
            rename_new(path.parent / beside, folder / Path(recipe).with_suffix(ending))
    rename_new(path, folder / name)
    crash_points.point("moved")


def put_all_beside(shot: Shot, take: Take, folder: Path) -> list[Entry]:
    """Move the files that were dropped with the take's to its media; all that lie there."""
    for one in take.source.companions:
        source = folder.parent / one.name
        found = identity_at(source)
        if found and is_likely(found, one.identity):
            name = companion_name(shot.path, take.number, one.role, source.suffix)
            with suppress(FileExistsError):
                put_beside(source, folder, name)
    return companions_in(folder)


def give_back(shot: Shot, take: Take, folder: Path) -> None:
    """Have the other files of a render be drops again, whose media could not be decoded: the silent video may be whole."""
    for one in take.source.companions:
        name = companion_name(shot.path, take.number, one.role, Path(one.name).suffix)
        with suppress(FileExistsError, FileNotFoundError):
            rename_new(folder / name, folder.parent / one.name)


def picture_of(shot: Shot, take: Take, folder: Path) -> Path | None:
    """The picture that holds the recipe: the one beside the media, or that of a take which it supersedes."""
    own = folder / companion_name(shot.path, take.number, "picture", "")
    if own.exists():
        return own
    old = shot.takes.get(take.source.supersedes or 0)
    if old is None or old.name is None:
        return None
    place = folder.with_name(take_name(old.number))
    media = place / old.name
    return media if media.suffix == ".png" and media.exists() else picture_of(shot, old, place)


def _placed(folder: Path, wanted: Identity) -> Entry | None:
    return next((entry for entry in media_in(folder) if is_likely(entry.identity, wanted)), None)


def _shared(folder: Path, name: str) -> Entry | None:
    """The take's file, where its bytes were there already and it has become another name of those."""
    with suppress(FileNotFoundError, NotADirectoryError):
        found = (folder / name).lstat()
        if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
            return Entry(name, identity(found))
    return None


def _is_file(path: Path, wanted: Identity) -> bool:
    try:
        return is_likely(identity(path.lstat()), wanted)
    except FileNotFoundError:
        return False
