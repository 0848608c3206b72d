"""Liveness: whether the log, the watch and the scan of a film have shown that they live.

A disk that does not answer is no reason to restart anything: a new daemon would wait for it, too, and all other films with
it. So where a part is silent, the disk is asked in a thread of its own, and the film is passed over until it answers.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import anyio

from daemon.project.project import Project
from projections.files.threads import Disk

SCAN = 900.0
"""Seconds in which a scan that is under way, or due, is to go on: a large film on a slow disk takes its time."""


class Liveness:
    """What is asked of the films, time and again; in so many seconds a log answers, and so does a disk."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._asked: dict[tuple[Path, str], asyncio.Future[None]] = {}
        self._disks: dict[Path, Disk] = {}

    async def silent(self, projects: Sequence[Project]) -> list[str]:
        """What shows no sign of life though its disk answers, as sentences."""
        found: list[str] = []

        async def ask(project: Project) -> None:
            if (part := await self._silent_part(project)) and await self._disk_answers(project.root):
                found.append(f"{part} of {project.id} shows no sign of life")

        async with anyio.create_task_group() as group:
            for project in projects:
                group.start_soon(ask, project)
        return found

    async def _silent_part(self, project: Project) -> str | None:
        """The part that is silent; none of a film that is away, is being opened, or whose log is damaged."""
        if project.state != "live" or project.parts.log.damage:
            return None
        parts = project.parts
        if not await self._log_answers(project):
            return "the log"
        if not parts.watch.is_well():
            return "the watch"
        if parts.mailbox.clock() > parts.scheduler.scan_by + SCAN:
            return "the scan"
        return None

    async def _log_answers(self, project: Project) -> bool:
        return await self._answers(project.root, "log", project.parts.log.ready)

    async def _disk_answers(self, root: Path) -> bool:
        disk = self._disks.setdefault(root, Disk(f"{root.name}, asked for life", threads=1))
        return await self._answers(root, "disk", partial(disk.run, _ask, root))

    async def _answers(self, root: Path, what: str, question: Callable[[], Awaitable[None]]) -> bool:
        """Whether that is answered in time, be it with an error; one that was not is not asked twice at once."""
        asked = self._asked.get((root, what))
        if asked is None or asked.done():
            asked = self._asked[root, what] = asyncio.ensure_future(question())
        done, _ = await asyncio.wait([asked], timeout=self._patience)  # a commit heeds nobody who gives it up
        for one in done:
            one.exception()
        return bool(done)


def _ask(root: Path) -> None:
    """Have the disk do something that no memory answers for it; what it says does not matter."""
    with suppress(OSError):
        descriptor = os.open(root, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
