"""Placing: a dropped file moves into its take's folder, never over another file, and is put on disk for good."""

import stat
from contextlib import suppress
from pathlib import Path

from daemon.disk import crash_points
from daemon.disk.moving import move, rename_new
from daemon.watching.scan import Entry, media_in, recipe_beside
from events import Identity, TakesError
from projections.files.fingerprint import identity, is_likely


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
    target = move(source, folder, name)
    crash_points.point("moved")
    return Entry(target.name, identity(target.lstat()))


def bring_in(path: Path, folder: Path, name: str, recipe: str) -> None:
    """Move a media file into a folder under that name, and the recipe beside it, where there is one, before it.

    FileExistsError where the name is used already.
    """
    beside = recipe_beside(path.parent, path.name)
    if beside:
        with suppress(FileExistsError):
            ending = Path(beside).suffix  # of a recipe that is no JSON
            rename_new(path.parent / beside, folder / Path(recipe).with_suffix(ending))
    rename_new(path, folder / name)
    crash_points.point("moved")


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
