"""The port in a crowd: few strangers at a time, little time and room for each, and the owner is answered all the same."""

import logging
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import httpx
import pytest
from anyio.abc import ByteStream, SocketStream
from structlog.testing import capture_logs

from daemon.http import sending
from daemon.http.access import AccessMiddleware, PortAccess, Receive
from daemon.http.request import Scope
from daemon.http.sending import Send
from daemon.http.server import Server, build_server
from daemon.http.sockets import bind, bind_port
from daemon.http.strangers import HEAD_BYTES, MOST, Refusals, Strangers
from daemon.http.token import Token
from tests.support.film import asking, until

SECRET = "5e" * 32
HALF = b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
KNOWN = f"Authorization: Bearer {SECRET}\r\n"
PIECE = b"data: " + b"x" * 65_536 + b"\n\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """What stands behind the gate: a stream without an end, or that it was reached."""
    is_endless = scope["path"] == "/api/endless"
    kind = b"text/event-stream; charset=utf-8" if is_endless else b"text/plain"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
    while is_endless and not scope["extensions"]["takes.connection"].transport.is_closing():
        await send({"type": "http.response.body", "body": PIECE, "more_body": True})
    await send({"type": "http.response.body", "body": b"behind the gate"})


class Door(NamedTuple):
    """A server at a socket and at a port, with its strangers."""

    path: Path
    port: int
    strangers: Strangers
    server: Server

    async def connect(self, said: bytes = HALF) -> SocketStream:
        stream = await anyio.connect_tcp("127.0.0.1", self.port)
        await stream.send(said)
        return stream

    def request(self, target: str, more: str = "") -> bytes:
        return f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{more}\r\n".encode()

    async def owner(self) -> httpx.Response:
        async with asking(self.path) as client:
            return await client.get("/api/health")

    async def crowded(self, count: int) -> None:
        """Return once so many strangers are there."""

        async def are_there() -> bool:
            return len(self.strangers) == count

        await until(are_there)


Sockets = tuple[socket.socket, socket.socket]


@pytest.fixture
def sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sockets]:
    """A Unix socket and a port, both bound."""
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    with bind(Path("s")) as listener, bind_port(0) as port:
        yield listener, port


@asynccontextmanager
async def serving(sockets: Sockets, strangers: Strangers | None = None) -> AsyncIterator[Door]:
    strangers = Strangers() if strangers is None else strangers
    number = sockets[1].getsockname()[1]
    server = build_server(AccessMiddleware(app, PortAccess(number, Token(SECRET), {})))
    async with anyio.create_task_group() as group:
        await group.start(server.run_on, *sockets, strangers)
        yield Door(Path("s"), number, strangers, server)
        server.leave()
        await server.ended.wait()


async def answer_of(stream: SocketStream) -> bytes:
    """All that comes until the other end closes, in whichever way."""
    said = b""
    with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
        while True:
            said += await stream.receive()
    return said


async def first_of(stream: SocketStream) -> bytes:
    return await stream.receive()


def told(logs: list[Any]) -> dict[str, int]:
    """Which refusals were told, and how often each."""
    found: dict[str, int] = {}
    for line in logs:
        if line["event"] == "refused at the port":
            for why in line.keys() - {"event", "log_level"}:
                found[why] = found.get(why, 0) + line[why]
    return found


async def test_no_more_strangers_are_kept_than_sixty_four_and_the_oldest_go(sockets: Sockets) -> None:
    async with serving(sockets) as door, AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(await door.connect()) for _ in range(MOST)]
        await door.crowded(MOST)
        later = [await stack.enter_async_context(await door.connect()) for _ in range(6)]
        assert [await answer_of(one) for one in streams[:6]] == [b""] * 6
        assert len(door.strangers) == MOST
        await later[-1].send(b"\r\n\r\n")
        assert (await first_of(later[-1])).startswith(b"HTTP/1.1 421")


async def test_who_has_shown_the_token_is_none_of_them(sockets: Sockets) -> None:
    async with serving(sockets, Strangers(most=2)) as door, AsyncExitStack() as stack:
        known = await stack.enter_async_context(await door.connect(door.request("/api/x", KNOWN)))
        assert (await first_of(known)).startswith(b"HTTP/1.1 200")
        assert len(door.strangers) == 0
        for _ in range(8):
            await stack.enter_async_context(await door.connect())
        await door.crowded(2)
        await known.send(door.request("/api/x", KNOWN))
        assert (await first_of(known)).startswith(b"HTTP/1.1 200")


async def test_a_head_that_does_not_end_in_time_is_answered_and_the_connection_closed(
    sockets: Sockets,
) -> None:
    async with serving(sockets, Strangers(seconds=0.2)) as door:
        for said in (b"", HALF, b"\r\n\r\n"):
            async with await door.connect(said or b"G") as stream:
                answer = await answer_of(stream)
            assert answer.startswith(b"HTTP/1.1 408")
            assert b"application/problem+json" in answer
        assert len(door.strangers) == 0


async def test_the_head_of_a_later_request_has_no_more_time(sockets: Sockets) -> None:
    async with (
        serving(sockets, Strangers(seconds=0.2)) as door,
        await door.connect(door.request("/api/x", KNOWN)) as stream,
    ):
        await first_of(stream)
        await stream.send(HALF)
        assert b"HTTP/1.1 408" in await answer_of(stream)


async def test_an_answer_may_take_longer_than_a_head(sockets: Sockets) -> None:
    async with (
        serving(sockets, Strangers(seconds=0.1)) as door,
        await door.connect(door.request("/api/endless", KNOWN)) as stream,
    ):
        end = anyio.current_time() + 0.3
        while anyio.current_time() < end:
            assert await stream.receive()


@pytest.mark.parametrize("ends", [b"", b"\r\n\r\n"], ids=["in pieces", "whole"])
async def test_a_head_that_is_longer_than_32_kb_is_refused(sockets: Sockets, ends: bytes) -> None:
    async with serving(sockets) as door:
        head = door.request("/api/x", f"X-Long: {'x' * HEAD_BYTES}")[:-2]
        async with await door.connect(head + ends) as stream:
            assert (await first_of(stream)).startswith(b"HTTP/1.1 431")
        async with await door.connect(
            door.request("/api/x", f"X: {'x' * (HEAD_BYTES - 500)}\r\n{KNOWN}")
        ) as stream:
            assert (await first_of(stream)).startswith(b"HTTP/1.1 200")


async def test_a_body_that_comes_with_its_head_counts_for_none(sockets: Sockets) -> None:
    async with serving(sockets) as door:
        body = b"x" * 2 * HEAD_BYTES
        head = door.request("/api/x", f"Content-Length: {len(body)}\r\n{KNOWN}")
        async with await door.connect(head + body) as stream:
            assert (await first_of(stream)).startswith(b"HTTP/1.1 200")
            await stream.send(door.request("/api/x", KNOWN))
            assert (await first_of(stream)).startswith(b"HTTP/1.1 200")


async def test_a_thousand_requests_in_one_breath_are_not_lined_up(sockets: Sockets) -> None:
    with capture_logs() as logs:
        async with serving(sockets) as door, await door.connect(door.request("/") * 1000) as stream:
            await answer_of(stream)
    assert told(logs) == {"too many at once": 1}


async def test_the_last_descriptors_are_for_the_owner(sockets: Sockets) -> None:
    all_, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    strangers = Strangers(reserve=all_ - sockets[1].fileno() - 30)
    with capture_logs() as logs:
        async with serving(sockets, strangers) as door, AsyncExitStack() as stack:
            streams = [await stack.enter_async_context(await door.connect()) for _ in range(30)]
            assert await answer_of(streams[-1]) == b""
            assert (await door.owner()).text == "behind the gate"
    assert told(logs)["no descriptor left"] >= 1


@pytest.mark.parametrize("way", ["port", "socket"])
async def test_an_event_stream_that_nobody_reads_is_dropped(
    sockets: Sockets, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(sending, "UNREAD", 0.2)
    async with serving(sockets) as door:
        if way == "port":
            stream: ByteStream = await door.connect(door.request("/api/endless", KNOWN))
        else:
            stream = await anyio.connect_unix(door.path)
            await stream.send(b"GET /api/endless HTTP/1.1\r\nHost: takes\r\n\r\n")
        async with stream:
            assert (await stream.receive()).startswith(b"HTTP/1.1 200")

            async def is_dropped() -> bool:
                return not door.server.server_state.connections

            await until(is_dropped)


async def test_an_event_stream_that_is_read_goes_on(
    sockets: Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "UNREAD", 1.0)
    async with (
        serving(sockets) as door,
        await door.connect(door.request("/api/endless", KNOWN)) as stream,
    ):
        end = anyio.current_time() + 1.3
        while anyio.current_time() < end:
            assert await stream.receive()


async def test_what_is_refused_is_told_at_once_and_then_together() -> None:
    with capture_logs() as logs:
        refusals = Refusals(pause=0.1)
        for _ in range(50):
            refusals.count("crowded")
        refusals.count("too slow")
        assert told(logs) == {"crowded": 1}

        async def is_told_again() -> bool:
            return len(logs) > 1

        await until(is_told_again)
        assert told(logs) == {"crowded": 50, "too slow": 1}
        assert len(logs) == 2


async def test_what_is_no_http_is_told_of_with_the_rest(
    sockets: Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        logging.getLogger("uvicorn.error"), "disabled", True
    )  # as `daemon/logs/setup.py` has it
    with capture_logs() as logs:
        async with serving(sockets) as door:
            for _ in range(5):
                async with await door.connect(b"\x16\x03\x01\x02\x00\x01\r\n\r\n") as stream:
                    assert (await answer_of(stream)).startswith(b"HTTP/1.1 400")
    assert told(logs) == {"not HTTP": 1}  # and the other four with the next line
