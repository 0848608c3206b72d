"""The scheduler: says which of a project's shots are to be looked at, and when.

Hints, the clock and the scan of everything say so; what is then done follows from what lies in the shot
alone. A shot is looked at by one task at a time, and a take is finished by one.
"""

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path

import anyio
import structlog
from anyio.abc import TaskGroup
from msgspec import Struct

from daemon.config import Config
from daemon.disk.folders import ask_server
from daemon.disk.marker import Marker
from daemon.protection.overwrites import Overwrites
from daemon.shots import failed_files_of
from daemon.takes.intake import Intake
from daemon.takes.presence import Presence
from daemon.takes.reconcile import Reconciler
from daemon.takes.strays import Strays
from daemon.watching.mailbox import Mail, Mailbox
from daemon.watching.scan import look
from daemon.watching.settling import AGAIN, Settling
from daemon.watching.tree import Found, Tree, chunks
from daemon.watching.unchanged import Unchanged
from daemon.watching.watch import Watch
from events import Shot, TakeKey, TakesError
from projections.board import Board
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.index.queries import OnDisk
from projections.layout import take_name, take_path
from projections.media.errors import NeedsMore

log = structlog.get_logger()

AT_ONCE = 16
"""Shots looked at, and takes finished, at the same time."""

CHUNK = 200
"""Shots compared with the index at a time in a scan."""

CLOSELY = 10
"""Every so many scans look into each shot, also where nothing says that anything happened."""


class LastScan(Struct, frozen=True):
    """A look at everything: when it ended (monotonic seconds), how long it took, how many shots it found."""

    ended: float
    seconds: float
    shots: int


