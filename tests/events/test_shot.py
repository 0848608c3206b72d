"""The rules: what may happen to a shot's takes next, and what follows from it."""

from collections.abc import Sequence
from typing import Literal

import pytest
from msgspec import structs

from events import (
    Companion,
    Event,
    Identity,
    MemoryLog,
    Refused,
    Request,
    Shot,
    ShotMoved,
    ShotRegistered,
    Source,
    Take,
    TakeAccepted,
    TakeActivated,
    TakeCompleted,
    TakeCreated,
    TakeDeleted,
    TakeFailed,
    TakeHasNoFile,
    TakeIsActive,
    TakeIsDeleted,
    TakeIsPurged,
    TakeIsSettled,
    TakeJoined,
    TakeMeasured,
    TakeNotComplete,
    TakeNotFailed,
    TakeNotFound,
    TakeNotSettled,
    TakePurged,
    TakeRestored,
    TakeStarted,
    TakeSuperseded,
    evolve,
    fold,
)
from events.shot import (
    accept,
    activate,
    adopt,
    complete,
    create,
    delete,
    fail,
    join,
    measure,
    purge,
    restore,
    start,
)
from tests.events.samples import A_LIFE, DROP, append, media

BY_HAND = Source(kind="adopted")


def given(*events: Event) -> Shot:
    """The shot after these events."""
    shot = Shot("shot")
    for event in events:
        evolve(shot, event)
    return shot


def made(number: int) -> tuple[Event, Event]:
    """A take that is complete."""
    return created(number), TakeCompleted(take=number, media=media(number))


def broken(number: int) -> tuple[Event, Event]:
    """A take that has failed."""
    return created(number), TakeFailed(take=number, error="out of memory")


def created(number: int) -> Event:
    return TakeCreated(take=number, source=DROP)


def active(number: int) -> Event:
    return TakeActivated(take=number)


def deleted(number: int) -> Event:
    return TakeDeleted(take=number)


def numbers(events: Sequence[TakeCreated]) -> list[int]:
    return [event.take for event in events]


# Numbers.


def test_the_first_take_is_number_one() -> None:
    assert create(given(), [DROP]) == [TakeCreated(take=1, source=DROP)]


def test_numbers_go_on_after_the_highest() -> None:
    assert numbers(create(given(created(1), created(2)), [DROP, BY_HAND])) == [3, 4]


def test_each_source_gets_its_own_number_in_order() -> None:
    assert [event.source for event in create(given(), [BY_HAND, DROP])] == [BY_HAND, DROP]


def test_no_sources_are_no_takes() -> None:
    assert create(given(), []) == []


@pytest.mark.parametrize(
    "gone", [[deleted(2)], [deleted(2), TakePurged(take=2, bytes=1)]], ids=["deleted", "purged"]
)
def test_a_number_is_never_given_again(gone: list[Event]) -> None:
    assert numbers(create(given(*made(1), *made(2), *gone), [DROP])) == [3]


def test_the_number_of_a_failed_take_is_never_given_again() -> None:
    assert numbers(create(given(*broken(1)), [DROP])) == [2]


def test_a_number_is_at_least_what_the_disk_asks_for() -> None:
    assert numbers(create(given(created(1)), [DROP, DROP], at_least=9)) == [9, 10]


def test_a_number_is_above_every_other_whatever_the_disk_asks_for() -> None:
    assert numbers(create(given(created(12)), [DROP], at_least=9)) == [13]


def test_a_gap_is_not_filled() -> None:
    assert numbers(create(given(created(7)), [DROP])) == [8]


def test_a_request_is_kept_with_its_take() -> None:
    request = Request(params={"prompt": "dawn"}, quality="draft")
    (event,) = create(given(), [Source(kind="request")], request=request)
    assert event.request == request


def test_a_folder_made_by_hand_keeps_its_number() -> None:
    assert adopt(given(created(1)), 7, BY_HAND) == [TakeCreated(take=7, source=BY_HAND)]


def test_a_folder_made_by_hand_may_fill_a_gap() -> None:
    assert adopt(given(created(7)), 3, BY_HAND) == [TakeCreated(take=3, source=BY_HAND)]


