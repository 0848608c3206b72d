"""The views of upkeep: how well all is kept, what it takes up and what was mended, as JSON in camelCase."""

from collections.abc import Sequence
from typing import Literal

from daemon.config import Days, HowMany
from daemon.reports import Problem, Reason
from daemon.space.plan import Plan
from daemon.space.policy import Why
from daemon.space.usage import Usage
from events import Kept
from projections.artifacts.objects import Way
from projections.artifacts.sidecars import Camel
from projections.layout import full_id
from projections.projector import Difference

IN_GIT = "Git LFS keeps what was committed: `git lfs prune` removes what has been pushed."


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
    """Whether the daemon is well, and where its gallery is, if it serves one."""

    status: Literal["ok", "degraded"]
    version: str
    pid: int
    projects: Sequence[ProjectHealth]
    gallery: GalleryView | None = None


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


class PolicyView(Camel, kw_only=True):
    """The policy of the configuration: in days, in takes of a shot and in hours between two clean-ups; 0 for none."""

    deleted_after_days: float
    failed_after_days: float
    keep_newest: int
    every_hours: float


class StatusView(Camel, kw_only=True):
    """Everything about how a project is kept."""

    id: str
    name: str
    path: str
    state: str
    position: int
    projections: Sequence[ProjectionView]
    watch: WatchView
    last_scan: ScanView | None
    runner: RunnerView
    protection: ProtectionView
    cleanup: PolicyView
    waiting: Sequence[Reason]
    not_taken: Sequence[Reason]
    problems: Sequence[Problem]


class CheckView(Camel, kw_only=True):
    """A thing that was looked at; `mend` is the command that puts it right, where it is not."""

    name: str
    ok: bool
    what: str
    mend: str | None = None


class DoctorView(Camel, kw_only=True):
    """What git and the codecs need, and whether they have it."""

    ok: bool
    checks: Sequence[CheckView]


class KindsView(Camel, kw_only=True):
    """Bytes on the disk: `git` is what Git LFS keeps of takes, `sidecars` are with thumbnails and recipes.

    `other` is what lies there and is none of ours.
    """

    media: int
    objects: int
    git: int
    sidecars: int
    cache: int
    log: int
    index: int
    other: int


class ShotUsage(Camel, kw_only=True):
    """The bytes in a shot's `takes/`."""

    shot_id: str
    bytes: int
    kinds: KindsView


class UsageView(Camel, kw_only=True):
    """The bytes that a film takes up, what is shared counted once; `shared` is what sharing saves.

    `may_share` says that the disk shares blocks between files and does not tell which.
    """

    bytes: int
    kinds: KindsView
    shots: Sequence[ShotUsage]
    shared: int
    may_share: bool


class CleanupBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """What to clean up: by these rules, or by the configuration's policy where none is given.

    `dry_run` only tells. `plan` is that of an answer which was looked at: other takes are then refused.
    """

    dry_run: bool = False
    deleted_after_days: Days | None = None
    failed_after_days: Days | None = None
    keep_newest: HowMany | None = None
    plan: str | None = None


class PurgedFile(Camel, kw_only=True):
    """A file that goes, and the bytes that come back with it."""

    path: str
    kind: Literal["media", "object"]
    bytes: int


class PurgedTake(Camel, kw_only=True):
    """A take that goes: why, since when that is so, and its files."""

    shot_id: str
    take_id: str
    why: Why
    since: str
    files: Sequence[PurgedFile]


class CleanupView(Camel, kw_only=True):
    """What was purged, or would be: the bytes that come back, and what is not purged, with the reasons.

    With `at_most`, fewer may come back: files that nobody knows of may share these. `note` says what else to do.
    """

    dry_run: bool
    plan: str
    bytes: int
    at_most: bool
    note: str | None
    takes: Sequence[PurgedTake]
    left: Sequence[Reason]


class DedupeBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """Whether only to say what could be shared."""

    dry_run: bool = False


class RebuildBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """Which projection to rebuild, all where none is named; `verify` only compares."""

    name: str | None = None
    verify: bool = False


class Rebuilt(Camel, kw_only=True):
    """The projections that were made again, or the differences found instead."""

    rebuilt: Sequence[str] = ()
    differences: Sequence[Difference] = ()


def usage_view(usage: Usage) -> UsageView:
    """What a film takes up as the API shows it, the largest shot first."""
    shots = sorted(usage.shots.items(), key=lambda shot: (-sum(shot[1].values()), shot[0]))
    return UsageView(
        bytes=sum(usage.kinds.values()),
        kinds=KindsView(**usage.kinds),
        shots=[
            ShotUsage(shot_id=full_id(path), bytes=sum(kinds.values()), kinds=KindsView(**kinds))
            for path, kinds in shots
        ],
        shared=usage.shared,
        may_share=usage.may_share,
    )


def cleanup_view(plan: Plan, *, dry_run: bool) -> CleanupView:
    """A clean-up as the API shows it."""
    return CleanupView(
        dry_run=dry_run,
        plan=plan.digest,
        bytes=plan.back,
        at_most=plan.at_most,
        note=IN_GIT if plan.in_git else None,
        takes=[
            PurgedTake(
                shot_id=full_id(one.shot.path),
                take_id=one.take.id,
                why=one.chosen.why,
                since=one.chosen.since,
                files=[PurgedFile(path=file.path, kind=file.kind, bytes=file.back) for file in one.files],
            )
            for one in plan.candidates
        ],
        left=[Reason(path=path, reason=reason) for path, reason in sorted(plan.left.items())],
    )
