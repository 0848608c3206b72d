"""The project: one film that is kept, from its folder's lock to its last projection, and what to do when it goes away."""

import asyncio
import fcntl
import json
import os
import sqlite3
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import anyio
import structlog
from anyio.abc import TaskStatus
from msgspec import Struct

from daemon.cleanup import Cleanup
from daemon.config import Config
from daemon.decoders import Decoders
from daemon.familiar import Familiar
from daemon.hearing import Hearing
from daemon.intake import Intake
from daemon.keeper import Keeper
from daemon.marker import LOG, Marker, MarkerGone
from daemon.overwrites import Overwrites
from daemon.pictures import Pictures
from daemon.purged import Purged
from daemon.queue import Queue
from daemon.reconcile import Reconciler
from daemon.repository import keep_staged
from daemon.restoring import Bytes
from daemon.runner import Runner
from daemon.shots import Shots
from daemon.tree import Tree
from daemon.watch import Watch, open_watch
from events import Append, Refused, ShotRegistered, SqliteLog, TakesError, open_log, timestamp
from projections.active_link import ActiveLink
from projections.cache import CACHE, Cache
from projections.film import Film, read, write
from projections.git_lfs import GitLfs
from projections.index import Index, TakeKey, open_index
from projections.large import Recipes
from projections.layout import HIDDEN, PROJECT_FILE, slug
from projections.objects import Objects, Store
from projections.project_file import ProjectFile, ToldShot, read_told
from projections.projector import Projector
from projections.sidecars import Sidecars
from projections.threads import in_thread
from projections.thumbnails import Thumbnails

log = structlog.get_logger()

COME_BACK = 1.0
"""Seconds between two looks whether a suspended project is there again."""

State = Literal["starting", "live", "suspended"]


class NotAProject(TakesError):
    """Raised when a folder is to be kept that was never made a project."""

    def __init__(self, root: Path) -> None:
        super().__init__(f"{root} is not a project")
        self.hint = f"Make it one with `takes init {root}`."


class BadFolder(TakesError):
    """Raised when a folder cannot become a project."""

    hint = "Choose the film's own folder, one that you may write to."


class ProjectInUse(TakesError):
    """Raised when another daemon keeps the project already."""

    hint = "Ask that one, or stop it first: `takes status` finds it where it uses the same socket."

    def __init__(self, root: Path) -> None:
        super().__init__(f"another daemon keeps {root} already")


class IndexDamaged(TakesError):
    """Raised when the index turns out to be broken while the project is kept."""

    hint = "It is being made anew from the log; wait a moment."

    def __init__(self) -> None:
        super().__init__("the takes index is damaged")


class ProjectSuspended(Refused):
    """Raised when something is asked of a project whose folder is away."""

    def __init__(self, project: str, reason: str, hint: str) -> None:
        super().__init__(f"project {project!r} is suspended: {reason}")
        self.hint = hint or "It is tried again every second; the daemon's log may say more."


class ProjectInfo(Struct, frozen=True):
    """What a folder is as a project, and how many shots it has."""

    id: str
    name: str
    path: str
    shots: int


def init_project(path: Path, name: str | None = None) -> ProjectInfo:
    """Make the folder a project, and the folder itself where there is none; doing it again changes nothing."""
    try:
        root = path.expanduser().resolve()
        _check_place(root)
        (root / HIDDEN).mkdir(parents=True, exist_ok=True)
        ignore = root / HIDDEN / ".gitignore"
        if not ignore.exists():
            write(ignore, b"*\n")
        if read(root / PROJECT_FILE) is None:
            begun = {"id": slug(name or root.name), "name": name or root.name}
            write(root / PROJECT_FILE, json.dumps(begun, ensure_ascii=False, indent=2).encode() + b"\n")
        told = [_registration(root, one) for one in read_told(read(root / PROJECT_FILE) or b"")]
        asyncio.run(_begin_log(root / HIDDEN / LOG, told))
    except OSError as error:
        raise BadFolder(f"{error.filename or path}: {error.strerror}") from error
    except ValueError as error:  # there is a NUL in it
        raise BadFolder(f"{str(path)!r} cannot be the path of a folder: {error}") from error
    except sqlite3.Error as error:  # SQLite opens no path of more than 512 bytes
        raise BadFolder(f"{root}: its log cannot be begun: {error}") from error
    return describe(root, sum(1 for _ in Tree(root).shots()))


