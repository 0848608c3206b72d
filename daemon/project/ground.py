"""The ground: what the parts of a film stand on, before any of them is there."""

from pathlib import Path

from msgspec import Struct

from daemon.decoding.decoders import Decoders
from daemon.disk.marker import Marker
from daemon.metrics import Steps
from daemon.project.parts import Shared
from daemon.shots.shots import Shots
from daemon.watching.mailbox import Mailbox
from daemon.watching.watch import Watch
from events import EventLog
from projections.board import Board
from projections.index.index import Index
from projections.keeping import Keeping


class Ground(Struct, frozen=True):
    """What the parts of a film stand on: its folder, log and index, and how something is heard of it.

    `share` is as in Parts.
    """

    root: Path
    project: str
    shared: Shared
    decoders: Decoders
    marker: Marker
    log: EventLog
    index: Index
    shots: Shots
    board: Board
    mailbox: Mailbox
    watch: Watch
    share: str | None
    keeping: Keeping

    @property
    def steps(self) -> Steps:
        """Times what is done for the film's drops."""
        return self.shared.metrics.steps(self.project)
