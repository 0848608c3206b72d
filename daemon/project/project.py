"""The project: one film that is kept, from its folder's lock to its last projection, and what to do when it goes away."""

import errno
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import anyio
import structlog
from anyio.abc import TaskGroup, TaskStatus

from daemon.config.table import Config
from daemon.decoding.pictures import Pictures
from daemon.decoding.proxies import Proxies
from daemon.disk.marker import MarkerGone
from daemon.disk.mounts import journal_for
from daemon.disk.private import keep_private
from daemon.disk.uploads import UPLOADS, Uploads
from daemon.farm.farm import make_here
from daemon.farm.leftovers import keep_clear
from daemon.home.holding import hold, keep_locked
from daemon.home.home import Home, find_home
from daemon.home.init import describe
from daemon.home.moving import move_home, put_aside
from daemon.project.assembly import open_parts
from daemon.project.figures import Figures, Question, figures_of
from daemon.project.git_keeping import keep_staged
from daemon.project.parts import Parts, Shared
from daemon.project.people import People
from daemon.project.proxies_ahead import make_ahead
from daemon.project.studio import (
    ForKeepers,
    check_reach,
    keepers_of,
    measure,
    open_studio_log,
    takeover,
    watch_studio,
    work_together,
)
from daemon.recovery.chain import check_all, check_end
from daemon.recovery.copies import keep_copies
from daemon.recovery.head import keep_head
from daemon.recovery.standing import Told, catch_up, check, registered_log
from events import EventLog, LogDamaged, Refused, Role, TakesError, open_log
from events.errors import flatten
from projections.artifacts.picture_cache import CACHE, Cache
from projections.files.threads import Disk, in_thread
from projections.index.answers import Counts, IndexDamaged
from projections.index.index import Index, open_index
from projections.keeping import EVERYTHING, Keeping, Watching
from projections.layout import OWN_FOLDER, slug

if TYPE_CHECKING:
    from daemon.keeping.keeper import Keeper

log = structlog.get_logger()

PATIENCE = 5.0
"""Seconds that a start waits for one project before it goes on to the next: its disk may never answer."""

COME_BACK = 1.0
"""Seconds between two looks whether a suspended project is there again."""

State = Literal["starting", "live", "suspended"]


class ProjectSuspended(Refused):
    """Raised when something is asked of a project whose folder is away."""

    def __init__(self, project: str, reason: str, hint: str) -> None:
        super().__init__(f"project {project!r} is suspended: {reason}")
        self.hint = hint or "It is tried again every second; the daemon's log may say more."


