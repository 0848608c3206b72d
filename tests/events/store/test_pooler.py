"""The log in a studio's database keeps the contract, too, where a pooler gives a connection to whoever asks next."""

from collections.abc import AsyncIterator, Iterator

import pytest

from events import EventLog
from events.store.postgres.studio import Studio, open_studio
from tests.events.store.contract import LogContract
from tests.events.studios import SERVICE, opened
from tests.support.pooler import Pooler, pooler
from tests.support.postgres import point_at, server


@pytest.fixture(scope="module")
def pooled() -> Iterator[Pooler]:
    with pooler(server()) as pooled:
        yield pooled


@pytest.fixture
async def studio(pooled: Pooler, database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Studio]:
    point_at(monkeypatch, pooled, database)
    async with open_studio(SERVICE) as studio:
        yield studio


class TestPooledLog(LogContract):
    """Every promise there is."""

    @pytest.fixture
    async def log(self, studio: Studio) -> AsyncIterator[EventLog]:
        async with opened(studio) as log:
            yield log

    @pytest.fixture
    async def other(self, studio: Studio) -> AsyncIterator[EventLog]:
        async with opened(studio) as log:
            yield log
