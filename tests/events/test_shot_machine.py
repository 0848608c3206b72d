"""The rules under any commands in any order: what is true of a shot whatever happens to it."""

from collections.abc import Callable, Sequence
from copy import deepcopy

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from events import (
    AutoActivate,
    Companion,
    Event,
    Identity,
    NotFound,
    Refused,
    Request,
    Shot,
    ShotMoved,
    Source,
    TakeCreated,
    TakePurged,
    evolve,
)
from events.shot import activate, adopt, complete, create, delete, fail, join, purge, restore, start
from tests.events.samples import DROP, media

NUMBERS = st.integers(1, 12)

PICTURE = Companion(
    role="picture", name="recipe.png", identity=Identity(device=66, inode=1, size=1, mtime_ns=1)
)


class AnyShot(RuleBasedStateMachine):
    """Decides as the daemon does: ask a rule, fold what it answers; a refusal changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.shot = Shot("shot")
        self.past: list[Event] = []

    def ask(self, decide: Callable[[], Sequence[Event]]) -> Sequence[Event]:
        before = deepcopy(self.shot)
        try:
            events = decide()
        except (NotFound, Refused):
            events = []
        assert self.shot == before, "a rule only looks"
        for event in events:
            evolve(self.shot, event)
        self.past += events
        return events

    @rule(count=st.integers(0, 3), at_least=NUMBERS)
    def create(self, count: int, at_least: int) -> None:
        highest = max(self.given, default=0)
        events = self.ask(lambda: create(self.shot, [DROP] * count, at_least=at_least))
        numbers = [event.take for event in events if isinstance(event, TakeCreated)]
        assert numbers == list(range(max(highest + 1, at_least), max(highest + 1, at_least) + count))

    @rule(old=NUMBERS)
    def drop_more_of(self, old: int) -> None:
        self.ask(lambda: create(self.shot, [Source(kind="drop", supersedes=old)]))

    @rule(number=NUMBERS)
    def join(self, number: int) -> None:
        took = self.ask(lambda: join(self.shot, number, PICTURE))
        assert not took or self.shot.takes[number].companions == (PICTURE,)

    @rule()
    def ask_for(self) -> None:
        request = Request(params={"seed": 7})
        self.ask(lambda: create(self.shot, [Source(kind="request")], request=request))

    @rule(number=NUMBERS)
    def start(self, number: int) -> None:
        if self.ask(lambda: start(self.shot, number, "command")):
            assert self.shot.takes[number].status == "generating"

    @rule(number=NUMBERS)
    def adopt(self, number: int) -> None:
        was_given = number in self.given
        assert bool(self.ask(lambda: adopt(self.shot, number, Source(kind="adopted")))) is not was_given

    @rule(number=NUMBERS, auto=st.sampled_from(["first", "latest", "never"]))
    def complete(self, number: int, auto: AutoActivate) -> None:
        self.ask(lambda: complete(self.shot, number, media(number), auto_activate=auto))

    @rule(number=NUMBERS)
    def fail(self, number: int) -> None:
        self.ask(lambda: fail(self.shot, number, "out of memory"))

    @rule(number=NUMBERS)
    def activate(self, number: int) -> None:
        self.ask(lambda: activate(self.shot, number))
        take = self.shot.takes.get(number)
        assert (self.shot.active == number) is bool(take and take.is_usable)
        if self.shot.active == number:
            assert activate(self.shot, number) == []

    @rule(number=NUMBERS, why=st.sampled_from(["asked", "missing"]))
    def delete(self, number: int, why: str) -> None:
        was_active = self.shot.active == number
        self.ask(lambda: delete(self.shot, number, why=why))  # type: ignore[arg-type]
        if was_active:
            usable = [take.number for take in self.shot.takes.values() if take.is_usable]
            assert self.shot.active == max(usable, default=None)

    @rule(number=NUMBERS, why=st.sampled_from(["asked", "found"]))
    def restore(self, number: int, why: str) -> None:
        before, lost = self.shot.active, self.shot.lost
        done = self.ask(lambda: restore(self.shot, number, why=why))  # type: ignore[arg-type]
        assert self.shot.active == (number if done and number == lost else before)

    @rule(number=NUMBERS)
    def purge(self, number: int) -> None:
        could = number in self.given and number not in self.purged
        could = could and number != self.shot.active and self.shot.takes[number].status != "generating"
        assert bool(self.ask(lambda: purge(self.shot, number, size=1))) is could

    @rule()
    def move(self) -> None:
        self.ask(lambda: [ShotMoved(path="elsewhere")])

    @property
    def given(self) -> list[int]:
        """The numbers that were ever given, in order."""
        return [event.take for event in self.past if isinstance(event, TakeCreated)]

    @invariant()
    def the_active_take_can_be_used(self) -> None:
        assert self.shot.active is None or self.shot.takes[self.shot.active].is_usable

    @invariant()
    def the_choice_that_is_lost_is_a_missing_take(self) -> None:
        assert self.shot.lost is None or self.shot.takes[self.shot.lost].deleted == "missing"

    @property
    def purged(self) -> list[int]:
        """The takes whose bytes were given up, in order."""
        return [event.take for event in self.past if isinstance(event, TakePurged)]

    @invariant()
    def what_is_purged_is_hidden_for_ever_and_was_purged_once(self) -> None:
        assert len(set(self.purged)) == len(self.purged)
        assert all(self.shot.takes[number].deleted for number in self.purged)

    @invariant()
    def a_number_is_given_once(self) -> None:
        assert len(set(self.given)) == len(self.given)
        assert set(self.given) == set(self.shot.takes)
        assert self.shot.next_number > max(self.given, default=0)

    @invariant()
    def folding_from_zero_gives_the_same_shot(self) -> None:
        again = Shot("shot")
        for event in self.past:
            evolve(again, event)
        assert again == self.shot
        assert again.version == len(self.past)


TestAnyShot = AnyShot.TestCase
TestAnyShot.settings = settings(max_examples=60, stateful_step_count=40)
