"""The parts of a film that is being kept, and how they hang together."""

from collections.abc import Callable
from pathlib import Path

import anyio
from cachetools import LRUCache
from msgspec import Struct, field

from daemon.clock import CLOCK, Clock
from daemon.config.policies import Policies
from daemon.config.table import Config
from daemon.decoding.decoders import Decoders
from daemon.disk.marker import Marker
from daemon.farm.farm import Farm
from daemon.metrics import Metrics
from daemon.project.acceptance import Acceptance
from daemon.project.studio import OpenStudios
from daemon.protection.restore import Restorer
from daemon.requests.queue import Queue
from daemon.runners.runner import Runner
from daemon.shots.shots import Shots
from daemon.space.cleanup import Cleanup
from daemon.takes.meter import Meter
from daemon.takes.reconcile import Reconciler
from daemon.takes.scheduler import Scheduler
from daemon.watching.mailbox import Mailbox
from daemon.watching.watch import Watch, open_watch
from events import EventLog
from projections.artifacts.project_file import ProjectFile
from projections.board import Board
from projections.git.projection import GitLfs
from projections.index.index import Index
from projections.index.past import Past
from projections.keeping import Keeping
from projections.projector import Projector

LISTINGS = 16 << 20
"""Bytes of the lists of takes that a project remembers as JSON; a page asks for the same one again and again."""


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
    listings: LRUCache[tuple[str, int, bool], bytes] = field(default_factory=lambda: LRUCache(LISTINGS, len))
