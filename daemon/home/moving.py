"""Moving home: the log of a film on a share that was kept there by an earlier release comes to this machine's own disk.

It is copied, synced and compared before the film says where it is now. The old one is put aside, and never removed. A
kill at any point leaves the film with the one log or the other, whole. One with a bad record is moved as it is: what
there is can still be asked for.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import structlog
from anyio import CancelScope

from daemon.disk.marker import LOG
from daemon.disk.mounts import journal_for
from daemon.home.home import Home, new_folder, read_binding, settle
from events import open_log
from projections.files.sharing import is_equal
from projections.files.threads import in_thread
from projections.files.writing import ChangedMeanwhile, sync
from projections.layout import OWN_FOLDER

log = structlog.get_logger()

PARTS = ("", "-wal", "-journal")
"""How the names of a database's files end that hold what was committed; what else there is follows from these."""


async def move_home(home: Home) -> Home:
    """Have the film's log on this machine. ChangedMeanwhile where somebody writes it, LogDamaged where it is none."""
    folder = await in_thread(new_folder)
    try:
        await in_thread(_copy, home.folder, folder)
        async with open_log(folder / LOG, journal=await in_thread(journal_for, folder)) as copied:
            id_, head = copied.id, copied.head
        moved = await in_thread(settle, home.root, folder, id_)
    except BaseException:
        with CancelScope(shield=True):
            await in_thread(_remove_unless_bound, home.root, folder)
        raise
    await in_thread(put_aside, home.root)
    log.info("log moved from the share", film=str(home.root), to=str(folder), position=head)
    return moved


def put_aside(root: Path) -> None:
    """Rename the log that is left on the share, so that no earlier release goes on with it."""
    own = root / OWN_FOLDER
    if not (own / LOG).exists():
        return
    free = next(name for name in _names() if not any((own / f"{name}{ending}").exists() for ending in PARTS))
    for ending in reversed(PARTS):
        with suppress(FileNotFoundError):
            (own / f"{LOG}{ending}").rename(own / f"{free}{ending}")
    for left in (own / f"{LOG}-shm", *own.glob("index.db*")):
        left.unlink(missing_ok=True)
    sync(own)


def _copy(source: Path, target: Path) -> None:
    """Copy all files of the log, and look at each again once all are there: they belong together."""
    there = [name for ending in PARTS if (source / (name := f"{LOG}{ending}")).exists()]
    for name in there:
        shutil.copyfile(source / name, target / name)
        sync(target / name)
    for name in there:
        if not is_equal(source / name, target / name):
            raise ChangedMeanwhile(source / name)


def _remove_unless_bound(root: Path, folder: Path) -> None:
    """Remove a copy that came to nothing; one of which the film may say already that it is its log stays."""
    with suppress(OSError):
        binding = read_binding(root)
        if binding is None or binding.film != folder.name:
            shutil.rmtree(folder)


def _names() -> Iterator[str]:
    return (f"{LOG}.moved-{number}" for number in count(1))
