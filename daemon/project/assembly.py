"""The assembly: how the parts of a film are put together, each from what it stands on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import anyio

from daemon.decoding.decoders import Decoders
from daemon.disk.marker import Marker
from daemon.disk.mounts import share_of
from daemon.farm.farm import Farm
from daemon.intake.intake import Intake
from daemon.project.ground import Ground
from daemon.project.parts import Parts, Shared
from daemon.project.taking_in import intake_of, looking
from daemon.protection.known_files import KnownFiles
from daemon.protection.overwrites import Overwrites
from daemon.protection.restore import Restorer
from daemon.protection.spares import Spares
from daemon.requests.maker import Maker
from daemon.requests.queue import Queue
from daemon.requests.under_way import UnderWay
from daemon.shots.shots import Shots
from daemon.space.cleanup import Cleanup
from daemon.space.purge import Purged
from daemon.takes.meter import Meter
from daemon.watching.mailbox import Mailbox
from daemon.watching.watch import NoWatch, Watch
from events import EventLog, TakeKey
from projections.artifacts.active_link import ActiveLink
from projections.artifacts.large_recipes import Recipes
from projections.artifacts.objects import Objects
from projections.artifacts.project_file import ProjectFile
from projections.artifacts.sidecars import Sidecars
from projections.artifacts.store import Store
from projections.artifacts.thumbnails import Thumbnails
from projections.board import Board
from projections.files.threads import in_thread
from projections.film import Film
from projections.git.projection import GitLfs
from projections.index.index import Index
from projections.index.past import Past
from projections.keeping import EVERYTHING, Keeping
from projections.projector import Projector


class _Projected(NamedTuple):
    """What is made from the log."""

    film: Film
    store: Store
    project_file: ProjectFile
    git: GitLfs
    projector: Projector


class _Protected(NamedTuple):
    """What keeps the bytes of takes as they were."""

    known_files: KnownFiles
    spares: Spares
    overwrites: Overwrites


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
            Ground(
                root=root,
                project=project,
                shared=shared,
                decoders=decoders,
                marker=marker,
                log=log,
                index=index,
                shots=Shots(log, index),
                board=Board(),
                mailbox=mailbox,
                watch=watch,
                share=share,
                keeping=keeping,
            )
        )


async def _put_together(ground: Ground) -> Parts:
    index, shots, keeping = ground.index, ground.shots, ground.keeping
    known_files = KnownFiles(index)
    await known_files.load()
    projected = _projected(ground, known_files)
    protected = await _protected(ground, projected, known_files)
    under_way = UnderWay(ground.board)
    intake, acceptance = intake_of(ground, projected.store)
    finish = acceptance.finish, intake.finish_each
    reconciler, scheduler = looking(
        ground, projected.projector, known_files, protected.overwrites, finish, under_way
    )
    return Parts(
        marker=ground.marker,
        log=ground.log,
        index=index,
        shots=shots,
        projector=projected.projector,
        reconciler=reconciler,
        scheduler=scheduler,
        queue=_queue(ground, intake, under_way),
        cleanup=_cleanup(ground, projected.projector, protected.overwrites),
        meter=Meter(ground.root, index, shots, ground.decoders, keeping),
        restorer=_restorer(ground, projected, protected),
        acceptance=acceptance,
        past=Past(ground.log, index),
        mailbox=ground.mailbox,
        watch=ground.watch,
        git=projected.git,
        board=ground.board,
        project_file=projected.project_file,
        keeping=keeping,
        gone=anyio.Event(),
        share=ground.share,
    )


def _projected(ground: Ground, known_files: KnownFiles) -> _Projected:
    config = ground.shared.config
    film = Film(ground.root, ground.index, ground.decoders.thumbnail, ground.board, ground.keeping)
    store = Store(ground.root, config.objects, config.duplicates)
    project_file, objects = ProjectFile(), Objects(store, known_files.is_at)
    git = GitLfs(stages=config.git.stage, commits=config.git.commit, moment=_now)
    menders = [ActiveLink(), Sidecars(), Recipes(), Thumbnails(), project_file, objects, Purged()]
    return _Projected(film, store, project_file, git, Projector(film, ground.log, menders, [git]))


async def _protected(ground: Ground, projected: _Projected, known_files: KnownFiles) -> _Protected:
    spares = Spares(ground.root, projected.store, ground.index)
    overwrites = Overwrites(
        ground.root,
        projected.store,
        spares,
        known_files,
        ground.mailbox,
        ground.board,
        partial(_keep_again, projected.projector),
        ground.shared.config.scan_every,
        ground.keeping,
    )
    if not ground.keeping.is_desk:
        try:
            await overwrites.open()
        except BaseException:
            overwrites.close()
            raise
    return _Protected(known_files, spares, overwrites)


def _queue(ground: Ground, intake: Intake, under_way: UnderWay) -> Queue | Farm:
    """Who has the takes made that are asked for: this daemon, or the workers of a studio."""
    config, runner, clock = ground.shared.config, ground.shared.runner, ground.shared.clock
    root, index, shots, keeping = ground.root, ground.index, ground.shots, ground.keeping
    if config.studio.make == "workers" and ground.log.is_shared:
        return Farm(root, config.studio, runner, under_way, ground.log, index, shots, intake, keeping, clock)
    maker = None
    if runner:
        maker = Maker(
            root,
            ground.project,
            config.runner,
            runner,
            under_way,
            ground.mailbox,
            ground.marker,
            shots,
            intake,
        )
    return Queue(maker, ground.shared.slots, under_way, index, shots, clock, keeping)


def _cleanup(ground: Ground, projector: Projector, overwrites: Overwrites) -> Cleanup:
    return Cleanup(
        ground.root,
        ground.shared.policies,
        ground.board,
        ground.marker,
        ground.log,
        ground.index,
        ground.shots,
        projector,
        overwrites,
        keeping=ground.keeping,
    )


def _restorer(ground: Ground, projected: _Projected, protected: _Protected) -> Restorer:
    known_files, spares, overwrites = protected
    return Restorer(projected.film, projected.store, spares, known_files, overwrites, ground.mailbox)


def _keep_again(projector: Projector, take: TakeKey) -> None:
    """A take's file is known again: its bytes are to have their second name."""
    projector.touch(Objects.name, take.stream, {take.number})


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