class Health(Struct):
    """How the keeping goes: how often hints were lost, and how much they missed.

    By `scan_by` (monotonic seconds) the scan is to go on, or to begin.
    """

    losses: int = 0
    missed: int = 0
    last_scan: LastScan | None = None
    scan_by: float = math.inf


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
        index: Index,
        reconciler: Reconciler,
        intake: Intake,
        overwrites: Overwrites,
        settling: Settling,
        share: str | None = None,
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
        self._intake = intake
        self._overwrites = overwrites
        self._settling = settling
        self._due: dict[str, float] = {}
        self._busy: set[str] = set()
        self._making: set[TakeKey] = set()
        self._hinted: set[str] = set()
        self._unchanged = Unchanged(root, config.scan_every, mailbox.clock)
        self._looking = anyio.Semaphore(AT_ONCE, fast_acquire=True)
        self._begun, self._to_finish = anyio.create_memory_object_stream[tuple[str, TakeKey]](math.inf)
        self._put_behind, self._behind = anyio.create_memory_object_stream[tuple[str, TakeKey]](math.inf)
        self._scanning = anyio.Lock()

    def _look_soon(self, path: str, seconds: float = 0.0) -> None:
        """Have that shot looked at in so many seconds, or sooner."""
        self._note_due(path, self._clock() + seconds)
        self._mailbox.ring()

    def _note_due(self, path: str, due: float) -> None:
        self._due[path] = min(due, self._due.get(path, math.inf))

    async def run(self) -> None:
        """Attend to what is posted and what is due, for ever; MarkerGone once the project is not there."""
        with self._begun, self._to_finish, self._put_behind, self._behind:
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
        for one in (self._begun, self._to_finish, self._put_behind, self._behind):
            one.close()

    def _next_due(self) -> float:
        return min((due for path, due in self._due.items() if path not in self._busy), default=math.inf)

    def _start_what_is_due(self, group: TaskGroup) -> None:
        now = self._clock()
        for path in [path for path, due in self._due.items() if due <= now and path not in self._busy]:
            del self._due[path]
            self._busy.add(path)
            group.start_soon(self._attend, path)

    def _heed(self, mail: Mail, group: TaskGroup) -> None:
        self._settling.closed(mail.closed)
        self._settling.renamed_in(mail.moved)
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
        for number in count():
            await self.scan(closely=number % CLOSELY == 0)
            is_watched = self._watch.mode == "watching" and self._watch.is_well()
            pause = self._config.scan_every if is_watched else self._config.scan_every_unwatched
            self.health.scan_by = self._clock() + pause
            await self._clock.sleep(pause)

    async def scan(self, *, closely: bool = True) -> None:
        """Look at every shot; unless closely, those in which nothing has changed are passed over."""
        async with self._scanning:
            self._unchanged.begin()
            began, shots = self._clock(), 0
            self.health.scan_by = began
            unseen = {shot.path for shot in await self._index.shots()}
            parts = chunks(self._tree.shots(), CHUNK)
            while found := await in_thread(next, parts, None):
                await self._compare(found if closely else await in_thread(self._stirred, found))
                shots += len(found)
                self.health.scan_by = self._clock()
                unseen.difference_update(one.path for one in found)
            await in_thread(self._marker.check)
            self._look_at_all(unseen)
            for path in unseen:  # should it come back, nothing in it will have changed
                self._unchanged.forget(path)
            self._strays.tell()
            self._hinted.clear()
            self.health.last_scan = LastScan(self._clock(), self._clock() - began, shots)
            self.scanned.set()

    def _stirred(self, found: Sequence[Found]) -> list[Found]:
        return [one for one in found if not self._unchanged.has(one)]

    async def _compare(self, found: Sequence[Found]) -> None:
        """Have those of the shots looked at in which something may not be as the index has it."""
        if not found:
            return
        known = await self._index.on_disk([one.path for one in found])
        different = await in_thread(self._different, found, known)
        self._look_at_all(different)
        for path in different:
            self._unchanged.forget(path)

    def _look_at_all(self, paths: Iterable[str]) -> None:
        for path in paths:
            if self.scanned.is_set() and path not in self._hinted | self._due.keys() | self._busy:
                self.health.missed += 1
            self._look_soon(path)

    def _different(self, found: Sequence[Found], known: Mapping[str, OnDisk]) -> list[str]:
        told = self._reconciler.notes.shots()  # what is said of them may have become untrue
        return [
            one.path
            for one in found
            if one.path in told or one.path not in known or not self._is_as_known(one, known[one.path])
        ]

    def _is_as_known(self, found: Found, known: OnDisk) -> bool:
        path = found.path
        try:
            seen = look(self._root, path, known.live)
        except OSError:
            return False  # whoever looks closely says what is wrong there
        if seen is None or seen.drops or seen.recipes or seen.not_taken or seen.absent or known.making:
            return False
        if self._overwrites.written_over(known.failed, seen.media):
            return False
        if self._overwrites.strange(known.files, seen.media) or any(
            self._overwrites.has_left(stream) for stream, _ in known.files
        ):
            return False
        self._guard(
            path, known.active, max((number for number, _ in known.live), default=None), *known.failed
        )
        if seen.active != known.active or seen.folders - known.numbers or seen.folders & known.missing:
            return False
        self._unchanged.note(found, seen, known.live)
        return True

    def _guard(self, shot: str, *numbers: int | None) -> bool:
        """Watch the folders of a shot's takes that somebody may well save over; whether one of them was not before."""
        before = self._watch.folders
        for number in {one for one in numbers if one}:
            self._watch.arm(take_path(shot, number))
        return self._watch.folders > before

    async def _attend(self, path: str) -> None:
        try:
            async with self._looking:
                found = await self._reconciler.reconcile(path)
            self._board.report("shot", path)
            again = found.again
            if found.shot:
                self._resume(found.shot, found.to_finish)
                usable = [take.number for take in found.shot.takes.values() if take.is_usable]
                failed = failed_files_of(found.shot)
                guarded = found.shot.active, max(usable, default=None), *failed
                if await in_thread(self._guard, path, *guarded) and failed:
                    again = 0.0  # a file may have been saved over after the look, and before it was watched
            else:
                self._forget_below(path)
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
                self._begun.send_nowait((shot.path, key))

    async def _finish_what_is_begun(self) -> None:
        async for path, key in self._to_finish:
            await self._finish(path, key, patient=False)

    async def _finish_what_needs_more(self) -> None:
        """Look into those that take long, behind all that do not."""
        async for path, key in self._behind:
            await self._finish(path, key, patient=True)

    async def _finish(self, path: str, key: TakeKey, *, patient: bool) -> None:
        try:
            is_done = await self._intake.finish(*key, patient=patient)
        except NeedsMore:
            self._put_behind.send_nowait((path, key))
            return
        except Exception as error:  # noqa: BLE001 - one shot may hold up no other; it is reported
            shot = await self._index.shot(key.stream)
            if shot and shot.path != path:
                self._look_soon(shot.path)  # it moved meanwhile, and the take goes on there
            else:
                self._look_soon(path, await self._report(f"{path}/{take_name(key.number)}", error))
        else:
            self._board.report("shot", f"{path}/{take_name(key.number)}")
            if not is_done:
                self._look_soon(path, AGAIN)
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
