"""Access: who is let in, at the Unix socket and at the gallery's port, before the application sees a request.

The socket is its owner's alone and no browser can reach it, so what looks like a browser there is refused, and
what was meant for another host. The port can be reached by every program of this machine and by every web page
that its user looks at. There a request has to name the port as its host, come from our own page or from no page
at all, and bring the token, or the cookie that was made from it.
"""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from daemon.http.hub import HubAccess
from daemon.http.page import Answer, Page
from daemon.http.refusals import again, file_of, foreign, locked, refusal_at_socket, refuse
from daemon.http.request import OPEN, Request, Scope
from daemon.http.sending import Send, hardened, send_answer, watched
from daemon.http.token import Token
from daemon.peer import HUB, PEER

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
App = Callable[[Any, Any, Any], Awaitable[None]]

A_MONTH = 30 * 24 * 60 * 60


class AccessMiddleware:
    """The application behind the gate; where a port is served, `door` says who may use it, and `guests` have a corner.

    `hub` says who comes by the proxy of many people, where there is one, and its `hub_guests` have theirs.
    """

    def __init__(
        self,
        app: App,
        door: "PortAccess | None" = None,
        guests: App | None = None,
        hub: HubAccess | None = None,
        hub_guests: App | None = None,
    ) -> None:
        self._app = app
        self._door = door
        self._guests = guests
        self._hub = hub
        self._hub_guests = hub_guests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise TypeError(f"nothing but HTTP is served, and no {scope['type']}")
        request, app = Request(scope), self._app
        if request.came_from == PEER:
            answer = refusal_at_socket(request)
        elif self._hub and self._hub_guests and request.came_from == HUB and request.is_for_guests:
            app, answer, send = self._hub_guests, self._hub.refusal(request), hardened(send)
        elif self._hub and request.came_from == HUB:
            answer, send = self._hub.answer(request), hardened(send)
        elif self._door is None:
            answer = refuse(
                request, 403, "Not served", "no port is served", "`takes daemon --port` serves one."
            )
        elif self._guests and request.is_for_guests:
            app, answer, send = self._guests, self._door.refusal(request), hardened(send)
        else:
            answer, send = self._door.answer(request), hardened(send)
        if answer is None:
            await app(scope, receive, watched(send, request.connection))
        else:
            await send_answer(answer, send, with_body=request.method != "HEAD")


class PortAccess:
    """The port: its names, the token, and the page behind it."""

    def __init__(self, port: int, token: Token, page: Page) -> None:
        self._port = port
        self._token = token
        self._page = page
        names = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]
        self._origins = {name: f"http://{name}" for name in names}
        self._used: dict[str, float] = {}

    @property
    def cookie(self) -> str:
        """The cookie's name: browsers do not keep the cookies of two ports apart."""
        return f"takes-{self._port}"

    def answer(self, request: Request) -> Answer | None:
        """What the gate answers by itself; None where the application is to answer."""
        if refusal := self.refusal(request):
            return refusal
        if request.path == OPEN:
            return self._open(request)
        if not self._is_known(request):
            return again() if request.is_from_elsewhere else locked(request)
        request.trust()
        if request.is_for_api:
            return None
        return file_of(self._page, request)

    def refusal(self, request: Request) -> Answer | None:
        """Why a request is refused whoever sent it; the detail says so, and no header invites anybody."""
        return foreign(request, self._origins)

    def _open(self, request: Request) -> Answer:
        """Let a browser in that brings the token or a ticket, and have it remember that."""
        if request.method != "GET":
            return refuse(
                request,
                405,
                "Method Not Allowed",
                "a browser opens the gallery with GET",
                "`takes open` does.",
            )
        given = parse_qs(request.query.decode("latin-1")).get("token", [])
        if len(given) != 1 or not self._admits(given[0]):
            return locked(request)
        request.trust()
        value = self._token.cookie(self._port)
        headers = {
            "Set-Cookie": f"{self.cookie}={value}; Path=/; Max-Age={A_MONTH}; HttpOnly; SameSite=Strict",
            "Cache-Control": "no-store",
        }
        if request.is_from_elsewhere:
            return again(headers)
        return Answer(status=303, headers={**headers, "Location": "/"})

    def _admits(self, text: str) -> bool:
        return self._token.is_same(text) or (self._token.is_ticket(text, self._port) and self._use(text))

    def _use(self, ticket: str) -> bool:
        """Remember a ticket for as long as it is good; False where it was used before."""
        now = time.time()
        self._used = {one: until for one, until in self._used.items() if until >= now}
        if ticket in self._used:
            return False
        self._used[ticket] = float(ticket.partition(".")[0])
        return True

    def _is_known(self, request: Request) -> bool:
        scheme, _, given = request.joined("authorization").partition(" ")
        if scheme.lower() == "bearer" and self._token.is_same(given.strip()):
            return True
        return any(self._token.is_cookie(value, self._port) for value in request.cookies(self.cookie))
