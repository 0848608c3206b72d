"""The rules: how takes are deleted, come back, are purged, and give way to one with more of a render."""

from typing import Literal

import pytest

from events import (
    Companion,
    Event,
    Identity,
    Source,
    TakeActivated,
    TakeCompleted,
    TakeCreated,
    TakeDeleted,
    TakeFailed,
    TakeIsActive,
    TakeJoined,
    TakeNotComplete,
    TakeNotFound,
    TakeNotSettled,
    TakePurged,
    TakeRestored,
    TakeSuperseded,
    evolve,
)
from events.shot import complete, delete, fail, join, purge, restore
from tests.events.samples import DROP, media
from tests.events.shots import active, broken, created, deleted, given, made

# Deleting and restoring.


def test_deleting_hides_a_take() -> None:
    shot = given(*made(1))
    assert delete(shot, 1) == [TakeDeleted(take=1, why="asked")]
    assert not given(*made(1), deleted(1)).takes[1].is_usable


def test_a_take_whose_folder_is_gone_is_deleted_as_missing() -> None:
    assert delete(given(*made(1)), 1, why="missing") == [TakeDeleted(take=1, why="missing")]


def test_deleting_twice_changes_nothing() -> None:
    assert delete(given(*made(1), deleted(1)), 1) == []


def test_deleting_another_take_leaves_the_active_one() -> None:
    assert delete(given(*made(1), *made(2), active(2)), 1) == [TakeDeleted(take=1)]


def test_deleting_the_active_take_falls_back_to_the_latest_usable_one() -> None:
    shot = given(*made(1), *made(2), *made(3), active(3))
    assert delete(shot, 3)[1:] == [TakeActivated(take=2, why="fallback")]


def test_the_fallback_may_be_a_later_take() -> None:
    assert delete(given(*made(1), *made(2), active(1)), 1)[1:] == [TakeActivated(take=2, why="fallback")]


@pytest.mark.parametrize(
    "unusable",
    [broken(3), (created(3),), (*made(3), deleted(3)), (*made(3), deleted(3), TakePurged(take=3, bytes=1))],
    ids=["failed", "generating", "deleted", "purged"],
)
def test_the_fallback_is_never_a_take_that_cannot_be_used(unusable: tuple[Event, ...]) -> None:
    shot = given(*made(1), *made(2), active(2), *unusable)
    assert delete(shot, 2)[1:] == [TakeActivated(take=1, why="fallback")]
    alone = given(*made(2), active(2), *unusable)
    assert delete(alone, 2) == [TakeDeleted(take=2)]


def test_a_shot_without_another_usable_take_has_none_active() -> None:
    assert given(*made(1), active(1), deleted(1)).active is None


def test_the_next_take_to_complete_becomes_active_where_none_is() -> None:
    shot = given(*made(1), active(1), deleted(1), created(2))
    assert complete(shot, 2, media(2))[1:] == [TakeActivated(take=2, why="first")]


def test_a_take_can_be_deleted_while_it_is_made() -> None:
    assert delete(given(created(1)), 1) == [TakeDeleted(take=1)]


def test_a_failed_take_can_be_deleted() -> None:
    assert delete(given(*broken(1)), 1) == [TakeDeleted(take=1)]


def test_a_deleted_take_can_be_restored() -> None:
    shot = given(*made(1), deleted(1))
    assert restore(shot, 1) == [TakeRestored(take=1, why="asked")]
    evolve(shot, *restore(shot, 1))
    assert shot.takes[1].is_usable


def test_a_folder_that_was_found_again_restores_its_take() -> None:
    assert restore(given(*made(1), deleted(1)), 1, why="found") == [TakeRestored(take=1, why="found")]


def test_restoring_what_is_not_deleted_changes_nothing() -> None:
    assert restore(given(*made(1)), 1) == []


def test_a_restored_take_does_not_become_active_again_by_itself() -> None:
    assert given(*made(1), active(1), deleted(1), TakeRestored(take=1)).active is None


def missing(number: int) -> TakeDeleted:
    return TakeDeleted(take=number, why="missing")


AWAY = (*made(1), *made(2), active(1), missing(2), missing(1))


BACK = TakeActivated(take=1, why="link")


@pytest.mark.parametrize("why", ["asked", "found"])
def test_the_active_take_that_was_missing_is_active_again_once_it_is_back(
    why: Literal["asked", "found"],
) -> None:
    assert restore(given(*AWAY), 1, why=why) == [TakeRestored(take=1, why=why), BACK]
    assert restore(given(*AWAY), 2, why=why) == [TakeRestored(take=2, why=why)]


@pytest.mark.parametrize("why", ["first", "fallback"])
def test_what_only_stood_in_for_a_missing_take_gives_way_to_it(why: Literal["first", "fallback"]) -> None:
    stood_in = given(*AWAY, *made(3), TakeActivated(take=3, why=why))
    assert restore(stood_in, 1, why="found")[1:] == [BACK]
    gone_too = given(*AWAY, *made(3), TakeActivated(take=3, why=why), missing(3))
    assert restore(gone_too, 3, why="found")[1:] == []
    assert restore(gone_too, 1, why="found")[1:] == [BACK]


