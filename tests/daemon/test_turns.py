"""A crowd that comes from one place lets others in between."""

import anyio

from daemon.turns import Turns
from tests.support.deadline import DEADLINE


async def test_each_has_a_turn_and_what_is_theirs_goes_in_its_order() -> None:
    turns = Turns[str]()
    for whose, count in (("a", 3), ("b", 1), ("c", 2)):
        for number in range(count):
            turns.add(whose, f"{whose}{number}")
    assert [turns.waiting(whose) for whose in "abcd"] == [3, 1, 2, 0]
    assert [await turns.next() for _ in range(6)] == ["a0", "b0", "c0", "a1", "c1", "a2"]
    assert not turns.waiting("a")


async def test_who_serves_waits_until_there_is_something() -> None:
    turns, found = Turns[int](), list[int]()

    async def serve() -> None:
        found.append(await turns.next())

    with anyio.fail_after(DEADLINE):
        async with anyio.create_task_group() as group:
            group.start_soon(serve)
            await anyio.wait_all_tasks_blocked()
            assert not found
            turns.add("a", 1)
    assert found == [1]
