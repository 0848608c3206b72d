"""Putting back: what an import had moved here is where it was once that is taken back; its takes, hidden, keep their bytes."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from daemon.disk.moving import rename_new
from daemon.ingest.placing import copied
from events import Arrival, EventLog, ShotReceived
from projections.files.threads import in_thread
from projections.files.writing import sync
from projections.index.index import Index
from projections.index.rows import TakeRow
from projections.layout import frame_name, media_path, recipe_name, recipes_of, take_path

Copy = tuple[Path, Path]
"""A file of a take, and where it came from."""


async def put_back(root: Path, log: EventLog, index: Index, cause: str | None) -> None:
    """Copy what the command of that cause had moved into the film to where it was, as far as nothing is there now."""
    for record in await log.command(cause or ""):
        event = record.event
        row = await index.shot(record.stream) if isinstance(event, ShotReceived) and event.moved else None
        if row and isinstance(event, ShotReceived):
            takes = [take for take in await index.takes(row.id) if take.deleted and not take.purged]
            await in_thread(_copy_all, [*_copies(root, row.path, takes, event.files)])


def _copies(root: Path, shot: str, takes: Sequence[TakeRow], files: Sequence[Arrival]) -> Iterator[Copy]:
    by_name = {take.origin: take for take in takes}
    for file in files:
        origin = Path(file.origin)
        if take := by_name.get(file.name):
            yield from _of_media(root, shot, take, origin)
        for take in takes:
            folder = root / take_path(shot, take.number)
            yield from (
                (folder / one.name, origin) for one in take.read_companions() if one.origin == file.name
            )
            if take.origin and file.name in recipes_of(take.origin):
                yield (folder / recipe_name(shot, take.number)).with_suffix(origin.suffix), origin


def _of_media(root: Path, shot: str, take: TakeRow, origin: Path) -> Iterator[Copy]:
    """The media; of a sequence its frames, by their numbers, in a folder or as they were called together."""
    media = take.read_media()
    if media is None:
        return
    path = root / media_path(shot, take.number, media.name)
    if media.frames is None:
        yield path, origin
        return
    stem, marks, _ = origin.name.partition(".####.")
    folder = origin.parent if marks else origin
    frames = media.frames
    for number in range(frames.first, frames.last + 1):
        source = path.with_name(frame_name(path.stem, number, frames.digits, frames.suffix))
        yield source, folder / frame_name(stem, number, frames.digits, frames.suffix)


def _copy_all(copies: Sequence[Copy]) -> None:
    for source, target in copies:
        if not source.is_file() or os.path.lexists(target):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with copied(source, target.parent) as made:
            made.chmod(made.stat().st_mode | 0o200)
            rename_new(made, target)
        sync(target.parent)
