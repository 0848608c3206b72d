"""The scheduler: says which of a project's shots are to be looked at, and when.

Hints, the clock and the scan of everything say so; what is then done follows from what lies in the shot
alone. A shot is looked at by one task at a time, and a take is finished by one.
"""

import math
import os
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

import anyio
import structlog
from anyio.abc import TaskGroup
from msgspec import Struct

from daemon.config.table import Config
from daemon.disk.folders import ask_server
from daemon.disk.marker import Marker
from daemon.protection.overwrites import Overwrites
from daemon.shots.files import failed_files_of
from daemon.takes.intake import is_plain
from daemon.takes.reconcile import Reconciler
from daemon.takes.scanner import LastScan, Scanner
from daemon.takes.strays import Strays
from daemon.turns import Turns
from daemon.watching.mailbox import Mail, Mailbox
from daemon.watching.presence import Presence
from daemon.watching.settling import AGAIN, Settling
from daemon.watching.tree import Tree
from daemon.watching.watch import Watch
from events import EventLog, Fenced, Shot, TakeKey, TakesError
from projections.board import Board
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.keeping import EVERYTHING, Keeping, NotKept
from projections.layout import take_name
from projections.media.errors import NeedsMore

log = structlog.get_logger()

AT_ONCE = 16
"""Shots looked at, and takes finished, at the same time."""

TOGETHER = 16
"""Takes that are finished together: nobody waits for more than so many others."""

FEW = 250
"""Takes of a shot that are to be finished, below which more of its drops are let in."""


PASSED_ON = (NotKept, Fenced)
"""Raised where something is for another machine to do now, or for nobody: it is looked at again in a while."""


class Finish(Protocol):
    """Has a take whose number is given be complete, or fail; False while somebody writes its file."""

    def __call__(self, stream: str, number: int, *, patient: bool) -> Awaitable[bool]: ...


class FinishEach(Protocol):
    """Does so with plain ones together; those that are finished then."""

    def __call__(self, keys: Sequence[TakeKey]) -> Awaitable[Sequence[TakeKey]]: ...


class Begun(NamedTuple):
    """A take whose number is given, of the shot at that path; whether it may be finished with others."""

    path: str
    key: TakeKey
    is_plain: bool


