"""What is known is answered at once to who asks at the socket, and to nobody whom the gate would not let in."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketStream

from daemon.http.access import AccessMiddleware, Receive
from daemon.http.request import Scope
from daemon.http.sending import Send
from daemon.http.server import build_server
from daemon.http.sockets import bind
from tests.support.deadline import DEADLINE

LIST = b"GET /list HTTP/1.1\r\nHost: takes\r\n\r\n"
OTHER = b"GET /other HTTP/1.1\r\nHost: takes\r\n\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """What stands behind the gate: it hears all of a request, and says what was asked for."""
    while (await receive()).get("more_body"):
        pass
    said = f"behind: {scope['path']}".encode()
    length = str(len(said)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    await send({"type": "http.response.body", "body": said})


def known(target: bytes) -> tuple[str, bytes] | None:
    return ("content-type: text/plain\r\n", b"at hand") if target == b"/list" else None


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    with bind(Path("s")) as listener:
        yield listener


@asynccontextmanager
async def asking(listener: socket.socket) -> AsyncIterator[SocketStream]:
    """A connection to a server that knows one answer."""
    server = build_server(AccessMiddleware(app), known)
    async with anyio.create_task_group() as group:
        await group.start(server.run_on, listener)
        async with await anyio.connect_unix("s") as stream:
            with anyio.fail_after(DEADLINE):
                yield stream
        server.leave()
        await server.ended.wait()


async def answers(stream: SocketStream, count: int) -> list[tuple[int, bytes]]:
    """The status and the body of so many answers."""
    found, said = list[tuple[int, bytes]](), b""
    while len(found) < count:
        head, end, rest = said.partition(b"\r\n\r\n")
        length = (
            int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or -1) if end else -1
        )
        if 0 <= length <= len(rest):
            found.append((int(head.split()[1]), rest[:length]))
            said = rest[length:]
        else:
            said += await stream.receive()
    return found


async def test_what_is_known_is_answered_again_and_again_on_one_connection(
    listener: socket.socket,
) -> None:
    async with asking(listener) as stream:
        for _ in range(3):
            await stream.send(LIST)
            assert await answers(stream, 1) == [(200, b"at hand")]


async def test_answers_come_in_the_order_in_which_they_were_asked_for(
    listener: socket.socket,
) -> None:
    async with asking(listener) as stream:
        await stream.send(LIST + OTHER + LIST + OTHER)
        bodies = [body for _, body in await answers(stream, 4)]
        assert bodies == [b"at hand", b"behind: /other", b"behind: /list", b"behind: /other"]


@pytest.mark.parametrize(
    ("request_line", "headers", "status", "body"),
    [
        ("GET /list HTTP/1.1", "Host: takes\r\nOrigin: http://takes\r\n", 403, None),
        ("GET /list HTTP/1.1", "Host: takes\r\nSec-Fetch-Site: none\r\n", 403, None),
        ("GET /list HTTP/1.1", "Host: example.org\r\n", 421, None),
        ("GET /list HTTP/1.1", "Host: takes\r\nHost: takes\r\n", 421, None),
        ("GET /list HTTP/1.1", "Host: takes\r\nConnection: close\r\n", 200, b"behind: /list"),
        ("GET /list HTTP/1.0", "Host: takes\r\nConnection: keep-alive\r\n", 200, b"behind: /list"),
        ("GET /list?deleted=true HTTP/1.1", "Host: takes\r\n", 200, b"behind: /list"),
        ("DELETE /list HTTP/1.1", "Host: takes\r\n", 200, b"behind: /list"),
        ("GET /list HTTP/1.1", "Host: takes\r\nConnection: keep-alive\r\n", 200, b"at hand"),
    ],
)
async def test_only_a_plain_request_that_may_come_in_is_answered_with_what_is_known(
    listener: socket.socket,
    request_line: str,
    headers: str,
    status: int,
    body: bytes | None,
) -> None:
    async with asking(listener) as stream:
        await stream.send(f"{request_line}\r\n{headers}\r\n".encode())
        ((found, said),) = await answers(stream, 1)
        assert found == status
        assert body is None or said == body
        assert body or b"at hand" not in said


async def test_a_request_with_a_body_goes_to_the_application_with_all_of_it(
    listener: socket.socket,
) -> None:
    async with asking(listener) as stream:
        await stream.send(b"GET /list HTTP/1.1\r\nHost: takes\r\nContent-Length: 4\r\n\r\nbo")
        await stream.send(b"dy" + LIST)
        assert [body for _, body in await answers(stream, 2)] == [b"behind: /list"] * 2
