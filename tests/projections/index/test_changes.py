"""Changes: what is otherwise at one moment than at another is said once, and nothing else is."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import to_builtins

from events import (
    Event,
    MemoryLog,
    Page,
    Record,
    ShotMoved,
    ShotNoted,
    ShotNoteMarked,
    ShotRegistered,
    ShotStaged,
    Source,
    TakeActivated,
    TakeCompleted,
    TakeCreated,
    TakeDeleted,
    TakeMarked,
    TakeNoted,
    TakeNoteMarked,
    TakeRated,
    TakeRestored,
    TakeTagged,
)
from events.codec import CODEC, page_of
from projections.index.changes import ShotChange, changed, in_words
from projections.index.index import open_index
from projections.index.past import Past, folded
from tests.events.samples import AT, media
from tests.projections.histories import STEPS, Step, Teller

BEGUN: list[Event] = [
    ShotRegistered(path="010_Gulls"),
    TakeCreated(take=1, source=Source(kind="drop")),
    TakeCompleted(take=1, media=media(1)),
    TakeActivated(take=1, why="first"),
]


def records(*events: Event) -> Page:
    told = [
        Record(number, "one", number, f"id{number}", AT, "cli", None, event, "")
        for number, event in enumerate(events, 1)
    ]
    return page_of(told, CODEC)


def since(*events: Event) -> ShotChange | None:
    """What those events have changed of a shot with one take."""
    return changed(folded("one", records(*BEGUN)), folded("one", records(*BEGUN, *events)))


def said(*events: Event) -> list[str]:
    found = since(*events)
    assert found
    of_takes = [f"{take.number}: {in_words(one)}" for take in found.takes for one in take.changes]
    return [in_words(one) for one in found.changes] + of_takes


def test_every_change_is_said_in_words() -> None:
    assert said(TakeRated(take=1, rating=4)) == ["1: rated 4"]
    assert said(TakeMarked(take=1, mark="pick")) == ["1: picked"]
    assert said(TakeTagged(take=1, added=("night", "hero"))) == ["1: +hero, +night"]
    assert said(TakeNoted(take=1, note=1, text="the\nhand", by="anna")) == ["1: note 1: the hand"]
    assert said(ShotStaged(stage="review")) == ["at review"]
    assert said(ShotNoted(note=1, text="wider")) == ["note 1: wider"]
    assert said(ShotMoved(path="020_Gulls")) == ["moved from 010_Gulls"]
    assert said(TakeDeleted(take=1)) == ["no take is active, was take_001", "1: hidden"]
    new = (TakeCreated(take=2, source=Source(kind="drop")), TakeCompleted(take=2, media=media(2)))
    assert said(*new, TakeActivated(take=2)) == ["take_002 is active, was take_001", "2: complete"]


def test_a_change_says_what_was_before() -> None:
    first = [TakeRated(take=1, rating=4), TakeMarked(take=1, mark="pick"), ShotStaged(stage="review")]
    first += [
        TakeTagged(take=1, added=("hero",)),
        TakeNoted(take=1, note=1, text="hand"),
        TakeDeleted(take=1),
    ]
    then = [TakeRated(take=1, rating=0), TakeMarked(take=1, mark="none"), ShotStaged(stage="")]
    then += [TakeTagged(take=1, removed=("hero",)), TakeRestored(take=1)]
    then += [TakeNoteMarked(take=1, note=1, state="resolved")]
    before, after = folded("one", records(*BEGUN, *first)), folded("one", records(*BEGUN, *first, *then))
    found = changed(before, after)
    assert found
    words = [in_words(one) for one in (*found.changes, *found.takes[0].changes)]
    assert words == [
        "at no stage any more, was review",
        "back",
        "not rated any more, was 4",
        "neither picked nor rejected, was pick",
        "-hero",
        "note 1 is resolved: hand",
    ]


def test_what_was_done_and_undone_is_no_change() -> None:
    noted = (ShotNoted(note=1, text="wider"), ShotNoteMarked(note=1, state="withdrawn"))
    hidden = (TakeDeleted(take=1), TakeRestored(take=1), TakeActivated(take=1))
    rated = (TakeRated(take=1, rating=4), TakeRated(take=1, rating=0))
    assert since(*noted, *hidden, *rated) is None


@settings(max_examples=20)
@given(STEPS, st.data())
def test_a_change_there_and_back_is_the_same_but_for_its_direction(
    steps: list[Step], data: st.DataObject
) -> None:
    async def check(folder: Path) -> None:
        log = MemoryLog()
        teller = Teller(folder, log)
        await teller.begin()
        for turn, step in enumerate(steps):
            await teller.tell(step, turn)
        async with open_index(folder / "index.db", log) as index:
            past = Past(log, index)
            one, other = sorted(data.draw(st.tuples(*[st.integers(0, log.head)] * 2)))
            there = await past.changes(one, other)
            assert await past.changes(other, other) == []
            for change in there:
                before = await past.shot(change.shot.stream, one)
                after = await past.shot(change.shot.stream, other)
                assert after
                assert to_builtins(changed(before, after)) == to_builtins(change)
                _holds(change, before, after)

    with TemporaryDirectory() as folder:
        asyncio.run(check(Path(folder)))


def _holds(change: ShotChange, before: Any, after: Any) -> None:
    """What is said to have changed has, and of all other takes nothing has that people look at."""
    was = {take.number: take for take in before.takes} if before else {}
    told = {take.number for take in change.takes}
    for take in after.takes:
        old = was.get(take.number)
        same = old is not None and all(
            getattr(old, name) == getattr(take, name)
            for name in ("status", "deleted", "purged", "rating", "mark", "tags")
        )
        assert same == (take.number not in told)
