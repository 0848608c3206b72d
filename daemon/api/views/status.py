"""The status: how well all is kept, as the API shows it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from daemon.api.views.body import Camel
from events import Kept
from projections import board
from projections.artifacts.store import Way


class Problem(Camel, kw_only=True):
    """Something that stands in the way, and what to do about it."""

    what: str
    hint: str = ""


class Reason(Camel, kw_only=True):
    """A path, and why it waits or was not taken."""

    path: str
    reason: str


class ProjectHealth(Camel, kw_only=True):
    """Whether a project is well."""

    id: str
    state: str
    problems: Sequence[Problem]


class GalleryView(Camel, kw_only=True):
    """Where the gallery is, on this machine only: its port, and the file with the token that opens it."""

    port: int
    token_file: str


class HealthView(Camel, kw_only=True):
    """Whether the daemon is well, where its gallery is, if it serves one, and the address of its hub, if it is one."""

    status: Literal["ok", "degraded"]
    version: str
    pid: int
    projects: Sequence[ProjectHealth]
    gallery: GalleryView | None = None
    hub: str | None = None


class ProjectionView(Camel, kw_only=True):
    """How far a projection has come in the log."""

    name: str
    position: int
    behind: int


class WatchView(Camel, kw_only=True):
    """How drops are noticed: folders watched, times that hints were lost, shots that only a scan found."""

    mode: str
    folders: int
    losses: int
    missed: int


class ScanView(Camel, kw_only=True):
    """The last look at everything: seconds ago, seconds it took, shots it found."""

    ago: float
    seconds: float
    shots: int


class RunnerView(Camel, kw_only=True):
    """Who makes the takes that are asked for; `inputs` are the parameters that it listens to, null for all."""

    kind: str
    queued: int
    running: int
    problem: str | None
    inputs: Sequence[str] | None


class ProtectionView(Camel, kw_only=True):
    """How many complete takes have their bytes under a second name, by how that came to be, and how many have none.

    `objects` is how much the configuration has done for that, `disk` the best that the film's disk can do without
    room, and `says` all of it in words.
    """

    takes: int
    reflink: int
    link: int
    copy: int
    none: int
    objects: Way
    disk: Kept | None
    says: str


class ShareView(Camel, kw_only=True):
    """The share that a film lies on: its filesystem, the folder with the film's log, and what follows, in words."""

    filesystem: str
    log: str
    says: str


class StudioView(Camel, kw_only=True):
    """How a film in a studio's database stands on this machine: its role, the hosts of those who keep the film, and why
    the database does not answer, where it does not. `behind` is how many records of the log are not shown here yet,
    `shards` how many of the film's sixteen this machine holds, and whether it `polls` the database each second for what
    others say, since nothing tells of it.
    """

    role: Literal["keeper", "desk"]
    kept_by: Sequence[str]
    behind: int
    away: str | None
    shards: int
    polls: bool


class PolicyView(Camel, kw_only=True):
    """The policy of the configuration: in days, in takes of a shot and in hours between two clean-ups; 0 for none."""

    deleted_after_days: float
    failed_after_days: float
    keep_newest: int
    every_hours: float


class StatusView(Camel, kw_only=True):
    """Everything about how a project is kept; `unread` are the newest takes whose recipe could not be read."""

    id: str
    name: str
    path: str
    state: str
    position: int
    projections: Sequence[ProjectionView]
    share: ShareView | None
    studio: StudioView | None
    watch: WatchView
    last_scan: ScanView | None
    runner: RunnerView
    protection: ProtectionView
    cleanup: PolicyView
    waiting: Sequence[Reason]
    not_taken: Sequence[Reason]
    unread: Sequence[Reason]
    problems: Sequence[Problem]


def problem_views(problems: Iterable[board.Problem]) -> list[Problem]:
    """What stands in the way as the API shows it."""
    return [Problem(what=one.what, hint=one.hint) for one in problems]


def reason_views(reasons: Mapping[str, str]) -> list[Reason]:
    """By path, why it waits or was not taken, as the API shows it."""
    return [Reason(path=path, reason=reason) for path, reason in reasons.items()]
