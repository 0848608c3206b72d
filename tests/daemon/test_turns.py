"""A crowd that comes from one place lets others in between."""

import anyio

from daemon.turns import Turns
from tests.support.deadline import DEADLINE


def is_small(number: int) -> bool:
    return number < 10


def crowd() -> Turns[int]:
    turns = Turns[int]()
    for whose, numbers in (("a", (1, 4, 20)), ("b", (2, 5)), ("c", (3,))):
        for number in numbers:
            turns.add(whose, number)
    return turns


async def test_each_has_a_turn_and_what_is_theirs_goes_in_its_order() -> None:
    turns = crowd()
    assert [turns.waiting(whose) for whose in "abcd"] == [3, 2, 1, 0]
    assert [await turns.some(1, is_small) for _ in range(6)] == [[1], [2], [3], [4], [5], [20]]
    assert not turns.waiting("a")


async def test_who_serves_several_takes_those_that_fit_turn_by_turn_and_no_more() -> None:
    turns = crowd()
    assert await turns.some(3, is_small) == [1, 4, 2]
    turns.add("d", 7)
    assert [await turns.some(3, is_small) for _ in range(3)] == [[3], [20], [5, 7]]


async def test_who_serves_waits_until_there_is_something_and_takes_what_comes_with_it() -> None:
    turns, found = Turns[int](), list[list[int]]()

    async def serve() -> None:
        found.append(await turns.some(2, is_small))

    with anyio.fail_after(DEADLINE):
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(serve)
            await anyio.wait_all_tasks_blocked()
            assert not found
            for number in range(3):
                turns.add("a", number)
            await anyio.wait_all_tasks_blocked()
            assert found == [[0, 1], [2]]
            turns.add("a", 30)
    assert found == [[0, 1], [2], [30]]
