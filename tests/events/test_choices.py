"""The choices: what may be said of takes and shots, and that each is taken back as far as it stands."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy

import pytest
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st

from events import (
    ChoiceNotKept,
    Event,
    NoteNotFound,
    Shot,
    ShotRegistered,
    Stroke,
    TakeActivated,
    TakeDeactivated,
    TakeIsDeleted,
    TakeNoted,
    TakeNotFound,
    TakesError,
    evolve,
)
from events.choices import (
    LONGEST_NOTE,
    MOST_TAGS,
    each,
    mark,
    mark_note,
    mark_shot_note,
    note,
    note_shot,
    rate,
    signed,
    stage,
    tag,
    take_back,
)
from events.drawing import LONGEST_WORDS, MOST_POINTS, MOST_STROKES
from events.shot import activate, adopt, complete, delete, purge, restore
from tests.events.samples import DROP, media

Rule = Callable[[Shot], Sequence[Event]]


def a_shot(*numbers: int) -> Shot:
    """A shot with those takes, all complete, the first of them active."""
    shot = Shot("s1")
    evolve(shot, ShotRegistered(path="001_Dawn"))
    for number in numbers or (1, 2, 3):
        say(shot, lambda now, one=number: adopt(now, one, DROP))  # type: ignore[misc]
        say(shot, lambda now, one=number: complete(now, one, media(one)))  # type: ignore[misc]
    return shot


def say(shot: Shot, rule: Rule) -> list[Event]:
    events = [*rule(shot)]
    for event in events:
        evolve(shot, event)
    return events


def facts(shot: Shot) -> object:
    """What people decide of a shot; a note that was withdrawn is as none."""
    takes = {
        number: (one.rating, one.mark, one.tags, one.deleted is None, standing(one.notes))
        for number, one in shot.takes.items()
    }
    return shot.active, shot.stage, standing(shot.notes), takes


def standing(notes: Mapping[int, str]) -> dict[int, str]:
    return {number: state for number, state in notes.items() if state != "withdrawn"}


def test_the_same_again_changes_nothing() -> None:
    shot = a_shot()
    for rule in RULES:
        events = say(shot, rule)
        assert events
        if rule not in NEW_EACH_TIME:
            assert say(shot, rule) == []


NEW_EACH_TIME: list[Rule] = [
    lambda shot: note(shot, 1, "the hand has six fingers", frame=3),
    lambda shot: note_shot(shot, "wider"),
]

RULES: list[Rule] = [
    lambda shot: rate(shot, 1, 4),
    lambda shot: mark(shot, 2, "pick"),
    lambda shot: tag(shot, 3, add=["hero", "night"]),
    *NEW_EACH_TIME,
    lambda shot: mark_note(shot, 1, 1, "resolved"),
    lambda shot: mark_shot_note(shot, 1, "resolved"),
    lambda shot: stage(shot, "review"),
    lambda shot: activate(shot, 3),
    lambda shot: delete(shot, 3),
    lambda shot: restore(shot, 3),
    lambda shot: each(shot, [1, 2, 3], [lambda now, one: rate(now, one, 2), delete]),
]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda shot: rate(shot, 1, 6),
        lambda shot: rate(shot, 1, -1),
        lambda shot: mark(shot, 1, "maybe"),  # type: ignore[arg-type]
        lambda shot: tag(shot, 1, add=[" hero"]),
        lambda shot: tag(shot, 1, add=["he\x1bro"]),
        lambda shot: tag(shot, 1, add=["hero,night"]),
        lambda shot: tag(shot, 1, add=["x" * 65]),
        lambda shot: tag(shot, 1, add=[str(number) for number in range(MOST_TAGS + 1)]),
        lambda shot: note(shot, 1, " \n"),
        lambda shot: note(shot, 1, "x" * (LONGEST_NOTE + 1)),
        lambda shot: note(shot, 1, "a bell \x07"),
        lambda shot: note(shot, 1, "x", frame=-1),
        lambda shot: note(shot, 1, "x", frame=5, last_frame=4),
        lambda shot: note(shot, 1, "x", last_frame=4),
        lambda shot: stage(shot, "\u202eweiver"),
        *(
            lambda shot, wrong=wrong: note(shot, 1, "x", drawing=wrong)
            for wrong in (
                [Stroke(kind="pen", points=(0.5, 0.5))],
                [Stroke(kind="pen", points=(0.5, 0.5, 0.5))],
                [Stroke(kind="arrow", points=(0, 0, 1, 1, 0, 1))],
                [Stroke(kind="pen", points=(0, 0, 1.01, 1))],
                [Stroke(kind="pen", points=(0, 0, float("nan"), 1))],
                [Stroke(kind="text", points=(0, 0))],
                [Stroke(kind="text", points=(0, 0), text="x\x07")],
                [Stroke(kind="text", points=(0, 0), text="x" * (LONGEST_WORDS + 1))],
                [Stroke(kind="arrow", points=(0, 0, 1, 1), text="x")],
                [Stroke(kind="arrow", points=(0, 0, 1, 1), colour="mauve")],  # type: ignore[arg-type]
                [Stroke(kind="dot", points=(0, 0))],  # type: ignore[arg-type]
                [Stroke(kind="arrow", points=(0, 0, 1, 1))] * (MOST_STROKES + 1),
                [Stroke(kind="pen", points=(0.5, 0.5) * (MOST_POINTS + 1))],
            )
        ),
    ],
)
def test_what_the_log_cannot_keep_is_refused_with_a_hint(wrong: Rule) -> None:
    with pytest.raises(ChoiceNotKept) as refused:
        wrong(a_shot())
    assert refused.value.hint


def test_a_drawing_is_kept_in_tenths_of_a_pixel() -> None:
    strokes = [
        Stroke(kind="pen", points=(0, 0.123456, 1 / 3, 1)),
        Stroke(kind="text", points=(0, 1), text="so"),
    ]
    (said,) = note(a_shot(), 1, "here", frame=3, drawing=strokes)
    assert isinstance(said, TakeNoted)
    assert [one.points for one in said.drawing] == [(0.0, 0.1235, 0.3333, 1.0), (0.0, 1.0)]


def test_notes_have_numbers_and_an_answer_names_one() -> None:
    shot = a_shot()
    say(shot, lambda now: note(now, 1, "the hand"))
    (answer,) = say(shot, lambda now: note(now, 1, "as it should be", answers=1))
    assert (answer.note, answer.answers) == (2, 1)  # type: ignore[attr-defined]
    with pytest.raises(NoteNotFound):
        note(shot, 1, "which?", answers=3)
    with pytest.raises(NoteNotFound):
        mark_note(shot, 2, 1, "resolved")


def test_of_many_takes_all_are_changed_or_none() -> None:
    shot = a_shot()
    with pytest.raises(TakeNotFound):
        each(shot, [1, 9], [lambda now, one: rate(now, one, 3)])
    say(shot, lambda now: delete(now, 2))
    with pytest.raises(TakeIsDeleted):
        each(shot, [1, 2], [lambda now, one: rate(now, one, 3), activate])
    assert [take.rating for take in shot.takes.values()] == [0, 0, 0]


def test_hiding_many_leaves_the_active_one_for_the_last_and_no_hidden_one_active() -> None:
    shot = a_shot(1, 2, 3, 4)
    events = say(shot, lambda now: each(now, [1, 2, 4], [delete]))
    assert [event for event in events if isinstance(event, TakeActivated)] == [
        TakeActivated(take=3, why="fallback")
    ]
    assert shot.active == 3


def test_whoever_chose_is_named_in_choices_alone() -> None:
    events = signed([*adopt(a_shot(), 9, DROP), *rate(a_shot(), 1, 3)], "anna", "request:1")
    assert [getattr(event, "by", None) for event in events] == [None, "anna"]
    assert [getattr(event, "undoes", None) for event in events] == [None, "request:1"]


@pytest.mark.parametrize("number", range(len(RULES)))
def test_every_choice_is_taken_back_and_made_again(number: int) -> None:
    shot = a_shot()
    for rule in RULES[:number]:
        say(shot, rule)
    before = rebuilt(shot)
    events = say(shot, RULES[number])
    after = rebuilt(shot)
    past = say(shot, lambda now: take_back(events, before, after, now))
    assert facts(shot) == facts(before)
    undone = rebuilt(shot)
    say(shot, lambda now: take_back(past, after, undone, now))
    assert facts(shot) == facts(after)


def rebuilt(shot: Shot) -> Shot:
    """The shot as it is now, whatever happens to it later."""
    return deepcopy(shot)


def test_the_first_choice_of_an_active_take_is_taken_back_to_none() -> None:
    shot = Shot("s1")
    evolve(shot, ShotRegistered(path="001_Dawn"))
    say(shot, lambda now: adopt(now, 1, DROP))
    say(shot, lambda now: complete(now, 1, media(1), auto_activate="never"))
    before = rebuilt(shot)
    events = say(shot, lambda now: activate(now, 1))
    after = rebuilt(shot)
    assert say(shot, lambda now: take_back(events, before, after, now)) == [TakeDeactivated(take=1)]
    assert shot.active is None


def test_what_somebody_else_has_changed_since_stays() -> None:
    shot = a_shot()
    before = rebuilt(shot)
    events = say(shot, lambda now: each(now, [1, 2], [lambda one, take: rate(one, take, 4)]))
    after = rebuilt(shot)
    say(shot, lambda now: rate(now, 1, 2))
    say(shot, lambda now: take_back(events, before, after, now))
    assert [shot.takes[number].rating for number in (1, 2)] == [2, 0]


HERS: list[Rule] = [
    *RULES,
    lambda shot: tag(shot, 3, add=["hero"]),
    lambda shot: activate(shot, 2),
    lambda shot: delete(shot, 1),
]
HIS: list[Rule] = [
    lambda shot: rate(shot, 1, 2),
    lambda shot: mark(shot, 2, "reject"),
    lambda shot: tag(shot, 3, add=["day"]),
    lambda shot: note(shot, 1, "he has, too"),
    lambda shot: note_shot(shot, "closer"),
    lambda shot: stage(shot, "approved"),
    lambda shot: activate(shot, 2),
    lambda shot: delete(shot, 2),
    lambda shot: rate(shot, 3, 1),
]


@pytest.mark.parametrize("hers", range(len(HERS)))
@pytest.mark.parametrize("his", range(len(HIS)))
def test_what_she_takes_back_leaves_what_he_has_chosen_since(hers: int, his: int) -> None:
    shot = a_shot()
    for rule in NEW_EACH_TIME:
        say(shot, rule)
    if HERS[hers] is RULES[10]:  # there is to be something to bring back
        say(shot, lambda now: delete(now, 3))
    before = rebuilt(shot)
    events = _try(shot, HERS[hers])
    after = rebuilt(shot)
    _try(shot, HIS[his])
    between = rebuilt(shot)
    undone = _try(shot, lambda now: take_back(events, before, after, now))
    _check_apart(before, after, between, shot)
    again = rebuilt(shot)
    _try(shot, lambda now: take_back(undone, between, again, now))
    assert single(shot) == single(between)


def single(shot: Shot) -> dict[object, object]:
    """What people decide, each thing by itself; a tag that is not there is none."""
    found: dict[object, object] = {"active": shot.active, "stage": shot.stage}
    found |= {("note", number): state for number, state in standing(shot.notes).items()}
    for number, one in shot.takes.items():
        found |= {(number, "rating"): one.rating, (number, "mark"): one.mark}
        found |= {(number, "deleted"): one.deleted} | {(number, tag): True for tag in one.tags}
        found |= {(number, "note", note): state for note, state in standing(one.notes).items()}
    return found


def _check_apart(before: Shot, after: Shot, between: Shot, end: Shot) -> None:
    """All that he has changed is as he left it, and all else as it was before her; but a hidden take is not active."""
    was, hers, his, found = (single(one) for one in (before, after, between, end))
    for key in {*was, *hers, *his, *found}:
        if his.get(key) != hers.get(key):
            assert found.get(key) == his.get(key), key
        elif key != "active" or end.takes[before.active or 0].is_usable:
            assert found.get(key) == was.get(key), key


def test_a_purge_is_never_taken_back() -> None:
    shot = a_shot()
    before = rebuilt(shot)
    events = say(shot, lambda now: delete(now, 3))
    after = rebuilt(shot)
    say(shot, lambda now: purge(now, 3, size=1))
    assert take_back(events, before, after, shot) == []


LIFE = st.lists(st.integers(0, len(RULES) - 1), max_size=12)


@settings(max_examples=80)
@any_of(LIFE, LIFE)
def test_taking_back_all_one_after_the_other_leaves_what_was_there(first: list[int], then: list[int]) -> None:
    shot = a_shot()
    for number in first:
        _try(shot, RULES[number])
    start, stack = facts(shot), list[tuple[list[Event], Shot, Shot]]()
    for number in then:
        before = rebuilt(shot)
        if events := _try(shot, RULES[number]):
            stack.append((events, before, rebuilt(shot)))
    for events, before, after in reversed(stack):
        say(shot, lambda now, e=events, b=before, a=after: take_back(e, b, a, now))  # type: ignore[misc]
        assert facts(shot) == facts(before)
    assert facts(shot) == start


def _try(shot: Shot, rule: Rule) -> list[Event]:
    try:
        return say(shot, rule)
    except TakesError:
        return []
