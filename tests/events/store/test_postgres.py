"""The log in a studio's database keeps the contract, and what many writers of one log could break."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from events import (
    EventLog,
    LogDamaged,
    LogFromTheFuture,
    LogWentBack,
    StaleVersion,
    StudioAway,
    TakeAccepted,
    open_log,
)
from events.store.postgres import migrations
from events.store.postgres.errors import (
    FilmNotInStudio,
    FilmNotOpen,
    StudioForbids,
    StudioNotReady,
    StudioOlder,
)
from events.store.postgres.films import enter
from events.store.postgres.log import PostgresLog
from events.store.postgres.migrations import FORMAT, STEPS, check_format, migrate
from events.store.postgres.mirror import Mirror, following, open_mirror
from events.store.postgres.studio import Studio, open_studio
from tests.events.samples import A_LIFE, append, some
from tests.events.store.contract import LogContract, assert_chained
from tests.events.studios import SERVICE, opened
from tests.support.deadline import DEADLINE
from tests.support.film import until
from tests.support.postgres import (
    Server,
    make_database,
    own_server,
    point_at,
    server,
    write_services,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no Unix socket")


@pytest.fixture
async def log(studio: Studio) -> AsyncIterator[PostgresLog]:
    async with opened(studio) as log:
        yield log


class TestPostgresLog(LogContract):
    """Every promise there is."""

    @pytest.fixture
    async def log(self, studio: Studio) -> AsyncIterator[EventLog]:
        async with opened(studio) as log:
            yield log

    @pytest.fixture
    async def other(self, studio: Studio) -> AsyncIterator[EventLog]:
        async with opened(studio) as log:
            yield log


# Many write one log.


async def test_of_many_writers_each_has_its_place_and_all_see_the_same(
    studio: Studio, log: PostgresLog
) -> None:
    async def write(name: str) -> None:
        async with open_studio(SERVICE) as own, opened(own, log.id) as mine:
            for number in range(20):
                await mine.append(append(name, some(number), expected=number))

    await asyncio.gather(*map(write, "abcd"))
    with anyio.fail_after(DEADLINE):
        await log.wait(80)
    records = await log.read()
    assert [record.position for record in records] == list(range(1, 81))
    assert_chained(records)


@pytest.mark.parametrize("look", [0.05, 3600.0])
async def test_what_another_one_appends_is_heard_of_by_the_bell_or_by_a_look_behind_it(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, look: float
) -> None:
    for module in ("bell", "studio"):
        monkeypatch.setattr(f"events.store.postgres.{module}.LOOK", look)
    if look < 1:  # as where a pooler is in between
        monkeypatch.setattr("events.store.postgres.studio.LISTEN", "SELECT 1")
    async with opened(studio) as log, open_studio(SERVICE) as theirs, opened(theirs, log.id) as other:
        for number in range(5):
            await other.append(append("z", some(number), expected=number))
            with anyio.fail_after(DEADLINE):
                await log.wait(other.head)


async def test_that_the_bell_is_out_of_hearing_is_found_out(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("bell", "studio"):
        monkeypatch.setattr(f"events.store.postgres.{module}.LOOK", 0.05)
    async with opened(studio):
        await until(lambda: _is(studio.bell.is_heard))
        assert not studio.bell.is_deaf
    monkeypatch.setattr("events.store.postgres.studio.LISTEN", "SELECT 1")
    async with opened(studio) as log:
        await until(lambda: _is(studio.bell.is_deaf))
        for _ in range(3):  # there may be hints that nobody tells of
            with anyio.fail_after(DEADLINE):
                await log.hints.told.wait()


async def test_a_command_that_another_one_has_appended_is_not_appended_again(
    studio: Studio, log: PostgresLog
) -> None:
    first = await log.append(append("a", some(1), some(2), cause="request:1"))
    async with opened(studio, log.id) as other:
        assert list(await other.append(append("a", some(9), cause="request:1"))) == list(first)


async def test_an_append_whose_answer_was_lost_is_done_once(
    log: PostgresLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection ends after the commit, and the driver asks again."""
    ask, lost = log.studio._ask, list[bool]()

    async def once(query: str, parameters: object) -> list[object]:
        found = await ask(query, parameters)  # type: ignore[arg-type]
        if "append" in query and not lost:
            lost.append(True)
            import psycopg

            raise psycopg.OperationalError("the connection is lost")
        return found

    monkeypatch.setattr(log.studio, "_ask", once)
    made = await log.append(append("a", some(1), some(2)), append("b", some(3)))
    assert lost
    assert [(one.position, one.stream, one.version) for one in made] == [
        (1, "a", 1),
        (2, "a", 2),
        (3, "b", 1),
    ]
    assert list(await log.read()) == list(made)