@pytest.mark.parametrize("why", ["asked", "link", "latest"])
def test_what_was_chosen_while_a_take_was_missing_stays_active(
    why: Literal["asked", "link", "latest"],
) -> None:
    chosen = given(*AWAY, *made(3), TakeActivated(take=3, why=why))
    assert restore(chosen, 1, why="found")[1:] == []


def test_a_missing_take_that_was_deleted_on_purpose_does_not_become_active_again() -> None:
    assert restore(given(*AWAY, deleted(1)), 1)[1:] == []


def test_a_take_that_is_missing_again_is_active_again_once_more() -> None:
    again = given(*AWAY, TakeRestored(take=1, why="found"), BACK, missing(1))
    assert restore(again, 1, why="found")[1:] == [BACK]


# Purges.


def test_a_deleted_take_is_purged_with_its_size_and_its_file() -> None:
    file = DROP.identity
    assert purge(given(*made(1), deleted(1)), 1, size=77, identity=file) == [
        TakePurged(take=1, bytes=77, identity=file)
    ]


@pytest.mark.parametrize("take", [made(1), broken(1)], ids=["complete", "failed"])
def test_a_take_that_is_not_deleted_is_hidden_before_it_is_purged(take: tuple[Event, Event]) -> None:
    assert purge(given(*take), 1, size=1) == [TakeDeleted(take=1), TakePurged(take=1, bytes=1)]


def test_a_take_is_purged_once() -> None:
    assert purge(given(*made(1), deleted(1), TakePurged(take=1, bytes=1)), 1, size=1) == []


def test_the_active_take_is_never_purged() -> None:
    with pytest.raises(TakeIsActive) as refusal:
        purge(given(*made(1), active(1)), 1, size=1)
    assert refusal.value.hint


@pytest.mark.parametrize("also", [[], [deleted(1)]], ids=["shown", "deleted"])
def test_a_take_that_is_still_being_made_is_not_purged(also: list[Event]) -> None:
    with pytest.raises(TakeNotSettled):
        purge(given(created(1), *also), 1, size=1)


def test_a_take_that_never_was_is_not_purged() -> None:
    with pytest.raises(TakeNotFound):
        purge(given(), 1, size=1)


def test_a_purged_take_cannot_come_back() -> None:
    purged = given(*made(1), deleted(1), TakePurged(take=1, bytes=1024))
    for rule in (restore, delete):
        with pytest.raises(TakeNotFound):
            rule(purged, 1)


# One render, one take.


PICTURE = Companion(
    role="picture",
    name="shot_001_take_001_recipe.png",
    identity=Identity(device=66, inode=4712, size=77, mtime_ns=2),
)


def test_a_file_of_the_same_render_joins_the_take_once() -> None:
    assert join(given(*made(1)), 1, PICTURE) == [TakeJoined(take=1, companion=PICTURE)]
    joined = given(*made(1), TakeJoined(take=1, companion=PICTURE))
    assert joined.takes[1].companions == (PICTURE,)
    assert join(joined, 1, PICTURE) == []


def test_nothing_joins_a_take_that_is_not_complete() -> None:
    with pytest.raises(TakeNotComplete):
        join(given(created(1)), 1, PICTURE)
    with pytest.raises(TakeNotComplete):
        join(given(*broken(1)), 1, PICTURE)


def more_of(number: int, old: int) -> Event:
    return TakeCreated(take=number, source=Source(kind="drop", name="x-audio.mp4", supersedes=old))


def test_a_take_with_more_of_a_render_hides_the_one_before_and_is_active_in_its_place() -> None:
    shot = given(*made(1), active(1), more_of(2, 1))
    events = complete(shot, 2, media(2))
    assert events[1:] == [TakeSuperseded(take=1, by=2), TakeActivated(take=2, why="fallback")]
    for event in events:
        evolve(shot, event)
    assert (shot.active, shot.takes[1].deleted, shot.takes[1].superseded) == (2, "asked", 2)
    evolve(shot, TakeRestored(take=1))
    assert (shot.takes[1].deleted, shot.takes[1].superseded) == (None, None)


def test_a_choice_that_was_made_meanwhile_stays() -> None:
    shot = given(*made(1), *made(2), active(2), more_of(3, 1))
    assert complete(shot, 3, media(3))[1:] == [TakeSuperseded(take=1, by=3)]


@pytest.mark.parametrize("hidden", [TakeDeleted(take=1), TakeDeleted(take=1, why="missing")])
def test_a_take_that_is_hidden_already_is_not_superseded(hidden: Event) -> None:
    shot = given(*made(1), hidden, more_of(2, 1))
    assert not any(isinstance(event, TakeSuperseded) for event in complete(shot, 2, media(2)))


def test_a_take_that_was_hidden_while_it_was_made_supersedes_nothing() -> None:
    shot = given(*made(1), active(1), more_of(2, 1), deleted(2))
    assert [type(event) for event in complete(shot, 2, media(2))] == [TakeCompleted]


def test_a_take_that_fails_supersedes_nothing() -> None:
    shot = given(*made(1), active(1), more_of(2, 1))
    assert [type(event) for event in fail(shot, 2, "it is cut off")] == [TakeFailed]
