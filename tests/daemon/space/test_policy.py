"""The policy: which takes may go, asked of rows and of a time that the test gives."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.table import Policy
from daemon.space.policy import choose
from events import timestamp
from projections.index.rows import ShotRow, TakeRow

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def ago(days: float) -> str:
    return timestamp(NOW - timedelta(days=days))


def take(number: int, *, age: float = 30, **facts: Any) -> TakeRow:
    """A complete take of that age in days, but for what is said otherwise."""
    known: dict[str, Any] = {"status": "complete", "name": f"{number}.mp4", "ended": ago(age), **facts}
    return TakeRow(1, number, ago(age), **known)


def deleted(number: int, *, since: float, **facts: Any) -> TakeRow:
    return take(number, deleted="asked", deleted_at=ago(since), **facts)


def failed(number: int, *, since: float, **facts: Any) -> TakeRow:
    return take(number, status="failed", ended=ago(since), **facts)


def chosen(policy: Policy, *takes: TakeRow, active: int | None = None) -> dict[int, str]:
    """Which of the takes may go, and why."""
    found = choose(policy, ShotRow(1, "s", "001_Dawn", active=active), takes, NOW)
    return {one.take.number: one.why for one in found}


EVERYTHING = Policy(deleted_after_days=0.001, failed_after_days=0.001, keep_newest=1)


def test_nothing_is_chosen_by_a_policy_that_is_off() -> None:
    assert Policy().is_off
    assert chosen(Policy(), take(1), deleted(2, since=9), failed(3, since=9)) == {}


@pytest.mark.parametrize(("since", "goes"), [(6.9, False), (7, True), (8, True)])
def test_a_deleted_take_may_go_after_so_many_days(since: float, *, goes: bool) -> None:
    assert bool(chosen(Policy(deleted_after_days=7), deleted(1, since=since))) is goes


def test_a_take_that_went_missing_counts_as_deleted() -> None:
    missing = take(1, deleted="missing", deleted_at=ago(8))
    assert chosen(Policy(deleted_after_days=7), missing) == {1: "deleted"}


@pytest.mark.parametrize(("since", "goes"), [(6.9, False), (7, True)])
def test_a_failed_take_may_go_after_so_many_days_since_it_failed(since: float, *, goes: bool) -> None:
    assert bool(chosen(Policy(failed_after_days=7), failed(1, since=since))) is goes


def test_a_failed_take_stays_where_only_deleted_ones_may_go() -> None:
    assert chosen(Policy(deleted_after_days=7), failed(1, since=9)) == {}


def test_of_complete_takes_the_newest_are_kept() -> None:
    takes = [take(number) for number in range(1, 6)]
    assert chosen(Policy(keep_newest=2), *takes) == {1: "older", 2: "older", 3: "older"}


def test_what_is_deleted_or_failed_is_not_counted_among_the_newest() -> None:
    takes = [take(1), take(2), deleted(3, since=1), failed(4, since=1)]
    assert chosen(Policy(keep_newest=2), *takes) == {}


def test_fewer_takes_than_are_to_be_kept_all_stay() -> None:
    assert chosen(Policy(keep_newest=9), take(1), take(2)) == {}


def test_the_active_take_stays_however_old() -> None:
    assert chosen(EVERYTHING, take(1), take(2), take(3), active=1) == {2: "older"}


def test_a_take_of_less_than_a_day_stays() -> None:
    young = {"age": 0.99}
    takes = [deleted(1, since=0.9, **young), failed(2, since=0.9, **young), take(3, **young), take(4)]
    assert chosen(EVERYTHING, *takes) == {}


def test_a_take_that_was_adopted_today_stays_however_old_it_is() -> None:
    policy = Policy(deleted_after_days=0.001, keep_newest=1)
    adopted = [take(1, ended=ago(0.9)), deleted(2, since=0.5, ended=ago(0.9)), take(3)]
    assert chosen(policy, *adopted) == {}
    assert chosen(policy, take(1, ended=ago(1.1)), *adopted[1:]) == {1: "older"}


def test_what_is_being_made_or_is_purged_already_is_never_chosen() -> None:
    making = take(1, status="generating", deleted="asked", deleted_at=ago(9))
    assert chosen(EVERYTHING, making, deleted(2, since=9, purged=ago(8))) == {}


TAKES = st.builds(
    lambda age, status, gone, purged: take(
        0,
        age=age,
        status=status,
        deleted="asked" if gone is not None else None,
        deleted_at=None if gone is None else ago(gone),
        purged=ago(gone) if purged and gone is not None else None,
    ),
    st.floats(0, 40),
    st.sampled_from(["generating", "complete", "failed"]),
    st.none() | st.floats(0, 40),
    st.booleans(),
)


@given(
    st.lists(TAKES, max_size=12),
    st.builds(Policy, st.floats(0, 40), st.floats(0, 40), st.integers(0, 5)),
    st.integers(0, 12),
)
def test_whatever_the_policy_what_must_stay_stays(takes: list[TakeRow], policy: Policy, active: int) -> None:
    for number, one in enumerate(takes, 1):
        one.number = number
    gone = chosen(policy, *takes, active=active)
    stay = [one for one in takes if one.number not in gone]
    assert active not in gone
    for one in takes:
        if one.number in gone:
            assert not one.purged
            assert one.status != "generating"
            assert NOW - datetime.fromisoformat(max(one.created, one.ended or "")) >= timedelta(days=1)
    usable = [one.number for one in takes if one.status == "complete" and not one.deleted]
    left = [one.number for one in stay if one.status == "complete" and not one.deleted]
    wanted = min(len(usable), policy.keep_newest) if policy.keep_newest else len(usable)
    assert set(usable[len(usable) - wanted :]) <= set(left)
    assert not (policy.is_off and gone)
