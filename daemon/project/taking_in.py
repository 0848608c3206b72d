"""Taking in: how those are put together who look at shots, let drops in and finish takes."""

from functools import partial

from daemon.intake.intake import Intake
from daemon.intake.look import TakeLook
from daemon.project.acceptance import Acceptance
from daemon.project.ground import Ground
from daemon.protection.freezing import Freezer
from daemon.protection.known_files import KnownFiles
from daemon.protection.overwrites import Overwrites
from daemon.requests.under_way import UnderWay
from daemon.takes.agenda import Agenda
from daemon.takes.drops import Drops
from daemon.takes.finishing import Finish, FinishEach, Finishing
from daemon.takes.folders import TakeFolders
from daemon.takes.reconcile import Reconciler
from daemon.takes.retries import Retries
from daemon.takes.scheduler import Scheduler
from daemon.watching.mailbox import Mailbox
from daemon.watching.resting import Resting
from daemon.watching.settling import Settling
from daemon.watching.watch import Watch
from projections.artifacts.store import Store
from projections.projector import Projector


def intake_of(ground: Ground, store: Store) -> tuple[Intake, Acceptance]:
    """Who finishes the takes whose numbers are given, and those that a person wants as they are."""
    root, shots, policies, steps = ground.root, ground.shots, ground.shared.policies, ground.steps
    rate = policies.config.sequences.rate
    look = TakeLook(ground.decoders, Freezer(root, store, ground.board), rate, steps)
    intake = Intake(root, ground.marker, shots, look, ground.mailbox, policies, steps)
    return intake, Acceptance(root, shots, look, intake, policies, ground.keeping)


def looking(
    ground: Ground,
    projector: Projector,
    known_files: KnownFiles,
    overwrites: Overwrites,
    finish: tuple[Finish, FinishEach],
    under_way: UnderWay,
) -> tuple[Reconciler, Scheduler]:
    """Who looks at a shot, and who says when."""
    config, mailbox = ground.shared.config, ground.mailbox
    settling, agenda = Settling(config.settle, mailbox.clock, ground.share), Agenda(mailbox)
    retries = Retries(ground.marker, ground.log, ground.board, config.scan_every_unwatched)
    finishing = Finishing(*finish, agenda, retries, ground.index, config.parallel, ground.keeping)
    reconciler = _reconciler(ground, projector, known_files, overwrites, under_way, settling, finishing)
    scheduler = Scheduler(
        ground.root,
        config,
        mailbox,
        ground.watch,
        ground.board,
        ground.marker,
        ground.log,
        ground.index,
        reconciler,
        agenda,
        finishing,
        retries,
        overwrites,
        settling,
        ground.share,
        ground.keeping,
    )
    return reconciler, scheduler


def _reconciler(
    ground: Ground,
    projector: Projector,
    known_files: KnownFiles,
    overwrites: Overwrites,
    under_way: UnderWay,
    settling: Settling,
    finishing: Finishing,
) -> Reconciler:
    root, config, shots = ground.root, ground.shared.config, ground.shots
    resting, attend = Resting(root, settling), partial(_attend, ground.mailbox, ground.watch)
    folders = TakeFolders(root, shots, resting, under_way.takes, attend, config.scan_every_unwatched)
    drops = Drops(
        root,
        config,
        shots,
        known_files,
        settling,
        resting,
        under_way.takes,
        finishing.waiting,
        ground.steps,
        ground.decoders,
    )
    return Reconciler(
        root,
        config,
        ground.marker,
        ground.index,
        shots,
        projector,
        drops,
        folders,
        resting,
        overwrites,
        ground.mailbox.clock,
        ground.keeping,
    )


def _attend(mailbox: Mailbox, watch: Watch, folder: str) -> None:
    """A file is awaited in that take folder."""
    mailbox.await_in(folder)
    watch.arm(folder)
