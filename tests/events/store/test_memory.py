"""The log in memory keeps the contract."""

import pytest

from events import EventLog, MemoryLog
from tests.events.store.contract import LogContract


class TestMemoryLog(LogContract):
    """Every promise but the disk."""

    @pytest.fixture
    def log(self) -> EventLog:
        return MemoryLog()

    @pytest.fixture
    def other(self) -> EventLog:
        return MemoryLog()
