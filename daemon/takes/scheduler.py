"""The scheduler: says which of a project's shots are to be looked at, and when.

Hints, the clock and the scan of everything say so; what is then done follows from what lies in the shot alone.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import anyio
import structlog
from anyio.abc import TaskGroup
from msgspec import Struct

from daemon.config.table import Config
from daemon.disk.folders import ask_server
from daemon.disk.marker import Marker
from daemon.protection.overwrites import Overwrites
from daemon.shots.files import failed_files_of
from daemon.takes.agenda import Agenda
from daemon.takes.finishing import Finishing
from daemon.takes.reconcile import Reconciler
from daemon.takes.retries import PASSED_ON, Retries
from daemon.takes.scanner import LastScan, Scanner
from daemon.takes.strays import Strays
from daemon.watching.mailbox import Mail, Mailbox
from daemon.watching.presence import Presence
from daemon.watching.settling import Settling
from daemon.watching.tree import Tree
from daemon.watching.watch import Watch
from events import EventLog, Shot
from projections.board import Board
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.keeping import EVERYTHING, Keeping

log = structlog.get_logger()


class Health(Struct):
    """How the keeping goes: how often hints were lost, and how much they missed."""

    losses: int = 0
    missed: int = 0
    last_scan: LastScan | None = None


class Scheduler:
    """Keeps one project: everything that lies in its shots is in the log, and the other way round."""

    def __init__(
        self,
        root: Path,
        config: Config,
        mailbox: Mailbox,
        watch: Watch,
        board: Board,
        marker: Marker,
        log: EventLog,
        index: Index,
        reconciler: Reconciler,
        agenda: Agenda,
        finishing: Finishing,
        retries: Retries,
        overwrites: Overwrites,
        settling: Settling,
        share: str | None = None,
        keeping: Keeping = EVERYTHING,
    ) -> None:
        self.health = Health()
        self.scanned = anyio.Event()
        self._config = config
        self._mailbox = mailbox
        self._clock = mailbox.clock
        self._watch = watch
        self._tree = Tree(root, watch.arm, ask=ask_server if share else os.lstat)
        self._index = index
        self._reconciler = reconciler
        self._presence = Presence(root, marker, watch, board, mailbox.clock)
        self._strays = Strays(root, self._tree, reconciler.notes)
        self._scanner = Scanner(
            root,
            config,
            mailbox.clock,
            self._tree,
            watch,
            marker,
            log,
            index,
            reconciler.notes,
            overwrites,
            keeping,
        )
        self._agenda = agenda
        self._finishing = finishing
        self._retries = retries
        self._overwrites = overwrites
        self._settling = settling
        self._planned = self._clock()  # when the next scan is to begin that nobody asks for
        self._hinted: set[str] = set()

    async def run(self) -> None:
        """Attend to what is posted and what is due, for ever; MarkerGone once the project is not there."""
        try:
            await self._run()
        finally:
            await self._scanner.remember()

    async def _run(self) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(self._overwrites.run)
            group.start_soon(self._scan_now_and_then)
            group.start_soon(self._presence.watch_over)
            group.start_soon(self._strays.follow_links)
            group.start_soon(self._finishing.run)
            while True:
                self._heed(self._mailbox.collect(), group)
                for path in self._agenda.begin():
                    group.start_soon(self._attend, path)
                await self._mailbox.wait(self._agenda.next_due)

    def close(self) -> None:
        """Attend to nothing, and never run."""
        self._overwrites.close()
        self._finishing.close()

    def _heed(self, mail: Mail, group: TaskGroup) -> None:
        self._settling.closed(mail.closed)
        self._settling.renamed_in(mail.moved)
        self._settling.told(mail.told)
        self._hinted |= mail.shots
        for shot in mail.shots:
            self._agenda.note(shot, self._clock())
        for shot, due in mail.due.items():
            self._agenda.note(shot, due)
        if mail.lost:
            self.health.losses += 1
            log.warning("events were lost", why=sorted(mail.lost))
            group.start_soon(self.scan)
        elif mail.trees:
            group.start_soon(self._look_below, mail.trees)
        if mail.beside:
            group.start_soon(self._strays.look_at, mail.beside)

    async def _look_below(self, folders: set[str]) -> None:
        """Look at all shots in folders that came, went or moved."""
        known = [shot.path for shot in await self._index.shots()]
        for folder in folders:
            found = [shot.path for shot in await in_thread(list, self._tree.shots(folder))]
            self._hinted.update(found)
            for path in (*found, *known):
                if path == folder or path.startswith(f"{folder}/"):
                    self._agenda.look_soon(path)
        self._strays.tell()

    async def _scan_now_and_then(self) -> None:
        self._scanner.due = self._planned
        await self.scan(closely=False)
        await self._scanner.remember()
        while True:
            is_watched = self._watch.mode == "watching" and self._watch.is_well()
            pause = self._config.scan_every if is_watched else self._config.scan_every_unwatched
            self._scanner.due = self._planned = self._clock() + pause
            await self._clock.sleep(pause)
            await self.scan(closely=False)

    async def scan(self, *, closely: bool = True) -> None:
        """Look at every shot; unless closely, those in which nothing has changed are passed over."""
        await self._scanner.scan(self._look_at_all, closely=closely)
        self._scanner.due = max(self._scanner.due, self._planned)  # one that somebody asked for comes beside
        self._strays.tell()
        self._hinted.clear()
        self.health.last_scan = self._scanner.last
        self.scanned.set()

    @property
    def scan_by(self) -> float:
        """By when the scan is to go on, or to begin, in monotonic seconds."""
        return self._scanner.due

    def _look_at_all(self, paths: Iterable[str]) -> None:
        for path in paths:
            if self.scanned.is_set() and not (path in self._hinted or self._agenda.has(path)):
                self.health.missed += 1
            self._agenda.look_soon(path)

    async def _attend(self, path: str) -> None:
        again: float | None = None
        try:
            again = await self._look(path)
        except PASSED_ON:
            again = self._retries.pause
        except Exception as error:  # noqa: BLE001 - one shot may hold up no other; it is told
            again = await self._retries.note(path, error)
        finally:
            self._agenda.end(path, again)

    async def _look(self, path: str) -> float | None:
        """Look at that shot, and have done what follows from it; in how many seconds to look again."""
        found = await self._reconciler.reconcile(path)
        self._retries.clear(path)
        if found.shot is None:
            self._retries.clear_takes(path)
            return found.again
        self._finishing.resume(found.shot, found.to_finish)
        is_next = found.has_left and not self._finishing.note_crowd(found.shot)
        is_missed = await self._guard(path, found.shot)
        return 0.0 if is_next or is_missed else found.again

    async def _guard(self, path: str, shot: Shot) -> bool:
        """Watch the takes that somebody may well save over; whether that may have happened after the look already."""
        usable = [take.number for take in shot.takes.values() if take.is_usable]
        failed = failed_files_of(shot)
        guarded = shot.active, max(usable, default=None), *failed
        return await in_thread(self._scanner.guard, path, *guarded) and bool(failed)
