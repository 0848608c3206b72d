"""The files of a take: what lies in its folder that is its own, and what is named as one of its frames."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from projections.files.opening import LinkedFolder, open_folder
from projections.layout import FRAMES, beside, companion_role, is_junk


def is_empty(folder: Path) -> bool:
    """Whether nothing lies in a folder that is there but what is no drop."""
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        return all(is_junk(one.name) for one in entries)
    return False


@contextmanager
def folder_of(root: Path, path: str, above: int | None = None) -> Iterator[int | None]:
    """A folder of the film, reached by no link, from the one `above` it where that is open; None where there is none."""
    place = None
    try:
        place = open_folder(root, path, above)
    except LinkedFolder:
        raise
    except (FileNotFoundError, NotADirectoryError):
        pass
    try:
        yield place
    finally:
        if place is not None:
            os.close(place)


def files_of_take(folder: int | None, media: str) -> tuple[dict[str, os.stat_result], set[str]]:
    """What lies in a take's folder that is the take's, by name: its media, and what is named after that; and the other names."""
    if folder is None:
        return {}, set()
    beginnings = (beside(media, "_"), beside(media, ".")) if media.endswith(FRAMES) else beside(media, "_")
    found, others = dict[str, os.stat_result](), set[str]()
    with os.scandir(folder) as entries:
        for one in entries:
            is_own = one.name == media or one.name.startswith(beginnings)
            if not is_own:
                others.add(one.name)
            elif one.is_file(follow_symlinks=False):
                with suppress(FileNotFoundError):
                    found[one.name] = one.stat(follow_symlinks=False)
    return found, others


def belongs(name: str, media: str) -> bool:
    """Whether a file that git has in a take's folder is the take's, and may go with it."""
    is_beside = name.startswith(beside(media, "_")) and companion_role(name) is None
    return name == media or is_beside or is_frame(name, media)


def is_frame(name: str, media: str) -> bool:
    """Whether a file is called as one of the frames whose list is called so."""
    return media.endswith(FRAMES) and name != media and name.startswith(beside(media, "."))
