"""Sending: what is added to every answer on its way out, and the end of a stream that nobody reads."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import anyio

from daemon.http.page import Answer
from daemon.http.strangers import Connection

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

STREAM = b"text/event-stream"

UNREAD = 30.0
"""Seconds after which an event stream is closed of which nothing could be sent, since nobody reads it."""

EVERYWHERE = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""On every answer at the port."""

UNLESS_SAID = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "private, no-cache",
}
"""On every answer that has none of its own: a dropped picture may be a web page at heart."""


def watched(send: Send, connection: Connection | None) -> Send:
    """A `send` that closes the connection on which an event stream goes out that nobody reads."""
    is_stream = False

    async def send_watched(message: MutableMapping[str, Any]) -> None:
        nonlocal is_stream
        if message["type"] == "http.response.start":
            is_stream = any(name == b"content-type" and STREAM in value for name, value in message["headers"])
        if not (is_stream and connection):
            return await send(message)
        with anyio.move_on_after(UNREAD) as patience:
            return await send(message)
        if patience.cancelled_caught:
            connection.abort()
        return None

    return send_watched


def hardened(send: Send) -> Send:
    """A `send` that adds to every answer what a browser should know of it."""

    async def send_hardened(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            said = {name.lower() for name, _ in headers}
            more = EVERYWHERE | {k: v for k, v in UNLESS_SAID.items() if k.lower().encode() not in said}
            message = {**message, "headers": [*headers, *_encoded(more)]}
        await send(message)

    return send_hardened


async def send_answer(answer: Answer, send: Send, *, with_body: bool) -> None:
    """Send an answer that the gate gives by itself; without its body where the method was HEAD."""
    headers = {"Content-Length": str(len(answer.body)), **answer.headers}
    if answer.status == 304:
        del headers["Content-Length"]
    await send({"type": "http.response.start", "status": answer.status, "headers": _encoded(headers)})
    await send({"type": "http.response.body", "body": answer.body if with_body else b""})


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
