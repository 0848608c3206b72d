"""The rules: which numbers are given, how a take is asked for and made, and what is folded of it all."""

from collections.abc import Sequence

import pytest
from msgspec import structs

from events import (
    Event,
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
    TakeFailed,
    TakeHasNoFile,
    TakeIsDeleted,
    TakeIsPurged,
    TakeIsSettled,
    TakeMeasured,
    TakeNotComplete,
    TakeNotFailed,
    TakeNotFound,
    TakePurged,
    TakeStarted,
    evolve,
    fold,
)
from events.shot import accept, adopt, complete, create, delete, fail, measure, restore, start
from tests.events.samples import A_LIFE, DROP, append, media
from tests.events.shots import asked, broken, created, deleted, given, made

BY_HAND = Source(kind="adopted")


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
