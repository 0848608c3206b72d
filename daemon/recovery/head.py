"""The head: where the log ends, kept beside it, so that an older log in its place is known for one.

It follows the log and is never ahead of it: a log that goes beyond its head is one whose daemon was killed.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import anyio
import msgspec
from msgspec import Struct

from daemon.disk.marker import Marker, MarkerGone
from events import EventLog
from projections.artifacts.project_told import ToldShot
from projections.board import Board
from projections.files.reading import OURS, read_fit
from projections.files.threads import in_thread
from projections.files.writing import write
from projections.index.queries import Queries
from projections.index.rows import ShotRow
from projections.keeping import EVERYTHING, Keeping, NotKept
from projections.layout import OWN_FOLDER

HEAD = "head"

PAUSE = 1.0
"""Seconds between two writings: each waits for the disk, and an append is to wait for none of them."""

AT_LAST = 2.0
"""Seconds for which the daemon's end waits for the last one."""


class Known(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a shot, by its stream: its path, the last number, and which takes are hidden and active."""

    path: str
    given: int
    hidden: tuple[int, ...] = ()
    active: int | None = None

    @property
    def told(self) -> ToldShot:
        """The same as a project file says it."""
        return ToldShot(self.path, self.given, self.hidden, self.active)


class HeadFile(Struct, frozen=True, kw_only=True):
    """What the file says: where the log ended, and what it knew of its shots, by stream."""

    log: str
    position: int
    hash: str
    shots: Mapping[str, Known]


def read_head(folder: Path) -> HeadFile | None:
    """The head in that `.takes` folder; None where there is none that can be read."""
    with suppress(msgspec.MsgspecError):
        if content := read_fit(folder / HEAD, OURS):
            return msgspec.json.decode(content, type=HeadFile)
    return None


def write_head(folder: Path, head: HeadFile) -> None:
    """Have that be the head, on disk."""
    write(folder / HEAD, msgspec.json.format(msgspec.json.encode(head)) + b"\n")


def _known(shot: ShotRow) -> Known:
    hidden = tuple(shot.read_deleted_numbers())
    return Known(path=shot.path, given=shot.given, hidden=hidden, active=shot.active)


async def keep_head(
    root: Path,
    marker: Marker,
    events: EventLog,
    index: Queries,
    board: Board,
    keeping: Keeping = EVERYTHING,
) -> None:
    """Have the head follow the log for ever, and be at its end when this is cancelled."""
    said, known = -1, dict[str, Known]()
    try:
        while True:
            await events.wait(said + 1)
            await index.seen.reach(events.head)
            try:
                with keeping.work_on_film():
                    said = await _put(root, marker, index, known, said)
                board.report("log", HEAD)
            except NotKept:
                pass  # another machine writes it
            except OSError as error:
                board.report("log", HEAD, f"{OWN_FOLDER}/{HEAD}: {error.strerror}")
            await anyio.sleep(PAUSE)
    finally:
        if said < events.head:
            with (
                anyio.move_on_after(AT_LAST, shield=True),
                suppress(OSError, MarkerGone, NotKept),
                keeping.work_on_film(),
            ):
                await _put(root, marker, index, known, said)


async def _put(root: Path, marker: Marker, index: Queries, known: dict[str, Known], after: int) -> int:
    """Write what the index knows; the position that it ends at. What comes meanwhile the shots may know already.

    The shots are `known` as they were at that position: they are many, and those that have changed since are few.
    """
    head = await index.head()
    shots = await index.shots(gone=True, after=after)

    def work() -> None:
        marker.check()  # else another film may lie there by now
        known.update({shot.stream: _known(shot) for shot in shots if shot.given})
        write_head(
            root / OWN_FOLDER, HeadFile(log=head.log, position=head.position, hash=head.hash, shots=known)
        )

    await in_thread(work)
    return head.position
