"""What every test stands on: a call that would block the event loop fails the test."""

import gc
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from tests import blocking
from tests.left_out import reasons
from tests.support import filesystems

settings.register_profile("takes", deadline=None)  # a busy machine is no failure
settings.load_profile("takes")


@pytest.fixture(scope="session", autouse=True)
def _blocking_calls_are_found() -> Iterator[None]:
    watching = blocking.watch()
    yield
    watching.deactivate()


@pytest.fixture(autouse=True)
def _nothing_blocks_the_loop() -> Iterator[None]:
    """Whoever may have caught what a blocking call raises."""
    blocking.FOUND.clear()
    yield
    assert not blocking.FOUND, blocking.FOUND


@pytest.fixture(autouse=True)
def _a_daemon_here_speaks_beside_the_test() -> Iterator[None]:
    """What it says of itself is no part of what a command printed; of a test that fails it is shown at its end."""
    said = io.StringIO()
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=said))
    yield
    structlog.reset_defaults()
    sys.stderr.write(said.getvalue())


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of the kind that the test is run for."""
    with filesystems.mounted(request.param, tmp_path) as place:
        yield place


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Tests wait more than they work: two for each core."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a disk that this machine cannot have."""
    filesystems.leave_out_what_cannot_be(config, items)


def pytest_collection_finish() -> None:
    """What is there now, thousands of tests, stays: it is not looked through each time for what nobody holds any more."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly which part of the tests this machine could not run."""
    skipped = reasons(terminalreporter.stats.get("skipped", []))
    for reason in (*skipped, *filesystems.reasons()):
        terminalreporter.write_line(f"\n*** {reason} ***\n", red=True, bold=True)
