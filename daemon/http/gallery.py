"""The gallery: a port of this machine, the token that opens it, and the page behind it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

from daemon.api.views.status import GalleryView
from daemon.http.access import PortAccess
from daemon.http.page import Page, load_page
from daemon.http.server import bind_port
from daemon.http.token import Token, make_token, token_path


class Gallery(NamedTuple):
    """What a daemon with a port has ready before it serves."""

    listener: socket.socket
    token_file: str
    token: Token
    page: Page

    @property
    def view(self) -> GalleryView:
        return GalleryView(port=self.listener.getsockname()[1], token_file=self.token_file)

    @property
    def door(self) -> PortAccess:
        return PortAccess(self.view.port, self.token, self.page)


@contextmanager
def open_gallery(port: int | Literal["off"]) -> Iterator[Gallery | None]:
    """The gallery at that port, or none; PortTaken or TokenUnsafe where it cannot be had."""
    if port == "off":
        yield None
        return
    path = token_path()
    token = make_token(path)
    with bind_port(port) as listener:
        yield Gallery(listener, path, token, load_page())
