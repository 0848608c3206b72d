"""The daemon's own log: JSON for a program, text for a person, and not what any web page could fill it with."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from daemon.logs.setup import UNTOLD, configure, set_level


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Logging is set up for the whole process."""
    server = logging.getLogger("uvicorn.error")
    filters = list(server.filters)
    yield
    server.filters = filters


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


NASTY = "clip\x1b]0;owned\x07\x9b2J\u202e\x7f\n2026-01-01 [info] forged.mp4"


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_the_name_of_a_file_drives_no_terminal_and_forges_no_line(
    capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    configure(log_format)
    log = structlog.get_logger()
    log.info("take settled", file=NASTY, path=Path(NASTY), all=[NASTY], why=OSError(NASTY))
    (line,) = capsys.readouterr().err.splitlines()
    assert line.isprintable()
    assert "owned" in line


def test_an_error_is_told_in_lines_without_what_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    configure("text")
    try:
        raise OSError(NASTY)
    except OSError:
        structlog.get_logger().exception("request failed")
    lines = capsys.readouterr().err.splitlines()
    assert all(line.isprintable() for line in lines)
    assert any("Traceback" in line for line in lines)


def test_what_a_library_says_is_no_exception(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, root.handlers = root.handlers, []
    try:
        configure("text")
        logging.getLogger("asyncio").warning("unread: %s", NASTY)
        assert all(line.isprintable() for line in capsys.readouterr().err.splitlines())
    finally:
        root.handlers = before


def test_the_level_can_change_while_the_daemon_runs(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json", "warning")
    log = structlog.get_logger()
    log.info("left out")
    set_level("debug")
    log.debug("looked")
    set_level("error")
    log.warning("left out")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["looked"]
