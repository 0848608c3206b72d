"""Refusals: what the gate answers by itself, as a page for a person and as a problem for a program."""

import re
from collections.abc import Mapping

from daemon.api.answers.problems import document
from daemon.http.page import Answer, Page, note, show
from daemon.http.request import Request
from daemon.http.strangers import HEAD_BYTES

NO_PAGE = "Only the gallery's own page may ask; a program sends its token, and no `Origin`."
NO_UPGRADE = "Leave `Upgrade` out; what happens is told as an event stream by `…/events`."
"""What helps where a request is refused whoever sent it."""

AT_SOCKET = re.compile(r"(takes|localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
"""What a request over the Unix socket may call its host: a name that no page of a stranger has."""


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


def foreign(request: Request, origins: Mapping[str, str]) -> Answer | None:
    """Why a request is refused whoever sent it: the detail says so, and no header invites anybody.

    `origins` are those of our own page, by the hosts that a request may name.
    """
    if request.is_too_long:
        title = "Request Header Fields Too Large"
        hint = "Send fewer headers, or shorter ones."
        return refuse(request, 431, title, f"a head has {HEAD_BYTES} bytes at most", hint)
    host = request.all("host")
    if len(host) != 1 or host[0] not in origins:
        return misdirected(request, next(iter(origins)))
    if "upgrade" in request.names:
        return refuse(request, 403, "No upgrade", "nothing but HTTP/1.1 is spoken here", NO_UPGRADE)
    if request.method == "OPTIONS":
        return refuse(
            request, 405, "Method Not Allowed", "no other page may ask what it may do here", NO_PAGE
        )
    if any(origin != origins[host[0]] for origin in request.all("origin")):
        return refuse(request, 403, "Foreign origin", "the request comes from another page", NO_PAGE)
    if request.is_from_elsewhere and not request.is_visit:
        return refuse(request, 403, "Foreign site", "the request comes from another site", NO_PAGE)
    return None


def refusal_at_socket(request: Request) -> Answer | None:
    """Why a request over the Unix socket is refused: it was meant for somebody else, or bears the marks of a browser."""
    host = request.all("host")
    if len(host) != 1 or not AT_SOCKET.fullmatch(host[0]):
        return misdirected(request, "http://takes, or http://localhost, at this socket")
    marks = [
        name
        for name in sorted(request.names)
        if name in {"origin", "referer", "cookie"} or name[:4] == "sec-"
    ]
    if not marks:
        return None
    return refuse(
        request,
        403,
        "No browsers here",
        f"the request bears the mark of a browser: {', '.join(marks)}",
        "Over the socket, leave these headers out. A browser comes in at the port: `takes open`.",
    )


def file_of(page: Page, request: Request) -> Answer:
    """The file of the page that is asked for."""
    if request.method not in {"GET", "HEAD"}:
        return refuse(request, 405, "Method Not Allowed", "the page can only be read", "The API is at /api.")
    if file := page.get(request.path):
        return show(file, request.joined("accept-encoding"), request.joined("if-none-match"))
    if not page and request.path == "/":
        return refuse(
            request,
            503,
            "The page is not built",
            "this is a checkout whose page was never built",
            "Run `make page` in it and start the daemon again. The API works meanwhile.",
        )
    return refuse(request, 404, "Not Found", "the gallery has nothing of that name", "It begins at /.")
