"""Copies of the log: one a day outside of the film, and one wherever somebody wants it."""

import secrets
import shlex
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import anyio
import structlog

from daemon import locations
from events import EventLog, Head, LogDamaged, Refused
from events.store.log_file import copy_log, end_of
from projections.board import Board
from projections.files.threads import in_thread
from projections.files.writing import put_in_place, sync

log = structlog.get_logger()

EVERY = 3600.0
"""Seconds between two looks whether it is another day."""

DAILY = "????-??-??.db"


class CopyExists(Refused):
    """Raised when a copy is to be made where something is already."""

    hint = "Name another place, or a folder: the copy is named for the film and the moment there."

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already")


class NoFolderForCopy(Refused):
    """Raised when a copy is to be made in a folder that is not there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"there is no folder {folder}")
        self.hint = (
            f"Make it first, with `{shlex.join(['mkdir', '-p', str(folder)])}`, or name another place."
        )


def copies_of(log: str) -> list[Path]:
    """The copies of that log which are kept on this machine, the newest first."""
    return sorted(_folder(log).glob("*.db"), reverse=True)


def newest_of(log: str) -> tuple[Path, Head] | None:
    """The newest of them that can be read, and where it ends."""
    for path in copies_of(log):
        with suppress(OSError, LogDamaged):
            return path, end_of(path)
    return None


def _folder(log: str) -> Path:
    return Path(locations.state_directory()) / "logs" / log


def make_copy(source: Path, target: Path | None, name: str) -> tuple[Path, Head]:
    """Copy a film's log to that place, or into that folder, or among those of this machine; where, and where it ends."""
    moment = f"{datetime.now(UTC):%Y-%m-%dT%H%M%S}"
    if target is None:
        target = _folder(_id_of(source)) / f"{moment}.db"
        target.parent.mkdir(mode=locations.PRIVATE_MODE, parents=True, exist_ok=True)
    elif target.is_dir():
        target = target / f"{name}-{moment}.db"
    if target.exists():
        raise CopyExists(target)
    if not target.parent.is_dir():
        raise NoFolderForCopy(target.parent)
    return target, _copy(source, target)


def _id_of(source: Path) -> str:
    return end_of(source).log


def _copy(source: Path, target: Path) -> Head:
    """One that is half made has another name, and goes with the next one."""
    made = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        end = copy_log(source, made)
        sync(made)
        put_in_place(made, target)
    finally:
        made.unlink(missing_ok=True)
    return end


async def keep_copies(source: Path, events: EventLog, board: Board, count: int) -> None:
    """Have the last few days' copies, for ever; none where `count` is 0."""
    while count:
        try:
            await in_thread(_copy_of_today, source, _folder(events.id), events.head, count)
            board.report("log", "copies")
        except (OSError, LogDamaged) as error:
            board.report("log", "copies", f"the log could not be copied: {error}")
        await anyio.sleep(EVERY)


def _copy_of_today(source: Path, folder: Path, head: int, count: int) -> None:
    """Make it, unless it is there or nothing has happened since the last one; those that are too many go."""
    today, known = folder / f"{datetime.now(UTC):%Y-%m-%d}.db", sorted(folder.glob(DAILY))
    if today in known or not head or (known and end_of(known[-1]).position == head):
        return
    folder.mkdir(mode=locations.PRIVATE_MODE, parents=True, exist_ok=True)
    for half in folder.glob(".*.tmp*"):
        half.unlink(missing_ok=True)
    end = _copy(source, today)
    log.info("log copied", copy=str(today), position=end.position)
    for one in [*known, today][:-count]:
        one.unlink(missing_ok=True)