def _check_place(root: Path) -> None:
    if root in (Path(root.anchor), Path.home()):
        raise BadFolder(f"{root} is more than a film: everything in it would be looked through")
    for parent in root.parents:
        if (parent / HIDDEN / LOG).exists():
            raise BadFolder(f"{root} lies inside the project {parent}; its shots are kept already")


async def _begin_log(path: Path, told: Sequence[Append]) -> None:
    """Have a log; what the project file of a film that was cloned knows of its numbers stands in it first."""
    async with open_log(path) as events:
        for one in told if not events.head else ():
            await events.append(one)


def _registration(root: Path, told: ToldShot) -> Append:
    try:
        found = (root / told.path).lstat()
        place = {"device": found.st_dev, "inode": found.st_ino}
    except OSError:
        place = {}
    event = ShotRegistered(path=told.path, given=told.given, hidden=told.hidden, **place)
    at = timestamp(datetime.now(UTC))
    return Append(stream=uuid.uuid4().hex[:16], events=[event], expected=0, at=at, actor="filesystem")


def describe(root: Path, shots: int = 0) -> ProjectInfo:
    """What `project.json` says the project is called; the folder's name where it says nothing."""
    try:
        content = json.loads(read(root / PROJECT_FILE) or b"{}")
    except (OSError, ValueError, RecursionError):
        content = {}
    said = content if isinstance(content, dict) else {}
    id_, name = said.get("id"), said.get("name")
    return ProjectInfo(
        _id(id_) if isinstance(id_, str) and id_ else slug(root.name),
        name if isinstance(name, str) and name else root.name,
        str(root),
        shots,
    )


def _id(said: str) -> str:
    """The id as it was said, unless it could not stand in a URL's path."""
    return said if said.isprintable() and "/" not in said and said not in (".", "..") else slug(said)


class Live(Struct, frozen=True):
    """The parts of a project that is being kept; `gone` is set when it is not any more."""

    log: SqliteLog
    index: Index
    shots: Shots
    projector: Projector
    reconciler: Reconciler
    keeper: Keeper
    queue: Queue
    cleanup: Cleanup
    bytes: Bytes
    watch: Watch
    git: GitLfs
    gone: anyio.Event


