"""The daemon's own log: short facts with their data, for a person at a terminal, for the journal or, as JSON, for a program."""

import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from structlog.types import EventDict

from daemon.config.table import Level
from daemon.logs.journal import Journal, is_journal
from daemon.printable import escaped

TRACES = ("exception", "stack")
"""What has lines of its own."""

UNTOLD = (
    "Unsupported upgrade request.",
    "No supported WebSocket library detected.",
    "Invalid HTTP request received.",
)
"""How begins what uvicorn says of a request that is answered, and that any web page, or any user here, can send."""


class _Formatter(logging.Formatter):
    """Lines of what libraries say, with nothing in them that a terminal obeys."""

    def format(self, record: logging.LogRecord) -> str:
        return escaped(super().format(record), keep="\n")


STREAM = "JOURNAL_STREAM"
"""Where systemd says what it has opened for us to write to."""


def configure(log_format: str, level: Level = "info") -> None:
    """Write to standard error what is of that level or worse.

    As `text`, `json`, or `auto`, which is text on a terminal and JSON elsewhere; with `auto`, a service writes to the
    journal by way of its own protocol.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(logging.BASIC_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    spare_what_is_told()
    logging.getLogger("uvicorn.error").addFilter(lambda record: not record.getMessage().startswith(UNTOLD))
    if log_format == "auto" and STREAM in os.environ and is_journal(sys.stderr.fileno(), os.environ[STREAM]):
        journal = Journal(sys.stderr.fileno())
        _set_up(level, [structlog.processors.format_exc_info], lambda *_: journal)
        return
    as_text = log_format == "text" or (log_format == "auto" and sys.stderr.isatty())
    renderers: list[structlog.types.Processor] = (
        [_escape, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        if as_text
        else [structlog.processors.JSONRenderer(_as_json)]
    )
    timed = structlog.processors.TimeStamper(fmt="iso", utc=True)
    _set_up(
        level,
        [timed, structlog.processors.format_exc_info, *renderers],
        structlog.WriteLoggerFactory(file=sys.stderr),
    )


def spare_what_is_told() -> None:
    """Leave out what a library says of a database that is away: it is told in our words."""
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)


def _set_up(
    level: Level, processors: Sequence[structlog.types.Processor], factory: Callable[..., Any]
) -> None:
    structlog.configure(
        processors=[structlog.processors.add_log_level, *processors],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=factory,
        cache_logger_on_first_use=False,  # the level may change
    )


def set_level(level: Level) -> None:
    """Write what is of that level or worse from now on."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(level))


def _escape(_: object, __: str, said: EventDict) -> EventDict:
    """Have no control character of a file's name, or of what a program said, reach a terminal, nor forge a line."""
    return {escaped(name): _escaped(name, value) for name, value in said.items()}


def _escaped(name: str, value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else repr(value)
    return escaped(text, keep="\n" if name in TRACES else "")


def _as_json(said: EventDict, **more: Any) -> str:
    return json.dumps(said, **more).replace("\x7f", "\\u007f")
