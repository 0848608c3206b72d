"""The server by itself: that it ends when it is told to."""

import socket
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from daemon.http import server as serving
from daemon.http.access import AccessMiddleware, Receive
from daemon.http.request import Scope
from daemon.http.sending import Send
from daemon.http.server import build_server
from daemon.http.sockets import bind
from tests.support.deadline import DEADLINE


async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Nobody asks it anything."""


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    with bind(Path("s")) as listener:
        yield listener


async def test_it_ends_as_soon_as_it_is_told_to_however_seldom_it_looks_at_the_time(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "SECOND", 100 * DEADLINE)
    server = build_server(AccessMiddleware(app))
    with anyio.fail_after(DEADLINE):
        async with anyio.create_task_group() as group:
            await group.start(server.run_on, listener)
            server.leave()
            await server.ended.wait()