class Project:
    """A project that the daemon is to keep; it may be away for now."""

    def __init__(
        self,
        root: Path,
        config: Config,
        decoders: Decoders,
        runner: Runner | None,
        places: anyio.Semaphore,
        distinct: Callable[[str], str] = str,
    ) -> None:
        self.root = root
        self.state: State = "starting"
        self.reason = ""
        self._hint = ""
        self._config = config
        self._decoders = decoders
        self.pictures = Pictures(decoders, Cache(root / HIDDEN / CACHE, config.cache_mb << 20))
        self._runner = runner
        self._places = places
        self._live: Live | None = None
        self._decided = anyio.Event()
        self._distinct = distinct
        self._name()

    @property
    def live(self) -> Live:
        """Its parts, while it is kept; ProjectSuspended while it is away."""
        if self._live is None:
            raise ProjectSuspended(self.id, self.reason or "it is just being opened", self._hint)
        return self._live

    async def keep(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Keep it for ever: while it is away, wait until it is back. Started once it is one or the other."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._keep_coming_back)
            await self._decided.wait()
            task_status.started()

    async def _keep_coming_back(self) -> None:
        while True:
            try:
                await self._keep_while_there()
            except* Exception as errors:  # noqa: BLE001 - one project may take no other along
                self._suspend(_first(errors))
            await anyio.sleep(COME_BACK)

    def _name(self) -> None:
        info = describe(self.root)
        self.id, self.name = self._distinct(info.id), info.name

    def _suspend(self, error: BaseException) -> None:
        if (self.state, self.reason) != ("suspended", str(error)):
            is_known = isinstance(error, OSError | TakesError | sqlite3.Error)
            trace = None if is_known else error
            log.warning("project suspended", project=self.id, reason=str(error), exc_info=trace)
        self.state, self.reason = "suspended", str(error)
        self._hint = error.hint if isinstance(error, TakesError) else ""
        self._decided.set()

    async def _keep_while_there(self) -> None:
        marker = Marker(self.root)
        with locked(self.root):
            async with (
                _open_log(self.root) as events,
                open_index(self.root / HIDDEN / "index.db", events) as index,
                anyio.create_task_group() as group,
                self._open(marker, events, index) as (live, hearing),
            ):
                group.start_soon(_until_damaged, index)
                await group.start(live.projector.run)
                self._name()
                live.queue.project = self.id
                group.start_soon(live.queue.run)
                group.start_soon(keep_staged, self.root, self._config.git, events, live.git, live.projector)
                group.start_soon(live.cleanup.run, live.keeper.scanned)
                self._live, self.state, self.reason = live, "live", ""
                log.info("project live", project=self.id, path=str(self.root), position=events.head)
                self._decided.set()
                try:
                    await live.keeper.run(hearing, live.watch)
                finally:
                    live.gone.set()
                    self._live = None

    @asynccontextmanager
    async def _open(
        self, marker: Marker, events: SqliteLog, index: Index
    ) -> AsyncIterator[tuple[Live, Hearing]]:
        config, shots = self._config, Shots(events, index)
        film = Film(self.root, index, self._decoders.picture)
        store, familiar = Store(self.root, config.objects), Familiar(index)
        objects = Objects(store, familiar.is_at)
        git = GitLfs(stages=config.git.stage, commits=config.git.commit, moment=_now)
        projector = Projector(
            film,
            events,
            [ActiveLink(), Sidecars(), Recipes(), Thumbnails(), ProjectFile(), objects, Purged()],
            [git],
        )
        hearing = Hearing(asyncio.get_running_loop(), lambda: keeper.wake())  # noqa: PLW0108 - it comes later
        intake = Intake(self.root, marker, shots, self._decoders, hearing, store, config.auto_activate)
        queue = Queue(self.root, config.runner, self._runner, self._places, marker, index, shots, intake)
        watch = await in_thread(lambda: open_watch(self.root, hearing, wanted=config.watch))

        def attend(folder: str) -> None:
            hearing.await_in(folder)
            watch.arm(folder)

        def noted(take: TakeKey) -> None:
            projector.touch(Objects.name, take[0], {take[1]})

        await familiar.load()
        overwrites = Overwrites(self.root, store, familiar, noted)
        await overwrites.open()
        reconciler = Reconciler(
            self.root,
            config,
            marker,
            index,
            shots,
            projector,
            familiar,
            overwrites,
            under_way=queue.under_way,
            attend=attend,
            line_up=queue.wake,
        )
        keeper = Keeper(self.root, config, marker, index, reconciler, intake, overwrites)
        queue.settled = keeper.look_soon
        cleanup = Cleanup(self.root, config.cleanup, marker, events, index, shots, projector)
        gone = anyio.Event()
        try:
            media = Bytes(film, store, familiar, overwrites, hearing)
            live = Live(
                events, index, shots, projector, reconciler, keeper, queue, cleanup, media, watch, git, gone
            )
            yield live, hearing
        finally:
            with anyio.CancelScope(shield=True):
                await in_thread(watch.close)


def _now() -> datetime:
    return datetime.now().astimezone()


async def _until_damaged(index: Index) -> None:
    """IndexDamaged once the index is."""
    await index.damaged.wait()
    raise IndexDamaged


@asynccontextmanager
async def _open_log(root: Path) -> AsyncIterator[SqliteLog]:
    path = root / HIDDEN / LOG
    if not await anyio.Path(path).exists():
        raise MarkerGone(root)
    async with open_log(path) as events:
        yield events


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the project for this process; ProjectInUse where another one has it."""
    descriptor = os.open(root / HIDDEN / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise ProjectInUse(root) from error
    try:
        yield
    finally:
        os.close(descriptor)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first of the errors in a group that may hold groups."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