async def test_a_text_that_is_refused_by_the_database_hurts_nobody_else(log: PostgresLog) -> None:
    """What is in an event is any text: quotes, lines, and a NUL that JSON escapes."""
    odd = some(1).__class__(path='"\\\n\0é\u2028%s')
    (record,) = await log.append(append("a", odd))
    assert (await log.read())[0].event == record.event == odd


# The hashes are those of a log in SQLite.


async def test_the_same_records_have_the_same_hashes_in_either_log(log: PostgresLog, tmp_path: Path) -> None:
    async with open_log(tmp_path / "log.db") as local:
        await local.append(append("a", *A_LIFE, cause="request:1"))
        await local.append(append("é", some(1)))
        records = await local.read()
    await log.append(append("a", *A_LIFE, cause="request:1"))
    await log.append(append("é", some(1)))
    found = await log.read()
    assert_chained(found)
    assert_chained(records)
    assert [one.event for one in found] == [one.event for one in records]


# Nobody changes what was written.

DEEDS = (
    "INSERT INTO takes.events SELECT film, position + 1, stream, 9, id, at, actor, cause, schema, data, '' FROM takes.events",
    "UPDATE takes.events SET data = '{}'",
    "DELETE FROM takes.events",
    "TRUNCATE takes.events",
    "TRUNCATE takes.events_3",
    "UPDATE takes.films SET head = 0",
    "UPDATE takes.claims SET epoch = 1",
    "UPDATE takes.format SET version = 0",
)


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("role", ["takes_keeper", "takes_reader"])
async def test_no_role_changes_a_table(log: PostgresLog, database: str, deed: str, role: str) -> None:
    import psycopg

    await log.append(append("a"))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await asyncio.to_thread(server().execute, deed, database, options=f"-c role={role}")
    assert [position async for position in log.verify()] == [1]


@pytest.mark.parametrize("deed", DEEDS[1:5])
@pytest.mark.parametrize("role", ["takes_owner", "postgres"])
async def test_not_even_the_owner_changes_a_record(
    log: PostgresLog, database: str, deed: str, role: str
) -> None:
    import psycopg

    await log.append(append("a"))
    with pytest.raises(psycopg.errors.RaiseException, match="never changed or removed"):
        await asyncio.to_thread(server().execute, deed, database, options=f"-c role={role}")
    assert [position async for position in log.verify()] == [1]


