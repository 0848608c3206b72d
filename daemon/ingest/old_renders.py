"""Old renders: what in a folder, and in those in it, may be takes, as parcels; nothing is judged by what it holds."""

import os
from collections.abc import Iterator
from pathlib import Path

from daemon.ingest.parcels import Parcel, refusal, together
from daemon.watching.sequences import NoSequence, sequence_in
from events import NotFound, Refused
from projections.layout import OWN_FOLDER, TAKES, is_junk, is_recipe, is_set_aside, kind_of, loose_frame


class NoFolder(NotFound):
    """Raised when there is no such folder to import."""

    hint = "Write the path of a folder on this machine that holds renders."

    def __init__(self, folder: Path) -> None:
        super().__init__(f"there is no folder {folder}")


class FilmItself(Refused):
    """Raised when a film is to be imported into itself, or what is a film's takes already."""

    hint = "Name a folder of renders; what lies in a shot's takes/ folder is taken anyhow."

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is a film, or a part of one")


def parcels_below(folder: Path, root: Path) -> Iterator[Parcel | tuple[Path, str]]:
    """Every parcel in that folder and those in it, in order; and what looks like media and can be no take, with the reason.

    What belongs to a film already, the `root` or another, is passed over, and so is what is hidden.
    """
    if not os.path.isdir(folder):  # noqa: PTH112 - pathlib raises where a name is too long, or a folder is not ours
        raise NoFolder(folder)
    here = folder.resolve()
    if here == root or (TAKES in here.parts and any((one / OWN_FOLDER).is_dir() for one in here.parents)):
        raise FilmItself(folder)
    for path, folders, names in os.walk(folder):
        here = Path(path)
        folders[:] = sorted(one for one in folders if _is_searched(here / one, root))
        files = [here / name for name in sorted(names) if not is_junk(name)]
        yield from _parcels_in(here, files)


def _parcels_in(folder: Path, files: list[Path]) -> Iterator[Parcel | tuple[Path, str]]:
    good = list[Path]()
    for path in files:
        if not kind_of(path.name) and not is_recipe(path.name):
            continue
        if path.is_symlink():
            yield path, "it is a link"
        elif reason := refusal(path, move=False):
            yield path, reason
        else:
            good.append(path)
    parcels = [one for one in together(good) if one.media]
    if len(parcels) == 1 and parcels[0].is_sequence and _is_all(folder):
        parcels = [Parcel.of(folder.name, parcels[0].files, folder, is_sequence=True)]
    yield from parcels


def _is_all(folder: Path) -> bool:
    """Whether a folder holds the frames of one sequence and nothing else, by names that leave no doubt."""
    try:
        found = sequence_in(folder)
    except (NoSequence, OSError):
        return False
    return all(loose_frame(name) for name in found.frames.values())


def _is_searched(folder: Path, root: Path) -> bool:
    try:
        return _may_hold_renders(folder, root)
    except OSError:  # it is not ours to look into, or is gone
        return False


def _may_hold_renders(folder: Path, root: Path) -> bool:
    if folder.is_symlink() or is_set_aside(folder.name) or folder.resolve() == root:
        return False
    return not (folder / OWN_FOLDER).is_dir() and not (folder.name == TAKES and folder.is_relative_to(root))
