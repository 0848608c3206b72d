"""A desk says what somebody asks for, and nothing else; what it sees is heard by those who keep the film."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import anyio
import msgspec
import pytest

from events import AccessGranted, AccessRevoked, Append, Event, TakeAccepted, TakeCompleted, TakeRated
from events.store.postgres.claims import Claims
from events.store.postgres.desks import Hint
from events.store.postgres.errors import StudioForbids
from events.store.postgres.films import enter
from events.store.postgres.log import PostgresLog
from events.store.postgres.studio import Studio, open_studio
from tests.events.samples import A_LIFE, append
from tests.support.deadline import DEADLINE
from tests.support.postgres import point_at, ready_database, server, write_services

SERVICE = "desk"


@pytest.fixture(scope="module")
def database() -> str:
    """A database in which `dora` is a desk, and nothing more."""
    name = ready_database()
    if not server().execute("SELECT 1 FROM pg_roles WHERE rolname = 'dora'"):
        server().execute("CREATE ROLE dora LOGIN; GRANT takes_desk TO dora")
        server().execute("CREATE ROLE hubert LOGIN; GRANT takes_hub TO hubert")
    return name


@pytest.fixture
async def film(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A film with the life of a shot in it, and services for its keeper and for a desk."""
    point_at(monkeypatch, server(), database)
    async with open_studio("takes") as studio:
        found = await enter(studio, uuid4().hex, "A film")
        await found.turn("moving", "open")
        log = PostgresLog(studio, found.id)
        await log.load()
        await log.append(append("a", *A_LIFE))
    path = server().folder / f"desk-{database}"
    users = {"desk": f"{database} dora", "hub": f"{database} hubert"}
    for name, value in write_services(path, server(), takes=database, **users).items():
        monkeypatch.setenv(name, value)
    return found.id


@pytest.fixture
async def studio(film: str) -> AsyncIterator[Studio]:
    async with open_studio(SERVICE) as studio:
        yield studio


@pytest.fixture
async def log(studio: Studio, film: str) -> PostgresLog:
    log = PostgresLog(studio, film, says="command")
    await log.load()
    return log


def wish(*events: Event, cause: str | None = "request:1") -> Append:
    return append("a", *events, expected=len(A_LIFE), cause=cause)


RATED = TakeRated(take=1, rating=5)
COMPLETED = next(one for one in A_LIFE if isinstance(one, TakeCompleted))


@pytest.mark.parametrize("said", [RATED, TakeAccepted(take=1)])
async def test_a_desk_appends_what_somebody_asks_for(log: PostgresLog, said: Event) -> None:
    (record,) = await log.append(wish(said))
    assert (record.position, record.event) == (len(A_LIFE) + 1, said)
    assert (await log.append(wish(said)))[0].position == record.position  # once, however often it is asked
    assert [one async for one in log.verify()][-1] == record.position


@pytest.mark.parametrize(
    "said", [wish(COMPLETED), wish(RATED, cause=None), wish(RATED, cause="event:1"), wish(RATED, COMPLETED)]
)
async def test_what_is_for_a_keeper_to_say_is_refused_to_a_desk(log: PostgresLog, said: Append) -> None:
    with pytest.raises(StudioForbids, match="for a keeper to say"):
        await log.append(said)
    assert await log.end() == len(A_LIFE)


async def test_a_desk_is_refused_a_fence_it_makes_up_and_the_way_of_the_keepers(
    studio: Studio, log: PostgresLog, film: str
) -> None:
    claims = Claims(studio, log, "made up")
    claims.epochs = dict.fromkeys(range(16), 1)
    fenced = [
        {
            "cause": "request:1",
            "fence": claims.epochs,
            "appends": [_part('{"type": "take.rated", "take": 1}')],
        }
    ]
    with pytest.raises(StudioForbids, match="for a keeper to say"):
        await studio.rows(
            "SELECT takes.command(%s, %s::jsonb, 0)", log.film, msgspec.json.encode(fenced).decode()
        )
    as_keeper = PostgresLog(studio, film)
    await as_keeper.load()
    with pytest.raises(StudioForbids):
        await as_keeper.append(wish(RATED))
    with pytest.raises(StudioForbids):
        await claims.renew()
    assert await log.end() == len(A_LIFE)


