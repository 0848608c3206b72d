"""The hub: people come by the studio's proxy, which knows who they are and proves by a secret that it is the proxy.

A name is believed only beside that secret. Whether a page may ask is checked as at the gallery's port, and once more:
what would change something has to come from our own page, since the proxy's cookie comes along from anywhere. A guest with
a link has no name, and what a link shows is all that there is for one.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from daemon import locations
from daemon.config.table import HubConfig
from daemon.http.guests import App, Guests
from daemon.http.page import Answer, Page, load_page
from daemon.http.refusals import file_of, foreign, refuse
from daemon.http.request import Request
from daemon.http.sockets import bind_hub
from daemon.http.token import Token, make_token, read_token
from daemon.project.links import Links
from daemon.project.projects import Projects
from events import ChoiceNotKept
from events.choices import checked_name

FILE = "hub-secret"

READING = {"GET", "HEAD"}

BY_ADDRESS = "Open the studio's address for takes instead: its proxy knows who you are."
LOGIN = "Is it to let people in who have not logged in? Only whoever looks after the proxy can mend that."
OWN_PAGE = "A program sends the hub's own address as its `Origin`."


class HubAccess:
    """The hub's door: who has sent a request, and whether it is the proxy that says so."""

    def __init__(self, config: HubConfig, secret: Token, page: Page) -> None:
        self._config = config
        self._secret = secret
        self._page = page
        self._origins = {urlsplit(url).netloc.lower(): url.rstrip("/").lower() for url in config.urls}

    def answer(self, request: Request) -> Answer | None:
        """What the door answers by itself; None where the application is to answer, for the person that is named then."""
        if refusal := self.refusal(request):
            return refusal
        person = self._person(request)
        if person is None:
            return refuse(request, 401, "Nobody", "the proxy does not say who you are", LOGIN)
        request.name(person)
        return None if request.is_for_api else file_of(self._page, request)

    def refusal(self, request: Request) -> Answer | None:
        """Why a request is refused, whoever the proxy says that it is from."""
        given = request.all(self._config.secret_header.lower())
        if len(given) != 1 or not self._secret.is_same(given[0]):
            return refuse(
                request, 403, "Not by the proxy", "the request does not come by the proxy", BY_ADDRESS
            )
        request.trust()
        return foreign(request, self._origins) or self._refusal_of_change(request)

    def _refusal_of_change(self, request: Request) -> Answer | None:
        is_ours = request.all("origin") or request.all("sec-fetch-site") == ["same-origin"]
        if request.method in READING or is_ours:
            return None
        return refuse(
            request, 403, "Unknown origin", "the request does not say from which page it comes", OWN_PAGE
        )

    def _person(self, request: Request) -> str | None:
        """Who the proxy says it is; None where it says nothing, or what can be no name."""
        given = request.all(self._config.user_header.lower())
        try:
            return checked_name("person", given[0].encode("latin-1").decode()) if len(given) == 1 else None
        except (UnicodeDecodeError, ChoiceNotKept):
            return None


class Hub(NamedTuple):
    """What a daemon that serves people behind a proxy has ready before it serves."""

    listener: socket.socket
    door: HubAccess
    secret_file: str
    url: str
    page: Page

    def guests(self, app: App, projects: Projects, links: Links) -> Guests:
        """The corner for guests, in front of that application, whom the proxy lets through without a login."""
        return Guests(app, projects, links, self.page, "hub")


@contextmanager
def open_hub(config: HubConfig) -> Iterator[Hub | None]:
    """The hub, or none where it has no address. PortTaken, BadSocket or TokenUnsafe where it cannot be had."""
    if not config.urls:
        yield None
        return
    path = config.secret_file or str(Path(locations.state_directory(), FILE))
    with bind_hub(config.listen) as listener:
        page = load_page()
        yield Hub(listener, HubAccess(config, _secret(path), page), path, config.urls[0], page)


def _secret(path: str) -> Token:
    try:
        return read_token(path)
    except FileNotFoundError:
        return make_token(path)
