"""Uploaded: what a page has sent is brought into a shot, as drops; what of it can be no take is told, and no obstacle."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from daemon.ingest.parcels import LONELY, NotBrought, Parcel, parcels_of, refusal, refused_name, together
from daemon.ingest.placing import Placed, free_names, place, placed_as
from projections.layout import is_junk, is_set_aside

NOTHING = "nothing of it is there any more; the shot shows what was brought in before"


class Brought(NamedTuple):
    """What was brought in, and the paths of what was left, each with the reason."""

    placed: list[Placed]
    left: list[tuple[str, str]]


def refusal_of(path: str) -> str:
    """Why a file at that path in an upload cannot become a take, as far as its name tells; nothing where it may."""
    *folders, name = PurePosixPath(path).parts or ("",)
    if folders and is_set_aside("/".join(folders)):
        return "it lies in a hidden folder, or in one of the disk's own"
    return refused_name(name)


def bring_uploaded(takes: Path, folder: Path) -> Brought:
    """Move all that was sent into that `takes/` folder; NotBrought where none of it can be a take."""
    placed, left, used = list[Placed](), list[tuple[str, str]](), set[str]()
    for one in _found(folder):
        if not isinstance(one, Parcel):
            left.append((str(one[0].relative_to(folder)), one[1]))
            continue
        names = free_names(takes, one, frozenset(used))
        used.update(names)
        place(takes, one, names, move=True)
        placed += [
            Placed(str(Path(each.file).relative_to(folder)), each.name, names)
            for each in placed_as(one, names)
        ]
    if not placed:
        raise NotBrought([f"{path}: {reason}" for path, reason in left] or [NOTHING])
    return Brought(placed, left)


def _found(folder: Path) -> Iterator[Parcel | tuple[Path, str]]:
    """Every parcel in that folder and in those in it: a folder of frames is one; and what can be no take, with the reason."""
    for path, folders, names in [*os.walk(folder)]:
        here = Path(path)
        if here != folder and not folders and not refusal(here, move=False):
            yield from parcels_of([here])
            continue
        files = [here / name for name in sorted(names) if not is_junk(name)]
        reasons = {one: refusal(one, move=False) for one in files}
        yield from ((one, reason) for one, reason in reasons.items() if reason)
        for parcel in together([one for one in files if not reasons[one]]):
            yield parcel if parcel.media else (parcel.shown, LONELY)
