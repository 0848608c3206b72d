"""The server: HTTP on a Unix socket that only its owner can open, with the peer's uid known to every request.

Beside it, where that is wished, a port that only this machine can reach.
"""

import asyncio
import os
import socket
from asyncio import BaseTransport, Transport
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any, cast

import anyio
import uvicorn
from anyio.abc import TaskStatus
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from daemon.http.refusals import refusal_at_socket
from daemon.http.request import Request
from daemon.http.strangers import CONNECTION, HEAD_BYTES, Head, Strangers, refusal
from daemon.peer import HUB, PEER, peer_uid
from events import Signal

AT_ONCE, BREATH = 8, 0.01
"""Connections at the port that are let in one after another, and the seconds until the next ones are."""

SECOND = 1.0
"""Between two looks at what time it is, which every answer tells."""

PIPELINED = 16
"""Requests that a connection at the port may have waiting behind the one that is being answered."""

Known = Callable[[bytes], tuple[str, bytes] | None]
"""Says the headers and the body for a GET of that target, where they are at hand."""

_MORE = {"content-length", "expect", "transfer-encoding", "upgrade"}
"""Headers of a request that is more than its head, or asks for more than an answer."""


class _Connection(HttpToolsProtocol):
    """A connection that the requests which come by it can reach."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {CONNECTION: cast("Any", self)}

    def trust(self) -> None:
        """It has shown the token; at the Unix socket there is none."""

    def abort(self) -> None:
        """Close it at once, whatever was not read yet."""
        self.transport.abort()


class _OwnersConnection(_Connection):
    """Refuses other users at the Unix socket, and notes the peer's uid where a request has its client.

    What is `known` is answered as soon as it is asked for: by a task, and through the application, takes many times as long.
    """

    def __init__(self, known: Known, **given: Any) -> None:
        super().__init__(**given)
        self._known = known

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast("Transport", transport))
        uid = peer_uid(transport.get_extra_info("socket"))
        if uid not in (os.geteuid(), 0):
            transport.close()
        self.client = (PEER, uid)

    def on_headers_complete(self) -> None:
        known = self._known(self.url)
        if known is None or not self._is_plain():
            super().on_headers_complete()
            return
        headers, body = known
        own = "".join(
            f"{name.decode()}: {value.decode()}\r\n" for name, value in self.server_state.default_headers
        )
        head = f"HTTP/1.1 200 OK\r\n{own}{headers}content-length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)
        self.on_response_complete()

    def _is_plain(self) -> bool:
        """Whether the request is a whole one, to which no answer is under way, and which the gate lets in."""
        parser = self.parser
        if (
            parser.get_method() != b"GET"
            or parser.get_http_version() != "1.1"
            or not parser.should_keep_alive()
        ):
            return False
        if (self.cycle and not self.cycle.response_complete) or self.flow.write_paused:
            return False
        request = Request({"method": "GET", "path": "", "query_string": self.url, "headers": self.headers})
        return _MORE.isdisjoint(request.names) and refusal_at_socket(request) is None

    def on_message_complete(self) -> None:
        if self.cycle:  # else all so far was known
            super().on_message_complete()


class _StrangersConnection(_Connection):
    """A connection at the port: a stranger's until it has shown the token, and bounded in what it may cost."""

    def __init__(self, server: "Server", strangers: Strangers, client: tuple[str, int] | None) -> None:
        super().__init__(server.config, server.server_state, {})
        self._client = client
        self._strangers = strangers
        self._head = Head(strangers.seconds, self._is_too_slow)

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast("Transport", transport))
        self.client = self._client or self.client
        self._strangers.enter(self)
        self._head.wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head.end()
        self._strangers.leave(self)
        super().connection_lost(exc)

    def trust(self) -> None:
        self._strangers.leave(self)

    def data_received(self, data: bytes) -> None:
        self._head.add(len(data))
        super().data_received(data)
        if self._head.is_too_long and not self.transport.is_closing():
            self._refuse(
                "too long", 431, "Request Header Fields Too Large", f"a head has {HEAD_BYTES} bytes at most"
            )

    def on_headers_complete(self) -> None:
        self._head.end()
        if len(self.pipeline) < PIPELINED:
            super().on_headers_complete()
        elif not self.transport.is_closing():
            self._strangers.refusals.count("too many at once")
            self.abort()

    def on_message_complete(self) -> None:
        self._head.expect()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._strangers.refusals.count("not HTTP")
        super().send_400_response(msg)

    def _is_too_slow(self) -> None:
        seconds = f"{self._strangers.seconds:g} s"
        self._refuse("too slow", 408, "Request Timeout", f"the head of a request has {seconds} to arrive")

    def _refuse(self, why: str, status: int, title: str, detail: str) -> None:
        self._strangers.refusals.count(why)
        self._head.end()
        self.transport.write(refusal(status, title, detail))
        self.transport.close()


class Server(uvicorn.Server):
    """uvicorn without its signals: the daemon alone decides when it ends."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ended = anyio.Event()
        self._leaving = Signal()

    def leave(self) -> None:
        """Have it end."""
        self.should_exit = True
        self._leaving.give()

    async def main_loop(self) -> None:
        """What it does each second, until it is told to leave: uvicorn looks ten times a second whether it was."""
        while not await self.on_tick(0):
            await self._leaving.wait(SECOND)

    def capture_signals(self) -> Any:
        return nullcontext()

    async def run_on(
        self,
        listener: socket.socket,
        port: socket.socket | None = None,
        strangers: Strangers | None = None,
        hub: socket.socket | None = None,
        *,
        task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """Serve on that Unix socket, at the port and for the hub's proxy, until told to stop; started once it listens."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._tell, task_status)
            if port:
                group.start_soon(self._admit, port, Strangers() if strangers is None else strangers)
            if hub:
                group.start_soon(self._admit, hub, Strangers(), (HUB, 0))
            try:
                await self.serve(sockets=[listener])
            finally:
                self.ended.set()
            group.cancel_scope.cancel()

    async def _admit(
        self, port: socket.socket, strangers: Strangers, client: tuple[str, int] | None = None
    ) -> None:
        """Let in who connects to the port, a few at a time: a crowd there keeps nobody waiting at the Unix socket."""
        port.setblocking(False)
        while not self.should_exit:
            for _ in range(AT_ONCE):
                try:
                    await self._admit_one(port, strangers, client)
                except OSError as error:  # whoever it was is gone already, or there is no descriptor left
                    strangers.refusals.count(error.strerror or str(error))
                    break
            await asyncio.sleep(BREATH)

    async def _admit_one(
        self, port: socket.socket, strangers: Strangers, client: tuple[str, int] | None
    ) -> None:
        loop = asyncio.get_running_loop()
        connection, _ = await loop.sock_accept(port)
        if strangers.may_have(connection.fileno()):
            begin = partial(_StrangersConnection, self, strangers, client)
            await loop.connect_accepted_socket(begin, connection)
        else:
            connection.close()
            strangers.refusals.count("no descriptor left")

    async def _tell(self, task_status: TaskStatus[None]) -> None:
        while not self.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await anyio.sleep(0.005)
        task_status.started()


def build_server(app: Any, known: Known = lambda _: None) -> Server:
    """A server for that application, and for what is known; an event stream that is open holds its end up for a second."""
    return Server(
        uvicorn.Config(
            app,
            http=cast("Any", partial(_OwnersConnection, known)),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
    )
