"""The daemon's own log: JSON for a program, text for a person, and not what any web page could fill it with."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from daemon.logs import UNTOLD, configure


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Logging is set up for the whole process."""
    server = logging.getLogger("uvicorn.error")
    filters = list(server.filters)
    yield
    server.filters = filters
    structlog.reset_defaults()


@pytest.mark.parametrize("log_format", ["json", "auto"])
def test_a_program_is_told_in_json(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    configure(log_format)
    structlog.get_logger().info("take settled", take=7)
    told = json.loads(capsys.readouterr().err)
    assert (told["event"], told["take"], told["level"]) == ("take settled", 7, "info")
    assert told["timestamp"].endswith("Z")


def test_a_person_is_told_in_text_without_what_is_only_for_who_looks_for_a_fault(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("text")
    structlog.get_logger().debug("looked", take=7)
    structlog.get_logger().info("take settled", take=7)
    (line,) = capsys.readouterr().err.splitlines()
    assert "take settled" in line
    assert "take=7" in line


@pytest.mark.parametrize("begins", UNTOLD)
def test_what_any_web_page_can_ask_for_fills_no_log(caplog: pytest.LogCaptureFixture, begins: str) -> None:
    configure("json")
    server = logging.getLogger("uvicorn.error")
    server.warning("%s Install one.", begins)
    server.warning("it does not answer")
    assert [record.getMessage() for record in caplog.records] == ["it does not answer"]
