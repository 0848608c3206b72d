"""What is left in `.takes/work` of a film that several machines have, once it cannot be anybody's any more.

A film of one daemon is tidied as that starts. Here another machine may be at any of it: so what is removed is only what
nobody awaits, and what nothing has happened to for a day, by the clock of the disk that it lies on.
"""

import secrets
import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import structlog

from daemon.clock import Clock
from daemon.farm.attempts import ATTEMPT, name_of, work_of
from daemon.requests.maker import JOB
from daemon.runners.slurm import FOLDER as OF_SLURM
from daemon.shots.shots import Shots
from events import TakesError
from projections.artifacts.store import PASSING
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.keeping import Keeping

log = structlog.get_logger()

OLD = 24 * 60 * 60.0
"""Seconds for which nothing has happened to what is removed."""

EVERY = 60 * 60.0
"""Seconds between two looks."""


async def keep_clear(root: Path, index: Index, shots: Shots, keeping: Keeping, clock: Clock) -> None:
    """Remove it for ever, as long as this machine is the one that does what there is once for the film."""
    while True:
        if keeping.keeps_film:
            with suppress(OSError, TakesError), keeping.work_on_film():
                await _clear(root, index, shots)
        await clock.sleep(EVERY)


async def _clear(root: Path, index: Index, shots: Shots) -> None:
    work = work_of(root)
    if await in_thread(work.is_dir):
        await index.seen.reach(shots.head)
        cleared = await in_thread(clear, work, await _wanted(index, shots), await in_thread(_now, work))
        if cleared:
            log.info("leftovers removed", names=cleared)


async def _wanted(index: Index, shots: Shots) -> Collection[str]:
    """How the names of those folders begin in which takes are made that somebody awaits."""
    wanted = []
    for one in await index.awaited():
        take = (await shots.load(one.stream)).takes[one.number]
        wanted += [f"{JOB}{take.created_by}", f"{OF_SLURM}{take.created_by}", name_of(one.key)]
    return wanted


def _now(work: Path) -> float:
    """What the clock of that disk says, which may be another machine's, in seconds since 1970."""
    probe = work / f"{PASSING}{secrets.token_hex(8)}"
    try:
        probe.touch()
        return probe.lstat().st_ctime
    finally:
        probe.unlink(missing_ok=True)


def clear(work: Path, wanted: Collection[str], now: float) -> list[str]:
    """Remove what is left there, but for what begins with one of these names; what was removed."""
    left = [
        path
        for path in work.iterdir()
        if path.name.startswith((PASSING, JOB, OF_SLURM, ATTEMPT))
        and not path.name.startswith(tuple(wanted))
        and now - _touched(path) > OLD
    ]
    for path in left:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return sorted(path.name for path in left)


def _touched(path: Path) -> float:
    """When something has last happened to it, or to anything in it: a hard link has the age of what it is of, and is new."""
    return max(one.lstat().st_ctime for one in (path, *path.rglob("*")))
