"""Claims of shards: one owner at a time, epochs that only grow, and no record of whoever was overtaken."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from events import Fenced, ShotMoved
from events.store.postgres.claims import LEASE, OWN, SHARDS, Claims, shard_of
from events.store.postgres.films import enter
from events.store.postgres.log import PostgresLog, open_postgres_log
from events.store.postgres.studio import Studio, open_studio
from tests.events.samples import A_LIFE, append, some
from tests.film import until
from tests.postgres import point_at, ready_database, server

SERVICE = "takes"

STREAM = next(name for name in "abcdef" if shard_of(name))
"""A shot whose shard is not the first one."""


@pytest.fixture(scope="module")
def database() -> str:
    return ready_database()


@pytest.fixture
async def studio(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Studio]:
    point_at(monkeypatch, server(), database)
    async with open_studio(SERVICE) as studio:
        yield studio


@pytest.fixture
async def log(studio: Studio) -> AsyncIterator[PostgresLog]:
    film = await enter(studio, uuid4().hex, "A film")
    await film.turn("moving", "open")
    async with open_postgres_log(studio, film.id) as log:
        yield log


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_shard_has_one_owner_until_it_is_let_go_or_runs_out(studio: Studio, log: PostgresLog) -> None:
    first, second = Claims(studio, log, "a"), Claims(studio, log, "b")
    await first.renew()
    assert first.epochs == dict.fromkeys(range(SHARDS), 1)
    await second.renew()
    assert second.epochs == {}
    assert second.is_overtaken
    assert await second.others() == ["a"]
    await first.renew()
    assert first.epochs == dict.fromkeys(range(SHARDS), 1)
    await first.release()
    await second.renew()
    assert second.epochs == dict.fromkeys(range(SHARDS), 2)
    assert not any(map(first.holds, range(SHARDS)))


async def test_two_keepers_may_share_a_film(studio: Studio, log: PostgresLog) -> None:
    first, second = Claims(studio, log, "a"), Claims(studio, log, "b")
    await first.renew(range(8))
    await second.renew()
    assert [*second.epochs] == [*range(8, 16)]


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


async def test_which_shots_there_are_is_for_the_owner_of_the_first_shard_to_say(
    studio: Studio, log: PostgresLog
) -> None:
    first, other = Claims(studio, log, "a"), Claims(studio, log, "b")
    await first.renew([0])
    await other.renew(range(1, SHARDS))
    log.fence = other
    with pytest.raises(Fenced) as refused:
        await log.append(append(STREAM, some(1)))
    assert refused.value.shard == 0
    log.fence = first
    await log.append(append(STREAM, some(1)))
    with pytest.raises(Fenced) as refused:
        await log.append(append(STREAM, A_LIFE[1], expected=1))
    assert refused.value.shard == shard_of(STREAM)
    await log.append(append(STREAM, ShotMoved(path="elsewhere", device=1, inode=1), expected=1))
    log.fence = None  # a command of a person has none
    await log.append(append(STREAM, A_LIFE[1], expected=2, cause="request:1"))