@pytest.mark.parametrize("gone", [[], [deleted(1)], [deleted(1), TakePurged(take=1, bytes=1)]])
def test_a_folder_under_a_number_that_was_given_before_is_not_adopted(gone: list[Event]) -> None:
    assert adopt(given(*made(1), *gone), 1, BY_HAND) == []


def test_numbers_go_on_after_an_adopted_one() -> None:
    shot = given(*adopt(given(), 1000, BY_HAND))
    assert numbers(create(shot, [DROP])) == [1001]


# Asking.


def asked(number: int) -> Event:
    """A take that is to be generated."""
    return TakeCreated(take=number, source=Source(kind="request"), request=Request(params={"seed": 7}))


def test_a_runner_begins_with_a_take_that_was_asked_for() -> None:
    shot = given(asked(1))
    before = shot.takes[1].started
    evolve(shot, *start(shot, 1, "command"))
    assert (before, shot.takes[1].started) == (False, True)
    assert shot.takes[1].is_awaited


def test_a_runner_may_begin_again() -> None:
    shot = given(asked(1), TakeStarted(take=1, runner="command"))
    assert start(shot, 1, "comfyui") == [TakeStarted(take=1, runner="comfyui")]


def test_a_runner_does_not_begin_with_what_is_done() -> None:
    with pytest.raises(TakeIsSettled):
        start(given(*made(1)), 1, "command")


def test_deleting_a_take_that_was_asked_for_cancels_it() -> None:
    shot = given(asked(1), TakeStarted(take=1, runner="command"))
    for event in delete(shot, 1):
        evolve(shot, event)
    assert (shot.takes[1].status, shot.takes[1].deleted) == ("failed", "asked")
    assert shot.takes[1].is_cancelled
    assert not shot.takes[1].is_awaited
    with pytest.raises(TakeIsSettled):
        start(shot, 1, "command")


def test_a_cancelled_take_comes_back_as_a_failed_one() -> None:
    shot = given(asked(1))
    for event in delete(shot, 1):
        evolve(shot, event)
    evolve(shot, *restore(shot, 1))
    assert (shot.takes[1].status, shot.takes[1].deleted) == ("failed", None)


def test_a_take_that_fails_of_itself_is_not_cancelled_whatever_it_says() -> None:
    assert (
        not given(asked(1), *fail(given(asked(1)), 1, "render cancelled by the farm")).takes[1].is_cancelled
    )


def test_a_take_that_was_cancelled_before_logs_said_so_is_known_by_its_error() -> None:
    old = TakeFailed(take=1, error="it was cancelled before it was made")
    assert given(asked(1), old).takes[1].is_cancelled


def test_deleting_a_drop_that_is_taken_in_does_not_fail_it() -> None:
    assert delete(given(created(1)), 1) == [deleted(1)]


# Making.


def test_a_take_that_is_created_is_being_made() -> None:
    shot = given(created(1), *made(2), *broken(3), created(4), deleted(4))
    assert shot.takes[1].status == "generating"
    assert [take.number for take in shot.making] == [1, 4]  # the hidden one, too: its drop is ours by now


def test_a_take_that_completes_is_complete() -> None:
    shot = given(created(1))
    evolve(shot, complete(shot, 1, media(1))[0])
    assert shot.takes[1] == Take(
        1,
        DROP,
        status="complete",
        name=media(1).name,
        bytes=1024,
        sha256=media(1).sha256,
        file=DROP.identity,
    )


def test_of_a_file_that_is_as_it_was_dropped_one_identity_is_kept() -> None:
    """A film may have very many takes; one that was read from a log has each of its events made anew."""
    assert DROP.identity
    read = structs.replace(DROP.identity)
    assert read is not DROP.identity
    for identity in (None, read):
        shot = given(created(1), TakeCompleted(take=1, media=media(1), identity=identity))
        assert shot.takes[1].file is DROP.identity


@pytest.mark.parametrize("field", ["device", "inode", "size", "mtime_ns"])
def test_another_file_than_the_one_that_was_dropped_is_known_as_that(field: str) -> None:
    assert DROP.identity
    other = structs.replace(DROP.identity, **{field: 5})
    shot = given(created(1), TakeCompleted(take=1, media=media(1), identity=other))
    assert shot.takes[1].file == other
    assert shot.takes[1].source.identity == DROP.identity


