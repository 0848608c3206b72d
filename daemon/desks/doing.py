"""Doing: what was asked for at a desk is in the log, and is done on the disk by whoever keeps the shot, who then says so."""

from collections.abc import Collection
from contextlib import suppress
from typing import Protocol

import anyio
from anyio.abc import TaskGroup

from daemon.protection.restore import Restorer
from daemon.space.purge import Purged
from daemon.watching.mailbox import Mailbox
from events import EventLog, Record, TakeAccepted, TakeCreated, TakePurged, TakeRestored, TakesError
from events.log import follow, is_command
from projections.artifacts.active_link import ActiveLink
from projections.artifacts.project_file import ProjectFile
from projections.board import AGAIN, Board
from projections.index.index import Index
from projections.index.rows import ShotTakes
from projections.projector import Projector

SHOWN = (ActiveLink.name, ProjectFile.name)
"""The projections that a script reads after a command."""

BACK = 1000
"""Records before the end of the log, at most, among which it is looked for what was asked for while nobody was there."""

PATIENCE = 60.0
"""Seconds after which whoever has asked is not waiting any more."""


class Telling(Protocol):
    """Those who wait for it."""

    async def tell(self, name: str, stream: str, position: int) -> None:
        """That projection shows that shot as it was at that position."""


class Doer:
    """Does for one film what was asked for elsewhere."""

    def __init__(
        self, index: Index, projector: Projector, mailbox: Mailbox, board: Board, restorer: Restorer
    ) -> None:
        self._index = index
        self._projector = projector
        self._mailbox = mailbox
        self._board = board
        self._restorer = restorer

    async def run(self, log: EventLog, telling: Telling) -> None:
        """Follow the log for ever, from where the last run of this machine may have ended."""
        head = log.head
        async with anyio.create_task_group() as group:
            async for record in follow(log, max(self._projector.began(ActiveLink.name), head - BACK)):
                if is_command(record.cause):
                    await self._do(record)
                    if record.position > head:
                        self._start_telling(group, record, telling)

    async def make_up(self, log: EventLog, streams: Collection[str]) -> None:
        """Do what was asked for of late in these shots, which whoever kept them may not have come to."""
        for record in await log.read(max(0, log.head - BACK), BACK):
            if record.stream in streams and is_command(record.cause):
                await self._do(record)

    async def _do(self, record: Record) -> None:
        """What a command does on the disk that no projection does; doing it again changes nothing."""
        await self._index.show(record.position)
        if not self._projector.is_ours(ActiveLink.name, record.stream):
            return
        is_looked_for = isinstance(record.event, TakeCreated | TakeAccepted)
        if is_looked_for and (shot := await self._index.shot(record.stream)):
            self._mailbox.look_at(shot.path)  # which makes a take's folder, or finishes it
        if isinstance(record.event, TakeRestored):
            for found in await self._index.load({record.stream: [record.event.take]}):
                await self._bring_back(found)

    async def _bring_back(self, found: ShotTakes) -> None:
        for take in found.takes:
            about = f"{found.shot.path}/{take.id}/restored"
            try:
                if not take.deleted:
                    await self._restorer.bring_back(found.shot, take)
            except (OSError, TakesError) as error:
                hint = error.hint if isinstance(error, TakesError) else AGAIN
                self._board.report("shot", about, str(error), hint=hint)
            else:
                self._board.report("shot", about)

    def _start_telling(self, group: TaskGroup, record: Record, telling: Telling) -> None:
        for name in (Purged.name,) if isinstance(record.event, TakePurged) else SHOWN:
            if self._projector.is_ours(name, record.stream):
                group.start_soon(self._tell, name, record, telling)

    async def _tell(self, name: str, record: Record, telling: Telling) -> None:
        """Say so, once that projection shows what was asked for."""
        stream, position = record.stream, record.position
        if not await self._projector.behind([name], stream, position, PATIENCE):
            with suppress(TakesError):
                await telling.tell(name, stream, max(position, self._projector.position(name, stream)))
