"""What every test stands on: a call that would block the event loop fails the test."""

from collections.abc import Iterator

import pytest
from blockbuster import blockbuster_ctx

from tests.left_out import reasons


@pytest.fixture(scope="session", autouse=True)
def _nothing_blocks_the_loop() -> Iterator[None]:
    """Only calls that come from our own packages count, and only on a thread that runs an event loop."""
    with blockbuster_ctx(["events", "projections", "daemon"]):
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly which part of the tests this machine could not run."""
    for reason in reasons(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(f"\n*** {reason} ***\n", red=True, bold=True)