def test_a_take_that_fails_keeps_the_name_of_its_bytes() -> None:
    shot = given(created(1))
    assert fail(shot, 1, "truncated", name="half.mp4") == [
        TakeFailed(take=1, error="truncated", name="half.mp4")
    ]
    evolve(shot, *fail(shot, 1, "truncated", name="half.mp4"))
    assert (shot.takes[1].status, shot.takes[1].name) == ("failed", "half.mp4")


@pytest.mark.parametrize(("past", "status"), [(made(1), "complete"), (broken(1), "failed")])
def test_a_take_is_made_once(past: tuple[Event, ...], status: str) -> None:
    with pytest.raises(TakeIsSettled, match=f"take_001 is {status} already"):
        complete(given(*past), 1, media(1))
    with pytest.raises(TakeIsSettled, match=f"take_001 is {status} already"):
        fail(given(*past), 1, "again")


def test_a_failed_take_that_is_accepted_is_complete_and_the_first_one_is_active() -> None:
    completed = TakeCompleted(take=1, media=media(1))
    shot = given(created(1), TakeFailed(take=1, error="it is cut off", name="a.mp4"))
    assert accept(shot, completed) == [TakeAccepted(take=1), completed, TakeActivated(take=1, why="first")]
    shot = given(
        created(1), TakeFailed(take=1, error="it is cut off", name="a.mp4"), *accept(shot, completed)
    )
    assert (shot.takes[1].status, shot.takes[1].failed_file, shot.active) == ("complete", None, 1)


def test_a_take_is_accepted_only_once_it_has_failed_with_a_file() -> None:
    completed = TakeCompleted(take=1, media=media(1))
    refused: list[tuple[Shot, type[Exception]]] = [
        (given(created(1)), TakeNotFailed),
        (given(*made(1)), TakeNotFailed),
        (given(*broken(1)), TakeHasNoFile),
        (given(*broken(1), deleted(1)), TakeIsDeleted),
        (given(*broken(1), TakePurged(take=1, bytes=1)), TakeIsPurged),
        (given(), TakeNotFound),
    ]
    for shot, why in refused:
        with pytest.raises(why):
            accept(shot, completed)


def test_a_file_that_was_accepted_in_a_log_before_is_accepted_again() -> None:
    events = complete(given(created(1)), 1, media(1), refused="it is cut off", auto_activate="never")
    assert [type(one) for one in events] == [TakeFailed, TakeAccepted, TakeCompleted]
    assert given(created(1), *events).takes[1].status == "complete"


def test_a_take_that_never_was_can_neither_complete_nor_fail() -> None:
    with pytest.raises(TakeNotFound, match="no take_004"):
        complete(given(), 4, media(4))
    with pytest.raises(TakeNotFound):
        fail(given(), 4, "why")


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


# Folding.


def test_a_shot_is_where_it_was_last_said_to_be() -> None:
    shot = given(
        ShotRegistered(path="001_Dawn", device=1, inode=2), ShotMoved(path="002_Dawn", device=1, inode=3)
    )
    assert (shot.path, shot.device, shot.inode) == ("002_Dawn", 1, 3)


def test_a_version_counts_every_event() -> None:
    assert given(*A_LIFE).version == len(A_LIFE)


def test_a_refusal_says_what_to_do_next() -> None:
    refusals: list[Refused] = [TakeNotComplete(1, "failed"), TakeIsDeleted(1), TakeIsSettled(1, "failed")]
    assert all(refusal.hint for refusal in refusals)
    assert TakeNotFound(1).hint


async def test_a_shot_is_folded_from_its_records_and_knows_its_place() -> None:
    log, shot = MemoryLog(), Shot("a")
    await log.append(append("b"))
    records = await log.append(append("a", *made(1)))
    fold(shot, records)
    assert (shot.version, shot.position) == (2, 3)
    assert shot.takes[1].created_by == records[0].id


async def test_folding_what_is_folded_already_changes_nothing() -> None:
    log, shot, again = MemoryLog(), Shot("a"), Shot("a")
    records = await log.append(append("a", *A_LIFE))
    fold(shot, records)
    fold(again, records[:5])
    fold(again, records[2:])
    fold(again, records)
    assert again == shot


def test_a_take_is_measured_once_it_is_complete() -> None:
    assert measure(given(*made(1)), 1, -23.0) == [TakeMeasured(take=1, loudness=-23.0)]
    assert measure(given(created(1)), 1, -23.0) == []


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
