"""The problems: every error as the API tells it (RFC 9457), with a hint for the person behind the program."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from daemon.project import BadFolder, ProjectSuspended
from events import LogDamaged, LogFromTheFuture, NotFound, Refused, StaleVersion, TakesError
from projections.index import AmbiguousShot

log = structlog.get_logger()

STATUS: dict[type[TakesError], int] = {
    StaleVersion: 412,
    ProjectSuspended: 503,
    AmbiguousShot: 409,
    NotFound: 404,
    Refused: 409,
    BadFolder: 422,
    LogDamaged: 503,
    LogFromTheFuture: 503,
}
"""The first class that an error is one of gives its status."""


class BadRequest(TakesError):
    """Raised when a request cannot be understood."""

    hint = "GET /schema has what is asked for."


class NotYet(TakesError):
    """Raised when this release cannot do what is asked."""

    hint = "Drop the rendered file into the shot's takes/ folder instead."


def problem(status: int, title: str, detail: str, hint: str = "", **more: Any) -> Response[bytes]:
    """An answer that says what went wrong."""
    slug = "-".join(title.lower().split())
    body = {
        "type": f"urn:takes:{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        "hint": hint,
        **more,
    }
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/problem+json")


def on_takes_error(_: Request[Any, Any, Any], error: TakesError) -> Response[bytes]:
    """What the domain refuses."""
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)
    if isinstance(error, NotYet):
        status = 501
    more = {"candidates": error.candidates} if isinstance(error, AmbiguousShot) else {}
    return problem(status, _title(error), str(error), error.hint, **more)


def on_http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework refuses."""
    if isinstance(error, ValidationException):
        fields = [{"field": one.get("key", ""), "message": one.get("message", "")} for one in _extra(error)]
        detail = "; ".join(f"{one['field']}: {one['message']}" for one in fields) or error.detail
        return problem(400, "Bad request", detail, "GET /schema has what is asked for.", errors=fields)
    hint = "GET /schema lists the paths. In a shot's id, write : for /." if error.status_code == 404 else ""
    return problem(error.status_code, error.detail, error.detail, hint)


def on_other_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """What nobody expected: it is told to the daemon's own log, since it is ours to mend."""
    log.error("request failed", path=request.url.path, exc_info=error)
    return problem(
        500, "Internal error", f"{type(error).__name__}: {error}", "The daemon's log has the details."
    )


def _extra(error: ValidationException) -> list[dict[str, str]]:
    return [one for one in error.extra or [] if isinstance(one, dict)]


def _title(error: TakesError) -> str:
    name = type(error).__name__
    return (
        "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip().capitalize()
    )
