"""Deliveries: what was brought in before, as the log tells it, and how far each of those files has come."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from daemon.ingest.parcels import Parcel
from events import Arrival, Identity, Record, ShotReceived, TakeDeleted
from projections.files.fingerprint import has_same_content, identity
from projections.index.rows import TakeRow
from projections.layout import takes_path


class Delivery(Struct, frozen=True):
    """Files that were brought into a shot, by its path, with the takes that it has now."""

    shot: str
    takes: Sequence[TakeRow]
    files: Sequence[Arrival]


def deliveries_of(shot: str, takes: Sequence[TakeRow], records: Sequence[Record]) -> Iterator[Delivery]:
    """What was brought into a shot and not taken back again, by what its log says from the first one on.

    What somebody has only deleted since was brought, and does not come again.
    """
    taken_back = {
        one.event.undoes for one in records if isinstance(one.event, TakeDeleted) and one.event.undoes
    }
    for one in records:
        if isinstance(one.event, ShotReceived):
            delivery = Delivery(shot, takes, one.event.files)
            if not (one.cause in taken_back and _is_hidden(delivery)):
                yield delivery


def _is_hidden(delivery: Delivery) -> bool:
    names = {one.name for one in delivery.files}
    return all(take.deleted or take.purged for take in delivery.takes if names & {*_came_as(take)})


class Before(Struct, frozen=True):
    """Where a parcel was brought before: into which shot, as what, and the number of the take that it has become.

    `is_there` says that its files are all in `takes/` still, and have no number yet.
    """

    shot: str
    parcel: Parcel
    names: Sequence[str]
    take: int | None
    is_there: bool


class Deliveries:
    """What was brought into the film in that folder, by where it came from."""

    def __init__(self, root: Path, deliveries: Iterable[Delivery]) -> None:
        self._root = root
        self._known: dict[str, tuple[Arrival, Delivery]] = {}
        for one in deliveries:
            self._known.update({file.origin: (file, one) for file in one.files})

    def of(self, parcel: Parcel) -> Before | None:
        """What became of that parcel; None where it never came, or is another one by now."""
        # Disks change their numbers, and so may the files of a share.
        found = {
            path: known
            for path, (origin, file) in zip(parcel.files, told(parcel), strict=False)
            if (known := self._known.get(origin)) and has_same_content(known[0].identity, file)
        }
        media = [path for path in found if path in parcel.media]
        if not media:
            return None
        delivery = found[media[0]][1]
        if parcel.is_sequence:
            kept, names = parcel, [found[media[0]][0].name]
        else:
            files = tuple(path for path in parcel.files if path in found)
            kept = Parcel.of(parcel.stem, files)
            names = [found[path][0].name for path in files]
        takes = self._root / takes_path(delivery.shot)
        came = next((take for take in delivery.takes if {*names} & {*_came_as(take)}), None)
        return Before(
            shot=delivery.shot,
            parcel=kept,
            names=names,
            take=came.number if came else None,
            is_there=all(os.path.lexists(takes / name) for name in names),
        )


def told(parcel: Parcel) -> list[tuple[str, Identity]]:
    """What the log is told of a parcel: of each file its path, and which it is; a sequence is one, with the bytes of all."""
    files = [(path, identity(path.stat())) for path in parcel.files]
    if not parcel.is_sequence:
        return [(str(path), file) for path, file in files]
    first = parcel.media[0]
    origin = str(parcel.folder or first.with_name(f"{parcel.stem}.####{first.suffix}"))
    size, changed = sum(file.size for _, file in files), max(file.mtime_ns for _, file in files)
    return [(origin, Identity(files[0][1].device, files[0][1].inode, size, changed))]


def _came_as(take: TakeRow) -> Iterator[str]:
    """What the files of a take were called when they were dropped."""
    if take.origin:
        yield take.origin
    yield from (one.origin for one in take.read_companions() if one.origin)
