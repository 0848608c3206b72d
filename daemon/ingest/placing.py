"""Placing: a parcel is put into a `takes/` folder, under names that nothing there has, and is whole when it is seen there."""

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from daemon.disk.moving import rename_new
from daemon.ingest.parcels import NotBrought, Parcel, parcels_of
from events import Refused
from projections.files.sharing import reflink
from projections.files.writing import sync

MOST_ATTEMPTS = 10_000
"""Names that are tried, before a folder counts as full of them."""

SPARE = 64 << 20
"""Bytes of the disk that copies leave free."""


class NoRoom(Refused):
    """Raised when the disk has no room for copies of all that is to be brought in."""

    hint = "Make room, or have them moved with --move, where they lie on the same disk."

    def __init__(self, needed: int, free: int) -> None:
        super().__init__(f"the copies take {needed:,} bytes, and the disk has {free:,} free")


class Placed(NamedTuple):
    """A file that was brought in, or a folder of frames, what it is called in `takes/`, and the `names` of all that
    came there with it.
    """

    file: str
    name: str
    names: Sequence[str]


def bring_in(takes: Path, paths: Iterable[Path], *, move: bool = False) -> list[Placed]:
    """Have all that in a `takes/` folder, each media file as a drop; NotBrought and NoRoom where nothing of it is."""
    parcels = parcels_of(paths, move=move)
    if not move:
        check_room(takes, parcels)
    placed, used = list[Placed](), set[str]()
    for parcel in parcels:
        names = free_names(takes, parcel, frozenset(used))  # what has its number by now is gone from there
        used.update(names)
        place(takes, parcel, names, move=move)
        placed += placed_as(parcel, names)
    return placed


def placed_as(parcel: Parcel, names: Sequence[str]) -> list[Placed]:
    """What of a parcel becomes takes, or parts of one, under those names."""
    if parcel.is_sequence:
        return [Placed(str(parcel.shown), names[0], names)]
    called = dict(zip(parcel.files, names, strict=True))
    return [Placed(str(one), called[one], names) for one in parcel.media]


def check_room(takes: Path, parcels: Sequence[Parcel]) -> None:
    """NoRoom where there is none for copies, though on some disks they would share their blocks with what they are of."""
    if not parcels:
        return
    needed, free = sum(one.bytes for one in parcels), shutil.disk_usage(takes).free
    if needed + SPARE > free and not _shares(parcels[0].files[0], takes):
        raise NoRoom(needed, free)


def free_names(takes: Path, parcel: Parcel, taken: frozenset[str] = frozenset()) -> list[str]:
    """What the files of a parcel are to be called there, which nothing in the folder is, nor any of these names."""
    for attempt in range(MOST_ATTEMPTS):
        names = parcel.names(attempt)
        if not any(name in taken or os.path.lexists(takes / name) for name in names):
            return names
    raise NotBrought([f"{parcel.shown}: the folder is full of files of that name"])


def place(
    takes: Path, parcel: Parcel, names: Sequence[str], *, move: bool = False, goes_on: bool = False
) -> None:
    """Put the files of a parcel into the folder under those names, the recipes first; FileExistsError where one is used.

    Where that was cut short before, it `goes_on` with those that are not there. With `move` they are gone from
    where they were, once they are here: on this disk by a rename, from another one by copying them. Each appears
    whole, by a rename.
    """
    if parcel.is_sequence:
        if not (goes_on and os.path.lexists(takes / names[0])):
            _place_frames(takes, parcel, names[0], move=move)
        return
    for source, name in zip(parcel.files, names, strict=True):
        if goes_on and os.path.lexists(takes / name):
            continue
        if move:
            rename_new(source, takes / name)
        else:
            with copied(source, takes) as made:
                rename_new(made, takes / name)
    sync(takes)


def _place_frames(takes: Path, parcel: Parcel, name: str, *, move: bool) -> None:
    if move and parcel.folder and parcel.folder.stat().st_dev == takes.stat().st_dev:
        _rename_folder(parcel.folder, takes / name)
        return
    made = takes / f".{secrets.token_hex(8)}.tmp"
    made.mkdir()
    try:
        for source in parcel.files:
            with copied(source, made) as copy:
                rename_new(copy, made / source.name)
        sync(made)
        _rename_folder(made, takes / name)
    finally:
        shutil.rmtree(made, ignore_errors=True)  # our own copies, of what is cut short
    if move:
        _leave(parcel)


def _leave(parcel: Parcel) -> None:
    """Remove what was copied from another disk and is on this one; a folder only where nothing else is left in it."""
    for source in parcel.files:
        source.unlink()
    if parcel.folder and not any(parcel.folder.iterdir()):
        parcel.folder.rmdir()


def _rename_folder(source: Path, target: Path) -> None:
    """Rename a folder, over nothing: a name that is used is refused, here or by the disk, unless it is an empty folder's."""
    if os.path.lexists(target):
        raise FileExistsError(target)
    source.rename(target)
    sync(target.parent)


@contextmanager
def copied(source: Path, folder: Path) -> Iterator[Path]:
    """A copy of that file, on disk, under a name that nobody takes for a drop; removed unless it was renamed."""
    source, made = source.resolve(), folder / f".{secrets.token_hex(8)}.tmp"
    try:
        if not reflink(source, made):
            shutil.copyfile(source, made, follow_symlinks=False)
        shutil.copystat(source, made, follow_symlinks=False)
        sync(made)
        yield made
    finally:
        made.unlink(missing_ok=True)


def _shares(source: Path, folder: Path) -> bool:
    """Whether copies on that disk share their blocks with what they are of."""
    made = folder / f".{secrets.token_hex(8)}.tmp"
    try:
        return bool(reflink(source.resolve(), made))
    finally:
        made.unlink(missing_ok=True)
