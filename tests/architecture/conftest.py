"""What is read of the sources stays for as long as tests ask for it."""

from pathlib import Path

import pytest

from tests.architecture import sources


def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Let it go after the last of them."""
    if nextitem is None or nextitem.path.parent != Path(__file__).parent:
        sources.forget()
