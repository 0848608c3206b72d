"""The gate before an application that answers anything, and how it is asked."""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from daemon.http.access import AccessMiddleware, PortAccess, Receive
from daemon.http.page import load_page
from daemon.http.request import Scope
from daemon.http.sending import Send
from daemon.http.token import Token

PORT = 7421


HOST = f"127.0.0.1:{PORT}"


SECRET = "5e" * 32


TOKEN = Token(SECRET)


COOKIE = {"cookie": f"takes-{PORT}={TOKEN.cookie(PORT)}"}


PERSON = {"accept": "text/html,application/xhtml+xml"}


SCRIPT = b"console.log('takes')\n" * 200


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """What stands behind the gate: it says that it was reached."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"video/mp4")]})
    await send({"type": "http.response.body", "body": b"behind the gate"})


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page as the build leaves it."""
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>takes</title>")
    (folder / "assets" / "index-1a2b.js").write_bytes(SCRIPT)
    (folder / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets" / "index-1a2b.css").write_text("body { margin: 0 }")
    (folder / ".sources").write_text("0" * 64)
    tmp_path.joinpath("secret.txt").write_text("no part of the page")
    return folder


@pytest.fixture
def gate(page: Path) -> AccessMiddleware:
    return AccessMiddleware(app, PortAccess(PORT, TOKEN, load_page(page)))


async def ask(
    gate: AccessMiddleware,
    path: str,
    method: str = "GET",
    client: tuple[str, int] = ("127.0.0.1", 50_000),
    **more: Any,
) -> httpx.Response:
    """The answer to a request with these headers and no others, but for the host where it is left out."""
    headers: Mapping[str, str] = more.get("headers", {})
    transport = httpx.ASGITransport(gate, client=client)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as one:
        request = httpx.Request(method, f"http://{HOST}{path}", headers={"host": HOST, **headers})
        return await one.send(request)


def is_refused(answer: httpx.Response, *status: int) -> bool:
    """Whether it was refused with a problem that no other page may read."""
    assert answer.status_code in status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    return True
