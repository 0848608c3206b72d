"""Moving home: the log of a film on a share that was kept there by an earlier release comes to this machine's own disk.

It is copied, synced and checked record by record before the film says where it is now. The old one is put aside, and
never removed. A kill at any point leaves the film with the one log or the other, whole.
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
from daemon.project.home import Home, new_folder, read_binding, settle
from events import open_log
from projections.files.threads import in_thread
from projections.files.writing import sync
from projections.layout import OWN_FOLDER

log = structlog.get_logger()

PARTS = ("", "-wal", "-journal")
"""How the names of a database's files end that hold what was committed; what else there is follows from these."""


async def move_home(home: Home) -> Home:
    """Have the film's log on this machine; nobody may write it meanwhile. LogDamaged where it is not whole."""
    folder = await in_thread(new_folder)
    try:
        await in_thread(_copy, home.folder, folder)
        async with open_log(folder / LOG, journal=await in_thread(journal_for, folder)) as copied:
            async for _ in copied.verify():
                pass
            id_, head = copied.id, copied.head
        await in_thread(sync, folder / LOG)
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
    for ending in PARTS:
        with suppress(FileNotFoundError):
            shutil.copyfile(source / f"{LOG}{ending}", target / f"{LOG}{ending}")


def _remove_unless_bound(root: Path, folder: Path) -> None:
    """Remove a copy that came to nothing; one of which the film may say already that it is its log stays."""
    with suppress(OSError):
        binding = read_binding(root)
        if binding is None or binding.film != folder.name:
            shutil.rmtree(folder)


def _names() -> Iterator[str]:
    return (f"{LOG}.moved-{number}" for number in count(1))
