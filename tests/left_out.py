"""Left out: a part of the tests that this machine cannot run is said loudly at the end, and is a failure in CI."""

import os
from typing import NoReturn

import pytest

PREFIX = "left out: "


def leave_out(reason: str) -> NoReturn:
    """Run no further, for a reason that says what to install; FAILED where CI runs, which runs every test."""
    if os.environ.get("CI", "") not in {"", "0", "false", "no"}:
        pytest.fail(reason, pytrace=False)
    pytest.skip(PREFIX + reason)


def reasons(skipped: list[pytest.TestReport]) -> list[str]:
    """Why something was left out, each reason once."""
    texts = [one.longrepr[2] for one in skipped if isinstance(one.longrepr, tuple)]
    found = [text.partition(PREFIX)[2] for text in texts]
    return sorted({reason for reason in found if reason})
