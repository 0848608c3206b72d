"""A job is there as soon as a take's number is given, and is never there without it; procrastinate's tables renew themselves."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from events import (
    Append,
    Event,
    Request,
    ShotRegistered,
    Source,
    StaleVersion,
    TakeCreated,
    TakeFailed,
    TakeKey,
    TakeStarted,
)
from events.store.postgres import jobs
from events.store.postgres.errors import StudioForbids
from events.store.postgres.log import PostgresLog
from events.store.postgres.migrations import migrate
from events.store.postgres.studio import Studio, open_studio
from projections.files.threads import in_thread
from tests.events.samples import AT
from tests.events.studios import SERVICE, opened
from tests.support.postgres import make_database, point_at, server, write_services


@pytest.fixture
async def log(studio: Studio) -> AsyncIterator[PostgresLog]:
    async with opened(studio) as log:
        await log.append(_append(0, ShotRegistered(path="a", device=1, inode=2)))
        yield log


def _append(expected: int, *events: Event) -> Append:
    return Append(stream="s", events=events, expected=expected, at=AT, actor="test")


def asked(number: int) -> TakeCreated:
    return TakeCreated(take=number, source=Source(kind="request"), request=Request(params={}))


def dropped(number: int) -> TakeCreated:
    return TakeCreated(take=number, source=Source(kind="drop", name='"request" "take.created"'))


async def waiting(studio: Studio, log: PostgresLog) -> list[tuple[str, str]]:
    query = "SELECT queue_name, queueing_lock FROM takes_jobs.procrastinate_jobs WHERE starts_with(lock, %s) ORDER BY id"
    return await studio.rows(query, f"{log.film}/")


async def test_a_job_is_there_with_the_number_of_a_take_that_is_asked_for(
    studio: Studio, log: PostgresLog
) -> None:
    await jobs.hand_out(studio, log.film, "gpu")
    await log.append(_append(1, dropped(1), asked(2), asked(3)))
    film = log.film
    assert await waiting(studio, log) == [(f"{film}/gpu", f"{film}/s/2"), (f"{film}/gpu", f"{film}/s/3")]
    with pytest.raises(StaleVersion):
        await log.append(_append(1, asked(4)))
    await jobs.defer(studio, film, TakeKey("s", 3))  # which waits already
    assert len(await waiting(studio, log)) == 2


async def test_where_no_worker_makes_anything_of_a_film_there_are_no_jobs(
    studio: Studio, log: PostgresLog
) -> None:
    await log.append(_append(1, asked(1)))
    assert await waiting(studio, log) == []
    await jobs.hand_out(studio, log.film, "gpu")
    await log.append(_append(2, asked(2)))
    assert len(await waiting(studio, log)) == 1
    await jobs.hand_out(studio, log.film, None)
    assert await waiting(studio, log) == []


async def test_the_tables_of_the_jobs_are_brought_to_the_release_that_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = make_database(server())
    point_at(monkeypatch, server(), database)
    whole, steps = await in_thread(jobs._read)
    last = [*steps][-1]
    async with open_studio(SERVICE) as studio:
        await migrate(studio)
        assert await jobs.make_tables(studio) == [last.removesuffix(".sql")]
        assert await jobs.make_tables(studio) == []
        newer = {**steps, "99.00.00_01_pre_more.sql": b"ALTER TABLE procrastinate_jobs ADD COLUMN more int"}
        monkeypatch.setattr(jobs, "_read", lambda: (whole, newer))
        assert await jobs.make_tables(studio) == ["99.00.00_01_pre_more"]
        assert await studio.rows("SELECT more FROM takes_jobs.procrastinate_jobs") == []


async def test_a_worker_says_that_it_begins_and_nothing_else(
    database: str, log: PostgresLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    await log.append(_append(1, asked(1)))
    path, user = server().folder / uuid4().hex, f"w_{uuid4().hex[:8]}"
    server().execute(f"CREATE ROLE {user} LOGIN IN ROLE takes_worker")
    for name, value in write_services(path, server(), worker=f"{database} {user}").items():
        monkeypatch.setenv(name, value)
    async with open_studio("worker") as studio:
        worker = PostgresLog(studio, log.id, says="start")
        await worker.load()
        await worker.append(_append(2, TakeStarted(take=1, runner="command")))
        for said in (asked(2), TakeFailed(take=1, error="no")):
            with pytest.raises(StudioForbids, match="and not for a worker"):
                await worker.append(_append(3, said))
        keeper = PostgresLog(studio, log.id)
        await keeper.load()
        with pytest.raises(StudioForbids):
            await keeper.append(_append(3, asked(2)))
    assert await log.end() == 3


async def test_whoever_keeps_films_or_works_may_do_all_with_jobs_and_whoever_looks_nothing(
    database: str,
) -> None:
    for user, role in (("keeps", "takes_keeper"), ("works", "takes_worker"), ("looks", "takes_reader")):
        name = f"{user}_{uuid4().hex[:8]}"
        server().execute(f"CREATE ROLE {name} LOGIN IN ROLE {role}")

        rights = server().execute(
            f"""SELECT has_schema_privilege('{name}', 'takes_jobs', 'USAGE'),
                has_table_privilege('{name}', 'takes_jobs.procrastinate_jobs', 'INSERT, UPDATE, DELETE'),
                has_sequence_privilege('{name}', 'takes_jobs.procrastinate_jobs_id_seq', 'USAGE')""",
            database,
        )
        assert rights == [(user != "looks",) * 3]
