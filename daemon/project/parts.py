"""The parts of a film that is being kept, and how they hang together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import anyio
from cachetools import LRUCache
from msgspec import Struct, field

from daemon.clock import CLOCK, Clock
from daemon.config.policies import Policies
from daemon.config.table import Config
from daemon.decoding.decoders import Decoders
from daemon.disk.marker import Marker
from daemon.disk.mounts import share_of
from daemon.farm.farm import Farm
from daemon.metrics import Metrics
from daemon.project.acceptance import Acceptance
from daemon.project.studio import OpenStudios
from daemon.protection.known_files import KnownFiles
from daemon.protection.overwrites import Overwrites
from daemon.protection.restore import Restorer
from daemon.protection.spares import Spares
from daemon.requests.maker import Maker
from daemon.requests.queue import Queue
from daemon.requests.under_way import UnderWay
from daemon.runners.runner import Runner
from daemon.shots.shots import Shots
from daemon.space.cleanup import Cleanup
from daemon.space.purge import Purged
from daemon.takes.drops import Drops
from daemon.takes.intake import Intake
from daemon.takes.meter import Meter
from daemon.takes.reconcile import Reconciler
from daemon.takes.scheduler import Scheduler
from daemon.watching.mailbox import Mailbox
from daemon.watching.settling import Settling
from daemon.watching.watch import NoWatch, Watch, open_watch
from events import EventLog, TakeKey, TakesError
from projections.artifacts.active_link import ActiveLink
from projections.artifacts.large_recipes import Recipes
from projections.artifacts.objects import Objects, Store
from projections.artifacts.project_file import ProjectFile
from projections.artifacts.sidecars import Sidecars
from projections.artifacts.thumbnails import Thumbnails
from projections.board import Board
from projections.files.threads import in_thread
from projections.film import Film
from projections.git.projection import GitLfs
from projections.index.index import Index
from projections.index.past import Past
from projections.keeping import EVERYTHING, Keeping
from projections.projector import Projector

LISTINGS = 64
"""How many lists of takes a project remembers as JSON; a page asks for the same one again and again."""


class IndexDamaged(TakesError):
    """Raised when the index turns out to be broken while the project is kept."""

    hint = "It is being made anew from the log; wait a moment."

    def __init__(self) -> None:
        super().__init__("the takes index is damaged")


class Shared(Struct, frozen=True):
    """What all projects of one daemon share; `slots` is how many takes may be generated at a time.

    The configuration is that of the policies, which may change; what else it says is as it was at the start.

    `watch` is how a folder is watched.
    """

    policies: Policies
    decoders: Decoders
    runner: Runner | None
    slots: anyio.Semaphore
    clock: Clock = CLOCK
    watch: Callable[[Path, Mailbox], Watch] = open_watch
    metrics: Metrics = field(default_factory=Metrics)
    studios: OpenStudios = field(default_factory=OpenStudios)

    @property
    def config(self) -> Config:
        return self.policies.config


class Parts(Struct, frozen=True):
    """The parts of a project that is being kept; `gone` is set when it is not any more.

    `share` is the filesystem that it lies on, where that is a share. `listings` are lists of takes as JSON, by shot and
    version and by whether deleted ones are in it.
    """

    marker: Marker
    log: EventLog
    index: Index
    shots: Shots
    projector: Projector
    reconciler: Reconciler
    scheduler: Scheduler
    queue: Queue | Farm
    cleanup: Cleanup
    meter: Meter
    restorer: Restorer
    acceptance: Acceptance
    past: Past
    mailbox: Mailbox
    watch: Watch
    git: GitLfs
    board: Board
    project_file: ProjectFile
    keeping: Keeping
    gone: anyio.Event
    share: str | None = None
    listings: LRUCache[tuple[str, int, bool], bytes] = field(default_factory=lambda: LRUCache(LISTINGS))


@asynccontextmanager
async def open_parts(
    root: Path,
    project: str,
    shared: Shared,
    decoders: Decoders,
    marker: Marker,
    log: EventLog,
    index: Index,
    keeping: Keeping = EVERYTHING,
) -> AsyncIterator[Parts]:
    """The parts of the project in that folder; nothing runs yet but its watch."""
    share = await in_thread(partial(share_of, root, chosen=shared.config.share))
    mailbox = Mailbox(asyncio.get_running_loop(), shared.clock)
    async with _watching(root, mailbox, shared, share) as watch:
        yield await _put_together(
            root, project, shared, decoders, marker, log, index, mailbox, watch, share, keeping
        )


async def _put_together(
    root: Path,
    project: str,
    shared: Shared,
    decoders: Decoders,
    marker: Marker,
    log: EventLog,
    index: Index,
    mailbox: Mailbox,
    watch: Watch,
    share: str | None,
    keeping: Keeping,
) -> Parts:
    config, shots = shared.config, Shots(log, index)
    board = Board()
    film = Film(root, index, decoders.thumbnail, board, keeping)
    store, known_files = Store(root, config.objects, config.duplicates), KnownFiles(index)
    await known_files.load()
    project_file, objects = ProjectFile(), Objects(store, known_files.is_at)
    git = GitLfs(stages=config.git.stage, commits=config.git.commit, moment=_now)
    menders = [ActiveLink(), Sidecars(), Recipes(), Thumbnails(), project_file, objects, Purged()]
    projector = Projector(film, log, menders, [git])
    noted = partial(_keep_again, projector)
    spares = Spares(root, store, index)
    overwrites = Overwrites(
        root, store, spares, known_files, mailbox, board, noted, config.scan_every, keeping
    )
    if not keeping.is_desk:
        await overwrites.open()
    steps = shared.metrics.steps(project)
    intake = Intake(root, marker, shots, decoders, mailbox, store, shared.policies, board, steps)
    under_way = UnderWay(board)
    queue = _queue(root, project, shared, marker, log, index, shots, mailbox, intake, under_way, keeping)
    settling, attend = Settling(config.settle, mailbox.clock, share), partial(_attend, mailbox, watch)
    drops = Drops(root, config, shots, known_files, settling, under_way.takes, attend, steps, decoders)
    reconciler = Reconciler(
        root, config, marker, index, shots, projector, drops, overwrites, mailbox.clock, keeping
    )
    scheduler = Scheduler(
        root,
        config,
        mailbox,
        watch,
        board,
        marker,
        log,
        index,
        reconciler,
        intake,
        overwrites,
        settling,
        share,
        keeping,
    )
    cleanup = Cleanup(
        root, shared.policies, board, marker, log, index, shots, projector, overwrites, keeping=keeping
    )
    return Parts(
        marker=marker,
        log=log,
        index=index,
        shots=shots,
        projector=projector,
        reconciler=reconciler,
        scheduler=scheduler,
        queue=queue,
        cleanup=cleanup,
        meter=Meter(root, index, shots, decoders, keeping),
        restorer=Restorer(film, store, spares, known_files, overwrites, mailbox),
        acceptance=Acceptance(root, shots, decoders, intake, shared.policies, keeping),
        past=Past(log, index),
        mailbox=mailbox,
        watch=watch,
        git=git,
        board=board,
        project_file=project_file,
        keeping=keeping,
        gone=anyio.Event(),
        share=share,
    )


def _queue(
    root: Path,
    project: str,
    shared: Shared,
    marker: Marker,
    log: EventLog,
    index: Index,
    shots: Shots,
    mailbox: Mailbox,
    intake: Intake,
    under_way: UnderWay,
    keeping: Keeping,
) -> Queue | Farm:
    """Who has the takes made that are asked for: this daemon, or the workers of a studio."""
    config, runner = shared.config, shared.runner
    if config.studio.make == "workers" and log.is_shared:
        return Farm(root, config.studio, runner, under_way, log, index, shots, intake, keeping, shared.clock)
    maker = None
    if runner:
        maker = Maker(root, project, config.runner, runner, under_way, mailbox, marker, shots, intake)
    return Queue(maker, shared.slots, under_way, index, shots, shared.clock, keeping)


def _keep_again(projector: Projector, take: TakeKey) -> None:
    """A take's file is known again: its bytes are to have their second name."""
    projector.touch(Objects.name, take.stream, {take.number})


def _attend(mailbox: Mailbox, watch: Watch, folder: str) -> None:
    """A file is awaited in that take folder."""
    mailbox.await_in(folder)
    watch.arm(folder)


@asynccontextmanager
async def _watching(root: Path, mailbox: Mailbox, shared: Shared, share: str | None) -> AsyncIterator[Watch]:
    watch = NoWatch() if not shared.config.watch else await in_thread(shared.watch, root, mailbox)
    if share:
        watch.mode = "scanning"  # what other machines do is heard of by nobody
    try:
        yield watch
    finally:
        with anyio.CancelScope(shield=True):
            await in_thread(watch.close)


def _now() -> datetime:
    return datetime.now().astimezone()
