"""What the tests of a log in a studio stand on."""

from collections.abc import AsyncIterator

import pytest

from events.store.postgres.studio import Studio, open_studio
from tests.events.studios import SERVICE
from tests.support.postgres import point_at, ready_database, server


@pytest.fixture(scope="module")
def database() -> str:
    """A database with our tables."""
    return ready_database()


@pytest.fixture
async def studio(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Studio]:
    """A studio whose service leads to that database."""
    point_at(monkeypatch, server(), database)
    async with open_studio(SERVICE) as studio:
        yield studio