async def test_an_event_that_says_two_things_is_refused(studio: Studio, log: PostgresLog) -> None:
    twice = '{"type": "take.rated", "type": "take.completed", "take": 1}'
    for data in (twice, '{"type": "take.failed", "take": 1, "error": "no", "why": "lost"}'):
        batch = [{"cause": "request:2", "appends": [_part(data)]}]
        with pytest.raises(StudioForbids):
            await studio.rows(
                "SELECT takes.command(%s, %s::jsonb, 0)", log.film, msgspec.json.encode(batch).decode()
            )


GRANTED = AccessGranted(person="dora", role="supervisor")
REVOKED = AccessRevoked(person="anna")


@pytest.mark.parametrize("said", [GRANTED, REVOKED])
async def test_a_desk_lets_nobody_in_and_sends_nobody_away_which_a_hub_does(
    log: PostgresLog, film: str, said: Event
) -> None:
    with pytest.raises(StudioForbids, match="for a hub to say") as refused:
        await log.append(wish(RATED, said))
    assert "GRANT takes_hub" in refused.value.hint
    assert await log.end() == len(A_LIFE)
    async with open_studio("hub") as studio:
        hub = PostgresLog(studio, film, says="command")
        await hub.load()
        (record,) = await hub.append(wish(said))
        assert record.event == said
        with pytest.raises(StudioForbids, match="for a keeper to say"):
            await hub.append(append("b", COMPLETED, cause="request:2"))


def _part(data: str) -> dict[str, object]:
    return {"stream": "a", "expected": len(A_LIFE), "at": "t", "actor": "x", "events": [["i", 1, data]]}


DEEDS = (
    "INSERT INTO takes.hints (film, folder, name, moved, size, mtime_ns) VALUES (1, '', '', false, 0, 0)",
    "SELECT * FROM takes.hints",
    "DELETE FROM takes.hints",
    "UPDATE takes.events SET data = '{}'",
    "DELETE FROM takes.events",
    "UPDATE takes.claims SET epoch = 1",
    "SELECT takes.turn(1, 'open', 'left', 0, '')",
    "SELECT takes.copy(1, '[]')",
    "SELECT takes.enter('a', 'a')",
    "SELECT takes.release(1, 'a', '{}')",
)


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_desk_changes_nothing_by_another_way(database: str, deed: str) -> None:
    import psycopg

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await asyncio.to_thread(server().execute, deed, database, user="dora")


async def test_a_reader_gives_no_hint_and_asks_for_nothing(database: str) -> None:
    import psycopg

    for deed in ("SELECT takes.hint(1, '[]')", "SELECT takes.command(1, '[]', 0)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await asyncio.to_thread(server().execute, deed, database, options="-c role=takes_reader")


async def test_a_hint_is_heard_at_once_and_taken_once(log: PostgresLog, film: str) -> None:
    hint = Hint("scene/shot/takes", "a b.png", moved=False, size=7, mtime_ns=1_700_000_000_123_456_789)
    async with open_studio("takes") as studio:
        keeper = PostgresLog(studio, film)
        await keeper.load()
        async with keeper.rings():
            await keeper.hints.told.wait()  # there may be some from before it listened
            assert await keeper.hints.take() == []
            await log.hints.give([hint])
            await keeper.hints.told.wait()
            assert await keeper.hints.take() == [hint]
            assert await keeper.hints.take() == []
        again = PostgresLog(studio, film)
        await again.load()
        assert await again.hints.take() == [hint]


async def test_hints_are_forgotten_after_an_hour(log: PostgresLog, database: str) -> None:
    await log.hints.give([Hint("a", "old", moved=True, size=1, mtime_ns=1)])
    old = f"UPDATE takes.hints SET at = at - interval '61 minutes' WHERE film = {log.film}"
    await asyncio.to_thread(server().execute, old, database)
    await log.hints.give([Hint("a", "new", moved=True, size=1, mtime_ns=1)])
    found = await asyncio.to_thread(
        server().execute, f"SELECT name FROM takes.hints WHERE film = {log.film}", database
    )
    assert found == [("new",)]


async def test_a_desk_hears_what_a_keeper_has_on_the_disk(log: PostgresLog, film: str) -> None:
    async with open_studio("takes") as studio, log.rings():
        keeper = PostgresLog(studio, film)
        await keeper.load()
        await log.hints.told.wait()  # it listens
        await keeper.keepers.tell("active_link", "a", 3)
        with anyio.fail_after(DEADLINE):
            await log.keepers.reach("active_link", "a", 2)
            await log.keepers.reach("active_link", "a", 3)
        with anyio.move_on_after(0.05) as more:
            await log.keepers.reach("active_link", "a", 4)
        assert more.cancelled_caught
