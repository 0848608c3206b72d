"""Refusals: what the gate answers by itself, as a page for a person and as a problem for a program."""

from collections.abc import Mapping

from daemon.api.answers.problems import document
from daemon.http.page import Answer, note
from daemon.http.request import Request


def again(headers: Mapping[str, str] | None = None, then: str = "/") -> Answer:
    """A page that goes on to the gallery by itself: from elsewhere, not even a redirect brings the strict cookie."""
    return note(200, "The gallery opens", "This takes a moment.", then=then, headers=headers)


def locked(request: Request) -> Answer:
    """The answer to who brings neither token nor cookie."""
    title, headers = "The gallery is locked", {"WWW-Authenticate": 'Bearer realm="takes"'}
    if request.is_for_page:
        return note(401, title, "Run `takes open` in a terminal: it lets this browser in.", headers=headers)
    detail = "the request brings neither the token nor the cookie that is made from it"
    hint = "A browser is let in by `takes open`; a program sends `Authorization: Bearer TOKEN`."
    return refuse(request, 401, title, detail, hint, headers)


def misdirected(request: Request, host: str) -> Answer:
    """The answer to a request that names another host than the one that it has come to."""
    return refuse(request, 421, "Misdirected", "the request names another host", f"Ask {host}.")


def refuse(
    request: Request,
    status: int,
    title: str,
    detail: str,
    hint: str,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """No, as a page for a person and as a problem for a program."""
    if request.is_for_page:
        return note(status, title, f"{detail[0].upper()}{detail[1:]}. {hint}".rstrip(), headers=headers)
    own = {"Content-Type": "application/problem+json", "Cache-Control": "no-store", **(headers or {})}
    return Answer(status=status, headers=own, body=document(status, title, detail, hint))
