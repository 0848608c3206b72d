"""What every test stands on: a call that would block the event loop fails the test."""

from collections.abc import Iterator

import pytest
from blockbuster import blockbuster_ctx


@pytest.fixture(scope="session", autouse=True)
def _nothing_blocks_the_loop() -> Iterator[None]:
    """Only calls that come from our own packages count, and only on a thread that runs an event loop."""
    with blockbuster_ctx(["events", "projections", "daemon"]):
        yield
