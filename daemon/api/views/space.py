"""Space: what takes room on the disk, what is purged and what is shared, as the API shows and reads it."""

import math
from collections.abc import Sequence
from typing import Literal

from msgspec.structs import fields

from daemon.api.views.body import Camel
from daemon.api.views.status import Reason, reason_views
from daemon.config.table import Days, HowMany, Policy
from daemon.protection import dedupe
from daemon.space.plan import Plan
from daemon.space.policy import Why
from daemon.space.usage import Usage
from projections.layout import full_id, take_name

RULES = tuple(field.name for field in fields(Policy))
"""The rules of a policy, by the names that a request gives them, too."""

DAYS = "_days"

IN_GIT = "Git LFS keeps what was committed: `git lfs prune` removes what has been pushed."


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

    @property
    def policy(self) -> Policy | None:
        """These rules; None where none is given."""
        given = {name: rule for name in RULES if (rule := getattr(self, name)) is not None}
        return Policy(**given) if given else None

    @property
    def command(self) -> str:
        """The same as a command, which looks first and then asks."""
        rules = [_option(name, rule) for name in RULES if (rule := getattr(self, name))]
        return " ".join(["takes cleanup", *rules])


def _option(name: str, rule: float) -> str:
    """A rule as `takes cleanup` takes it: its time in whole days, or else in hours, and none less than was asked for."""
    if not name.endswith(DAYS):
        return f"--{name.replace('_', '-')} {rule}"
    time = f"{rule:.0f}d" if rule == int(rule) else f"{math.ceil(rule * 24)}h"
    return f"--{name.removesuffix(DAYS).replace('_', '-')} {time}"


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


LINKED = (
    "They are one file under several names: an edit in place, or damage on the disk, reaches all of them."
)
"""What is risked where this disk shares bytes by hard links alone."""


class DedupeBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """Whether only to say what could be shared."""

    dry_run: bool = False

    @property
    def command(self) -> str:
        """The same as a command."""
        return "takes dedupe --dry-run" if self.dry_run else "takes dedupe"


class SharedFile(Camel, kw_only=True):
    """A take's media that has its bytes in common with another file now."""

    shot_id: str
    take_id: str
    path: str
    bytes: int


class Deduped(Camel, kw_only=True):
    """The media that share their bytes now, or could, and how many bytes that saves; `left` is what does not, and why.

    `note` says what that risks, where it risks anything.
    """

    dry_run: bool
    note: str | None
    shared: Sequence[SharedFile]
    bytes: int
    left: Sequence[Reason]


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
        left=reason_views(dict(sorted(plan.left.items()))),
    )


def dedupe_view(found: dedupe.Deduped, *, dry_run: bool) -> Deduped:
    """What shares its bytes as the API shows it."""
    shared = [
        SharedFile(
            shot_id=full_id(one.shot), take_id=take_name(one.key.number), path=one.path, bytes=one.bytes
        )
        for one in found.shared
    ]
    return Deduped(
        dry_run=dry_run,
        note=LINKED if shared and found.is_linked else None,
        shared=shared,
        bytes=sum(one.bytes for one in shared),
        left=reason_views(found.left),
    )
