"""Admission: what becomes of the files in a shot, by what is known of them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.takes.admission import (
    ANOTHER_NAME,
    BEING_MADE,
    BEING_WRITTEN,
    EMPTY,
    NOT_ITS_TURN,
    NOT_ONE,
    TOO_MANY,
    TURN,
    Adopt,
    Complete,
    Drop,
    Facts,
    Ignore,
    Judging,
    NotTaken,
    Number,
    TakeFolder,
    Wait,
    decide,
    decide_awaited,
    decide_folder,
    give_numbers,
    in_parts,
    key_of,
    pair,
)
from daemon.watching.scan import NOT_PULLED, Entry, Seen
from events import Identity, Shot, Source, Take

STREAM, SHOT = "stream", "01_Scene/001_Dawn"
LATER, SOON = 30.0, 0.25


def file(inode: int = 1, size: int = 9, mtime_ns: int = 1) -> Identity:
    return Identity(device=1, inode=inode, size=size, mtime_ns=mtime_ns)


def drop(name: str = "render.mp4", found: Identity | None = None, *, arrived: int = 0, **told: Any) -> Drop:
    return Drop(Entry(name, found or file(), arrived), **told)


def facts(**known: Any) -> Facts:
    """A shot of which nothing is known, but for what is said otherwise."""
    nothing: dict[str, Any] = {"known": set(), "awaited": (), "under_way": set(), "look_again": LATER}
    return Facts(STREAM, SHOT, **(nothing | known))


KNOWN = {"known": {file(), file(size=0)}}
ASKED = {"awaited": (1, 2, 3)}
MADE = {**ASKED, "under_way": {(STREAM, 2)}}
POINTER = {"is_pointer": True}
EMPTY_FILE = {"found": file(size=0)}
WRITTEN = {"wait": SOON}
FOR_TWO = {"name": "shot_001_take_002_00001_.mp4"}


# One drop. What is said of it is the first of these that holds: that another name of its file is a take, that it is a
# pointer, that it is empty, that its take is being made, that it is being written.


@pytest.mark.parametrize(
    ("told", "known", "decision"),
    [
        ({}, {}, Number()),
        ({}, ASKED, Number()),
        (FOR_TWO, {}, Number()),
        (FOR_TWO, {"awaited": (1, 3)}, Number()),
        (FOR_TWO, ASKED, Complete(2)),
        ({"name": "take_003.mp4"}, ASKED, Complete(3)),
        (FOR_TWO, {**ASKED, "under_way": {("another stream", 2)}}, Complete(2)),
        (WRITTEN, {}, Wait(SOON, BEING_WRITTEN)),
        (FOR_TWO | WRITTEN, ASKED, Wait(SOON, BEING_WRITTEN)),
        (FOR_TWO, MADE, Wait(LATER, BEING_MADE)),
        (WRITTEN, MADE, Wait(SOON, BEING_WRITTEN)),
        (FOR_TWO | WRITTEN, MADE, Wait(LATER, BEING_MADE)),
        (EMPTY_FILE, {}, Wait(LATER, EMPTY)),
        (FOR_TWO | EMPTY_FILE, ASKED, Wait(LATER, EMPTY)),
        (FOR_TWO | EMPTY_FILE | WRITTEN, MADE, Wait(LATER, EMPTY)),
        (POINTER, {}, NotTaken(NOT_PULLED)),
        (FOR_TWO | POINTER | EMPTY_FILE | WRITTEN, MADE, NotTaken(NOT_PULLED)),
        ({}, KNOWN, NotTaken(ANOTHER_NAME)),
        (FOR_TWO | POINTER | EMPTY_FILE | WRITTEN, KNOWN | MADE, NotTaken(ANOTHER_NAME)),
    ],
)
def test_of_all_that_holds_for_a_drop_the_plainest_decides(
    told: dict[str, Any], known: dict[str, Any], decision: object
) -> None:
    assert decide(drop(**told), facts(**known)) == decision


def test_a_file_that_has_changed_since_it_became_a_take_is_another_one() -> None:
    assert decide(drop(found=file(mtime_ns=2)), facts(**KNOWN)) == Number()


# All drops of a shot.


def decide_each(drops: Sequence[Drop], known: Facts) -> Iterator[tuple[Drop, object]]:
    return Judging(known).decide_each(drops)


def decisions(drops: Sequence[Drop], known: Facts) -> list[object]:
    return [decision for _, decision in decide_each(drops, known)]


def test_two_names_of_one_file_are_one_take() -> None:
    twice = [drop("b.mp4"), drop("a.mp4"), drop("c.mp4", file(2))]
    assert decisions(twice, facts()) == [Number(), NotTaken(ANOTHER_NAME), Number()]


def test_the_other_name_of_a_file_that_waits_is_not_taken_either() -> None:
    assert decisions([drop(wait=SOON), drop()], facts()) == [Wait(SOON), NotTaken(ANOTHER_NAME)]


def test_of_two_files_for_one_take_the_first_is_its_and_the_second_one_more_take() -> None:
    two = [drop("take_002.mp4"), drop("take_002.mov", file(2), arrived=1)]
    assert decisions(two, facts(**ASKED)) == [Complete(2), Number()]


def test_while_the_first_file_for_a_take_is_written_the_second_is_its() -> None:
    two = [drop("take_002.mp4", wait=SOON), drop("take_002.mov", file(2), arrived=1)]
    assert decisions(two, facts(**ASKED)) == [Wait(SOON), Complete(2)]


@pytest.mark.parametrize(
    ("first", "second", "decision"),
    [
        (WRITTEN, {}, Wait(SOON, NOT_ITS_TURN)),
        (WRITTEN, {"age": TURN - 0.1}, Wait(SOON, NOT_ITS_TURN)),
        (WRITTEN, {"age": TURN}, Number()),
        (WRITTEN | {"is_open": True}, {}, Number()),
        (WRITTEN | EMPTY_FILE, {}, Number()),
        (WRITTEN | POINTER, {}, Number()),
        (WRITTEN, {"wait": LATER}, Wait(LATER)),
        ({}, {}, Number()),
    ],
)
def test_a_whole_drop_waits_a_while_for_one_that_came_before_it(
    first: dict[str, Any], second: dict[str, Any], decision: object
) -> None:
    drops = [drop("a.mp4", file(2), arrived=2, **second), drop("b.mp4", arrived=1, **first)]
    (_, before), (last, decided) = decide_each(drops, facts())
    assert before == decide(drops[1], facts())
    assert (last.media.name, decided) == ("a.mp4", decision)


def test_of_drops_that_came_at_once_the_older_render_is_first() -> None:
    drops = [drop("a.mp4", file(1, mtime_ns=2)), drop("c.mp4", file(2)), drop("b.mp4", file(3))]
    assert [one.media.name for one, _ in decide_each(drops, facts())] == ["b.mp4", "c.mp4", "a.mp4"]


def test_a_runner_that_begins_meanwhile_is_seen() -> None:
    under_way: set[tuple[str, int]] = set()
    each = decide_each(
        [drop("take_001.mp4"), drop("take_002.mp4", file(2))], facts(**ASKED, under_way=under_way)
    )
    assert next(each)[1] == Complete(1)
    under_way.add((STREAM, 2))
    assert next(each)[1] == Wait(LATER, BEING_MADE)


NAMES = ["a.mp4", "b.png", "take_001.mp4", "take_001.mov", "take_002.mp4", "shot_001_take_002_7.png"]
FILES = st.builds(file, st.integers(1, 4), st.sampled_from([0, 9]))
DROPS = st.lists(
    st.builds(
        lambda name, found, wait, is_pointer: drop(name, found, wait=wait, is_pointer=is_pointer),
        st.sampled_from(NAMES),
        FILES,
        st.sampled_from([0.0, 0.0, SOON]),
        st.sampled_from([False, False, True]),
    ),
    unique_by=lambda one: one.media.name,
)
FACTS = st.builds(
    lambda known, awaited, under_way: facts(
        known=known, awaited=awaited, under_way={(STREAM, number) for number in under_way}
    ),
    st.frozensets(FILES, max_size=2),
    st.lists(st.integers(1, 3), unique=True),
    st.frozensets(st.integers(1, 3)),
)


@given(DROPS, FACTS)
def test_every_drop_has_one_answer_and_always_the_same(drops: list[Drop], known: Facts) -> None:
    before = replace(known, known=set(known.known), awaited=list(known.awaited))
    each = list(decide_each(drops, known))
    assert Counter(one.media.name for one, _ in each) == Counter(one.media.name for one in drops)
    assert each == list(decide_each(drops, known))
    assert known == before


@given(DROPS, FACTS)
def test_only_a_whole_file_that_is_no_take_becomes_one(drops: list[Drop], known: Facts) -> None:
    taken = [one for one, decision in decide_each(drops, known) if isinstance(decision, Number | Complete)]
    for one in taken:
        assert one.media.identity.size
        assert not one.wait
        assert not one.is_pointer
        assert one.media.identity not in known.known
    assert max(Counter(one.media.identity for one in taken).values(), default=0) <= 1


@given(DROPS, FACTS)
def test_a_take_that_was_asked_for_has_one_file_and_none_while_it_is_made(
    drops: list[Drop], known: Facts
) -> None:
    completed = [d.number for _, d in decide_each(drops, known) if isinstance(d, Complete)]
    assert len(completed) == len(set(completed))
    assert set(completed) <= set(known.awaited)
    assert not [number for number in completed if (STREAM, number) in known.under_way]


@given(DROPS, FACTS)
def test_what_waits_is_looked_at_again(drops: list[Drop], known: Facts) -> None:
    waiting = [d for _, d in decide_each(drops, known) if isinstance(d, Wait)]
    assert all(one.again in {SOON, LATER} and one.reason for one in waiting)


@given(DROPS, FACTS, st.integers(1, 4))
def test_drops_that_are_judged_in_parts_are_judged_as_all_at_once(
    drops: list[Drop], known: Facts, most: int
) -> None:
    drops = [*{key_of(one): one for one in drops}.values()]
    parts, judging = list(in_parts(drops, most)), Judging(known)
    assert all(0 < len(part) <= most for part in parts if drops)
    assert [one for part in parts for one in judging.decide_each(part)] == [*decide_each(drops, known)]


def test_with_the_first_file_of_a_render_come_the_others_though_they_are_later_than_drops_of_the_next_part() -> (
    None
):
    names = ["x_00001.png", "b.png", "a.png", "x_00001-audio.mp4", "c.png"]
    drops = [drop(name, file(place), arrived=place) for place, name in enumerate(names)]
    for given_in in (drops, drops[::-1]):
        parts = [[one.media.name for one in part] for part in in_parts(given_in, 2)]
        assert parts == [["x_00001.png", "x_00001-audio.mp4"], ["b.png", "a.png"], ["c.png"]]


# The drops and their recipes.


def seen(*drops: Entry, recipes: Sequence[Entry] = ()) -> Seen:
    return Seen(SHOT, 1, 1, drops=list(drops), recipes=list(recipes))


A, A_RECIPE, B_RECIPE = (
    Entry(name, file(inode)) for inode, name in enumerate(("a.mp4", "a.json", "b.json"), 1)
)


def test_a_recipe_belongs_to_the_media_of_the_same_name() -> None:
    assert pair(seen(A, recipes=[A_RECIPE, B_RECIPE]), ()) == ([Drop(A, A_RECIPE)], [B_RECIPE])


@pytest.mark.parametrize(
    ("source", "is_drop"),
    [
        (Source("drop", "a.mp4", A.identity), False),
        (Source("drop", "a.mp4", replace(A.identity, size=99)), False),  # it was written on
        (Source("drop", "a.mp4", replace(A.identity, inode=7)), False),  # the disk gives it another inode
        (Source("drop", "a.mp4", file(7, 99)), True),  # another file has its name
        (Source("drop", "b.mp4", A.identity), False),  # it has another name
        (Source("drop", "b.mp4", replace(A.identity, inode=7)), True),
        (Source("request"), True),
    ],
)
def test_what_has_its_number_already_is_no_drop_nor_is_its_recipe_alone(
    source: Source, *, is_drop: bool
) -> None:
    drops = [Drop(A, A_RECIPE)] if is_drop else []
    assert pair(seen(A, recipes=[A_RECIPE]), [source]) == (drops, [])


# Folders of takes.


@pytest.mark.parametrize(
    ("waits", "decision"),
    [
        ([], None),
        ([0.0], Complete(7)),
        ([SOON], Wait(SOON)),
        ([0.0, 0.0], NotTaken(TOO_MANY)),
        ([SOON, 0.0], NotTaken(TOO_MANY)),
    ],
)
def test_a_take_that_was_asked_for_waits_for_one_whole_file(waits: list[float], decision: object) -> None:
    assert decide_awaited(7, waits) == decision


@pytest.mark.parametrize(
    ("folder", "decision"),
    [
        (TakeFolder(A), Adopt(A)),
        (TakeFolder(A, was_deleted=True), Adopt(A)),
        (TakeFolder(A, wait=SOON), Wait(SOON)),
        (TakeFolder(A, is_pointer=True), NotTaken(NOT_PULLED, LATER)),
        (TakeFolder(A, wait=SOON, is_pointer=True), NotTaken(NOT_PULLED, LATER)),
        (TakeFolder(None), NotTaken(NOT_ONE, LATER)),
        (TakeFolder(None, was_deleted=True), Ignore(LATER)),
    ],
)
def test_a_folder_made_by_hand_is_adopted_with_its_one_whole_file(
    folder: TakeFolder, decision: object
) -> None:
    assert decide_folder(folder, LATER) == decision


def test_a_file_that_was_given_its_number_meanwhile_is_given_no_other() -> None:
    render, other = (Source(kind="drop", name=f"{one}.png", identity=file(one)) for one in (1, 2))
    shot = Shot("s", takes={1: Take(1, other), 2: Take(2, render, status="complete")})
    created = give_numbers(shot, [render, other], since=2, at_least=1)
    assert [(one.take, one.source) for one in created] == [
        (3, other)
    ]  # which is held against take 1 before this


def test_another_file_of_the_same_name_is_given_its_own_number() -> None:
    before, now = (Source(kind="drop", name="render.png", identity=file(one, size=one)) for one in (1, 2))
    shot = Shot("s", takes={1: Take(1, before)})
    assert [one.take for one in give_numbers(shot, [now], since=1, at_least=5)] == [5]