class Project:
    """A project that the daemon is to keep; it may be away for now."""

    def __init__(self, root: Path, shared: Shared, distinct: Callable[[str], str] = str) -> None:
        self.root = root
        self.disk = Disk(root.name)
        self.id, self.name = distinct(slug(root.name)), root.name
        self.state: State = "starting"
        self.reason = ""
        self._hint = ""
        self._shared = shared
        self.decoders = shared.decoders.apart()
        self.cache = Cache(root / OWN_FOLDER / CACHE, shared.config.cache_mb << 20)
        self.pictures = Pictures(self.decoders, self.cache)
        self.proxies = Proxies(self.decoders, self.cache)
        self._uploads = Uploads(root)
        self._people = People()
        self._parts: Parts | None = None
        self._decided = anyio.Event()
        self._group: TaskGroup | None = None
        self._left = anyio.Event()
        self._distinct = distinct
        self._damage: LogDamaged | None = None
        self._counts = Question(self._count)
        self._figures = Question(self._measure)

    @property
    def parts(self) -> Parts:
        """Its parts, while it is kept; ProjectSuspended while it is away."""
        if self._parts is None:
            raise self._away()
        return self._parts

    @property
    def uploads(self) -> Uploads:
        """What is sent to it, while it is kept; ProjectSuspended while it is away."""
        if self._parts is None:
            raise self._away()
        return self._uploads

    def _away(self) -> ProjectSuspended:
        return ProjectSuspended(self.id, self.reason or "it is just being opened", self._hint)

    def check_keeps(self, command: str) -> None:
        """ForKeepers at a desk, with the command that is for them."""
        if self.parts.keeping.is_desk:
            raise ForKeepers(self.id, keepers_of(self.parts.log), command)

    async def counts(self) -> Counts | None:
        """How many shots and takes it has; None where its disk does not answer for a while."""
        return await self._counts.answer()

    async def role_of(self, person: str) -> Role | None:
        """What that person may do with it, as far as is known while it is away; None where they may not see it."""
        return await self._people.role_of(person, self._parts.index if self._parts else None)

    async def figures(self) -> Figures | None:
        """What there ever was of it, and what its disk has left; None where that does not answer for a while."""
        return await self._figures.answer()

    async def _count(self) -> Counts:
        return await self.parts.index.counts()

    async def _measure(self) -> Figures:
        self.disk.use()
        return await figures_of(self.root, self.parts.index)

    async def keep(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Keep it for ever: while it is away, wait until it is back.

        Started once it is one or the other, or its disk has not answered for a while.
        """
        self.disk.use()
        try:
            async with anyio.create_task_group() as self._group:
                self._group.start_soon(self._keep_coming_back)
                with anyio.move_on_after(PATIENCE):
                    await self._decided.wait()
                task_status.started()
        finally:
            self.disk.close()
            self._left.set()

    def say_goodbye(self) -> None:
        """Have those who listen to its events leave; it may be going away at this moment, or be away."""
        if self._parts:
            self._parts.gone.set()

    async def leave(self) -> None:
        """Keep it no longer; its folder stays as it is. A disk that does not answer is not waited for."""
        self.say_goodbye()
        if self._group:
            self._group.cancel_scope.cancel()
        with anyio.move_on_after(PATIENCE):
            await self._left.wait()
        log.info("project left", project=self.id, path=str(self.root))

    async def _keep_coming_back(self) -> None:
        while True:
            try:
                await self._keep_while_there()
            except* Exception as errors:  # noqa: BLE001 - one project may take no other along
                self._suspend(next(flatten(errors)))
            await anyio.sleep(COME_BACK)

    async def _name(self) -> None:
        info = await in_thread(describe, self.root)
        self.id, self.name = self._distinct(info.id), info.name

    def _suspend(self, error: BaseException) -> None:
        reason = _reason(error)
        if (self.state, self.reason) != ("suspended", reason):
            is_known = isinstance(error, OSError | TakesError)
            trace = None if is_known else error
            log.warning("project suspended", project=self.id, reason=reason, exc_info=trace)
        self.state, self.reason = "suspended", reason
        self._hint = error.hint if isinstance(error, TakesError) else ""
        self._decided.set()

    async def _keep_while_there(self) -> None:
        await self._name()
        home = await self._home()
        marker = await in_thread(home.marker)
        if home.studio and self._shared.config.studio.role == "desk":
            self.cache.folder, self._uploads.folder = home.folder / CACHE, home.folder / UPLOADS
        else:
            await in_thread(keep_private, self.root / OWN_FOLDER)
        await in_thread(self._uploads.sweep)
        async with (
            hold(home) as lock,
            _open_log(home, self._shared) as opened,
            open_index(home.folder / "index.db", opened.log) as index,
            anyio.create_task_group() as group,
            open_parts(
                self.root, self.id, self._shared, self.decoders, marker, opened.log, index, opened.keeping
            ) as parts,
        ):
            group.start_soon(keep_locked, lock)
            group.start_soon(_until_damaged, parts.index)
            try:
                await self._keep(home, parts, opened)
            finally:
                parts.gone.set()
                self._parts = None

    async def _home(self) -> Home:
        """Where its log is; one that an earlier release has left on a share is moved to this machine first."""
        home = await in_thread(partial(find_home, self.root, share=self._shared.config.share))
        if home.binding:
            await in_thread(put_aside, self.root)
        elif home.is_on_share and await in_thread(home.log.exists):
            async with AsyncExitStack() as stack:
                with suppress(OSError):  # a share may know no locks
                    await stack.enter_async_context(hold(home))
                return await move_home(home)
        return home

    async def _keep(self, home: Home, parts: Parts, opened: "_Opened") -> None:
        """Keep it while the log is whole; from then on show what is known of it, and take nothing in."""
        self._damage = await check_end(parts.log, self._damage)
        while self._damage is None:
            try:
                if home.studio is None:
                    await catch_up(self.root, parts.log, opened.told, parts.index, parts.shots, parts.board)
                async with anyio.create_task_group() as group:
                    await start(self.root, self._shared.config, parts, group)
                    self._show(parts)
                    self._start_beside(home, parts, opened, group)
                    if parts.keeping.is_desk:
                        await anyio.sleep_forever()
                    await parts.scheduler.run()
            except* LogDamaged as errors:
                self._damage = next(one for one in flatten(errors) if isinstance(one, LogDamaged))
        parts.log.close_for(self._damage)
        parts.scheduler.close()
        parts.board.report("log", "chain", str(self._damage), hint=self._damage.hint)
        log.error("the log is damaged", project=self.id, reason=str(self._damage))
        self._show(parts)
        while True:
            await in_thread(parts.marker.check)  # until another log is there
            await anyio.sleep(COME_BACK)

    def _start_beside(self, home: Home, parts: Parts, opened: "_Opened", group: TaskGroup) -> None:
        """Have that done which goes on beside what the scheduler has done; at a desk others do most of it."""
        config = self._shared.config
        group.start_soon(self._look_after_log, home, parts)
        if home.studio:
            measure(parts.log, partial(self._shared.metrics.appends.note, self.id))
            group.start_soon(watch_studio, parts.log, parts.board)
            group.start_soon(work_together, self.root, parts)
        if parts.keeping.is_desk:
            return
        if home.studio and config.studio.make == "here":
            group.start_soon(make_here, parts.log, parts.keeping, self._shared.clock)
        if opened.keeper:
            group.start_soon(opened.keeper.run, takeover(parts))
            clearing = (parts.index, parts.shots, parts.keeping, self._shared.clock)
            group.start_soon(keep_clear, self.root, *clearing)
        if config.proxies == "completion":
            group.start_soon(make_ahead, self.root, parts, self.proxies)

    async def _look_after_log(self, home: Home, parts: Parts) -> None:
        """Check it, and copy it only once it is known to be whole."""
        await check_all(parts.log)
        if not parts.keeping.is_desk:
            await keep_copies(home.log, parts.log, parts.board, self._shared.config.backups)

    def _show(self, parts: Parts) -> None:
        self._parts, self.state, self.reason = parts, "live", ""
        log.info("project live", project=self.id, path=str(self.root), position=parts.log.head)
        self._decided.set()


async def start(root: Path, config: Config, parts: Parts, group: TaskGroup) -> None:
    """Have the parts work, all but the scheduler; the index knows all that the log has when this returns."""
    await group.start(parts.projector.run)
    if parts.keeping.is_desk:
        parts.scheduler.close()
        return
    group.start_soon(parts.queue.run)
    group.start_soon(parts.meter.run)
    group.start_soon(keep_staged, root, config.git, parts)
    group.start_soon(parts.cleanup.run, parts.scheduler.scanned)
    group.start_soon(keep_head, root, parts.marker, parts.log, parts.index, parts.board, parts.keeping)


async def _until_damaged(index: Index) -> None:
    """IndexDamaged once the index is."""
    await index.damaged.wait()
    raise IndexDamaged


class _Opened(NamedTuple):
    """A film's log, what is known of the film beside it, and what of it is this machine's to do.

    Of a film in a studio the `keeper` has that change.
    """

    log: EventLog
    told: Told
    keeping: Keeping = EVERYTHING
    keeper: "Keeper | None" = None


@asynccontextmanager
async def _open_log(home: Home, shared: Shared) -> AsyncIterator[_Opened]:
    """The film's log, if it is its own."""
    if home.studio:
        role = shared.config.studio.role
        async with open_studio_log(home, home.studio, shared.studios, role) as (mirror, keeper):
            told = await check(home.root, mirror, await in_thread(registered_log, home.root))
            await check_reach(mirror, told.position)
            yield _Opened(mirror, told, keeper.shards if keeper else Watching(mirror.remote.keepers), keeper)
        return
    if not await anyio.Path(home.log).exists():
        raise MarkerGone(home.root)
    if await in_thread(lambda: home.is_log_empty):
        raise LogDamaged(0, "it is empty")
    async with open_log(home.log, journal=await in_thread(journal_for, home.folder)) as events:
        home.check(events.id)
        yield _Opened(events, await check(home.root, events, await in_thread(registered_log, home.root)))


def _reason(error: BaseException) -> str:
    """Why a project is not kept, with what to do where something of another kind lies in the place of what is ours."""
    if isinstance(error, IsADirectoryError):
        return f"{error.filename} is a folder, not a file: move it away"
    if isinstance(error, NotADirectoryError):
        return f"{error.filename}: there is a file where a folder should be: move it away"
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return f"{error.filename} is a link, which is not followed: move it away"
    return str(error)
