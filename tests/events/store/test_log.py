"""The tide: those who wait for a level, and nobody else, go on once it is reached."""

import asyncio

from events import Watermark
from tests.support.deadline import DEADLINE


async def test_a_tide_never_falls() -> None:
    tide = Watermark(3)
    tide.rise(1)
    assert tide.level == 3
    await asyncio.wait_for(tide.reach(3), DEADLINE)


async def test_those_who_wait_for_more_go_on_waiting() -> None:
    tide = Watermark()
    low, high = (asyncio.create_task(tide.reach(level)) for level in (1, 2))
    await asyncio.sleep(0)
    tide.rise(1)
    await asyncio.wait_for(low, DEADLINE)
    assert not high.done()
    tide.rise(2)
    await asyncio.wait_for(high, DEADLINE)
