"""Claims of shards: one owner at a time, epochs that only grow, and no record of whoever was overtaken."""

from collections.abc import AsyncIterator

import pytest

from events import Fenced, ShotMoved
from events.store.postgres.claims import LEASE, OWN, SHARDS, Claims, shard_of
from events.store.postgres.log import PostgresLog
from events.store.postgres.studio import Studio
from tests.events.samples import A_LIFE, append, some
from tests.events.studios import opened
from tests.support.film import until

STREAM = next(name for name in "abcdefghijkl" if 0 < shard_of(name) <= 8)
"""A shot whose shard is not the first one, and is of those that a second keeper has."""


@pytest.fixture
async def log(studio: Studio) -> AsyncIterator[PostgresLog]:
    async with opened(studio) as log:
        yield log


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


ALL = range(SHARDS)


async def test_a_shard_has_one_owner_until_it_is_let_go(studio: Studio, log: PostgresLog) -> None:
    first, second = Claims(studio, log, "a"), Claims(studio, log, "b")
    await first.renew()
    assert first.epochs == dict.fromkeys(ALL, 1)
    await second.renew()
    assert (second.epochs, second.keepers) == ({}, 2)
    await first.renew()
    assert (first.epochs, first.share) == (dict.fromkeys(ALL, 1), 8)
    await first.release([3, *range(8, SHARDS)])
    await second.renew()
    assert second.epochs == dict.fromkeys([3, *range(8, 15)], 2)  # no more than its share
    await first.depart()
    await second.renew()
    assert second.epochs == dict.fromkeys(ALL, 2)
    assert not any(map(first.holds, ALL))


async def test_whoever_begins_again_goes_on_at_once_and_is_somebody_else(
    studio: Studio, log: PostgresLog
) -> None:
    before, now = Claims(studio, log, "a/1"), Claims(studio, log, "a/2")
    await before.renew()
    await now.depart("a/1")
    await now.renew()
    assert now.epochs == dict.fromkeys(ALL, 2)
    log.fence = before
    with pytest.raises(Fenced):
        await log.append(append(STREAM, A_LIFE[0]))


async def test_how_far_links_are_right_is_told_to_the_next_one(studio: Studio, log: PostgresLog) -> None:
    first, second = Claims(studio, log, "a"), Claims(studio, log, "b")
    await first.renew()
    await first.renew([2, 5], 70)
    await first.renew([2], 60)
    await first.depart()
    await second.renew()
    assert {shard for shard, links in second.links.items() if links} == {2, 5}
    assert second.links[2] == second.links[5] == 70


async def test_one_that_does_not_renew_is_counted_no_more(studio: Studio, log: PostgresLog) -> None:
    late, next_one = Claims(studio, log, "a", lease=0.2), Claims(studio, log, "b", lease=0.2)
    desk = Claims(studio, log, "c", "desk")
    await late.renew()
    await desk.renew()

    async def taken_over() -> bool:
        await next_one.renew()
        return len(next_one.epochs) == SHARDS

    await until(taken_over)
    assert next_one.keepers == 1


async def test_whoever_does_not_renew_is_overtaken_and_appends_no_more(
    studio: Studio, log: PostgresLog
) -> None:
    late, next_one = Claims(studio, log, "a", lease=0.2), Claims(studio, log, "b")
    await late.renew()
    log.fence = late
    await log.append(append(STREAM, A_LIFE[0]))

    async def taken_over() -> bool:
        await next_one.renew()
        return len(next_one.epochs) == SHARDS

    await until(taken_over)
    for refused in (append(STREAM, A_LIFE[1], expected=1), append("new", some(1))):
        with pytest.raises(Fenced):
            await log.append(refused)
    assert log.head == 1
    log.fence = next_one
    await log.append(append(STREAM, A_LIFE[1], expected=1))


async def test_an_owner_stops_by_its_own_clock_before_another_one_can_begin(
    studio: Studio, log: PostgresLog
) -> None:
    clock = Clock()
    mine = Claims(studio, log, "a", clock=clock)
    assert not mine.holds(3)
    await mine.renew()
    clock.now += OWN - 0.1
    assert mine.holds(3)
    clock.now += 0.2
    assert not mine.holds(3)
    assert OWN < LEASE
    await mine.renew()
    assert mine.holds(3)


class Speaking:
    """Somebody who says by which of the claims it speaks."""

    def __init__(self, claims: Claims, *shards: int) -> None:
        self.epochs = {shard: claims.epochs[shard] for shard in shards}


async def test_which_shots_there_are_is_for_the_owner_of_the_first_shard_to_say(
    studio: Studio, log: PostgresLog
) -> None:
    first, other = Claims(studio, log, "a"), Claims(studio, log, "b")
    await first.renew()
    await other.renew()
    await first.release(range(1, SHARDS))
    await other.renew()
    log.fence = Speaking(other, shard_of(STREAM))
    moved = ShotMoved(path="elsewhere", device=1, inode=1)
    for events in ([some(1)], [A_LIFE[1], moved]):
        with pytest.raises(Fenced) as refused:
            await log.append(append(STREAM, *events))
        assert refused.value.shard == 0
    log.fence = Speaking(first, 0)
    await log.append(append(STREAM, some(1)))
    await log.append(append(STREAM, moved, expected=1))
    await log.append(append(STREAM, A_LIFE[1], expected=2))  # it may speak of any shot
    log.fence = Speaking(other)  # a command of a person needs no claim
    await log.append(append(STREAM, A_LIFE[2], expected=3, cause="request:1"))
