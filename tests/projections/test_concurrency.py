"""The same is done with many things, and never with too many of them at a time."""

import anyio
import pytest

from projections.concurrency import for_each


async def test_things_are_begun_in_order_and_only_so_many_are_under_way() -> None:
    begun: list[int] = []
    under_way = most = 0

    async def do(thing: int) -> None:
        nonlocal under_way, most
        begun.append(thing)
        under_way += 1
        most = max(most, under_way)
        await anyio.lowlevel.checkpoint()
        under_way -= 1

    await for_each(range(1000), do, at_once=7)

    assert begun == list(range(1000))
    assert most == 7


async def test_what_one_raises_ends_all() -> None:
    begun: list[int] = []

    async def do(thing: int) -> None:
        begun.append(thing)
        await anyio.lowlevel.checkpoint()
        raise LookupError(thing)

    with pytest.raises(ExceptionGroup) as raised:
        await for_each(range(1000), do, at_once=2)

    assert raised.group_contains(LookupError)
    assert begun == [0, 1]