async def test_a_keeper_appends_and_a_reader_does_not(
    log: PostgresLog, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = server()
    await asyncio.to_thread(_make_users, running)
    services = {"keeper": f"{database} anna", "reader": f"{database} ben", "nobody": f"{database} carl"}
    for name, value in write_services(running.folder / "roles", running, **services).items():
        monkeypatch.setenv(name, value)
    async with open_studio("keeper") as studio, opened(studio, log.id) as mine:
        await mine.append(append("a"))
    async with open_studio("reader") as studio, opened(studio, log.id) as mine:
        assert len(await mine.read()) == 1
        with pytest.raises(StudioForbids, match="append"):
            await mine.append(append("b"))
    async with open_studio("nobody") as studio:
        with pytest.raises(StudioForbids):
            await check_format(studio)


def _make_users(running: Server) -> None:
    for user, role in (("anna", "takes_keeper"), ("ben", "takes_reader"), ("carl", None)):
        running.execute(f"CREATE ROLE {user} LOGIN")
        if role:
            running.execute(f"GRANT {role} TO {user}")


# The database is made, is of another release, is not there, or went back.


@pytest.fixture
async def empty(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Studio]:
    """A database without our tables."""
    name = await asyncio.to_thread(make_database, server())
    point_at(monkeypatch, server(), name)
    async with open_studio(SERVICE) as studio:
        yield studio


async def test_a_database_is_made_ready_once(empty: Studio) -> None:
    with pytest.raises(StudioNotReady, match="no tables of takes"):
        await check_format(empty)
    assert await migrate(empty) == [one.name.removesuffix(".sql") for one in STEPS]
    assert await migrate(empty) == []
    assert await check_format(empty) == FORMAT


async def test_two_that_make_it_ready_at_once_make_it_ready_once(empty: Studio) -> None:
    taken = await asyncio.gather(*(migrate(empty) for _ in range(3)))
    assert sorted(chain(*taken)) == [one.name.removesuffix(".sql") for one in STEPS]


async def test_one_of_a_newer_release_is_left_alone(empty: Studio) -> None:
    await migrate(empty)
    await empty.rows("UPDATE takes.format SET version = version + 1 RETURNING 1")
    for refused in (check_format(empty), migrate(empty)):
        with pytest.raises(LogFromTheFuture, match=f"format {FORMAT + 1} of the studio's database"):
            await refused


async def test_what_tables_of_an_earlier_release_refuse_is_told_with_how_they_are_renewed(
    empty: Studio,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "FORMAT", 6)
        await migrate(empty)
    async with opened(empty) as keeper:
        await keeper.append(append("a", *A_LIFE))
        desk = PostgresLog(empty, keeper.id, says="command")
        await desk.load()
        said = append("a", TakeAccepted(take=1), expected=len(A_LIFE), cause="request:1")
        with pytest.raises(StudioOlder) as refused:
            await desk.append(said)
        assert "`takes studio init` once" in refused.value.hint
        await migrate(empty)
        (record,) = await desk.append(said)
        assert record.event == TakeAccepted(take=1)


async def test_records_that_are_copied_twice_are_there_once_and_others_are_refused(studio: Studio) -> None:
    """The answer to a copy may be lost."""
    import psycopg

    async with opened(studio) as log:
        await log.append(append("a", *A_LIFE))
        rows = await log.rows(0, 100)
    film = await enter(studio, uuid4().hex, "A film")
    await film.copy(rows[:10])
    await film.copy(rows)
    assert (film.head, film.hash) == (len(rows), rows[-1][9])
    other = await enter(studio, uuid4().hex, "A film")
    for wrong in (rows[1:], [(*rows[0][:5], "somebody", *rows[0][6:])]):
        with pytest.raises(psycopg.errors.RaiseException, match="position 1 is not what follows"):
            await other.copy(wrong)
    assert await other.turn("moving", "open")
    with pytest.raises(psycopg.errors.RaiseException, match="is open, and not moving"):
        await other.copy(rows)


async def test_a_film_that_is_not_in_it_or_not_open_is_refused(studio: Studio) -> None:
    with pytest.raises(FilmNotInStudio):
        await PostgresLog(studio, uuid4().hex).load()
    film = await enter(studio, uuid4().hex, "A film")
    with pytest.raises(FilmNotOpen) as refused:
        await PostgresLog(studio, film.id).load()
    assert "takes studio join" in refused.value.hint


@pytest.fixture(scope="module")
def crashing() -> Iterator[Server]:
    with own_server() as running:
        yield running


async def test_a_database_that_goes_away_and_comes_back_is_gone_on_with(
    crashing: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(monkeypatch, crashing, "postgres")
    async with open_studio(SERVICE) as studio:
        await migrate(studio)
        async with opened(studio) as log:
            await log.append(append("a"))
            await asyncio.to_thread(crashing.stop)
            with pytest.raises(StudioAway):
                await log.append(append("a", some(1), expected=1))
            await asyncio.to_thread(crashing.start)

            async def goes_on() -> bool:
                try:
                    await log.append(append("a", some(2), expected=1, cause="request:1"))
                except StudioAway:
                    return False
                return True

            await until(goes_on)
            await until(lambda: _is(log.away is None))
            assert [one.event for one in await log.read()][1:] == [some(2)]


async def _is(fact: bool) -> bool:  # noqa: FBT001
    return fact


async def test_no_acknowledged_record_is_lost_and_nothing_done_twice_when_the_server_crashes(
    crashing: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is not sure asks again, and learns whether it was done."""
    point_at(monkeypatch, crashing, "postgres")
    async with open_studio(SERVICE) as studio:
        await migrate(studio)
        async with opened(studio) as log:
            done: dict[str, int] = {}

            async def produce(name: str) -> None:
                for number in range(30):
                    cause = f"request:{name}-{number}"
                    while True:
                        try:
                            (record,) = await log.append(
                                append(name, some(number), expected=number, cause=cause)
                            )
                        except StudioAway:
                            await asyncio.sleep(0.02)
                            continue
                        done[cause] = record.position
                        break

            async def crash() -> None:
                await until(lambda: _is(len(done) > 40))
                await asyncio.to_thread(crashing.stop)
                await asyncio.to_thread(crashing.start)

            await asyncio.gather(crash(), *map(produce, "abcd"))
            records = await log.read()
            assert {str(one.cause): one.position for one in records} == done
            assert len(records) == 120
            assert_chained(records)


async def test_a_log_that_went_back_is_not_appended_to(studio: Studio, log: PostgresLog) -> None:
    await log.append(append("a", some(1), some(2)))
    log.known = (9, "f" * 64)  # as a mirror that has seen more
    with pytest.raises(LogWentBack, match="up to position 9, and it ends at 2"):
        await log.append(append("a", some(3), expected=2))
    assert await log.end() == 2
    with pytest.raises(LogWentBack):
        await log.append(append("b"))


async def test_a_stale_append_beside_others_is_refused_alone(log: PostgresLog) -> None:
    await log.append(append("a"))
    asked = [append("a"), append("b"), append("c", cause="request:2"), append("c", cause="request:2")]
    outcomes = await asyncio.gather(*map(log.append, asked), return_exceptions=True)
    assert isinstance(outcomes[0], StaleVersion)
    assert outcomes[2] == outcomes[3]
    assert log.head == 3


# Without the extra.


def test_without_the_driver_nothing_of_it_is_imported_and_whoever_needs_it_is_told() -> None:
    script = """
import sys
import daemon.run, daemon.project.project, daemon.cli.main, events
print([name for name in sys.modules if name.startswith(("psycopg", "procrastinate"))])
sys.modules["psycopg"] = None
try:
    import events.store.postgres.log
except events.TakesError as error:
    print(type(error).__name__, error.hint)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    nothing, told = done.stdout.splitlines()
    assert nothing == "[]"
    assert told.startswith("StudioNotInstalled")
    assert "[studio]" in told


# The mirror.


@asynccontextmanager
async def mirrored(log: PostgresLog, path: Path) -> AsyncIterator[Mirror]:
    """A mirror of that log, which follows it, by a connection of its own."""
    async with (
        open_studio(SERVICE) as studio,
        open_mirror(path, PostgresLog(studio, log.id)) as mirror,
        following(mirror),
    ):
        yield mirror


async def test_a_mirror_says_what_the_log_says_whoever_appends(log: PostgresLog, tmp_path: Path) -> None:
    await log.append(append("a", *A_LIFE))
    async with mirrored(log, tmp_path / "log.db") as mirror:
        await mirror.append(append("b", some(1)))
        await log.append(append("b", some(2), expected=1))
        with pytest.raises(StaleVersion):
            await mirror.append(append("b", some(3), expected=1))
        assert [one.version for one in await mirror.stream("b")] == [1, 2]  # whoever looks again sees it
        await log.append(append("c"))
        with anyio.fail_after(DEADLINE):
            await mirror.wait(log.head)
        assert list(await mirror.read()) == list(await log.read())
        assert [position async for position in mirror.verify()][-1] == log.head
    async with mirrored(log, tmp_path / "log.db") as mirror:
        assert mirror.head == log.head


async def test_a_record_that_is_not_what_was_written_is_not_copied(
    log: PostgresLog, tmp_path: Path, database: str
) -> None:
    await log.append(append("a", *A_LIFE))
    forged = f"""SET session_replication_role = replica;
        UPDATE takes.events SET actor = 'somebody' WHERE film = {log.film} AND position = 3"""
    await asyncio.to_thread(server().execute, forged, database)
    async with mirrored(log, tmp_path / "log.db") as mirror:
        assert mirror.head == 0
        with pytest.raises(LogDamaged, match="at position 3"):
            await mirror.append(append("b"))
    assert [position async for position in log.verify(3)][-1] == len(A_LIFE)


async def test_all_films_of_a_process_are_heard_on_one_connection(
    studio: Studio, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(studio) as first, opened(studio) as second, opened(studio) as third:
        logs = (first, second, third)
        async with open_studio(SERVICE) as theirs:
            for log in logs:
                async with opened(theirs, log.id) as other:
                    await other.append(append("a"), append("b"))
        with anyio.fail_after(DEADLINE):
            for log in logs:
                await log.wait(2)
        listening = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN takes%'"
        assert await asyncio.to_thread(server().execute, listening, database) == [(1,)]
