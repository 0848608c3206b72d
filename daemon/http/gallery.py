"""The gallery: a port of this machine, the token that opens it, and the page behind it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import structlog

from daemon.api.views.status import GalleryView
from daemon.http.access import App, PortAccess
from daemon.http.guests import Guests
from daemon.http.page import Page, load_page
from daemon.http.port import bind_again
from daemon.http.sockets import bind_port
from daemon.http.token import Token, make_token, token_path
from daemon.project.links import Links
from daemon.project.projects import Projects

log = structlog.get_logger()


class Gallery(NamedTuple):
    """What a daemon with a port has ready before it serves."""

    listener: socket.socket
    token_file: str
    token: Token
    page: Page

    @property
    def view(self) -> GalleryView:
        return GalleryView(port=self.listener.getsockname()[1], token_file=self.token_file)

    def guests(self, app: App, projects: Projects, links: Links) -> Guests:
        """The corner for guests, in front of that application."""
        return Guests(app, projects, links, self.page, self.view.port)

    @property
    def door(self) -> PortAccess:
        return PortAccess(self.view.port, self.token, self.page)


@contextmanager
def open_gallery(port: int | Literal["off"], daemon: Path) -> Iterator[Gallery | None]:
    """The gallery at that port, or none; 0 is the port that the daemon of that socket had before, or a free one.

    PortTaken or TokenUnsafe where it cannot be had. Where nothing can be written there is none: films are kept all the same.
    """
    if port == "off":
        yield None
        return
    path = token_path()
    try:
        token = make_token(path)
    except OSError as error:
        log.warning("no gallery", why=str(error))
        yield None
        return
    with bind_port(port) if port else bind_again(daemon) as listener:
        yield Gallery(listener, path, token, load_page())
