"""Which shots are looked at, and when."""

import asyncio
import math

from daemon.takes.agenda import AT_ONCE, Agenda
from daemon.watching.mailbox import Mailbox
from tests.support.clock import Clock


async def new_agenda() -> tuple[Agenda, Clock]:
    clock = Clock()
    return Agenda(Mailbox(asyncio.get_running_loop(), clock)), clock


async def test_of_two_times_at_which_a_shot_is_to_be_looked_at_the_sooner_one_counts() -> None:
    agenda, clock = await new_agenda()
    agenda.look_soon("a", 5.0)
    agenda.look_soon("a", 2.0)
    agenda.look_soon("a", 9.0)
    assert agenda.next_due == clock() + 2.0
    assert agenda.begin() == []
    clock.turn(2.0)
    assert agenda.begin() == ["a"]


async def test_a_shot_that_is_being_looked_at_is_looked_at_again_only_once_that_is_done() -> None:
    agenda, _ = await new_agenda()
    agenda.look_soon("a")
    assert agenda.begin() == ["a"]
    agenda.look_soon("a")
    assert (agenda.begin(), agenda.next_due) == ([], math.inf)
    agenda.end("a", None)
    assert agenda.begin() == ["a"]


async def test_so_many_shots_are_looked_at_at_a_time_and_no_more() -> None:
    agenda, _ = await new_agenda()
    shots = [f"{number:02d}" for number in range(AT_ONCE + 1)]
    for shot in shots:
        agenda.look_soon(shot)
    assert agenda.begin() == shots[:-1]
    assert (agenda.begin(), agenda.next_due) == ([], math.inf)
    agenda.end("00", None)
    assert agenda.begin() == shots[-1:]


async def test_whoever_has_looked_says_when_to_look_again() -> None:
    agenda, clock = await new_agenda()
    agenda.look_soon("a")
    agenda.begin()
    assert agenda.has("a")
    agenda.end("a", 3.0)
    assert agenda.next_due == clock() + 3.0
    clock.turn(3.0)
    agenda.begin()
    agenda.end("a", None)
    assert not agenda.has("a")
