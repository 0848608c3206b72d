"""A shot of which a better log is lost: what is known of that elsewhere is taken over."""

from events import ShotRecovered, ShotRegistered, TakeActivated, TakeCompleted, TakeDeleted
from events.folding import Shot, evolve
from events.shot import activate, adopt, complete, delete, recover
from tests.events.samples import DROP, media


def shot_with(*numbers: int) -> Shot:
    """A shot with these takes, all complete, the first of them active."""
    shot = Shot("s1")
    evolve(shot, ShotRegistered(path="001_Dawn"))
    for number in numbers:
        for event in adopt(shot, number, DROP):
            evolve(shot, event)
        for event in complete(shot, number, media(number)):
            evolve(shot, event)
    return shot


def recovered(shot: Shot, given: int, *hidden: int, active: int | None = None) -> list[type]:
    events = recover(shot, given, hidden, active)
    for event in events:
        evolve(shot, event)
    assert recover(shot, given, hidden, active) == []
    return [type(event) for event in events]


def test_no_number_below_what_was_known_is_given() -> None:
    shot = shot_with(1, 2)
    assert recovered(shot, 7) == [ShotRecovered]
    assert shot.next_number == 8


def test_what_the_log_knows_is_not_said_again() -> None:
    shot = shot_with(1, 2)
    assert recovered(shot, 2, active=1) == []
    for event in delete(shot, 2):
        evolve(shot, event)
    assert recovered(shot, 1, 2) == []


def test_a_take_that_is_there_is_hidden_and_another_one_active_at_once() -> None:
    shot = shot_with(1, 2)
    assert recovered(shot, 2, 1, active=2) == [TakeActivated, TakeDeleted]
    assert shot.active == 2


def test_a_take_that_is_yet_to_be_taken_in_is_hidden_then() -> None:
    shot = shot_with(1)
    assert recovered(shot, 3, 3) == [ShotRecovered]
    for event in adopt(shot, 3, DROP):
        evolve(shot, event)
    assert [type(event) for event in complete(shot, 3, media(3))] == [TakeCompleted, TakeDeleted]


def test_a_take_that_is_yet_to_be_taken_in_is_active_then_unless_another_one_is_chosen() -> None:
    shot = shot_with(1)
    assert recovered(shot, 3, active=3) == [ShotRecovered]
    for event in adopt(shot, 3, DROP):
        evolve(shot, event)
    assert complete(shot, 3, media(3), auto_activate="never")[1:] == [TakeActivated(take=3, why="link")]
    shot.active = None
    for event in activate(shot, 1):
        evolve(shot, event)
    assert complete(shot, 3, media(3), auto_activate="never")[1:] == []
