"""The rules: which take becomes active, by itself or because somebody says so."""

import pytest

from events import (
    Event,
    TakeActivated,
    TakeIsDeleted,
    TakeIsPurged,
    TakeNotComplete,
    TakeNotFound,
    TakePurged,
    evolve,
)
from events.shot import activate, complete, fail
from tests.events.samples import media
from tests.events.shots import active, asked, broken, created, deleted, given, made

# Becoming active by itself.


def test_the_first_take_to_complete_becomes_active() -> None:
    assert complete(given(created(1)), 1, media(1))[1:] == [TakeActivated(take=1, why="first")]


def test_the_first_is_the_one_that_was_dropped_first_whichever_completes_first() -> None:
    shot = given(created(1), created(2), created(3))
    for number in (3, 2):
        events = complete(shot, number, media(number))
        assert events[1:] == []
        for event in events:
            evolve(shot, event)
    assert complete(shot, 1, media(1))[1:] == [TakeActivated(take=1, why="first")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([*made(2)], [TakeActivated(take=2, why="first")]),
        ([*made(3), *made(2)], [TakeActivated(take=2, why="first")]),
        ([*broken(2), *made(3)], [TakeActivated(take=3, why="first")]),
        ([*made(2), deleted(2), *made(3)], [TakeActivated(take=3, why="first")]),
        ([created(2), *made(3)], []),
        ([*made(2), active(2)], []),
        ([], []),
    ],
)
def test_where_the_first_comes_to_nothing_the_next_that_is_there_takes_its_place(
    before: list[Event], after: list[Event]
) -> None:
    shot = given(created(1), *before)
    assert fail(shot, 1, "broken", auto_activate="first")[1:] == after
    assert fail(shot, 1, "broken", auto_activate="latest")[1:] == []
    hidden = given(created(1), *before, deleted(1))
    assert complete(hidden, 1, media(1))[1:] == after


def test_nobody_waits_for_a_take_that_is_yet_to_be_generated() -> None:
    assert complete(given(asked(1), created(2)), 2, media(2))[1:] == [TakeActivated(take=2, why="first")]


def test_first_leaves_the_active_take_alone() -> None:
    assert len(complete(given(*made(1), active(1), created(2)), 2, media(2))) == 1


def test_latest_makes_each_later_take_active() -> None:
    events = complete(given(*made(1), active(1), created(2)), 2, media(2), auto_activate="latest")
    assert events[1:] == [TakeActivated(take=2, why="latest")]


def test_latest_leaves_a_later_active_take_alone_when_an_earlier_one_completes() -> None:
    shot = given(created(1), *made(2), active(2))
    assert len(complete(shot, 1, media(1), auto_activate="latest")) == 1


def test_latest_makes_the_only_take_active() -> None:
    events = complete(given(created(1)), 1, media(1), auto_activate="latest")
    assert events[1:] == [TakeActivated(take=1, why="latest")]


def test_never_makes_nothing_active() -> None:
    assert len(complete(given(created(1)), 1, media(1), auto_activate="never")) == 1


@pytest.mark.parametrize("auto_activate", ["first", "latest"])
def test_a_take_that_was_deleted_while_it_was_made_does_not_become_active(auto_activate: str) -> None:
    shot = given(created(1), deleted(1))
    assert len(complete(shot, 1, media(1), auto_activate=auto_activate)) == 1  # type: ignore[arg-type]


def test_a_failed_take_does_not_become_active() -> None:
    assert given(*broken(1)).active is None


# Activating.


def test_a_complete_take_can_be_made_active() -> None:
    assert activate(given(*made(1), *made(2), active(2)), 1) == [TakeActivated(take=1, why="asked")]


def test_a_link_that_was_pointed_elsewhere_makes_active_and_says_so() -> None:
    assert activate(given(*made(1)), 1, why="link") == [TakeActivated(take=1, why="link")]


def test_activating_twice_changes_nothing() -> None:
    assert activate(given(*made(1), active(1)), 1) == []


@pytest.mark.parametrize(("past", "status"), [((created(1),), "generating"), (broken(1), "failed")])
def test_only_a_complete_take_can_be_made_active(past: tuple[Event, ...], status: str) -> None:
    with pytest.raises(TakeNotComplete, match=f"take_001 is {status}, not complete"):
        activate(given(*past), 1)


def test_a_deleted_take_cannot_be_made_active() -> None:
    with pytest.raises(TakeIsDeleted, match="take_001 is deleted"):
        activate(given(*made(1), deleted(1)), 1)


def test_a_take_that_never_was_cannot_be_made_active() -> None:
    with pytest.raises(TakeNotFound, match="no take_001"):
        activate(given(), 1)


def test_a_purged_take_cannot_be_made_active() -> None:
    with pytest.raises(TakeIsPurged, match="gone for good"):
        activate(given(*made(1), deleted(1), TakePurged(take=1, bytes=1)), 1)
