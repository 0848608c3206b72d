"""A shot of a film that was cloned: what an earlier log gave and hid is so in the new one."""

from events import Media, ShotMoved, ShotRegistered, Source, TakeActivated, TakeCompleted, TakeDeleted
from events.folding import Shot, evolve
from events.shot import adopt, complete, create
from tests.events.samples import media

ADOPTED = Source(kind="adopted", name="a.mp4")


def cloned(given: int = 7, *hidden: int) -> Shot:
    """A shot that was registered with those numbers."""
    shot = Shot("s1")
    evolve(shot, ShotRegistered(path="001_Dawn", given=given, hidden=hidden))
    return shot


def adopted(shot: Shot, number: int) -> Shot:
    for event in adopt(shot, number, ADOPTED):
        evolve(shot, event)
    return shot


def kinds(shot: Shot, number: int, found: Media, *, is_linked: bool = False) -> list[type]:
    return [type(event) for event in complete(shot, number, found, is_linked=is_linked)]


def test_a_number_that_an_earlier_log_gave_is_not_given_again() -> None:
    (created,) = create(cloned(7), [ADOPTED])
    assert created.take == 8


def test_a_folder_keeps_a_number_that_an_earlier_log_gave() -> None:
    shot = adopted(cloned(7), 3)
    assert list(shot.takes) == [3]
    assert shot.next_number == 8


def test_a_take_that_was_hidden_is_hidden_again_and_never_active() -> None:
    shot = adopted(cloned(7, 3), 3)
    assert kinds(shot, 3, media(3)) == [TakeCompleted, TakeDeleted]


def test_the_take_that_the_link_leads_to_is_the_active_one() -> None:
    shot = adopted(cloned(7), 3)
    *_, activated = complete(shot, 3, media(3), is_linked=True, auto_activate="never")
    assert activated == TakeActivated(take=3, why="link")


def test_moving_a_shot_forgets_none_of_its_numbers() -> None:
    shot = cloned(7, 3)
    evolve(shot, ShotMoved(path="002_Dusk"))
    assert (shot.next_number, shot.hidden) == (8, (3,))