ToFinish = Turns[Begun]
"""The takes that are to be finished."""


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
        to_finish: ToFinish,
        finish: Finish,
        finish_each: FinishEach,
        overwrites: Overwrites,
        settling: Settling,
        share: str | None = None,
        keeping: Keeping = EVERYTHING,
    ) -> None:
        self.health = Health()
        self.scanned = anyio.Event()
        self._root = root
        self._config = config
        self._mailbox = mailbox
        self._clock = mailbox.clock
        self._watch = watch
        self._tree = Tree(root, watch.arm, ask=ask_server if share else os.lstat)
        self._board = board
        self._marker = marker
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
        self._finish_take = finish
        self._finish_takes = finish_each
        self._keeping = keeping
        self._overwrites = overwrites
        self._settling = settling
        self._planned = self._clock()  # when the next scan is to begin that nobody asks for
        self._due: dict[str, float] = {}
        self._busy: set[str] = set()
        self._making: set[TakeKey] = set()
        self._hinted: set[str] = set()
        self._to_finish = to_finish
        self._crowded: set[str] = set()
        self._put_behind, self._behind = anyio.create_memory_object_stream[tuple[str, TakeKey]](math.inf)

    def _look_soon(self, path: str, seconds: float = 0.0) -> None:
        """Have that shot looked at in so many seconds, or sooner."""
        self._note_due(path, self._clock() + seconds)
        self._mailbox.ring()

    def _note_due(self, path: str, due: float) -> None:
        self._due[path] = min(due, self._due.get(path, math.inf))

    async def run(self) -> None:
        """Attend to what is posted and what is due, for ever; MarkerGone once the project is not there."""
        try:
            await self._run()
        finally:
            await self._scanner.remember()

    async def _run(self) -> None:
        with self._put_behind, self._behind:
            async with anyio.create_task_group() as group:
                group.start_soon(self._overwrites.run)
                group.start_soon(self._scan_now_and_then)
                group.start_soon(self._presence.watch_over)
                group.start_soon(self._strays.follow_links)
                for _ in range(AT_ONCE):
                    group.start_soon(self._finish_what_is_begun)
                for _ in range(max(1, self._config.parallel // 2)):
                    group.start_soon(self._finish_what_needs_more)
                while True:
                    self._heed(self._mailbox.collect(), group)
                    self._start_what_is_due(group)
                    await self._mailbox.wait(self._next_due())

    def close(self) -> None:
        """Attend to nothing, and never run."""
        self._overwrites.close()
        self._put_behind.close()
        self._behind.close()

    def _next_due(self) -> float:
        if len(self._busy) >= AT_ONCE:
            return math.inf
        return min((due for path, due in self._due.items() if path not in self._busy), default=math.inf)

    def _start_what_is_due(self, group: TaskGroup) -> None:
        now, free = self._clock(), AT_ONCE - len(self._busy)
        waiting = (path for path, due in self._due.items() if due <= now and path not in self._busy)
        for path in [*islice(waiting, free)]:
            del self._due[path]
            self._busy.add(path)
            group.start_soon(self._attend, path)

    def _heed(self, mail: Mail, group: TaskGroup) -> None:
        self._settling.closed(mail.closed)
        self._settling.renamed_in(mail.moved)
        self._settling.told(mail.told)
        self._hinted |= mail.shots
        for shot in mail.shots:
            self._note_due(shot, self._clock())
        for shot, due in mail.due.items():
            self._note_due(shot, due)
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
                    self._look_soon(path)
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
            is_known = path in self._hinted or path in self._due or path in self._busy
            if self.scanned.is_set() and not is_known:
                self.health.missed += 1
            self._look_soon(path)

    async def _attend(self, path: str) -> None:
        try:
            found = await self._reconciler.reconcile(path)
            self._board.report("shot", path)
            again = found.again
            if found.shot:
                self._resume(found.shot, found.to_finish)
                again = self._let_in_later(path, found.shot.stream, again) if found.has_left else again
                usable = [take.number for take in found.shot.takes.values() if take.is_usable]
                failed = failed_files_of(found.shot)
                guarded = found.shot.active, max(usable, default=None), *failed
                if await in_thread(self._scanner.guard, path, *guarded) and failed:
                    again = 0.0  # a file may have been saved over after the look, and before it was watched
            else:
                self._forget_below(path)
        except PASSED_ON:
            again = self._config.scan_every_unwatched
        except Exception as error:  # noqa: BLE001 - one shot may hold up no other; it is reported
            again = await self._report(path, error)
        finally:
            self._busy.discard(path)
        if again is not None:
            self._look_soon(path, again)
        self._mailbox.ring()

    def _resume(self, shot: Shot, numbers: Sequence[int]) -> None:
        """Have the takes finished whose files are there."""
        for number in numbers:
            key = TakeKey(shot.stream, number)
            if key not in self._making:
                self._making.add(key)
                self._to_finish.add(shot.stream, Begun(shot.path, key, is_plain(shot.takes[number])))

    def _let_in_later(self, path: str, stream: str, again: float | None) -> float | None:
        """Have more drops of that shot let in once few of its takes are to be finished; when it is to be looked at again."""
        if self._to_finish.waiting(stream) < FEW:
            return 0.0
        self._crowded.add(path)
        return again

    async def _finish_what_is_begun(self) -> None:
        while True:
            begun = await self._to_finish.some(TOGETHER, lambda one: one.is_plain)
            for path, key, _ in begun if self._crowded else ():
                if path in self._crowded and self._to_finish.waiting(key.stream) < FEW:
                    self._crowded.discard(path)
                    self._look_soon(path)
            if len(begun) > 1:
                await self._finish_together(begun)
            else:
                await self._finish(begun[0].path, begun[0].key, patient=False)

    async def _finish_together(self, begun: Sequence[Begun]) -> None:
        """Finish plain ones together; each with which anything is wrong is done alone, where that is told."""
        done: Sequence[TakeKey] = ()
        with suppress(Exception), self._keeping.work(*{one.key.stream for one in begun}):
            done = await self._finish_takes([one.key for one in begun])
        for one in begun:
            if one.key in done:
                self._note_finished(one.path, one.key)
            else:
                self._to_finish.add(one.key.stream, Begun(one.path, one.key, is_plain=False))

    async def _finish_what_needs_more(self) -> None:
        """Look into those that take long, behind all that do not."""
        async for path, key in self._behind:
            await self._finish(path, key, patient=True)

    async def _finish(self, path: str, key: TakeKey, *, patient: bool) -> None:
        try:
            with self._keeping.work(key.stream):
                is_done = await self._finish_take(*key, patient=patient)
        except NeedsMore:
            self._put_behind.send_nowait((path, key))
            return
        except PASSED_ON:
            self._look_soon(path, self._config.scan_every_unwatched)
        except Exception as error:  # noqa: BLE001 - one shot may hold up no other; it is reported
            shot = await self._index.shot(key.stream)
            if shot and shot.path != path:
                self._look_soon(shot.path)  # it moved meanwhile, and the take goes on there
            else:
                self._look_soon(path, await self._report(f"{path}/{take_name(key.number)}", error))
        else:
            self._note_finished(path, key)
            if not is_done:
                self._look_soon(path, AGAIN)
        self._making.discard(key)

    def _note_finished(self, path: str, key: TakeKey) -> None:
        """Nothing has stood in its way."""
        self._board.report("shot", f"{path}/{take_name(key.number)}")
        self._making.discard(key)

    def _forget_below(self, path: str) -> None:
        """What stood in the way of takes in a shot that is not there does so no more."""
        self._board.clear_below("shot", f"{path}/take_")

    async def _report(self, path: str, error: Exception) -> float:
        """Note what stood in the way, unless it is that the whole project is gone; when to try again."""
        await in_thread(self._marker.check)
        self._board.report("shot", path, f"{path}: {error}")
        is_known = isinstance(error, OSError | TakesError)
        log.warning(
            "this will be tried again", what=path, error=str(error), exc_info=None if is_known else error
        )
        return self._config.scan_every_unwatched
