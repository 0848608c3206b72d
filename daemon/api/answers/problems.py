"""The problems: every error as the API tells it (RFC 9457), with a hint for the person behind the program."""

import errno
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import UNSET, Struct, UnsetType

from daemon.decoding.pool import NoDecoder
from daemon.edit.conform.used import UnreadableEdit
from daemon.home.init import BadFolder
from daemon.ingest.new_shot import BadShotName
from daemon.ingest.parcels import NotBrought
from daemon.project.project import ProjectSuspended
from events import (
    ChoiceNotKept,
    LogDamaged,
    LogFromTheFuture,
    NotFound,
    Refused,
    StaleVersion,
    StudioAway,
    TakesError,
)
from projections.files.writing import REFUSED
from projections.index.answers import AmbiguousShot, IndexDamaged
from projections.index.moments import WrongMoment
from projections.index.search.language import WrongQuery

log = structlog.get_logger()


class BadParams(TakesError):
    """Raised when generation parameters make no sense; `fields` names each one with the reason."""

    hint = "Mend these parameters and ask again; no take was made."

    def __init__(self, fields: Sequence[Mapping[str, str]]) -> None:
        super().__init__("; ".join(f"{one['field']}: {one['message']}" for one in fields))
        self.fields = fields


class UnusableWorkflow(BadParams):
    """Raised when the workflow that a take is to be made with cannot be used: it is well said, and there is none."""


class NotAllowed(TakesError):
    """Raised when a person asks for what their role in a film does not allow."""

    def __init__(self, person: str, role: str | None, need: str) -> None:
        has = f"{person} is {role} of the film" if role else f"{person} has come by the hub"
        if need == "owner":
            super().__init__(f"{has}, and this is for whoever runs the daemon")
            self.hint = "Do it on the machine of the hub, with `takes` there."
        else:
            super().__init__(f"{has}, and this is for its {need}s")
            self.hint = "A supervisor of the film may allow it; `GET …/people` says who that is."


STATUS: dict[type[TakesError], int] = {
    StaleVersion: 412,
    ProjectSuspended: 503,
    AmbiguousShot: 409,
    NotFound: 404,
    BadFolder: 422,
    BadShotName: 422,
    NotBrought: 422,
    UnusableWorkflow: 422,
    ChoiceNotKept: 422,
    WrongQuery: 422,
    UnreadableEdit: 422,
    WrongMoment: 422,
    Refused: 409,
    NoDecoder: 503,
    IndexDamaged: 503,
    NotAllowed: 403,
    LogDamaged: 503,
    LogFromTheFuture: 503,
    StudioAway: 503,
}
"""The first class that an error is one of gives its status."""

SCHEMA = "GET /schema has what is asked for."


class BadRequest(TakesError):
    """Raised when a request cannot be understood."""

    hint = SCHEMA


HINTS = {
    404: "GET /schema lists the paths. In a shot's id, write : for /.",
    405: "`Allow` has the methods that there are.",
    413: "No body is longer than a million bytes, but for an edit that is imported.",
}
"""What helps where the framework refuses a request by itself."""


class FieldError(Struct):
    """A part of a request, such as `generationParams.seed`, and what is wrong with it."""

    field: str
    message: str


class ProblemDetails(Struct, kw_only=True):
    """Why a request was refused (RFC 9457), with a hint for the person behind the program.

    Of a query that cannot be understood `at` is the character, from 0, at which that begins.
    """

    type: str
    title: str
    status: int
    detail: str
    hint: str
    errors: Sequence[FieldError] | UnsetType = UNSET
    candidates: Sequence[str] | UnsetType = UNSET
    at: int | UnsetType = UNSET


def document(status: int, title: str, detail: str, hint: str, **more: Any) -> bytes:
    """What went wrong, as JSON."""
    slug = "-".join(title.lower().split())
    return msgspec.json.encode(
        ProblemDetails(type=f"urn:takes:{slug}", title=title, status=status, detail=detail, hint=hint, **more)
    )


def problem(
    status: int,
    title: str,
    detail: str,
    hint: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response[bytes]:
    """An answer that says what went wrong."""
    body = document(status, title, detail, hint, **more)
    return Response(body, status_code=status, media_type="application/problem+json", headers=headers)


def on_takes_error(_: Request[Any, Any, Any], error: TakesError) -> Response[bytes]:
    """What the domain refuses."""
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)
    more: dict[str, Any] = {"candidates": error.candidates} if error.candidates else {}
    more |= {"errors": [FieldError(**one) for one in error.fields]} if isinstance(error, BadParams) else {}
    more |= {"at": error.at} if isinstance(error, WrongQuery) else {}
    return problem(status, _title(error), str(error), error.hint, **more)


def on_http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework refuses."""
    if isinstance(error, ValidationException):
        fields = [FieldError(one.get("key", ""), one.get("message", "")) for one in _extra(error)]
        detail = "; ".join(f"{one.field}: {one.message}" for one in fields) or error.detail
        return problem(400, "Bad request", detail, SCHEMA, errors=fields)
    hint = HINTS.get(error.status_code, SCHEMA)
    return problem(error.status_code, error.detail, error.detail, hint, error.headers)


def on_disk_error(request: Request[Any, Any, Any], error: OSError) -> Response[bytes]:
    """What the disk refuses: there is no room on it, or it cannot be used just now."""
    if error.errno not in REFUSED:
        return on_other_error(request, error)
    status = 507 if error.errno in (errno.ENOSPC, errno.EDQUOT) else 503
    return problem(status, "Disk refused", str(error), "Make room, or see to the disk, and ask again.")


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
