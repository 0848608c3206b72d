"""The database of a studio crashes again and again while many append: nothing that was acknowledged is lost or done twice."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

import anyio
import pytest

from events import Append, Record, StudioAway
from events.store.postgres.films import enter
from events.store.postgres.log import PostgresLog, open_postgres_log
from events.store.postgres.migrations import migrate
from events.store.postgres.studio import open_studio
from projections.files.threads import in_thread
from tests.events.samples import append, some
from tests.events.store.contract import assert_chained
from tests.faults.row import Row
from tests.support.postgres import Server, own_server, point_at

CRASHES, MOST = 5, 50
"""How often it crashes in a whole run, and at most."""

PRODUCERS = 16

WITHIN = 0.4
"""Seconds after it has come back within which it crashes again."""


async def test_nothing_that_was_acknowledged_is_lost_or_done_twice(
    row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_server() as running:
        point_at(monkeypatch, running, "postgres")
        async with open_studio("takes") as studio:
            await migrate(studio)
            film = await enter(studio, uuid4().hex, "A film")
            await film.turn("moving", "open")
            async with open_postgres_log(studio, film.id) as log:
                done = await _appended_through_crashes(row, running, log)
                records = await _all_of(log)
    assert {str(one.cause): one.position for one in records} == done
    assert len(records) == len(done) > 0
    assert_chained(records)


async def _appended_through_crashes(row: Row, running: Server, log: PostgresLog) -> Mapping[str, int]:
    """By the id of each command the position that was acknowledged."""
    done: dict[str, int] = {}
    crashes = row.up_to(CRASHES, MOST)

    async def produce(name: str) -> None:
        number = 0
        while row.struck < crashes:
            cause = f"request:{name}-{number}"
            done[cause] = await _acknowledged(log, append(name, some(number), expected=number, cause=cause))
            number += 1

    async with anyio.create_task_group() as group:
        for one in range(PRODUCERS):
            group.start_soon(produce, f"producer-{one}")
        for _ in range(crashes):
            before = len(done)
            while len(done) <= before:  # noqa: ASYNC110 - those who append have no event of it
                await anyio.sleep(0.01)
            await anyio.sleep(row.chance.uniform(0, WITHIN))
            await in_thread(running.stop)
            await in_thread(running.start)
            row.survived()
    return done


async def _acknowledged(log: PostgresLog, wanted: Append) -> int:
    """Its position; what is not known to be done may have been, and whoever asks again learns that."""
    while True:
        try:
            (record,) = await log.append(wanted)
        except StudioAway:
            await anyio.sleep(0.02)
        else:
            return record.position


async def _all_of(log: PostgresLog) -> Sequence[Record]:
    records: list[Record] = []
    while more := await log.read(len(records)):
        records += more
    return records
