"""The policy: which takes of a shot are not worth their bytes any more.

Pure: it looks at rows of the index and at the time that it is given.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from daemon.config.table import Policy
from projections.index.rows import ShotRow, TakeRow

YOUNGEST = timedelta(days=1)
"""No take that is younger is ever chosen."""

Why = Literal["deleted", "failed", "older"]
"""Why a take is chosen: it was deleted, or failed, long enough ago; or it is older than the newest, which are kept."""


class Chosen(Struct, frozen=True):
    """A take that may go, why, and since when that is so."""

    take: TakeRow
    why: Why
    since: str


def choose(policy: Policy, shot: ShotRow, takes: Sequence[TakeRow], now: datetime) -> list[Chosen]:
    """Those of the shot's takes that the policy gives up, by number.

    Never the active one, never one that is being made, never one that is younger than a day or came less than one ago.
    """
    usable = [take.number for take in takes if take.status == "complete" and not take.deleted]
    newest = set(sorted(usable)[-policy.keep_newest :] if policy.keep_newest else usable)
    return [
        reason
        for take in takes
        if _may_ever(shot, take, now)
        for reason in list(_reasons(policy, take, newest, now))[:1]
    ]


def _may_ever(shot: ShotRow, take: TakeRow, now: datetime) -> bool:
    is_made = take.status != "generating" and not take.purged
    return is_made and take.number != shot.active and now - _come(take) >= YOUNGEST


def _reasons(policy: Policy, take: TakeRow, newest: set[int], now: datetime) -> Iterator[Chosen]:
    """Why the take may go, the plainest reason first."""
    if take.deleted and take.deleted_at and _is_past(take.deleted_at, policy.deleted_after_days, now):
        yield Chosen(take, "deleted", take.deleted_at)
    if take.status == "failed" and take.ended and _is_past(take.ended, policy.failed_after_days, now):
        yield Chosen(take, "failed", take.ended)
    if take.status == "complete" and not take.deleted and take.number not in newest:
        yield Chosen(take, "older", take.created)


def _come(take: TakeRow) -> datetime:
    """When it was made, or became a take of ours: what is adopted today may be years old."""
    return max(_time(take.created), _time(take.ended or take.created))


def _is_past(at: str, days: float, now: datetime) -> bool:
    return days > 0 and now - _time(at) >= timedelta(days=days)


def _time(at: str) -> datetime:
    return datetime.fromisoformat(at)
